"""What containerd has said of the sandboxes, containers and images that it has, and the kernel of those it killed."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.cluster.crictl.base import ATTEMPT, NAME, NAMESPACE, UID
from kubesim_tui.cluster.journalctl.line import Line, logrus, pid
from kubesim_tui.world.brands import CONTAINERD
from kubesim_tui.world.config import Sandbox
from kubesim_tui.world.container import Container
from kubesim_tui.world.machine import Machine

START_ERROR, OOM_KILLED = "StartError", "OOMKilled"
KERNEL = "kernel"


def of_runtime(machine: Machine, begin: int) -> Iterator[Line]:
    """Of the runtime of a machine, if that is containerd. `begin`: the machine's time at tick 0."""
    if machine.runtime.brand is not CONTAINERD:
        return
    who = f"containerd[{pid('containerd', machine.process('containerd').starts)}]"

    def say(tick: int, message: str, error: str = "") -> Line:
        text = logrus("error" if error else "info", begin + tick, message, error)
        return Line(tick, 0, who, "containerd", text)

    for sandbox in machine.runtime.sandboxes.values():
        yield say(sandbox.created, f'RunPodSandbox for {_sandbox(sandbox)} returns sandbox id "{sandbox.id}"')
    for image in machine.runtime.store.images.values():
        if image.pulled:
            yield say(image.pulled, f'PullImage "{image.reference.name}" returns image reference "{image.id}"')
    for one in machine.runtime.containers.values():
        about = f"&ContainerMetadata{{Name:{one.config.name},Attempt:{one.config.attempt},}}"
        made = f'CreateContainer within sandbox "{one.sandbox.id}" for {about} returns container id "{one.id}"'
        yield say(one.created, made)
        if one.reason == START_ERROR:
            yield say(one.finished or one.created, f'StartContainer for "{one.id}" failed', one.message)
        elif one.started is not None:
            yield say(one.started, f'StartContainer for "{one.id}" returns successfully')
        if one.finished is not None and one.reason != START_ERROR:
            yield say(one.finished, _exit(one, begin + one.finished))


def _sandbox(one: Sandbox) -> str:
    labels = one.labels
    named = {"Name": NAME, "Uid": UID, "Namespace": NAMESPACE, "Attempt": ATTEMPT}
    said = "".join(f"{word}:{labels.get(label, '')}," for word, label in named.items())
    return f"&PodSandboxMetadata{{{said}}}"


def _exit(one: Container, unix: int) -> str:
    process, code = _pid(one), one.exit_code or 0
    status = f"exit_status:{code} " if code else ""
    return (
        f'received container exit event container_id:"{one.id}" id:"{one.id}" pid:{process} {status}'
        f"exited_at:{{seconds:{unix}}}"
    )


def _pid(one: Container) -> int:
    """The number of its first process on the machine."""
    return 2_000 + 17 * one.number


def of_kernel(machine: Machine) -> Iterator[Line]:
    """Whom the kernel has killed for want of memory."""
    for one in machine.runtime.containers.values():
        if one.reason != OOM_KILLED or one.finished is None:
            continue
        limited = one.config.limits.memory_bytes is not None
        text = (
            f"{'Memory cgroup out' if limited else 'Out'} of memory: Killed process {_pid(one)} ({one.config.name}) "
            f"anon-rss:{one.held_bytes >> 10}kB, UID:{one.config.user or 0} oom_score_adj:{one.config.oom_score_adj}"
        )
        yield Line(one.finished, 0, KERNEL, KERNEL, text)
