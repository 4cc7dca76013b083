"""Nodes (pkg/apis/core/validation, ValidateNode)."""

from __future__ import annotations

import json
import re

from kubesim_tui.api import addresses, names
from kubesim_tui.apiserver.validation import affinity, resources
from kubesim_tui.apiserver.validation.core import meta_update, subdomain
from kubesim_tui.apiserver.validation.report import NOT_POSITIVE, JsonMap, Report, items, part, text

PROVIDER = "spec.providerID"
LONGEST_FEATURE = 253
FEATURE_FORM = (
    "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or "
    "MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
)
_FEATURE = re.compile(r"[A-Z][a-zA-Z0-9]*(/[a-zA-Z][a-zA-Z0-9]*)*")


def node(r: Report, data: JsonMap) -> None:
    """Taints, amounts and address ranges."""
    subdomain(r, data, namespaced=False)
    spec = part(data, "spec")
    taints(r, spec, "metadata.taints")
    _node_resources(r, data)
    swap = part(part(part(data, "status"), "nodeInfo"), "swap").get("capacity")
    if swap is not None and swap <= 0:
        r.invalid("metadata.nodeSwapStatus.capacity", swap, NOT_POSITIVE)
    _declared_features(r, data)
    ranges = spec.get("podCIDRs") or []
    for i, value in enumerate(ranges):
        r.syntax(addresses.is_valid_legacy_cidr, f"spec.podCIDRs[{i}]", value)
    if len(ranges) > 2 or (len(ranges) == 2 and (":" in ranges[0]) == (":" in ranges[1])):
        r.invalid("spec.podCIDRs", ranges, "may specify no more than one CIDR for each IP family")


def taints(r: Report, spec: JsonMap, path: str) -> None:
    """Keys, values and effects; one taint a key and effect."""
    seen: set[tuple[str, str]] = set()
    for at, taint in items(spec, "taints", path):
        key, value, effect = text(taint, "key"), text(taint, "value"), text(taint, "effect")
        r.syntax(names.is_qualified_name, f"{at}.key", key)
        wrong = names.is_label_value(value)
        if wrong:
            r.invalid(f"{at}.value", value, ";".join(wrong))
        if not effect:
            r.required(f"{at}.effect")
        else:
            affinity.taint_effect(r, effect, f"{at}.effect")
        if (key, effect) in seen:
            r.duplicate(at, taint, "taints must be unique by key and effect pair")
        seen.add((key, effect))


def _node_resources(r: Report, data: JsonMap) -> None:
    for kind in ("capacity", "allocatable"):
        found = part(part(data, "status"), kind)
        for name in sorted(found):
            resources.resource_quantity(r, name, found[name], f"status.{kind}.{name}")


def _declared_features(r: Report, data: JsonMap) -> None:
    """What the kubelet says it can do: names, each once, in order."""
    features, path = part(data, "status").get("declaredFeatures") or [], "status.declaredFeatures"
    for i, feature in enumerate(features):
        quoted = json.dumps(feature, ensure_ascii=False)
        if len(feature.encode()) > LONGEST_FEATURE:
            said = f"must be no more than {LONGEST_FEATURE} characters"
            r.invalid(f"{path}[{i}]", feature, f"invalid feature name {quoted}: {said}")
        elif not _FEATURE.fullmatch(feature):
            r.invalid(f"{path}[{i}]", feature, f"invalid feature name {quoted}: {FEATURE_FORM}")
        if i + 1 < len(features) and feature == features[i + 1]:
            r.duplicate(f"{path}[{i + 1}]", feature)
        elif i + 1 < len(features) and feature > features[i + 1]:
            r.invalid(f"{path}[{i + 1}]", features[i + 1], "list must be sorted alphabetically")


def node_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed node: still a good one, and the change allowed."""
    meta_update(r, new, old)
    node(r, new)
    _change(r, new, old)


def node_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A node's new status."""
    meta_update(r, new, old)
    _node_resources(r, new)
    _declared_features(r, new)
    _change(r, new, old)


def _change(r: Report, new: JsonMap, old: JsonMap) -> None:
    """An address once; the address range and the provider's id stay once they are there."""
    seen: list[JsonMap] = []
    for at, address in items(part(new, "status"), "addresses", "status.addresses"):
        if address in seen:
            r.duplicate(at, address)
        seen.append(address)
    spec, before = part(new, "spec"), part(old, "spec")
    now, was = spec.get("podCIDRs") or [], before.get("podCIDRs") or []
    differing = sum(a != b for a, b in zip(now, was, strict=True)) if len(now) == len(was) else 1
    for _ in range(differing if was else 0):
        r.forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')
    if text(before, "providerID") != text(spec, "providerID") and text(before, "providerID"):
        what = "modified" if text(spec, "providerID") else "cleared"
        r.invalid(PROVIDER, None, f"field cannot be {what} once set")
    if text(spec, "externalID") != text(before, "externalID"):
        r.forbidden("spec.externalID", "may not be updated")
