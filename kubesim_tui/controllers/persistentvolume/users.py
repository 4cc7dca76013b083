"""Which Pods use a claim: an index over the watch of Pods."""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.helpers.claims import claims_of
from kubesim_tui.api.helpers.conditions import is_pod_terminal
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.types import Object, PersistentVolumeClaim, Pod
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.informer import Informer


def is_shut_down(pod: Pod) -> bool:
    """Whether the kubelet is done with a Pod that is being deleted."""
    meta = pod.metadata
    return meta.deletion_timestamp is not None and meta.deletion_grace_period_seconds == 0


class Users:
    """From claims to the names of Pods."""

    def __init__(self, pods: Informer) -> None:
        self.pods = pods
        self._by_claim: dict[Name, dict[str, None]] = {}
        pods.on_change(self._changed)

    def _changed(self, before: Object | None, now: Object | None) -> None:
        if now is not None and before is not None:
            return  # a Pod's volumes never change
        pod = cast(Pod, now or before)
        for name in claims_of(pod):
            users = self._by_claim.setdefault((pod.metadata.namespace, name), {})
            if now is not None:
                users[pod.metadata.name] = None
            else:
                users.pop(pod.metadata.name, None)
                if not users:
                    del self._by_claim[pod.metadata.namespace, name]

    def of(self, claim: PersistentVolumeClaim) -> list[Pod]:
        """The Pods that name a claim, by name."""
        namespace = claim.metadata.namespace
        found = [self.pods.get(namespace, n) for n in sorted(self._by_claim.get((namespace, claim.metadata.name), ()))]
        return [cast(Pod, p) for p in found if p is not None]

    def without_node(self, claim: PersistentVolumeClaim) -> tuple[str, ...]:
        """Of these, the names of those that have no node yet."""
        return tuple([p.metadata.name for p in self.of(claim) if p.spec is not None and not p.spec.node_name])

    def keep(self, claim: PersistentVolumeClaim) -> bool:
        """Whether one is on a node: then the claim must stay, even if the Pod has finished. A claim of the Pod's own
        may go once the kubelet is done with the Pod."""
        owner = controller_of(claim)
        own = owner.uid if owner is not None else ""
        placed = [p for p in self.of(claim) if p.spec is not None and p.spec.node_name]
        return any(p.metadata.uid != own or not is_shut_down(p) for p in placed)

    def name(self, claim: PersistentVolumeClaim) -> bool:
        """Whether one that has not finished names it, on a node or not."""
        return any(not is_pod_terminal(p) for p in self.of(claim))

    def hold(self, claim: PersistentVolumeClaim) -> bool:
        """Whether one is on a node and has not finished: then the claim's volume is mounted."""
        return any(p.spec is not None and p.spec.node_name and not is_pod_terminal(p) for p in self.of(claim))
