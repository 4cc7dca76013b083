"""StatefulSets: names and owners, and whole runs."""

import re

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode, decode_object
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.controllers.statefulset import util
from kubesim_tui.controllers.statefulset.decide import updates
from tests.controllers.test_statefulset import change, images, manager
from tests.harness import running
from tests.upstream.adapters import answers
from tests.upstream.answers import Prose, Within
from tests.upstream.objects import pod


def _set(name="foo", replicas=1, scaled="Retain", deleted="Retain", **spec):
    policy = types.StatefulSetPersistentVolumeClaimRetentionPolicy(when_scaled=scaled, when_deleted=deleted)
    return types.StatefulSet(
        metadata=types.ObjectMeta(name=name, namespace="default", uid="set-uid"),
        spec=types.StatefulSetSpec(
            replicas=replicas,
            template=types.PodTemplateSpec(metadata=types.ObjectMeta(), spec=types.PodSpec()),
            persistent_volume_claim_retention_policy=policy,
            **spec,
        ),
    )


def _pod(name, **meta):
    meta = types.ObjectMeta(name=name, namespace="default", uid="pod-uid", **meta)
    return types.Pod(metadata=meta, spec=types.PodSpec(), status=types.PodStatus(phase="Running"))


# -- names -------------------------------------------------------------------------------------------------------


@answers("statefulset", "parent_ordinal")
def parent_ordinal(given):
    parent, ordinal = util.parent_and_ordinal(given["podName"])
    return {"parent": parent, "ordinal": ordinal}


@answers("statefulset", "claim_pod_name")
def claim_pod_name(given):
    """The Pod for which the set would make a claim of that name."""
    set_, claim = _set(given["set"]), given["claim"]
    parent, number = util.parent_and_ordinal(claim)
    template = types.PersistentVolumeClaim(
        metadata=types.ObjectMeta(name=parent.removesuffix(f"-{set_.metadata.name}"))
    )
    same = claim == util.claim_name(set_, template, number)
    return {"pod": f"{set_.metadata.name}-{number}" if same else ""}


@answers("statefulset", "is_member")
def is_member(given):
    return {"member": util.is_member(_set(given["set"]), _pod(given["podName"]))}


@answers("statefulset", "identity_matches")
def identity_matches(given):
    return {"matches": util.identity_matches(decode_object(types.StatefulSet, given["set"]), pod(given["pod"]))}


@answers("statefulset", "max_unavailable")
def max_unavailable(given):
    return {"maxUnavailable": util.max_unavailable(given["maxUnavailable"], given["replicas"])}


# -- claims ------------------------------------------------------------------------------------------------------


def _claim(given):
    owners = []
    if given["hasPodRef"]:
        owners.append(types.OwnerReference(kind="Pod", name="foo", uid="pod-uid"))
    if given["hasSetRef"]:
        owners.append(types.OwnerReference(kind="StatefulSet", name="foo", uid="set-uid"))
    return types.PersistentVolumeClaim(metadata=types.ObjectMeta(owner_references=tuple(owners)))


def _retention(given):
    set_ = _set("foo", given["replicas"], given["whenScaled"], given["whenDeleted"])
    return set_, _pod(f"foo-{given['ordinal']}")


@answers("statefulset", "claim_owner_refs_match")
def claim_owner_refs_match(given):
    set_, found = _retention(given)
    wants_pod, wants_set = util.wanted_owners(set_, given["ordinal"])
    matches = util.owners_match(set_, found, _claim(given))
    return {"matches": matches, "wantPodRef": wants_pod, "wantSetRef": wants_set}


@answers("statefulset", "claim_owner_refs_update")
def claim_owner_refs_update(given):
    set_, found = _retention(given)
    before = _claim(given)
    after = util.with_owners(set_, found, before).metadata.owner_references
    return {
        "updated": not util.owners_match(set_, found, before),
        "hasPodRef": util.has_owner(after, "pod-uid"),
        "hasSetRef": util.has_owner(after, "set-uid"),
    }


@answers("statefulset", "stale_owner_ref")
def stale_owner_ref(given):
    owner = given.part("owner")
    owner.know("kind", "apiVersion")
    references = tuple(decode(types.OwnerReference, r) for r in given["ownerReferences"] or ())
    return {"stale": util.is_stale(references, "", owner["name"], owner["uid"])}


