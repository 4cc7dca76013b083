"""The scheduler's plugins: which nodes they refuse, and how they score the others."""

import copy

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode
from kubesim_tui.apiserver.registry import prepare
from kubesim_tui.scheduler import args as plugin_args
from kubesim_tui.scheduler.framework import Code
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
from tests.scheduler.world import LISTED, World
from tests.upstream.adapters import answers
from tests.upstream.answers import Within


def world(given, args):
    """The case's little world."""
    others = {key: given[key] for key in LISTED if key in given}
    if "namespaces" in args:
        others["namespaces"] = [{"metadata": meta} for meta in args["namespaces"]]
    if "services" in args:
        others["services"] = args["services"]
    pod = copy.deepcopy(given.get("pod"))
    if pod:
        prepare.label_keys(
            {"metadata": {}, **pod}, pod.setdefault("spec", {})
        )  # the API server has turned them into requirements
    return World(given.get("nodes") or (), given.get("existing_pods") or (), pod, **others)


def face(status):
    """A status as the tables write it; they may leave out the reasons."""
    if status is None:
        return Within(code="Success", reasons=[])
    return Within(code=str(status.code), reasons=list(status.reasons))


def judged(at, plugin, *, asked_anyway=False):
    """What a plugin says before and of each node.

    A refusal by the pre-filter is one of all nodes, unless the filter is asked anyway.
    """
    state = {}
    names, status = plugin.pre_filter(state, at.pod, at.handle)
    skipped = status is not None and status.code is Code.SKIP
    refused = None if skipped else status

    def verdict(node):
        settled = skipped or (refused is not None and not asked_anyway)
        return refused if settled else plugin.filter(state, at.pod, node)

    return {
        "prefilter": face(status),
        "prefilter_nodes": sorted(names) if names is not None else None,
        "filter": Within({node.name: face(verdict(node)) for node in at.handle.nodes()}),
    }


def scored(at, plugin, names=None):
    """A plugin's normalized scores by node; all 0 if there is nothing to score."""
    nodes = at.handle.nodes() if names is None else [at.cache.nodes[n] for n in names]
    state = {}
    status = plugin.pre_score(state, at.pod, nodes, at.handle)
    skipped = status is not None and status.code is Code.SKIP
    raw = [0 if skipped else plugin.score(state, at.pod, n) for n in nodes]
    normalized = raw if skipped else plugin.normalize(state, at.pod, raw, nodes)
    scores = {n.name: s for n, s in zip(nodes, normalized, strict=True)}
    return {"prescore": face(status), "scores": scores, "code": "Success"}


# -- resources ---------------------------------------------------------------------------------------------------


def _before_1_31(status):
    """The table is of releases that did not yet tell a request above what the whole node has from others."""
    if status is None or status.code is not Code.UNRESOLVABLE:
        return face(status)
    return face(type(status)(Code.UNSCHEDULABLE, status.reasons))


@answers("noderesources_fit")
def resources_fit(given):
    args = given.part("args")
    at = world(given, args)
    ignored = tuple(args.get("ignoredResources") or ())
    groups = tuple(args.get("ignoredResourceGroups") or ())
    assert all(args.part("features").values()), "all of these features are always on"
    plugin = NodeResourcesFit(ignored=ignored, ignored_groups=groups)

    def verdict(node):
        missing = insufficient(at.pod.facts.requests, node, ignored, groups)
        names = ("resource", "requested", "used", "capacity")
        told = [{name: getattr(m, name) for name in names} for m in missing]
        return Within(_before_1_31(plugin.filter({}, at.pod, node)), insufficient=told)

    return {"filter": Within({node.name: verdict(node) for node in at.handle.nodes()})}


@answers("least_allocated")
@answers("most_allocated")
@answers("requested_to_capacity_ratio")
def resource_scores(given):
    args = given.part("args")
    if "shape_function" in args:
        return {"values": _Values([(p["utilization"], p["score"]) for p in args["shape_function"]])}
    errors = []
    read = plugin_args.fit({"scoringStrategy": args["scoringStrategy"]}, errors)
    at = world(given, args)
    if errors:
        first = errors[0]
        return {"config_error": {"type": first.reason.removeprefix("FieldValue"), "field": first.field}}
    return scored(at, read)


class _Values(list):
    """A shape, which the table asks at some points."""

    def __eq__(self, wanted):
        return all(resource_scoring.broken_linear(list(self), v["utilization"]) == v["score"] for v in wanted)

    __hash__ = None


@answers("balanced_allocation")
def balanced_allocation(given):
    args = given.part("args")
    resources = tuple(Weighted(r["name"], r["weight"]) for r in args.rows("resources"))
    return scored(world(given, args), BalancedAllocation(resources))


# -- nodes -------------------------------------------------------------------------------------------------------


@answers("image_locality")
def image_locality(given):
    return scored(world(given, given.part("args")), ImageLocality())


@answers("taint_toleration")
def taint_toleration(given):
    args = given.part("args")
    comparisons = args.part("features").get("TaintTolerationComparisonOperators", True)
    at, plugin = world(given, args), TaintToleration(comparisons=comparisons)
    return judged(at, plugin) | scored(at, plugin)


@answers("node_affinity")
def node_affinity(given):
    args = given.part("args")
    at, plugin = world(given, args), NodeAffinityPlugin(decode(types.NodeAffinity, args.get("addedAffinity") or {}))
    return judged(at, plugin, asked_anyway=True) | scored(at, plugin)


@answers("node_ports")
def node_ports(given):
    return judged(world(given, given.part("args")), NodePorts())


@answers("node_unschedulable")
def node_unschedulable(given):
    return judged(world(given, given.part("args")), NodeUnschedulable())


# -- other Pods --------------------------------------------------------------------------------------------------


@answers("topologyspread_filter")
def topology_spread(given):
    args = given.part("args")
    args.know("nodeInclusionPolicy")  # always on
    return judged(world(given, args), PodTopologySpread())


@answers("topologyspread_score")
def topology_spread_scores(given):
    args = given.part("args")
    return scored(world(given, args), PodTopologySpread(), args["feasible_nodes"])


@answers("interpodaffinity_filter")
def pod_affinity(given):
    return judged(world(given, given.part("args")), InterPodAffinity())


@answers("interpodaffinity_score")
def pod_affinity_scores(given):
    args = given.part("args")
    weight, ignore = args.get("hardPodAffinityWeight", 1), args.get("ignorePreferredTermsOfExistingPods", False)
    return scored(world(given, args), InterPodAffinity(weight, ignore))


# -- volumes -----------------------------------------------------------------------------------------------------


@answers("volume_zone")
def volume_zone(given):
    return judged(world(given, given.part("args")), VolumeZone())


@answers("csi_volume_limits")
def csi_volume_limits(given):
    def ids(key):
        return [(v["driver"], v["handle"]) for v in given.rows(key)]

    new, limits = ids("new"), given["csinode"] or {}
    others = [(driver, f"other-{i}") for driver, _ in new[:1] for i in range(given["other_attachments"])]
    full = exceeds(new, [*ids("existing"), *others], limits)
    verdict = {"code": "Unschedulable", "reasons": [TOO_MANY_VOLUMES]} if full else {"code": "Success"}
    return {"filter": Within({"reasons": [], **verdict})}
