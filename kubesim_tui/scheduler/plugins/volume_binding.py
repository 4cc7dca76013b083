"""VolumeBinding: the claims of a Pod and the node must suit each other.

A bound claim's volume must be reachable from the node. A claim whose class waits for its first consumer is bound by
the scheduler: to a volume that can be reached from the node, or by naming the node to the provisioner. Any other
claim must be bound already: the volume controller does that.

`find` says for one node which volumes would be taken and which claims provisioned. `reserve` assumes that this is
so; the binding cycle (binding.py) writes it, and waits until the volume controller has bound them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias, cast

from attrs import define, field, frozen

from kubesim_tui.api.frozen import Json
from kubesim_tui.api.helpers.node_affinity import matches_selector
from kubesim_tui.api.helpers.pv_match import claim_class, find_matching_volume, requested, volume_class
from kubesim_tui.api.quantity import value
from kubesim_tui.api.types import (
    Node,
    Object,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    PersistentVolumeClaimStatus,
    StorageClass,
    Unstructured,
)
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import SKIP, CycleState, NodeNames, Plugin, Status, error, unresolvable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.plugins import storage_capacity
from kubesim_tui.scheduler.plugins.resource_scoring import Point, broken_linear
from kubesim_tui.scheduler.plugins.volume_restrictions import names_claim
from kubesim_tui.scheduler.plugins.volume_zone import WAIT
from kubesim_tui.scheduler.pod_info import PodInfo

SELECTED_NODE = "volume.kubernetes.io/selected-node"
BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
NO_PROVISIONER = "kubernetes.io/no-provisioner"
IMMEDIATE = "pod has unbound immediate PersistentVolumeClaims"
NO_MATCH = "node(s) didn't find available persistent volumes to bind"
NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
NOT_ENOUGH = "node(s) did not have enough free storage"
NO_VOLUME = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
SHAPE: tuple[Point, ...] = ((0, 100), (100, 0))
Volumes: TypeAlias = Sequence[PersistentVolume]
NO_CLAIM, NO_CLAIM_STATUS = PersistentVolumeClaimSpec(), PersistentVolumeClaimStatus()


@frozen(eq=False)
class Match:
    """A claim and the volume that it would be bound to."""

    claim: PersistentVolumeClaim
    volume: PersistentVolume


@frozen(eq=False)
class Choice:
    """What a Pod's claims would get on one node."""

    matches: tuple[Match, ...] = ()
    provisions: tuple[PersistentVolumeClaim, ...] = ()
    room: tuple[tuple[PersistentVolumeClaim, int], ...] = ()  # of these, whose drivers say so: bytes left at the node


NOTHING = Choice()


@define(eq=False)
class Claims:
    """A Pod's claims, as `pre_filter` sorts them, and what was found for each node that passed."""

    bound: list[PersistentVolumeClaim]
    delayed: list[PersistentVolumeClaim]
    handle: Handle
    choices: dict[str, Choice] = field(factory=dict)


def is_bound(claim: PersistentVolumeClaim) -> bool:
    """Whether the volume controller is done with a claim."""
    spec, status = claim.spec or NO_CLAIM, claim.status or NO_CLAIM_STATUS
    return bool(spec.volume_name) and (BIND_COMPLETED in claim.metadata.annotations or status.phase == "Bound")


def waits(claim: PersistentVolumeClaim, handle: Handle) -> bool:
    """Whether a claim's class waits for the first consumer. ValueError if the class does not say."""
    name = claim_class(claim)
    found = handle.storage_class(name) if name else None
    if found is None:
        return False
    if found.volume_binding_mode is None:
        raise ValueError(f'VolumeBindingMode not set for StorageClass "{name}"')
    return found.volume_binding_mode == WAIT


def reachable(volume: PersistentVolume, node: Node) -> bool:
    """Whether a volume's node affinity allows a node."""
    affinity = volume.spec.node_affinity if volume.spec is not None else None
    return affinity is None or affinity.required is None or matches_selector(affinity.required, node)


