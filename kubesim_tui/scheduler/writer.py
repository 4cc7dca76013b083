"""The scheduler's writes: carries out calls, one after the other, as the client's budget allows.

What is out of date when its turn comes is not written: the Pod is gone, or has found a node since. A call that the
API server refuses fails the Pod's binding; conditions and victims are not tried again (as upstream).
"""

from __future__ import annotations

from collections import deque
from typing import cast

from attrs import frozen

from kubesim_tui.api import types
from kubesim_tui.api.frozen import merged
from kubesim_tui.api.helpers.conditions import find, with_condition
from kubesim_tui.api.types import ObjectReference, PersistentVolume, PersistentVolumeClaim, PodCondition, PodStatus
from kubesim_tui.apiserver.client import Client, Throttled
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.record import NORMAL, Recorder
from kubesim_tui.apiserver.request import Options
from kubesim_tui.scheduler.calls import Bind, BindVolume, Call, Evict, SelectNode, SetStatus
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.plugins.volume_binding import SELECTED_NODE
from kubesim_tui.scheduler.pod_info import PodInfo
from kubesim_tui.scheduler.preemption import BY_SCHEDULER

BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
VOLUME_CALLS = (BindVolume, SelectNode)


@frozen(eq=False)
class Outcome:
    """What came of a call: a binding is written or has failed; or a preemptor has nothing to wait for (any more)."""

    pod: PodInfo
    failure: str = ""
    evicts: bool = False  # it is about victims, not about the binding


class Writer:
    """See the module."""

    def __init__(self, client: Client, handle: Handle, recorders: dict[str, Recorder]) -> None:
        self.client, self.handle, self.recorders = client, handle, recorders
        self.waiting: deque[Call] = deque()
        self.preempting: dict[str, None] = {}  # uids of Pods whose victims are not all deleted yet
        self.blocked_until = 0  # the tick at which the client has a request again

    def add(self, *calls: Call) -> None:
        """To the end of the line."""
        self.waiting.extend(calls)

    def clear(self) -> None:
        """The process has lost its memory."""
        self.waiting.clear()
        self.preempting.clear()
        self.blocked_until = 0

    def carry_out(self, tick: int) -> list[Outcome]:
        """Write until the line is empty or the budget spent (then `blocked_until` says when to go on)."""
        outcomes: list[Outcome] = []
        while self.waiting and tick >= self.blocked_until:
            call = self.waiting[0]
            try:
                outcome = self._do(call)
            except Throttled as wait:
                self.blocked_until = wait.tick
                break
            except ApiError as failure:
                outcome = self._failed(call, failure)
            self.waiting.popleft()
            if outcome is not None:
                outcomes.append(outcome)
        return outcomes

    def _do(self, call: Call) -> Outcome | None:
        if isinstance(call, Bind):
            return self._bind(call)
        if isinstance(call, SetStatus):
            self._set_status(call)
        elif isinstance(call, BindVolume):
            self._bind_volume(call)
        elif isinstance(call, SelectNode):
            self._select_node(call)
        else:
            return self._evict(call)
        return None

    def _failed(self, call: Call, failure: ApiError) -> Outcome | None:
        if isinstance(call, Bind):
            return Outcome(call.pod, f'running Bind plugin "DefaultBinder": {failure}')
        if isinstance(call, VOLUME_CALLS):
            return Outcome(call.pod, f'running PreBind plugin "VolumeBinding": binding volumes: {failure}')
        if isinstance(call, Evict):
            self.preempting.pop(call.pod.uid, None)
            return Outcome(call.pod, str(failure), evicts=True)
        return None

    # -- bindings ----------------------------------------------------------------------------------------------

    def _bind(self, call: Bind) -> Outcome | None:
        if call.pod.uid not in self.handle.cache.assumed:
            return None
        pod = call.pod.pod
        self.client.bind(pod, call.node)
        meta = pod.metadata
        message = f"Successfully assigned {meta.namespace}/{meta.name} to {call.node}"
        self.recorder(call.pod).event(pod, NORMAL, "Scheduled", message)
        return Outcome(call.pod)

    def recorder(self, pod: PodInfo) -> Recorder:
        """The voice of the Pod's profile."""
        return self.recorders[pod.spec.scheduler_name]

    def _bind_volume(self, call: BindVolume) -> None:
        if call.pod.uid in self.handle.cache.assumed:
            name = call.match.volume.metadata.name
            volume = self.handle.volume(name) or call.match.volume
            self.handle.assumed_volumes[name] = self.client.update(reserved(volume, call.match.claim))

    def _select_node(self, call: SelectNode) -> None:
        if call.pod.uid in self.handle.cache.assumed:
            meta = call.claim.metadata
            claim = self.handle.claim(meta.namespace, meta.name) or call.claim
            self.handle.assumed_claims[meta.namespace, meta.name] = self.client.update(selected(claim, call.node))

    # -- conditions, victims -----------------------------------------------------------------------------------

    def _current(self, info: PodInfo) -> types.Pod | None:
        """The Pod as it is now, if it is still the same one."""
        found = cast("types.Pod | None", self.handle.table("pods").objects.get(info.key))
        return found if found is not None and found.metadata.uid == info.uid else None

    def _set_status(self, call: SetStatus) -> None:
        pod = self._current(call.pod)
        if pod is None or (pod.spec or types.PodSpec()).node_name or call.pod.uid in self.handle.cache.assumed:
            return
        status = pod.status or PodStatus()
        wanted = status
        if call.condition is not None:
            wanted = changed(wanted, call.condition, self.client.server.etcd.clock.now)
        if call.nominated is not None and call.nominated != status.nominated_node_name:
            wanted = wanted.evolve(nominated_node_name=call.nominated)
        if wanted is not status:
            self.client.update_status(pod.evolve(status=wanted))

    def _evict(self, call: Evict) -> Outcome | None:
        """Delete a victim, and say so. If the last one is gone already, no event will wake the preemptor."""
        if call.pod.uid not in self.preempting:
            return None  # an earlier victim could not be deleted
        pod = self._current(call.victim)
        found = pod is not None and (pod.metadata.deletion_timestamp is not None or self._delete(call, pod))
        if call.last:
            self.preempting.pop(call.pod.uid, None)
        return Outcome(call.pod, evicts=True) if call.last and not found else None

    def _delete(self, call: Evict, pod: types.Pod) -> bool:
        """Whether the Pod was there."""
        status, now = pod.status or PodStatus(), self.client.server.etcd.clock.now
        wanted = changed(status, target_of(call, pod), now)
        try:
            if wanted is not status:
                self.client.update_status(pod.evolve(status=wanted))
            self.client.delete(types.Pod, *call.victim.key, Options(uid=call.victim.uid))
        except StatusError as gone:
            if gone.code == 404:
                return False
            raise
        said = f"Preempted by pod {call.pod.uid} on node {call.node}"
        self.recorder(call.pod).event(pod, NORMAL, "Preempted", said)
        return True


