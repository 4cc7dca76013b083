"""What two components must both know about objects, judged by upstream's own tables."""

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers import node_affinity, pod_conditions, pv_match, resources, tolerations
from kubesim_tui.api.helpers.active_pods import active_order
from kubesim_tui.api.helpers.qos import qos_class
from kubesim_tui.api.quantity import parse
from kubesim_tui.api.types import (
    ContainerStatus,
    Node,
    NodeSelector,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodCondition,
    PodSpec,
    PreferredSchedulingTerm,
    Taint,
    Toleration,
)

DATA = pathlib.Path(__file__).parent.parent / "data" / "upstream"


def cases(topic):
    """One pytest case a row of an upstream table."""
    rows = json.loads((DATA / f"{topic}.json").read_text())["cases"]
    return pytest.mark.parametrize(("given", "want"), [pytest.param(r["given"], r["want"], id=r["name"]) for r in rows])


def amounts(found):
    return {name: parse(text).nano for name, text in dict(found).items()}


@cases("scheduling/pod_requests")
def test_requests_and_limits_of_a_pod(given, want):
    spec, options = decode(PodSpec, given["pod"]["spec"]), given["options"]
    count = resources.pod_requests if given["kind"] == "requests" else resources.pod_limits
    found = count(
        spec,
        overhead=not options.get("excludeOverhead", False),
        pod_level=not options.get("skipPodLevelResources", False),
    )
    assert amounts(want[given["kind"]]) == {name: q.nano for name, q in found.items()}


@cases("workloads/pod_resources")
def test_requests_and_limits_as_describe_node_sums_them(given, want):
    count = {"pod_requests": resources.pod_requests, "pod_limits": resources.pod_limits}[given["op"]]
    found = count(decode(PodSpec, given["spec"]), overhead=not given.get("options", {}).get("excludeOverhead", False))
    assert amounts(want["resources"]) == {name: q.nano for name, q in found.items()}


def test_what_a_container_does_not_request_can_be_assumed():
    spec = decode(PodSpec, {"containers": [{"name": "a", "resources": {"requests": {"cpu": "1"}}}, {"name": "b"}]})
    assumed = resources.request_amounts(spec, missing={"cpu": "100m", "memory": "200Mi"})
    assert assumed == {"cpu": 1100, "memory": 2 * 200 * 2**20}


@cases("workloads/qos")
def test_quality_of_service(given, want):
    assert want["qosClass"] == qos_class(decode(PodSpec, given["pod"]["spec"]))


@cases("scheduling/toleration_helpers")
def test_tolerations(given, want):
    if given["kind"] == "compare_numeric":
        found = tolerations.compares(given["toleration_value"], given["taint_value"], given["operator"])
        assert want["match"] == found
    else:
        toleration, taint = decode(Toleration, given["toleration"]), decode(Taint, given["taint"])
        comparisons = given["features"]["TaintTolerationComparisonOperators"]
        assert want["tolerated"] == tolerations.tolerates(toleration, taint, comparisons=comparisons)


@cases("scheduling/node_affinity_helpers")
def test_node_affinity(given, want):
    node = decode(Node, given["node"])
    if given["kind"] == "selector":
        selector = decode(NodeSelector, given["node_selector"])
        assert want["match"] == node_affinity.matches_selector(selector, node)
    elif given["kind"] == "preferred":
        terms = [decode(PreferredSchedulingTerm, t) for t in given["terms"]]
        assert want["score"] == node_affinity.preferred_score(terms, node)
    else:
        assert want["match"] == node_affinity.matches_node(decode(Pod, given["pod"]).spec, node)


@cases("workloads/pod_conditions")
def test_conditions_that_a_kubelet_derives(given, want):
    spec, statuses = decode(PodSpec, given["spec"]), given["containerStatuses"]
    known = None if statuses is None else [decode(ContainerStatus, s) for s in statuses]
    if given["op"] == "pod_ready":
        conditions = [decode(PodCondition, c) for c in given["conditions"]]
        found = pod_conditions.ready(spec, conditions, known, given["phase"])
    else:
        make = pod_conditions.containers_ready if given["op"] == "containers_ready" else pod_conditions.initialized
        found = make(spec, known, given["phase"])
    expected = want["condition"]
    assert expected == {name: getattr(found, name) for name in expected}


@cases("workloads/active_pods_order")
def test_the_order_of_active_pods(given, want):
    a, b = decode(Pod, given["a"]), decode(Pod, given["b"])
    assert want["a_before_b"] == (active_order(a) < active_order(b))


@cases("scheduling/pv_matching")
def test_the_volume_that_fits_a_claim(given, want):
    volumes = [decode(PersistentVolume, v) for v in given["pvs"]]
    if given.get("kind") == "list_by_modes":
        found = [v.metadata.uid for v in pv_match.by_access_modes(volumes, given["modes"])]
        assert want["first_volumes"] == found[: len(want["first_volumes"])]
    else:
        chosen = pv_match.find_matching_volume(decode(PersistentVolumeClaim, given["claim"]), volumes)
        assert want["volume"] == (chosen.metadata.uid if chosen is not None else "none")


def test_a_delayed_claim_takes_only_a_reserved_volume_until_a_node_is_chosen():
    volume = decode(PersistentVolume, {"metadata": {"name": "v"}, "spec": {"capacity": {"storage": "1Gi"}}})
    claim = decode(PersistentVolumeClaim, {"metadata": {"name": "c"}, "spec": {}})
    assert pv_match.find_matching_volume(claim, [volume], delayed=True) is None
    assert pv_match.find_matching_volume(claim, [volume], Node(), delayed=True) is volume


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=5), st.integers(0, 9))
def test_a_pod_never_requests_less_than_any_moment_of_its_life(inits, app):
    found = resources.aggregate([{"cpu": str(app)}], [({"cpu": str(n)}, sidecar) for n, sidecar in inits])
    running = app + sum(n for n, sidecar in inits if sidecar)
    moments = [n + sum(m for m, s in inits[:i] if s) for i, (n, sidecar) in enumerate(inits) if not sidecar]
    assert max([running, *moments]) == found["cpu"].value()
