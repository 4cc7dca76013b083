"""Why a manager of the control plane does not do its work: which member should, and what keeps the others from it."""

from __future__ import annotations

from kubesim_tui.explain import overload
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence

SERVER = "kube-apiserver"


def no_server(evidence: Evidence, machine: str = "") -> Chain:
    """The chain behind an API server that does not run (of a machine; "": none does): its flags, its memory, or it was
    stopped."""
    world = evidence.world
    for name in (machine,) if machine else world.control_plane:
        said = world.failure(name, SERVER)
        if said:
            about: Subject = ("Pod", "kube-system", f"{SERVER}-{name}")
            return Chain((Link(f"on {name} {said}", "kubelet", None, about),), "unknown-gate", about)
    about = ("Pod", "kube-system", f"{SERVER}-{machine}") if machine else evidence.component(SERVER)
    text = f"{SERVER} on {machine}, which its kubelet asks, does not run" if machine else f"{SERVER} does not run"
    killed = (overload.takes_memory(evidence, name) for name in ((machine,) if machine else world.control_plane))
    found = next((chain for chain in killed if chain is not None), Chain((), "apiserver-down", about))
    return found.after(Link(text, "machine", None, about))


def idle(evidence: Evidence, process: str) -> tuple[Link, ...]:
    """The links that end a chain behind a process of the control plane that does nothing."""
    world, about = evidence.world, evidence.component(process)
    led = world.keeper(process)
    failure = world.failure(led, process)
    if len(world.control_plane) == 1:
        return (Link(f"on {led} {failure}" if failure else f"{process} does not run", "machine", None, about),)
    if not world.powered(led):
        text = f"machine {led}, on which {process} led, has no power"
    elif not world.connected(led):
        text = f"machine {led}, on which {process} led, is cut off"
    elif failure:
        text = f"on {led} {failure}"
    elif not world.process_runs(led, process):
        text = f"{process} on {led} does not run"
    elif no_etcd(evidence):
        text = f"{process} on {led} could not renew its lease: {no_etcd(evidence)}"
    else:
        text = f"{process} on {led} could not renew its lease: its API server does not serve"
    others = [m for m in world.control_plane if m != led and world.process_runs(m, process)]
    waits = f"{process} on {others[0]} stands by until that lease is over" if others else f"no other {process} runs"
    return Link(text, "machine", None, about), Link(waits, process, None, about)


def slow(evidence: Evidence, process: str, waits: Chain, node: str = "") -> Chain:
    """Of what waits for a process (of a node, or of the control plane): that this is slow, if it is."""
    machine = node or evidence.world.keeper(process)
    factor = evidence.world.slowness(machine, process)
    if factor == 1:
        return waits
    about: Subject = ("Node", "", node) if node else evidence.component(process)
    link = Link(f"{process} on {machine} is {factor} times slower than it should be", "machine", None, about)
    return Chain((*waits.links, link), "process-slow", about)


def no_etcd(evidence: Evidence) -> str:
    """Why etcd cannot be written; "" if it can."""
    world = evidence.world
    if not evidence.stopped("etcd"):
        return ""
    if not any(world.process_runs(machine, "etcd") for machine in world.etcd_machines):
        return "etcd does not run"
    if world.etcd_leader():
        return "no API server reaches a member of etcd that hears the leader"
    return f"etcd has no leader: no majority of its {len(world.etcd_machines)} members is together"
