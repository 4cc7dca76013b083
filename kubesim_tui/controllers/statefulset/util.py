"""Identity and storage of a StatefulSet's Pods, and what their states are called. Pure.

As stateful_set_utils.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.api import intstr
from kubesim_tui.api.frozen import merged
from kubesim_tui.api.helpers.conditions import is_pod_available, is_pod_ready
from kubesim_tui.api.helpers.ownership import controller_ref
from kubesim_tui.api.types import (
    OwnerReference,
    PersistentVolumeClaim,
    PersistentVolumeClaimVolumeSource,
    Pod,
    PodSpec,
    PodTemplateSpec,
    StatefulSet,
    StatefulSetSpec,
    Volume,
)
from kubesim_tui.controllers.history import REVISION_HASH
from kubesim_tui.controllers.pod_control import pod_from_template

POD_NAME, POD_INDEX = "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"


def spec_of(set_: StatefulSet) -> StatefulSetSpec:
    """Its spec."""
    return set_.spec or StatefulSetSpec()


def replicas_of(set_: StatefulSet) -> int:
    """spec.replicas; 1 where it is left out."""
    replicas = spec_of(set_).replicas
    return 1 if replicas is None else replicas


def start_of(set_: StatefulSet) -> int:
    """The first ordinal."""
    ordinals = spec_of(set_).ordinals
    return (ordinals.start or 0) if ordinals is not None else 0


def parent_and_ordinal(name: str) -> tuple[str, int]:
    """(`web`, 3) of `web-3`; ("", -1) of a name without a number at its end."""
    parent, dash, digits = name.rpartition("-")
    if not dash or not digits.isdecimal() or not digits.isascii():
        return "", -1
    number = int(digits)
    return (parent, number) if number < 2**31 else ("", -1)


def ordinal(pod: Pod) -> int:
    """A Pod's number; -1 if it has none."""
    return parent_and_ordinal(pod.metadata.name)[1]


def is_member(set_: StatefulSet, pod: Pod) -> bool:
    """Whether a Pod's name is one of the set's."""
    return parent_and_ordinal(pod.metadata.name)[0] == set_.metadata.name


def in_range(set_: StatefulSet, number: int) -> bool:
    """Whether an ordinal is among those that should be."""
    return start_of(set_) <= number < start_of(set_) + replicas_of(set_)


def claim_name(set_: StatefulSet, template: PersistentVolumeClaim, number: int) -> str:
    """`<template>-<set>-<ordinal>`."""
    return f"{template.metadata.name}-{set_.metadata.name}-{number}"


def claims_of(set_: StatefulSet, number: int) -> list[PersistentVolumeClaim]:
    """The claims of one Pod, as they should be created (without owners)."""
    selector = spec_of(set_).selector
    labels: Mapping[str, str] = selector.match_labels if selector is not None else {}
    made = []
    for template in spec_of(set_).volume_claim_templates:
        meta = template.metadata
        made.append(
            template.evolve(
                metadata=meta.evolve(
                    name=claim_name(set_, template, number),
                    namespace=set_.metadata.namespace,
                    labels=merged(meta.labels, labels),
                ),
                status=None,
            )
        )
    return made


# -- states ------------------------------------------------------------------------------------------------------


def is_created(pod: Pod) -> bool:
    """It is in the store: it has a phase."""
    return pod.status is not None and pod.status.phase != ""


def is_terminating(pod: Pod) -> bool:
    """It is being deleted."""
    return pod.metadata.deletion_timestamp is not None


def is_running_and_ready(pod: Pod) -> bool:
    """It runs and is ready."""
    return pod.status is not None and pod.status.phase == "Running" and is_pod_ready(pod)


def is_running_and_available(pod: Pod, min_ready: int, now: int) -> bool:
    """It runs and has been ready for minReadySeconds."""
    return pod.status is not None and pod.status.phase == "Running" and is_pod_available(pod, min_ready, now)


def is_unavailable(pod: Pod, min_ready: int, now: int) -> bool:
    """Not available, or about to be no more."""
    return is_terminating(pod) or not is_running_and_available(pod, min_ready, now)


def revision_of(pod: Pod) -> str:
    """The name of the revision that a Pod was made of."""
    return pod.metadata.labels.get(REVISION_HASH, "")


def max_unavailable(value: int | str | None, replicas: int) -> int:
    """As a number: percentages rounded down, at least 1. ValueError for other texts."""
    return max(1, intstr.scaled_value(1 if value is None else value, replicas, round_up=False))


# -- making ------------------------------------------------------------------------------------------------------


