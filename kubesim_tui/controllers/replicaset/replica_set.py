"""replicaset-controller."""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.types import Object, Pod, ReplicaSet, ReplicaSetCondition, ReplicaSetStatus
from kubesim_tui.controllers.replicaset.controller import Replicas, Replicator
from kubesim_tui.controllers.replicaset.plan import Counts


class ReplicaSetController(Replicator):
    """Keeps the Pods of every ReplicaSet."""

    plural, owner_kind = "replicasets", "ReplicaSet"
    account = source = "replicaset-controller"

    def chooses(self, owner: Replicas, obj: Object) -> bool:
        """By labels."""
        return selector.matches(owner.spec.selector, obj.metadata.labels)

    def related(self, owner: Replicas, active: list[Pod]) -> list[Pod]:
        """The Pods of all ReplicaSets of the same Deployment."""
        ref = controller_of(owner)
        if ref is None:
            return active
        siblings = self.owners.table.owned_by(ref.uid)
        return [cast(Pod, p) for rs in siblings for p in self.pods.table.owned_by(rs.metadata.uid)]

    def status(
        self, owner: Replicas, counts: Counts, terminating: int, failure: tuple[str, str] | None
    ) -> ReplicaSetStatus:
        """The counts, and the generation they belong to."""
        known: ReplicaSet = owner
        return (known.status or ReplicaSetStatus()).evolve(
            replicas=counts.replicas,
            fully_labeled_replicas=counts.fully_labeled,
            ready_replicas=counts.ready,
            available_replicas=counts.available,
            terminating_replicas=terminating,
            observed_generation=known.metadata.generation or 0,
            conditions=self.failure_conditions(owner, ReplicaSetCondition, failure),
        )
