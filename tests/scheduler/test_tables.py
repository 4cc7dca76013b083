"""Every plugin, judged by upstream's own tables."""

import pytest

from kubesim_tui.api.codec import decode
from kubesim_tui.api.types import NodeAffinity
from kubesim_tui.scheduler import fit_error
from kubesim_tui.scheduler.fit_error import NodeStatuses
from kubesim_tui.scheduler.framework import Code, Status, default_normalize
from kubesim_tui.scheduler.plugins import resource_scoring
from kubesim_tui.scheduler.plugins.balanced_allocation import BalancedAllocation
from kubesim_tui.scheduler.plugins.image_locality import ImageLocality
from kubesim_tui.scheduler.plugins.inter_pod_affinity import InterPodAffinity
from kubesim_tui.scheduler.plugins.node_affinity import NodeAffinityPlugin
from kubesim_tui.scheduler.plugins.node_ports import NodePorts
from kubesim_tui.scheduler.plugins.node_resources_fit import NodeResourcesFit, insufficient
from kubesim_tui.scheduler.plugins.node_unschedulable import NodeUnschedulable
from kubesim_tui.scheduler.plugins.node_volume_limits import REASON as TOO_MANY_VOLUMES
from kubesim_tui.scheduler.plugins.node_volume_limits import exceeds
from kubesim_tui.scheduler.plugins.pod_topology_spread import PodTopologySpread
from kubesim_tui.scheduler.plugins.resource_scoring import Weighted
from kubesim_tui.scheduler.plugins.taint_toleration import TaintToleration
from kubesim_tui.scheduler.plugins.volume_zone import VolumeZone
from kubesim_tui.scheduler.schedule_one import feasible_nodes_to_find
from tests.scheduler.upstream import World, cases, face, pre_filter, scores, verdicts

SINCE_1_31 = "more than the whole node has: preemption cannot help (the tables are of 1.20 and 1.29)"


@cases("noderesources_fit")
def test_resources_must_be_free(given, want):
    world, args = World(given), given.get("args") or {}
    ignored = tuple(args.get("ignoredResources") or ())
    groups = tuple(args.get("ignoredResourceGroups") or ())
    plugin = NodeResourcesFit(ignored=ignored, ignored_groups=groups)
    for name, wanted in want["filter"].items():
        node = world.cache.nodes[name]
        missing = insufficient(world.pod.facts.requests, node, ignored, groups)
        if any(m.hopeless for m in missing):
            assert wanted["code"] in ("Unschedulable", "UnschedulableAndUnresolvable")
            wanted = {**wanted, "code": "UnschedulableAndUnresolvable"}  # SINCE_1_31
        listed = [
            {"resource": m.resource, "requested": m.requested, "used": m.used, "capacity": m.capacity} for m in missing
        ]
        assert {k: v for k, v in wanted.items() if k != "insufficient"} == face(
            plugin.filter({}, world.pod, node), wanted
        )
        assert wanted.get("insufficient", listed) == listed


def strategy(args):
    given = args["scoringStrategy"]
    resources = tuple(Weighted(r["name"], r["weight"]) for r in given.get("resources") or ())
    shape = (given.get("requestedToCapacityRatio") or {}).get("shape") or ()
    points = tuple((p["utilization"], p["score"] * 10) for p in shape)
    return NodeResourcesFit(strategy=given["type"], resources=resources, shape=points)


@cases("least_allocated", want="scores")
def test_least_allocated(given, want):
    assert want["scores"] == scores(World(given), strategy(given["args"]))


@cases("most_allocated", want="scores")
def test_most_allocated(given, want):
    assert want["scores"] == scores(World(given), strategy(given["args"]))


@cases("requested_to_capacity_ratio", want="scores")
def test_requested_to_capacity_ratio(given, want):
    assert want["scores"] == scores(World(given), strategy(given["args"]))


@cases("requested_to_capacity_ratio", want="values")
def test_a_shape_is_linear_between_its_points(given, want):
    shape = [(p["utilization"], p["score"]) for p in given["args"]["shape_function"]]
    found = [{**v, "score": resource_scoring.broken_linear(shape, v["utilization"])} for v in want["values"]]
    assert want["values"] == found


@cases("balanced_allocation")
def test_balanced_allocation(given, want):
    world = World(given)
    resources = tuple(Weighted(r["name"], r["weight"]) for r in given["args"]["resources"])
    plugin = BalancedAllocation(resources)
    if "prescore" in want:
        assert want["prescore"]["code"] == str(plugin.pre_score({}, world.pod, [], world.handle).code)
    else:
        assert want["scores"] == scores(world, plugin)