@answers("statefulset", "claim_labels")
def claim_labels(given):
    parent, number = util.parent_and_ordinal(given["podName"])
    template = given.part("template")
    meta = types.ObjectMeta(name=template["name"], labels=FrozenMap(template.get("labels") or {}))
    selector = types.LabelSelector(match_labels=FrozenMap(given["selectorMatchLabels"] or {}))
    set_ = _set(parent, selector=selector, volume_claim_templates=(types.PersistentVolumeClaim(metadata=meta),))
    (found,) = util.claims_of(set_, number)
    return {"claimName": found.metadata.name, "labels": dict(found.metadata.labels)}


# -- whole runs --------------------------------------------------------------------------------------------------

SETTLED = 12
"""Ticks after which a set of the tables' size has come to rest."""


def _run(given, replicas, **spec):
    m = manager(replicas=replicas, policy=given.get("podManagementPolicy") or "OrderedReady", **spec)
    m.settle(SETTLED)
    return m


def _ordinals(m):
    return [util.ordinal(p) for p in m.pods()]


@answers("statefulset", "scenario_scale")
def scenario_scale(given):
    m, ordered = _run(given, given["from"]), True
    change(m, replicas=given["to"])
    for _ in range(SETTLED):
        before = {util.ordinal(p) for p in m.pods() if util.is_running_and_ready(p)}
        known = set(_ordinals(m))
        m.settle(1)
        ordered &= all(set(range(new)) <= before for new in set(_ordinals(m)) - known)
    status = m.get(types.StatefulSet, "db").status
    figures = {"replicas": status.replicas, "readyReplicas": status.ready_replicas}
    figures["updatedReplicas"] = status.updated_replicas
    at_once = given["podManagementPolicy"] == "Parallel"
    return {"status": Within(figures), "invariant": Prose("held" if ordered or at_once else "")}


@answers("statefulset", "scenario_ordinals")
def scenario_ordinals(given):
    return {"ordinals": _ordinals(_run(given, given["replicas"], ordinals={"start": given["ordinalsStart"]}))}


@answers("statefulset", "scenario_rolling_update")
def scenario_rolling_update(given):
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": given.get("partition", 0)}}
    m = _run(given, given["replicas"], updateStrategy=rolling)
    change(m, image=given["newImage"], replicas=given["newReplicas"])
    m.settle(30)
    return {"images": ["(old)" if image == "app:v1" else image for image in images(m)]}


@answers("statefulset", "scenario_max_unavailable")
def scenario_max_unavailable(given):
    rolling = {"partition": given["partition"], "maxUnavailable": given["maxUnavailable"]}
    return _with_terminating(given, rolling) if "terminating" in given else _after(given, rolling)


def _with_terminating(given, rolling):
    """One decision while some Pods are going."""
    given.know("podManagementPolicy")
    replicas, going = given["replicas"], given["terminating"]
    strategy = decode(types.StatefulSetUpdateStrategy, {"type": "RollingUpdate", "rollingUpdate": rolling})
    pods = [_pod(f"foo-{n}", deletion_timestamp=1 if n in going else None) for n in range(replicas)]
    ready = [p.evolve(status=running(p, True, 1)) for p in pods]
    deleted = len(updates(_set("foo", replicas, update_strategy=strategy), "new", ready, 100))
    return {"deleted": deleted, "podsLeft": replicas - deleted}


def _after(given, rolling):
    """A run up to the step that the table describes: `sync 1 …`, `sync after 4 then 5 are ready`, `last sync`."""
    m = _run(given, given["replicas"], updateStrategy={"type": "RollingUpdate", "rollingUpdate": rolling})
    change(m, image="new")
    step = given["step"]
    numbers = [int(n) for n in re.findall(r"\d+", step.partition(",")[0])]
    if step.startswith("last"):
        m.settle(30)
    elif step.startswith("sync after"):
        _sync(m)
        for number in numbers:
            _sync(m)
            _ready(m, number)
        _sync(m)
    else:
        for _ in range(numbers[0]):
            _sync(m)
    return {"pods": _ordinals(m)}


def _sync(m):
    """One sync; Pods are bound at once, and the deleted are gone at once."""
    m.tick()
    m.bind()
    for found in m.pods():
        if found.metadata.deletion_timestamp is not None:
            m.gone(found.metadata.name)


def _ready(m, number):
    (found,) = [p for p in m.pods() if util.ordinal(p) == number]
    m.admin.update_status(found.evolve(status=running(found, True, m.engine.clock.now)))
