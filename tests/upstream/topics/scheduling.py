"""Affinity to nodes, tolerations, priority: what scheduler and controllers both ask."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers import node_affinity, tolerations
from kubesim_tui.scheduler.cache import Cache
from tests.upstream.adapters import answers
from tests.upstream.objects import node, pod


def _selector_matches(selector, data):
    made = decode(types.NodeSelector, selector or {})
    errors = node_affinity.selector_errors(made)
    return {"match": node_affinity.matches_selector(made, node(data)), "error": bool(errors)}


@answers("scheduling", "node_selector_match")
def node_selector_match(given):
    return _selector_matches(given["nodeSelector"], given["node"])


@answers("node_affinity_helpers", "selector")
def selector(given):
    return _selector_matches(given["node_selector"], given["node"])


@answers("scheduling", "preferred_score")
@answers("node_affinity_helpers", "preferred")
def preferred(given):
    terms = [decode(types.PreferredSchedulingTerm, t) for t in given["terms"]]
    errors = node_affinity.preferred_errors(terms)
    return {"score": node_affinity.preferred_score(terms, node(given["node"])), "error": bool(errors)}


@answers("scheduling", "pod_fits_node")
@answers("node_affinity_helpers", "pod")
def fits(given):
    return {"match": node_affinity.matches_node(pod(given["pod"]).spec, node(given["node"]))}


@answers("toleration_helpers", "tolerates")
def tolerates(given):
    comparisons = given.part("features").get("TaintTolerationComparisonOperators", False)
    toleration, taint = decode(types.Toleration, given["toleration"]), decode(types.Taint, given["taint"])
    return {"tolerated": tolerations.tolerates(toleration, taint, comparisons=comparisons)}


@answers("toleration_helpers", "compare_numeric")
def compare_numeric(given):
    return {"match": tolerations.compares(given["toleration_value"], given["taint_value"], given["operator"])}


FEATURES = {None: False, "TaintTolerationComparisonOperators": True}
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def _effects(condition):
    """The effects that a filter lets pass."""
    match (condition or "all").split():
        case ["all"]:
            return EFFECTS
        case ["none"]:
            return ()
        case [*_, ("=" | "==" | "is" | "!=" | "not") as operator, effect] if effect in EFFECTS:
            return tuple(e for e in EFFECTS if (e == effect) == (operator not in ("!=", "not")))
        case [effect] if effect in EFFECTS:
            return (effect,)
    raise AssertionError(f"an unknown filter of taints: {condition}")


@answers("scheduling", "tolerate")
def tolerate(given):
    wanted = [decode(types.Toleration, t) for t in given["tolerations"] or ()]
    taints = [decode(types.Taint, t) for t in given["taints"] or ()]
    comparisons, effects = FEATURES[given.get("feature")], _effects(given.get("filter"))
    return {"tolerated": tolerations.untolerated(wanted, taints, effects, comparisons=comparisons) is None}


@answers("scheduling", "pod_priority")
def priority(given):
    return {"priority": Cache().register.info(pod(given["pod"])).priority}
