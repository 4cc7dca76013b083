"""Patches: strategic merge, JSON merge, and the strategy of each field."""

import json

from kubesim_tui.apiserver.patch import json_merge, strategic
from kubesim_tui.apiserver.patch.schema import Field, PatchError, strategy
from kubesim_tui.kubectl.merge import diff, three_way
from tests.upstream.adapters import answers
from tests.upstream.answers import attempt

ITEM = {
    "mergingList": Field("[]Item", "merge", False, "name"),
    "nonMergingList": Field("[]Item"),
    "mergingIntList": Field("[]i", "merge"),
    "nonMergingIntList": Field("[]i"),
    "mergeItemPtr": Field("[]Item", "merge", False, "name"),
    "simpleMap": Field("{}s"),
    "replacingItem": Field("*", "replace"),
    "retainKeysMap": Field("Item", "", True),
    "retainKeysMergingList": Field("[]Item", "merge", True, "name"),
}


def merge_item(code, name):
    """Upstream's test type MergeItem."""
    return Field(code[2:]) if code.startswith("{}") else ITEM.get(name, Field("s"))


class _Sorted(dict):
    """An object whose lists may be in any order."""

    def __eq__(self, wanted):
        return _by_key(wanted) == _by_key(dict(self))

    __hash__ = None


def _by_key(value):
    if isinstance(value, dict):
        return {k: _by_key(v) for k, v in value.items()}
    if isinstance(value, list):
        return sorted((_by_key(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return value


def _shown(given):
    return _Sorted if given.get("lists_sorted") else dict


@answers("strategic_merge", "apply_strategic")
def applied(given):
    original, patch, shown = given["original"], given["patch"], _shown(given)
    return attempt(lambda: {"result": shown(strategic.apply("Item", original, patch, merge_item))}, PatchError)


@answers("strategic_merge", "two_way_patch")
def two_way(given):
    original, shown = given["original"], _shown(given)
    made = diff.two_way("Item", original, given["modified"], merge_item)
    after = strategic.apply("Item", original, made, merge_item)
    return {"patch": shown(made), "apply_to_original": shown(after)}


@answers("strategic_merge", "three_way_patch")
def three_ways(given):
    original, modified, current, shown = given["original"], given["modified"], given["current"], _shown(given)
    made = three_way.strategic("Item", original, modified, current, merge_item)
    after = strategic.apply("Item", current, made, merge_item)
    clash = three_way.conflicts("Item", original, current, made, merge_item)
    return {"patch": shown(made), "apply_to_current": shown(after), "conflict": clash}


@answers("json_merge", "null_filter")
def null_filter(given):
    obj = given["object"]
    return {"only_nulls": three_way.only_nulls(obj), "without_nulls": three_way.without_nulls(obj)}


@answers("json_merge", "three_way_json_patch")
def three_ways_of_json(given):
    made = three_way.json_patch(given["original"], given["modified"], given["current"])
    return {"patch": made, "apply_to_current": json_merge.merge(given["current"], made)}


SHARED = {"EphemeralContainerCommon": "EphemeralContainer"}
"""Go's embedded types, and the published one that has their fields."""


@answers("patch_strategies")
def strategies(given):
    group, _, name = given["type"].replace("/", ".").rpartition(".")
    found, key = strategy(f"{group}.{SHARED.get(name, name)}", given["field"])
    return {"strategy": found or "atomic", "mergeKey": key or None}
