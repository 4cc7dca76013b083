"""Roles and bindings, read from text: policy.txt is what every API server has (upstream's bootstrappolicy), beside.txt
what comes with DNS, an ingress controller, a CSI driver and a cloud.

A line without indentation begins an object: `KIND NAME`, `KIND NAMESPACE/NAME`; `to:edit` says that a ClusterRole is
aggregated to another, `of:edit` that it aggregates such; `= KIND NAME` is what a binding refers to. Below stand its
rules, `VERBS | GROUPS | RESOURCES | NAMES` (`core` is the group "") or `url | VERBS | PATHS`, or its subjects.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

JsonMap = dict[str, Any]
API = "rbac.authorization.k8s.io"
LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
ANNOTATIONS = {"rbac.authorization.kubernetes.io/autoupdate": "true"}


def objects() -> list[JsonMap]:
    """All roles and bindings; aggregated roles have the rules that their controller would write."""
    found = _read("policy.txt", LABELS, ANNOTATIONS)
    _aggregate(found)
    return [*found, *_read("beside.txt", {}, {})]


def _read(name: str, labels: JsonMap, annotations: JsonMap) -> list[JsonMap]:
    text = resources.files("kubesim_tui.apiserver.bootstrap").joinpath(name).read_text("ascii")
    found: list[JsonMap] = []
    for line in text.splitlines():
        if not line.startswith(" "):
            found.append(_head(line, labels, annotations))
        elif found[-1]["kind"].endswith("Binding"):
            found[-1].setdefault("subjects", []).append(_subject(line))
        else:
            found[-1]["rules"].append(_rule(line))
    return found


def _head(line: str, labels: JsonMap, annotations: JsonMap) -> JsonMap:
    kind, name, *rest = line.split()
    namespace, _, own = name.rpartition("/") if kind.startswith("Role") else ("", "", name)
    meta: JsonMap = {"name": own, "labels": dict(labels), "annotations": dict(annotations)}
    if namespace:
        meta["namespace"] = namespace
    found: JsonMap = {"apiVersion": f"{API}/v1", "kind": kind, "metadata": meta}
    if kind.endswith("Binding"):
        found["roleRef"] = {"apiGroup": API, "kind": rest[1], "name": rest[2]}
        return found
    for word in rest:
        way, _, target = word.partition(":")
        if way == "to":
            meta["labels"][f"{API}/aggregate-to-{target}"] = "true"
        else:
            selector = {"matchLabels": {f"{API}/aggregate-to-{target}": "true"}}
            found["aggregationRule"] = {"clusterRoleSelectors": [selector]}
    found["rules"] = []
    return found


def _subject(line: str) -> JsonMap:
    kind, name = line.split()
    if kind != "ServiceAccount":
        return {"apiGroup": API, "kind": kind, "name": name}
    namespace, _, own = name.partition("/")
    return {"kind": kind, "name": own, "namespace": namespace}


def _rule(line: str) -> JsonMap:
    parts = [part.split() for part in line.split("|")]
    if parts[0] == ["url"]:
        return {"verbs": parts[1], "nonResourceURLs": parts[2]}
    groups = ["" if group == "core" else group for group in parts[1]]
    found: JsonMap = {"verbs": parts[0], "apiGroups": groups, "resources": parts[2]}
    if len(parts) > 3:
        found["resourceNames"] = parts[3]
    return found


def _aggregate(found: list[JsonMap]) -> None:
    """Fill in the rules of view, then edit, then admin: each aggregates the one before."""
    by_name = sorted((o for o in found if o["kind"] == "ClusterRole"), key=lambda o: str(o["metadata"]["name"]))
    for target in ("view", "edit", "admin"):
        role = next(o for o in by_name if o["metadata"]["name"] == target)
        for other in by_name:
            if f"{API}/aggregate-to-{target}" in other["metadata"]["labels"]:
                role["rules"] += [rule for rule in other["rules"] if rule not in role["rules"]]
