"""What a kubelet finds in the runtime when it starts: containers of Pods that an earlier one has started.

They are recognised by the labels of their sandboxes. Those of Pods that the API server does not know are stopped.
"""

from __future__ import annotations

from kubesim_tui.kubelet.cri import ATTEMPT, NAME, NAMESPACE, UID
from kubesim_tui.kubelet.pod_workers import PodWorker
from kubesim_tui.world.config import Sandbox
from kubesim_tui.world.container import State
from kubesim_tui.world.runtime import Runtime

Name = tuple[str, str]
GRACE = 2


def owner(sandbox: Sandbox) -> Name:
    """The (namespace, name) of a sandbox's Pod."""
    return sandbox.labels.get(NAMESPACE, ""), sandbox.labels.get(NAME, "")


def list_sandboxes(runtime: Runtime) -> dict[Name, list[str]]:
    """The sandboxes in the runtime, by Pod; the newest last."""
    found: dict[Name, list[str]] = {}
    for id, sandbox in runtime.sandboxes.items():
        found.setdefault(owner(sandbox), []).append(id)
    return found


def belongs(sandboxes: list[str], uid: str, runtime: Runtime) -> bool:
    """Whether all of these sandboxes are those of one Pod."""
    return all(runtime.sandboxes[id].labels.get(UID) == uid for id in sandboxes if id in runtime.sandboxes)


def adopt(w: PodWorker, sandboxes: list[str], runtime: Runtime) -> None:
    """Take over what runs."""
    newest = runtime.sandboxes[sandboxes[-1]]
    w.sandbox, w.ip = newest.id, newest.ip
    w.attempt = int(newest.labels.get(ATTEMPT, "0"))
    w.old_sandboxes = tuple(sandboxes[:-1])
    ids = [id for sandbox in sandboxes for id in runtime.sandboxes[sandbox].containers]
    w.containers = tuple(sorted(ids, key=lambda id: -runtime.containers[id].number))
    w.relisted = True


def reap(found: dict[Name, list[str]], key: Name, runtime: Runtime, now: int) -> bool:
    """Stop and remove what belongs to no Pod any more; True if it is not done yet."""
    left = False
    for id in found[key]:
        for container in list(runtime.sandboxes[id].containers) if id in runtime.sandboxes else ():
            if runtime.containers[container].state is not State.EXITED:
                runtime.stop(container, GRACE, now)
                left = left or runtime.containers[container].state is not State.EXITED
    if not left:
        for id in found.pop(key):
            runtime.remove_sandbox(id, now)
    return left