@cases("image_locality")
def test_image_locality(given, want):
    assert want["scores"] == scores(World(given), ImageLocality())


@cases("taint_toleration")
def test_taints(given, want):
    features = (given.get("args") or {}).get("features") or {}
    plugin = TaintToleration(comparisons=features.get("TaintTolerationComparisonOperators", True))
    world = World(given)
    if "filter" in want:
        assert want["filter"] == verdicts(world, plugin, want["filter"])
    if "scores" in want:
        assert want["scores"] == scores(world, plugin)


@cases("node_affinity")
def test_node_affinity(given, want):
    added = (given.get("args") or {}).get("addedAffinity")
    plugin = NodeAffinityPlugin(decode(NodeAffinity, added) if added else NodeAffinity())
    world = World(given)
    if "filter" in want:
        assert want["filter"] == verdicts(world, plugin, want["filter"])
    if "scores" in want:
        assert want["scores"] == scores(world, plugin)
    _, names, status = pre_filter(world, plugin) if "scores" not in want else ({}, None, None)
    assert want.get("prefilter_nodes") == (sorted(names) if names is not None else None)
    if "prefilter" in want:
        assert want["prefilter"] == face(status, want["prefilter"])


@cases("node_ports")
def test_host_ports(given, want):
    world, plugin = World(given), NodePorts()
    if "prefilter" in want:
        assert want["prefilter"] == face(pre_filter(world, plugin)[2], want["prefilter"])
    if "filter" in want:
        assert want["filter"] == verdicts(world, plugin, want["filter"])


@cases("node_unschedulable")
def test_cordoned_nodes(given, want):
    assert want["filter"] == verdicts(World(given), NodeUnschedulable(), want["filter"])


@cases("topologyspread_filter")
def test_hard_spreading(given, want):
    assert want["filter"] == verdicts(World(given), PodTopologySpread(), want["filter"])


@cases("topologyspread_score")
def test_soft_spreading(given, want):
    world = World(given)
    assert want["scores"] == scores(world, PodTopologySpread(), given["args"]["feasible_nodes"])


@cases("interpodaffinity_filter")
def test_affinity_to_pods(given, want):
    assert want["filter"] == verdicts(World(given), InterPodAffinity(), want["filter"])


@cases("interpodaffinity_score")
def test_preferred_affinity_to_pods(given, want):
    args = given.get("args") or {}
    plugin = InterPodAffinity(
        args.get("hardPodAffinityWeight", 1), args.get("ignorePreferredTermsOfExistingPods", False)
    )
    world = World(given)
    if "prescore" in want:
        assert want["prescore"]["code"] == str(plugin.pre_score({}, world.pod, world.handle.nodes(), world.handle).code)
    else:
        assert want["scores"] == scores(world, plugin)


@cases("volume_zone")
def test_zones_of_volumes(given, want):
    world, plugin = World(given), VolumeZone()
    if "prefilter" in want:
        assert want["prefilter"] == face(pre_filter(world, plugin)[2], want["prefilter"])
    if "filter" in want:
        assert want["filter"] == verdicts(world, plugin, want["filter"])


@cases("csi_volume_limits")
def test_limits_of_csi_volumes(given, want):
    def ids(key):
        return [(v["driver"], v["handle"]) for v in given[key]]

    drivers = [v["driver"] for v in given["new"]]
    others = [(d, f"other-{i}") for d in drivers[:1] for i in range(given["other_attachments"])]
    full = exceeds(ids("new"), [*ids("existing"), *others], given["csinode"])
    found = {"code": "Unschedulable", "reasons": [TOO_MANY_VOLUMES]} if full else {"code": "Success"}
    assert want["filter"] == found


@cases("fit_error")
def test_the_message_of_failed_scheduling(given, want):
    statuses = NodeStatuses(
        {name: Status(Code.UNSCHEDULABLE, tuple(r)) for name, r in (given.get("node_reasons") or {}).items()}
    )
    found = fit_error.fit_message(
        given["num_all_nodes"], statuses, given["prefilter_message"], given["postfilter_message"]
    )
    assert want["message"] == found


@cases("scheduler_numbers", kind="feasible_nodes")
def test_how_many_nodes_are_examined(given, want):
    found = feasible_nodes_to_find(given["percentage_of_nodes_to_score"], given["nodes"])
    assert want["nodes_to_find"] == found


@cases("scheduler_numbers", kind="normalize")
def test_scores_are_brought_to_a_hundred(given, want):
    assert want["scores"] == default_normalize(given["scores"], reverse=given["reverse"])


@pytest.mark.parametrize("length", [1024, 1025])
def test_an_event_holds_1024_characters(length):
    assert min(length, 1024) == len(fit_error.truncated("x" * length))