def find(found: Claims, node: Node) -> tuple[Choice, list[str]]:
    """What the claims would get on a node, or why they cannot."""
    reasons = _check_bound(found.bound, node, found.handle)
    if not found.delayed:
        return NOTHING, reasons
    choice, why = _find_for(found.delayed, node, found.handle)
    if why:
        at = 1 if reasons[:1] == [NODE_CONFLICT] else 0
        reasons.insert(at, why)
    return choice, reasons


def _check_bound(claims: Iterable[PersistentVolumeClaim], node: Node, handle: Handle) -> list[str]:
    for claim in claims:
        volume = handle.volume((claim.spec or NO_CLAIM).volume_name)
        if volume is None:
            return [NO_VOLUME]
        if not reachable(volume, node):
            return [NODE_CONFLICT]
    return []


def _find_for(claims: Sequence[PersistentVolumeClaim], node: Node, handle: Handle) -> tuple[Choice, str]:
    to_match, to_provision = [], []
    for claim in claims:
        selected = claim.metadata.annotations.get(SELECTED_NODE)
        if selected is None:
            to_match.append(claim)
        elif selected != node.metadata.name:
            return NOTHING, NO_MATCH
        else:
            to_provision.append(claim)
    matches, unmatched = match(to_match, node, handle)
    to_provision += unmatched
    room = []
    for claim in to_provision:
        if not provisionable(claim, node, handle):
            return NOTHING, NO_MATCH
        enough, left = storage_capacity.look(claim, node, handle)
        if not enough:
            return NOTHING, NOT_ENOUGH
        if left is not None:
            room.append((claim, left))
    return Choice(matches, tuple(to_provision), tuple(room)), ""


def match(
    claims: Iterable[PersistentVolumeClaim], node: Node, handle: Handle
) -> tuple[tuple[Match, ...], list[PersistentVolumeClaim]]:
    """Volumes for claims, the smallest claim first; and the claims that found none."""
    found: list[Match] = []
    left = []
    for claim in sorted(claims, key=requested):
        taken = {m.volume.metadata.name for m in found}
        volumes = [v for v in _of_class(claim, handle) if v.metadata.name not in taken]
        volume = find_matching_volume(claim, volumes, node, delayed=True)
        if volume is None:
            left.append(claim)
        else:
            found.append(Match(claim, volume))
    return tuple(found), left


def _of_class(claim: PersistentVolumeClaim, handle: Handle) -> list[PersistentVolume]:
    wanted = claim_class(claim)
    return [v for v in handle.volumes() if volume_class(v) == wanted]


def provisionable(claim: PersistentVolumeClaim, node: Node, handle: Handle) -> bool:
    """Whether a volume can be made for a claim at a node: the class has a provisioner, and allows the topology."""
    found = handle.storage_class(claim_class(claim))
    if found is None or found.provisioner in ("", NO_PROVISIONER):
        return False
    return allowed_topology(found.rest.get("allowedTopologies") or (), node.metadata.labels)


def allowed_topology(terms: Sequence[Mapping[str, Json]], labels: Mapping[str, str]) -> bool:
    """Whether labels match any of the topology terms; none at all allow everything."""
    return not terms or any(
        all(labels.get(e["key"]) in e["values"] for e in term.get("matchLabelExpressions") or ()) for term in terms
    )


def claims_of(pod: PodInfo, handle: Handle) -> tuple[list[PersistentVolumeClaim], str]:
    """A Pod's claims, or what is wrong with one of them."""
    found = []
    for name in (*pod.facts.claims, *pod.facts.ephemeral):
        claim = handle.claim(pod.namespace, name)
        if claim is None:
            if name in pod.facts.ephemeral:
                return [], f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{name}"'
            return [], f'persistentvolumeclaim "{name}" not found'
        if (claim.status or NO_CLAIM_STATUS).phase == "Lost":
            volume = (claim.spec or NO_CLAIM).volume_name
            return [], f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{volume}"'
        if claim.metadata.deletion_timestamp is not None:
            return [], f'persistentvolumeclaim "{name}" is being deleted'
        found.append(claim)
    return found, ""


