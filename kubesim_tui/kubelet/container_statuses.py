"""Container statuses of the API, out of the runtime's (upstream: convertToAPIContainerStatuses).

The newest container of a name gives the state, the one before it the last state. Where a start has failed, the reason
of the failure (ErrImagePull, CrashLoopBackOff, CreateContainerConfigError …) shows as waiting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from kubesim_tui.api.frozen import EMPTY, FrozenMap
from kubesim_tui.api.helpers.pod_conditions import is_sidecar
from kubesim_tui.api.types import (
    Container,
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    Pod,
)
from kubesim_tui.kubelet.phase import RESTARTING_ALL
from kubesim_tui.kubelet.pod_actions import should_restart
from kubesim_tui.kubelet.runtime_status import PodStatus, State, Status

Reasons = Mapping[str, tuple[str, str]]
"""Container → (reason, message) of the failure of its last start (upstream: the reason cache)."""

_CREATING = ContainerState(waiting=ContainerStateWaiting(reason="ContainerCreating"))
_INITIALIZING = ContainerState(waiting=ContainerStateWaiting(reason="PodInitializing"))
_WAITING = ContainerState(waiting=ContainerStateWaiting())
_IN_PLACE = "The container is removed because RestartAllContainers in place"
_REMOVED = ContainerState(waiting=ContainerStateWaiting(reason=RESTARTING_ALL, message=_IN_PLACE))
_ENDED_BY_REMOVAL = ContainerState(
    terminated=ContainerStateTerminated(reason=RESTARTING_ALL, message=_IN_PLACE, exit_code=137)
)
_LOST = "The container could not be located when the pod was deleted.  The container used to be Running"


@frozen(eq=False)
class View:
    """What a conversion looks at. `epoch` turns ticks into Unix seconds; `scheme` is that of container ids."""

    pod: Pod
    runtime: PodStatus
    reasons: Reasons
    epoch: int
    scheme: str
    granted: Mapping[str, FrozenMap] = EMPTY  # container → resources as they show, of Pods that were resized
    restarting: bool = False  # all containers of the Pod go, to be started anew


def container_statuses(view: View, old: Sequence[ContainerStatus], *, init: bool) -> tuple[ContainerStatus, ...]:
    """The statuses of the init containers in their order, or of the app containers sorted by name."""
    spec = view.pod.spec
    assert spec is not None
    return _statuses(view, spec.init_containers if init else spec.containers, old, init)


def ephemeral_statuses(view: View, old: Sequence[ContainerStatus]) -> tuple[ContainerStatus, ...]:
    """The statuses of the ephemeral containers by name: nothing probes them, so they are never ready or started."""
    spec = view.pod.spec
    if spec is None or not spec.ephemeral_containers:
        return ()
    found = _statuses(view, spec.ephemeral_containers, old, init=False)
    return tuple(status.evolve(ready=False, started=None) for status in found)


def _statuses(
    view: View, containers: Sequence[Container], old: Sequence[ContainerStatus], init: bool
) -> tuple[ContainerStatus, ...]:
    spec = view.pod.spec
    if spec is None or not containers:
        return ()
    before = {status.name: status for status in old}
    default = _INITIALIZING if spec.init_containers else _CREATING
    found = [_status(view, container, before.get(container.name), default, init) for container in containers]
    if not init and len(found) > 1:
        found.sort(key=_name)
    return tuple(found)


def _name(status: ContainerStatus) -> str:
    return status.name


def _status(
    view: View, container: Container, old: ContainerStatus | None, default: ContainerState, init: bool
) -> ContainerStatus:
    name = container.name
    seen = [status for status in view.runtime.containers if status.name == name]
    if seen:
        id = f"{view.scheme}://{seen[0].id}"
        last = state_of(seen[1], view) if len(seen) > 1 else _last_known(id, old)
        running = seen[0].state is State.RUNNING
        ordinary = init and not is_sidecar(container)
        done = ordinary and seen[0].state is State.EXITED and seen[0].exit_code == 0
        made = ContainerStatus(
            name=name,
            state=state_of(seen[0], view),
            last_state=last,
            restart_count=_restart_count(seen[0], old),
            image=seen[0].image,
            image_id=seen[0].image_id,
            container_id=id,
            ready=done if ordinary else running,  # where there are probes, they decide
            started=running,
            rest=view.granted.get(name, EMPTY),
        )
        if done:
            return made
    else:
        made = _not_seen(view, container, old, default)
    if not view.reasons or name not in view.reasons:
        return made
    done = (
        init and bool(seen) and seen[0].state is State.EXITED and seen[0].exit_code == 0 and not is_sidecar(container)
    )
    return made if done else _waiting(view, container, made)


def _last_known(id: str, old: ContainerStatus | None) -> ContainerState | None:
    """How the container of this name ended before that the runtime has forgotten."""
    if old is None:
        return None
    if old.container_id != id and old.state is not None and old.state.terminated is not None:
        return old.state
    return old.last_state if old.last_state is not None and old.last_state.terminated is not None else None


def _restart_count(seen: Status, old: ContainerStatus | None) -> int:
    """It never falls, though the runtime may have forgotten those before."""
    if old is None:
        return seen.restart_count
    ended = old.state is not None and old.state.terminated is not None
    if seen.state is State.RUNNING and ended and old.restart_count >= seen.restart_count:
        return old.restart_count + 1
    return max(seen.restart_count, old.restart_count)


def _not_seen(
    view: View, container: Container, old: ContainerStatus | None, default: ContainerState
) -> ContainerStatus:
    """The runtime knows no container of this name: it was never made, or it was removed."""
    made = ContainerStatus(name=container.name, image=container.image, state=default, started=False)
    if old is None or old.state is None:
        return made
    if view.restarting and old.state.waiting is None:
        return made.evolve(state=_REMOVED, last_state=_ENDED_BY_REMOVAL, restart_count=old.restart_count + 1)
    if old.state.terminated is not None:
        return old
    made = made.evolve(restart_count=old.restart_count, last_state=old.last_state)
    if old.state.running is None or (old.last_state is not None and old.last_state.terminated is not None):
        return made
    lost = ContainerStateTerminated(reason="ContainerStatusUnknown", message=_LOST, exit_code=137)
    more = 1 if view.pod.metadata.deletion_timestamp is None else 0
    return made.evolve(last_state=ContainerState(terminated=lost), restart_count=old.restart_count + more)


def _waiting(view: View, container: Container, made: ContainerStatus) -> ContainerStatus:
    """A container whose start has failed and will be tried again waits, for that reason."""
    if not should_restart(container, view.pod, view.runtime):
        return made
    reason, message = view.reasons[container.name]
    ended = made.state is not None and made.state.terminated is not None
    return made.evolve(
        last_state=made.state if ended else made.last_state,
        ready=False,
        started=False,
        state=ContainerState(waiting=ContainerStateWaiting(reason=reason, message=message)),
    )


def state_of(status: Status, view: View) -> ContainerState:
    """The state of one container."""
    if status.state is State.RUNNING:
        return ContainerState(running=ContainerStateRunning(started_at=_unix(status.started, view.epoch)))
    if status.state is not State.EXITED:
        return _WAITING
    return ContainerState(
        terminated=ContainerStateTerminated(
            exit_code=status.exit_code,
            reason=status.reason,
            message=status.message,
            started_at=_unix(status.started, view.epoch),
            finished_at=_unix(status.finished, view.epoch),
            container_id=f"{view.scheme}://{status.id}",
        )
    )


def _unix(tick: int | None, epoch: int) -> int | None:
    return None if tick is None else epoch + tick