def new_pod(set_: StatefulSet, template: PodTemplateSpec, revision: str, number: int) -> Pod:
    """The Pod of an ordinal, of a template."""
    pod = pod_from_template(template, set_, name=f"{set_.metadata.name}-{number}")
    labelled = pod.evolve(metadata=pod.metadata.evolve(labels=merged(pod.metadata.labels, {REVISION_HASH: revision})))
    return with_storage(set_, with_identity(set_, labelled, first=True))


def with_identity(set_: StatefulSet, pod: Pod, *, first: bool = False) -> Pod:
    """The Pod with the labels of its name and number; at its creation also host name and subdomain."""
    number = ordinal(pod)
    own = {POD_NAME: pod.metadata.name, POD_INDEX: str(number)}
    meta = pod.metadata.evolve(namespace=set_.metadata.namespace, labels=merged(pod.metadata.labels, own))
    if not first:
        return pod.evolve(metadata=meta)
    spec = (pod.spec or PodSpec()).evolve(hostname=pod.metadata.name, subdomain=spec_of(set_).service_name)
    return pod.evolve(metadata=meta, spec=spec)


def with_storage(set_: StatefulSet, pod: Pod) -> Pod:
    """The Pod with its claims as volumes; they replace volumes of the template with the same names."""
    spec = pod.spec or PodSpec()
    templates = spec_of(set_).volume_claim_templates
    if not templates:
        return pod
    own = [
        Volume(
            name=t.metadata.name,
            persistent_volume_claim=PersistentVolumeClaimVolumeSource(claim_name=claim_name(set_, t, ordinal(pod))),
        )
        for t in templates
    ]
    names = {v.name for v in own}
    return pod.evolve(spec=spec.evolve(volumes=(*own, *(v for v in spec.volumes if v.name not in names))))


def identity_matches(set_: StatefulSet, pod: Pod) -> bool:
    """Name, namespace and the label with its name."""
    parent, number = parent_and_ordinal(pod.metadata.name)
    return (
        number >= 0
        and parent == set_.metadata.name
        and pod.metadata.namespace == set_.metadata.namespace
        and pod.metadata.labels.get(POD_NAME) == pod.metadata.name
    )


def storage_matches(set_: StatefulSet, pod: Pod) -> bool:
    """Every claim template has its volume."""
    number = ordinal(pod)
    volumes = {v.name: v.persistent_volume_claim for v in pod.spec.volumes} if pod.spec is not None else {}
    for template in spec_of(set_).volume_claim_templates:
        source = volumes.get(template.metadata.name)
        if source is None or source.claim_name != claim_name(set_, template, number):
            return False
    return number >= 0


# -- who owns the claims -----------------------------------------------------------------------------------------


def wanted_owners(set_: StatefulSet, number: int) -> tuple[bool, bool]:
    """(the Pod, the set): which of them should own the claims, by persistentVolumeClaimRetentionPolicy."""
    policy = spec_of(set_).persistent_volume_claim_retention_policy
    scaled = policy is not None and policy.when_scaled == "Delete"
    deleted = policy is not None and policy.when_deleted == "Delete"
    condemned = not in_range(set_, number)
    return scaled and condemned, deleted and not (scaled and condemned)


def has_owner(references: tuple[OwnerReference, ...], uid: str) -> bool:
    """Whether one of them has this uid."""
    return any(r.uid == uid for r in references)


def owners_match(set_: StatefulSet, pod: Pod, claim: PersistentVolumeClaim) -> bool:
    """Whether a claim has the owners it should have."""
    by_pod, by_set = wanted_owners(set_, ordinal(pod))
    references = claim.metadata.owner_references
    if any(r.controller and r.uid not in (pod.metadata.uid, set_.metadata.uid) for r in references):
        return True  # somebody else's: left alone
    return has_owner(references, pod.metadata.uid) == by_pod and has_owner(references, set_.metadata.uid) == by_set


def with_owners(set_: StatefulSet, pod: Pod, claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
    """The claim with the owners it should have."""
    by_pod, by_set = wanted_owners(set_, ordinal(pod))
    ours = (pod.metadata.uid, set_.metadata.uid)
    kept = [r for r in claim.metadata.owner_references if r.uid not in ours]
    if by_pod and pod.metadata.uid:
        kept.append(controller_ref(pod))
    if by_set:
        kept.append(controller_ref(set_))
    return claim.evolve(metadata=claim.metadata.evolve(owner_references=tuple(kept)))


def is_stale(references: tuple[OwnerReference, ...], kind: str, name: str, uid: str) -> bool:
    """Whether they name an owner of that name that was another one."""
    return any(r.name == name and (r.kind in ("", kind)) and r.uid != uid for r in references)
