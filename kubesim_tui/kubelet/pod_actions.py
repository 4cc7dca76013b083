"""What is to be done for a Pod: which containers to kill, to start, to restart (upstream: computePodActions).

Pure: spec and runtime status in, actions out. Init containers come one after the other; the last that is known decides
which is next. A sidecar counts as initialised once it has started, and is kept running from then on. Ephemeral
containers start when they are added, also before the Pod is initialised, and never again.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field, frozen

from kubesim_tui.api.helpers import restart
from kubesim_tui.api.helpers.pod_conditions import is_sidecar
from kubesim_tui.api.types import Container, Pod, PodSpec
from kubesim_tui.kubelet.runtime_status import PodStatus, State, Status

SUCCESS, FAILURE, UNKNOWN = "Success", "Failure", "Unknown"
"""Results of probes."""

LIVENESS, STARTUP = "LivenessProbe", "StartupProbe"


@frozen
class Kill:
    """A container to kill: its id, its name, the words of the event, and whether a probe was the reason."""

    id: str
    name: str
    message: str
    reason: str = ""  # "", LivenessProbe, StartupProbe


@define
class PodActions:
    """The outcome. Indexes are those of spec.ephemeralContainers, spec.initContainers and spec.containers."""

    kill_pod: bool = False
    create_sandbox: bool = False
    sandbox_id: str = ""
    attempt: int = 0
    ephemeral_to_start: list[int] = field(factory=list)
    init_to_start: list[int] = field(factory=list)
    to_start: list[int] = field(factory=list)
    to_kill: list[Kill] = field(factory=list)
    reset: bool = False  # kill and forget all containers, to begin anew in the same sandbox

    @property
    def nothing(self) -> bool:
        """Whether all is as it should be."""
        starts = self.ephemeral_to_start or self.init_to_start or self.to_start
        return not (self.kill_pod or self.create_sandbox or starts or self.to_kill or self.reset)


@frozen
class Observed:
    """What the decision looks at: the runtime's status, and the results of probes by container id."""

    status: PodStatus
    liveness: Mapping[str, str]
    startup: Mapping[str, str]
    resized: frozenset[str] = frozenset()  # containers that have to be restarted to get what is granted them
    restarting_all: bool = False  # a container has ended for which all are to be started anew


def sandbox_changed(pod: Pod, status: PodStatus) -> tuple[bool, int]:
    """Whether a new sandbox is needed, and its attempt."""
    if not status.sandbox_id:
        return True, 0
    if not status.sandbox_ready or not (status.ip or (pod.spec and pod.spec.host_network)):
        return True, status.attempt + 1
    return False, status.attempt


def should_restart(container: Container, pod: Pod, status: PodStatus) -> bool:
    """Whether a container that does not run should be started (again)."""
    if pod.metadata.deletion_timestamp is not None:
        return False
    last = status.find(container.name)
    if last is None:
        return True
    if last.state is State.RUNNING:
        return False
    if last.state is not State.EXITED:
        return True
    assert pod.spec is not None
    return restart.restarts(container, pod.spec, last.exit_code)


def compute_pod_actions(pod: Pod, observed: Observed) -> PodActions:
    """The actions that bring a Pod nearer to its spec."""
    assert pod.spec is not None
    changed, attempt = sandbox_changed(pod, observed.status)
    actions = PodActions(changed, changed, observed.status.sandbox_id, attempt)
    if observed.restarting_all:
        actions.reset = True
        return actions
    if changed:
        _with_new_sandbox(pod.spec, observed.status, actions)
        return actions
    actions.ephemeral_to_start = _new_ephemeral(pod, observed.status)
    if not _init_actions(pod, observed, actions):
        return actions
    kept = sum(_container_action(i, pod, observed, actions) for i in range(len(pod.spec.containers)))
    if not kept and not actions.to_start:
        actions.kill_pod = True
        actions.init_to_start, actions.ephemeral_to_start = [], []  # neither sidecars nor debuggers keep a Pod alive
    return actions


def _new_ephemeral(pod: Pod, status: PodStatus) -> list[int]:
    """The ephemeral containers that have never been started here."""
    assert pod.spec is not None
    known = pod.status.ephemeral_container_statuses if pod.status is not None else ()
    ended = {s.name for s in known if s.state is not None and s.state.terminated is not None}
    containers = enumerate(pod.spec.ephemeral_containers)
    return [i for i, c in containers if c.name not in ended and status.find(c.name) is None]


