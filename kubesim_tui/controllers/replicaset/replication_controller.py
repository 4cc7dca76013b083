"""replicationcontroller-controller: the older ReplicaSet, with a plain map as selector and no siblings."""

from __future__ import annotations

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.types import (
    Object,
    ReplicationController,
    ReplicationControllerCondition,
    ReplicationControllerStatus,
)
from kubesim_tui.controllers.replicaset.controller import Replicas, Replicator
from kubesim_tui.controllers.replicaset.plan import Counts


class ReplicationControllerController(Replicator):
    """Keeps the Pods of every ReplicationController."""

    plural, owner_kind = "replicationcontrollers", "ReplicationController"
    account = source = "replication-controller"

    def chooses(self, owner: Replicas, obj: Object) -> bool:
        """By labels; an empty selector chooses nothing."""
        wanted = owner.spec.selector
        return bool(wanted) and selector.matches_set(wanted, obj.metadata.labels)

    def status(
        self, owner: Replicas, counts: Counts, _terminating: int, failure: tuple[str, str] | None
    ) -> ReplicationControllerStatus:
        """The counts, and the generation they belong to."""
        known: ReplicationController = owner
        return (known.status or ReplicationControllerStatus()).evolve(
            replicas=counts.replicas,
            fully_labeled_replicas=counts.fully_labeled,
            ready_replicas=counts.ready,
            available_replicas=counts.available,
            observed_generation=known.metadata.generation or 0,
            conditions=self.failure_conditions(owner, ReplicationControllerCondition, failure),
        )
