"""A container may have all containers of its Pod started anew: the action RestartAllContainers of its restart rules.

When it has ended so, the Pod gets the condition AllContainersRestarting; all containers are killed without grace and
removed, the sandbox stays, and the Pod begins anew with its init containers. Upstream: ShouldAllContainersRestart,
GenerateAllContainersRestartingCondition.
"""

from __future__ import annotations

from kubesim_tui.api.helpers import restart
from kubesim_tui.api.helpers.conditions import is_true
from kubesim_tui.api.types import PodCondition, PodSpec, PodStatus
from kubesim_tui.kubelet.conditions import RESTARTING_ALL
from kubesim_tui.kubelet.phase import FAILED, SUCCEEDED
from kubesim_tui.kubelet.runtime_status import PodStatus as RuntimeStatus
from kubesim_tui.kubelet.runtime_status import State

_NO = PodCondition(type=RESTARTING_ALL, status="False")
_ENDED = {
    SUCCEEDED: _NO.evolve(reason="PodCompleted"),
    FAILED: _NO.evolve(reason="PodFailed"),
}
_YES = PodCondition(
    type=RESTARTING_ALL,
    status="True",
    reason="RestartAllContainersStarted",
    message="container exited with restart policy rule",
)


def is_marked(status: PodStatus | None) -> bool:
    """Whether a Pod's status says so."""
    return status is not None and is_true(status.conditions, RESTARTING_ALL)


def should_restart_all(spec: PodSpec, old: PodStatus, runtime: RuntimeStatus) -> bool:
    """Whether all containers are to go: the status says so already, or one has ended for that."""
    if not restart.could_restart_all(spec):
        return False
    found = ((c, runtime.find(c.name)) for c in (*spec.init_containers, *spec.containers))
    return is_marked(old) or any(
        s is not None and s.state is State.EXITED and restart.restarts_all(c, s.exit_code) for c, s in found
    )


def condition(spec: PodSpec, old: PodStatus, runtime: RuntimeStatus, phase: str) -> tuple[PodCondition, ...]:
    """The condition of a Pod whose rules may have all restarted; () for any other."""
    if not restart.could_restart_all(spec):
        return ()
    if phase in _ENDED:
        return (_ENDED[phase],)
    there = any(runtime.find(c.name) is not None for c in (*spec.init_containers, *spec.containers))
    return (_YES if there and should_restart_all(spec, old, runtime) else _NO,)