def _with_new_sandbox(spec: PodSpec, status: PodStatus, actions: PodActions) -> None:
    """Everything starts anew, unless the Pod has done its work."""
    if spec.restart_policy == "Never" and actions.attempt and status.containers:
        actions.create_sandbox = False
        return
    wanted = [
        i
        for i, container in enumerate(spec.containers)
        if not (restart.policy(container, spec) == "OnFailure" and _succeeded(status.find(container.name)))
    ]
    if not wanted and any(status.find(c.name) is not None for c in spec.containers):
        actions.create_sandbox = False
    elif spec.init_containers:
        actions.init_to_start = [0]
    else:
        actions.to_start = wanted


def _succeeded(status: Status | None) -> bool:
    return status is not None and status.state is State.EXITED and status.exit_code == 0


def _container_action(index: int, pod: Pod, observed: Observed, actions: PodActions) -> bool:
    """Decide on one app container; True if it runs and is kept."""
    assert pod.spec is not None
    container = pod.spec.containers[index]
    status = observed.status.find(container.name)
    if status is None or status.state is not State.RUNNING:
        if should_restart(container, pod, observed.status):
            actions.to_start.append(index)
        return False
    message, reason = _why_kill(container, status, observed)
    if not message:
        return True
    if status.id in observed.resized:
        actions.to_start.append(index)
    elif not reason or restart.policy(container, pod.spec) != "Never":  # a changed definition is always followed
        message += ", will be restarted"
        actions.to_start.append(index)
    actions.to_kill.append(Kill(status.id, container.name, message, reason))
    return False


def _why_kill(container: Container, status: Status, observed: Observed) -> tuple[str, str]:
    if status.image and status.image != container.image:
        return f"Container {container.name} definition changed", ""
    if observed.liveness.get(status.id) == FAILURE:
        return f"Container {container.name} failed liveness probe", LIVENESS
    if observed.startup.get(status.id) == FAILURE:
        return f"Container {container.name} failed startup probe", STARTUP
    if status.id in observed.resized:
        return f"Container {container.name} resize requires restart", ""
    return "", ""


# -- init containers -------------------------------------------------------------------------------------------------


def _init_actions(pod: Pod, observed: Observed, actions: PodActions) -> bool:
    """Decide on the init containers, from the last to the first; True if the Pod is initialised."""
    spec = pod.spec
    assert spec is not None
    containers = spec.init_containers
    if not containers:
        return True
    initialised = before = _app_container_created(spec, observed.status)
    for index in range(len(containers) - 1, -1, -1):
        container = containers[index]
        status = observed.status.find(container.name)
        if status is None:
            if before and is_sidecar(container):
                actions.init_to_start.append(index)
            continue
        if before and not is_sidecar(container):
            continue
        done = _init_action(index, pod, status, observed, actions)
        if done is None:
            return False
        if done and index == len(containers) - 1:
            initialised = True
        elif done and not before:
            actions.init_to_start.append(index + 1)
        before = True
    if not before:
        actions.init_to_start.append(0)
    actions.init_to_start.sort()
    return initialised


def _app_container_created(spec: PodSpec, status: PodStatus) -> bool:
    """Whether an app container was created in this sandbox (a dead one may belong to an earlier one)."""
    found = (status.find(container.name) for container in spec.containers)
    return any(s is not None and s.state in (State.CREATED, State.RUNNING) for s in found)


def _init_action(index: int, pod: Pod, status: Status, observed: Observed, actions: PodActions) -> bool | None:
    """Decide on one init container: True if it has done its part, None if the whole Pod has failed."""
    spec = pod.spec
    assert spec is not None
    container = spec.init_containers[index]
    sidecar = is_sidecar(container)
    if status.state is State.RUNNING:
        return sidecar and _sidecar_action(index, container, status, observed, actions)
    if status.state is State.EXITED and status.exit_code == 0 and not sidecar:
        return True
    if status.state is State.EXITED and not should_restart(container, pod, observed.status):
        actions.kill_pod = True
        actions.init_to_start = []
        return None
    actions.init_to_start.append(index)
    return False


def _sidecar_action(index: int, container: Container, status: Status, observed: Observed, actions: PodActions) -> bool:
    """Decide on a running sidecar; True if it has started."""
    if container.startup_probe is not None:
        started = observed.startup.get(status.id)
        if started == FAILURE:
            _restart_sidecar(index, container, status, "failed startup probe", STARTUP, actions)
        if started != SUCCESS:
            return False
    if status.image and status.image != container.image:
        _restart_sidecar(index, container, status, "definition changed", "", actions)
    elif container.liveness_probe is not None and observed.liveness.get(status.id) == FAILURE:
        _restart_sidecar(index, container, status, "failed liveness probe", LIVENESS, actions)
    return True


def _restart_sidecar(
    index: int, container: Container, status: Status, why: str, reason: str, actions: PodActions
) -> None:
    actions.to_kill.append(Kill(status.id, container.name, f"Init container {container.name} {why}", reason))
    actions.init_to_start.append(index)
