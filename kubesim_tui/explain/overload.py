"""Why an API server's machine has no memory left: programs that list from it over and over ask for too much at once."""

from __future__ import annotations

from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence


def takes_memory(evidence: Evidence, machine: str) -> Chain | None:
    """The chain behind a machine of the control plane on which the kernel kills for memory; None if that is not it."""
    world = evidence.world
    polled = world.polled()
    if polled is None or machine not in world.starved():
        return None
    about: Subject = ("Pod", polled.namespace, polled.pod)
    owner = evidence.workload_of(about) or about
    who = f"{owner[0]} {owner[2]} (namespace {owner[1]})"
    text = f"answers to {who} take all the memory of machine {machine}: the kernel has killed kube-apiserver there"
    kinds = ", ".join(polled.kinds)
    asked = f"{polled.clients} Pods of {who} list all {kinds} over and over, {polled.size >> 20} MiB each time"
    return Chain(
        (Link(text, "machine", None, owner), Link(asked, "kube-apiserver", None, owner)), "api-overload", owner
    )
