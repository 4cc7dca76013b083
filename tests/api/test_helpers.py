"""What two components must both know about objects, judged by upstream's own tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers import node_affinity, pv_match, resources
from kubesim_tui.api.types import (
    Node,
    NodeSelector,
    PersistentVolume,
    PersistentVolumeClaim,
    PodSpec,
)


def test_what_a_container_does_not_request_can_be_assumed():
    spec = decode(PodSpec, {"containers": [{"name": "a", "resources": {"requests": {"cpu": "1"}}}, {"name": "b"}]})
    assumed = resources.request_amounts(spec, missing={"cpu": "100m", "memory": "200Mi"})
    assert assumed == {"cpu": 1100, "memory": 2 * 200 * 2**20}


@pytest.mark.parametrize(
    "requirement, matches",
    [
        ({"key": "a", "operator": "NotIn", "values": ["b"]}, True),
        ({"key": "a", "operator": "NotIn", "values": ["no label @"]}, False),
        ({"key": "no key @", "operator": "DoesNotExist"}, False),
    ],
)
def test_a_term_that_is_not_valid_matches_no_node(requirement, matches):
    terms = [{"matchExpressions": [requirement]}]
    assert matches == node_affinity.matches_selector(decode(NodeSelector, {"nodeSelectorTerms": terms}), Node())


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