def target_of(call: Evict, victim: types.Pod) -> PodCondition:
    """The condition that says why a victim goes."""
    return PodCondition(
        type="DisruptionTarget",
        status="True",
        reason=BY_SCHEDULER,
        message=f"{call.pod.spec.scheduler_name}: preempting to accommodate a higher priority pod",
        observed_generation=victim.metadata.generation,
    )


def changed(status: PodStatus, condition: PodCondition, now: int) -> PodStatus:
    """A status with a condition; its time moves only when it turns. The same status if nothing changes."""
    old = find(status.conditions, condition.type)
    turned = old is None or old.status != condition.status
    new = condition.evolve(last_transition_time=now if turned or old is None else old.last_transition_time)
    if old is not None and old == new:
        return status
    return status.evolve(conditions=with_condition(status.conditions, new))


def reserved(volume: PersistentVolume, claim: PersistentVolumeClaim) -> PersistentVolume:
    """A volume that names the claim it is for (GetBindVolumeToClaim)."""
    meta, spec = claim.metadata, volume.spec or types.PersistentVolumeSpec()
    reference = ObjectReference(
        api_version=claim.api_version,
        kind=claim.kind,
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        resource_version=str(meta.resource_version),
    )
    own = volume.metadata
    notes = merged(own.annotations, {BOUND_BY_CONTROLLER: "yes"}) if spec.claim_ref is None else own.annotations
    return volume.evolve(metadata=own.evolve(annotations=notes), spec=spec.evolve(claim_ref=reference))


def selected(claim: PersistentVolumeClaim, node: str) -> PersistentVolumeClaim:
    """A claim that names the node of its first consumer."""
    meta = claim.metadata
    return claim.evolve(metadata=meta.evolve(annotations=merged(meta.annotations, {SELECTED_NODE: node})))
