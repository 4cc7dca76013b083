"""The whole status of a Pod, computed from what runs (upstream: generateAPIPodStatus, statusManager.updateStatus…).

Pure: what is known goes in, a PodStatus comes out. Times of conditions move only when their status does.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, field, frozen

from kubesim_tui.api.helpers.qos import qos_class
from kubesim_tui.api.types import ContainerStatus, HostIP, PodCondition, PodIP, PodStatus
from kubesim_tui.kubelet.conditions import OWNED, RESTARTING_ALL, own_conditions
from kubesim_tui.kubelet.container_statuses import View, container_statuses, ephemeral_statuses
from kubesim_tui.kubelet.phase import FAILED, TERMINAL, get_phase
from kubesim_tui.kubelet.restart_all import condition as restarting_condition
from kubesim_tui.kubelet.restart_all import should_restart_all

EMPTY_STATUS = PodStatus()


@frozen
class Eviction:
    """Why the kubelet itself stops a Pod: reason and message of its status, and the condition that says so."""

    reason: str
    message: str
    condition: PodCondition | None = None


MOST_SHARED = 256


@frozen(eq=False)
class Circumstances:
    """What a status depends on besides the containers."""

    host_ip: str
    now: int
    sandbox_ready: bool
    terminal: bool = False  # the kubelet has stopped the Pod for good
    static: bool = False
    eviction: Eviction | None = None
    resizing: tuple[PodCondition, ...] = ()  # how far a resize has come
    host_ips: tuple[HostIP, ...] = ()  # as all Pods of the node have them
    shared: dict[tuple[object, ...], PodCondition] = field(factory=dict)  # equal conditions of a node's Pods are one


def generate(view: View, old: PodStatus, around: Circumstances) -> PodStatus:
    """The statuses of the containers, phase and addresses; conditions follow with `with_conditions`."""
    pod = view.pod
    spec, api = pod.spec, pod.status or EMPTY_STATUS
    assert spec is not None
    if should_restart_all(spec, old, view.runtime):
        view = evolve(view, restarting=True)
    init = container_statuses(view, old.init_container_statuses, init=True)
    apps = container_statuses(view, old.container_statuses, init=False)
    ephemeral = ephemeral_statuses(view, old.ephemeral_container_statuses or api.ephemeral_container_statuses)
    terminal = around.terminal and not around.static
    phase = get_phase(spec, (*apps, *init), terminal=terminal)
    if api.phase in TERMINAL:
        phase = api.phase
    elif phase not in TERMINAL and old.phase in TERMINAL:
        phase = old.phase
    reason, message = (old.reason or api.reason, old.message or api.message) if phase == old.phase else ("", "")
    if around.eviction is not None:
        phase, reason, message = FAILED, around.eviction.reason, around.eviction.message
    if api.phase in TERMINAL:
        phase = api.phase
    ip = view.runtime.ip or (around.host_ip if spec.host_network else "")
    return PodStatus(
        phase=phase,
        reason=reason,
        message=message,
        host_ip=around.host_ip,
        host_ips=old.host_ips if old.host_ip == around.host_ip else (around.host_ips or (HostIP(ip=around.host_ip),)),
        pod_ip=ip,
        pod_ips=old.pod_ips if old.pod_ip == ip else ((PodIP(ip=ip),) if ip else ()),
        start_time=api.start_time or old.start_time or around.now,
        init_container_statuses=_kept(init, old.init_container_statuses),
        container_statuses=apps,
        ephemeral_container_statuses=_kept(ephemeral, old.ephemeral_container_statuses),
        qos_class=api.qos_class or old.qos_class or qos_class(spec),
        observed_generation=pod.metadata.generation or 0,
        rest=api.rest,
    )


def with_conditions(view: View, status: PodStatus, old: PodStatus, around: Circumstances) -> PodStatus:
    """The status with its conditions; what is equal to the old status is the old object."""
    pod = view.pod
    api = pod.status or EMPTY_STATUS
    foreign: Sequence[PodCondition] = [c for c in api.conditions if c.type not in OWNED]
    extra = around.eviction.condition if around.eviction is not None else None
    if extra is not None and not any(c.type == extra.type and c.status == "True" for c in foreign):
        foreign = [*(c for c in foreign if c.type != extra.type), extra]
    statuses = (*status.init_container_statuses, *status.container_statuses)
    generation, spec = pod.metadata.generation, pod.spec
    assert spec is not None
    before = {c.type: c for c in (*api.conditions, *old.conditions)}
    was = "Initialized" in before and before["Initialized"].status == "True"
    own = own_conditions(pod, around.sandbox_ready, statuses, status.phase, foreign, was_initialized=was)
    found = (*around.resizing, *own, *restarting_condition(spec, old, view.runtime, status.phase))
    conditions = tuple(_settled(c, before.get(c.type), generation, around) for c in found)
    made = status.evolve(
        conditions=conditions,
        init_container_statuses=_kept(status.init_container_statuses, old.init_container_statuses),
        container_statuses=_kept(status.container_statuses, old.container_statuses),
    )
    return old if made == old else made


def _settled(
    new: PodCondition, old: PodCondition | None, generation: int | None, around: Circumstances
) -> PodCondition:
    """A condition with its times: the transition is that of the old one while the status is the same."""
    if new.type not in OWNED:
        return new
    since = around.now
    if new.type == RESTARTING_ALL:
        generation = None
    if old is not None and old.status == new.status:
        if (old.reason, old.message, old.observed_generation) == (new.reason, new.message, generation):
            return old
        since = old.last_transition_time or around.now
    said = (new.type, new.status, new.reason, new.message, since, generation)
    known = around.shared.get(said)
    if known is None:
        if len(around.shared) >= MOST_SHARED:
            around.shared.clear()
        known = around.shared[said] = PodCondition(*said[:5], None, generation)
    return known


def _kept(new: tuple[ContainerStatus, ...], old: tuple[ContainerStatus, ...]) -> tuple[ContainerStatus, ...]:
    """The old tuple, if nothing in it has changed: equal statuses share their memory."""
    return old if new == old else new