class VolumeBinding(Plugin):
    """See the module."""

    name: ClassVar[str] = "VolumeBinding"
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.CLASS_ADD,
        ClusterEvent.CLASS_UPDATE,
        ClusterEvent.CLAIM_ADD,
        ClusterEvent.CLAIM_UPDATE,
        ClusterEvent.VOLUME_ADD,
        ClusterEvent.VOLUME_UPDATE,
        ClusterEvent.NODE_ADD,
        ClusterEvent.NODE_LABEL,
        ClusterEvent.CSI_NODE,
        ClusterEvent.CSI_DRIVER_UPDATE,
        ClusterEvent.CAPACITY,
    )

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Sort the claims; an immediate one that is not bound refuses all nodes."""
        if not (pod.facts.claims or pod.facts.ephemeral):
            return None, SKIP
        claims, why = claims_of(pod, handle)
        if why:
            return None, unresolvable(why, plugin=self.name)
        bound = [c for c in claims if is_bound(c)]
        unbound = [c for c in claims if not is_bound(c)]
        try:
            delayed = [c for c in unbound if waits(c, handle) and not (c.spec or NO_CLAIM).volume_name]
        except ValueError as wrong:
            return None, error(str(wrong), plugin=self.name)
        if len(delayed) < len(unbound):
            return None, unresolvable(IMMEDIATE, plugin=self.name)
        state[self.name] = Claims(bound, delayed, handle)
        return None, None

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes where the claims cannot be had."""
        assert node.node is not None
        found: Claims = state[self.name]
        choice, reasons = find(found, node.node)
        if reasons:
            return unresolvable(*reasons, plugin=self.name)
        found.choices[node.name] = choice
        return None

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], handle: Handle) -> Status | None:
        """Nothing to do unless volumes would be taken."""
        found: Claims | None = state.get(self.name)
        return None if found is not None and any(c.matches or c.room for c in found.choices.values()) else SKIP

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The less of the volumes is used, the better: room to grow (StorageCapacityScoring, since 1.37)."""
        found: Claims = state[self.name]
        choice = found.choices.get(node.name, NOTHING)
        return storage_score(choice.matches) if choice.matches else room_score(choice.room)

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """One of the claims has come or changed; a volume has; a class has come or allows other places."""
        if isinstance(new, PersistentVolumeClaim):
            return names_claim(pod, new)
        if isinstance(new, Unstructured) and new.kind in storage_capacity.KINDS:
            return storage_capacity.wakes(pod.pod, cast("Unstructured | None", old), new)
        if isinstance(old, StorageClass) and isinstance(new, StorageClass):
            return bool(old.rest.get("allowedTopologies") != new.rest.get("allowedTopologies"))
        return True


def storage_score(matches: Sequence[Match]) -> int:
    """The mean over the storage classes of how little of their volumes would be used, 0…100."""
    classes: dict[str, tuple[int, int]] = {}
    for m in matches:
        wanted, there = classes.get(volume_class(m.volume), (0, 0))
        classes[volume_class(m.volume)] = (wanted + _size_wanted(m.claim), there + _size(m.volume))
    return _mean(classes)


def room_score(room: Sequence[tuple[PersistentVolumeClaim, int]]) -> int:
    """The same for volumes that would be made, of what their drivers have left at the node."""
    classes: dict[str, tuple[int, int]] = {}
    for claim, left in room:
        name = claim_class(claim)
        classes[name] = (classes.get(name, (0, 0))[0] + _size_wanted(claim), left)
    return _mean(classes)


def _mean(classes: Mapping[str, tuple[int, int]]) -> int:
    if not classes:
        return 0
    scores = [_class_score(wanted, there) for wanted, there in classes.values()]
    return (2 * sum(scores) + len(scores)) // (2 * len(scores))


def _class_score(wanted: int, there: int) -> int:
    return broken_linear(SHAPE, 100 if not there or wanted > there else wanted * 100 // there)


def _size_wanted(claim: PersistentVolumeClaim) -> int:
    resources = claim.spec.resources if claim.spec is not None else None
    return value(resources.requests.get("storage", "0")) if resources is not None else 0


def _size(volume: PersistentVolume) -> int:
    return value(volume.spec.capacity.get("storage", "0")) if volume.spec is not None else 0


def choice_for(state: CycleState, node: str) -> Choice:
    """What was found for the node that was chosen."""
    found: Any = state.get(VolumeBinding.name)
    return found.choices.get(node, NOTHING) if isinstance(found, Claims) else NOTHING
