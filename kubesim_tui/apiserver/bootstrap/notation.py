"""Rules of roles in one line: `VERBS | GROUPS | RESOURCES | NAMES`, words separated by blanks; `core` is the group "".

A line that begins with `url` is `url | VERBS | PATHS`.
"""

from __future__ import annotations

from typing import Any

JsonMap = dict[str, Any]
API = "rbac.authorization.k8s.io"
LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}
ANNOTATIONS = {"rbac.authorization.kubernetes.io/autoupdate": "true"}

READ = "get list watch"
WRITE = "create delete deletecollection patch update"
EVENTS = "create patch update | core events.k8s.io | events"


def rule(line: str) -> JsonMap:
    """A line as a PolicyRule."""
    parts = [part.split() for part in line.split("|")]
    if parts[0] == ["url"]:
        return {"verbs": parts[1], "nonResourceURLs": parts[2]}
    groups = ["" if group == "core" else group for group in parts[1]]
    found: JsonMap = {"verbs": parts[0], "apiGroups": groups, "resources": parts[2]}
    if len(parts) > 3:
        found["resourceNames"] = parts[3]
    return found


def cluster_role(name: str, lines: tuple[str, ...], aggregated_to: str = "", aggregates: str = "") -> JsonMap:
    """A ClusterRole. `aggregated_to`, `aggregates`: admin, edit, view."""
    labels = dict(LABELS)
    if aggregated_to:
        labels[f"{API}/aggregate-to-{aggregated_to}"] = "true"
    meta = {"name": name, "labels": labels, "annotations": dict(ANNOTATIONS)}
    found: JsonMap = {"apiVersion": f"{API}/v1", "kind": "ClusterRole", "metadata": meta}
    if aggregates:
        selector = {"matchLabels": {f"{API}/aggregate-to-{aggregates}": "true"}}
        found["aggregationRule"] = {"clusterRoleSelectors": [selector]}
    return {**found, "rules": [rule(line) for line in lines]}


def binding(role: str, *subjects: JsonMap) -> JsonMap:
    """A ClusterRoleBinding of the same name as its role."""
    meta = {"name": role, "labels": dict(LABELS), "annotations": dict(ANNOTATIONS)}
    ref = {"apiGroup": API, "kind": "ClusterRole", "name": role}
    found: JsonMap = {"apiVersion": f"{API}/v1", "kind": "ClusterRoleBinding", "metadata": meta, "roleRef": ref}
    return {**found, "subjects": list(subjects)} if subjects else found


def role(name: str, namespace: str, lines: tuple[str, ...]) -> JsonMap:
    """A Role."""
    meta = {"name": name, "namespace": namespace, "labels": dict(LABELS), "annotations": dict(ANNOTATIONS)}
    return {"apiVersion": f"{API}/v1", "kind": "Role", "metadata": meta, "rules": [rule(line) for line in lines]}


def role_binding(name: str, namespace: str, *subjects: JsonMap, of: str = "") -> JsonMap:
    """A RoleBinding, of the Role of the same name unless another is named."""
    meta = {"name": name, "namespace": namespace, "labels": dict(LABELS), "annotations": dict(ANNOTATIONS)}
    ref = {"apiGroup": API, "kind": "Role", "name": of or name}
    found: JsonMap = {"apiVersion": f"{API}/v1", "kind": "RoleBinding", "metadata": meta, "roleRef": ref}
    return {**found, "subjects": list(subjects)}


def group(name: str) -> JsonMap:
    """A group as a subject."""
    return {"apiGroup": API, "kind": "Group", "name": name}


def user(name: str) -> JsonMap:
    """A user as a subject."""
    return {"apiGroup": API, "kind": "User", "name": name}


def account(name: str, namespace: str = "kube-system") -> JsonMap:
    """A service account as a subject."""
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
