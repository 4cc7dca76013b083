"""Roles and bindings (pkg/apis/rbac/validation)."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.api.fielderror import Struct
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import IMMUTABLE, JsonMap, Report, items, part, text

GROUP = "rbac.authorization.k8s.io"


def role(r: Report, data: JsonMap) -> None:
    """A Role."""
    metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=True)
    for at, rule in items(data, "rules", "rules"):
        _rule(r, rule, at, namespaced=True)


def cluster_role(r: Report, data: JsonMap, *, any_value: bool = False) -> None:
    """A ClusterRole, perhaps gathered from others by their labels."""
    metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=False)
    for at, rule in items(data, "rules", "rules"):
        _rule(r, rule, at, namespaced=False)
    aggregation = data.get("aggregationRule")
    if aggregation is None:
        return
    path = "aggregationRule.clusterRoleSelectors"
    if not aggregation.get("clusterRoleSelectors"):
        r.required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")
    for at, selector in items(aggregation, "clusterRoleSelectors", path):
        r.add(labels.validate_object(selector, at, any_value=any_value))
        if labels.validate_object(selector, at):
            r.invalid(at, None, "invalid label selector.")


def _rule(r: Report, rule: JsonMap, path: str, *, namespaced: bool) -> None:
    if not rule.get("verbs"):
        r.declared_required(f"{path}.verbs")
    urls = rule.get("nonResourceURLs") or []
    if urls:
        if namespaced:
            r.invalid(f"{path}.nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs")
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            said = "rules cannot apply to both regular resources and non-resource URLs"
            r.invalid(f"{path}.nonResourceURLs", urls, said)
        return
    if not rule.get("apiGroups"):
        r.required(f"{path}.apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        r.required(f"{path}.resources", "resource rules must supply at least one resource")


def role_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed Role."""
    meta_update(r, new, old)
    role(r, new)


def cluster_role_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed ClusterRole. (A value that was wrong before is not told again, but no selector is made with it.)"""
    meta_update(r, new, old)
    selectors = part(old, "aggregationRule").get("clusterRoleSelectors") or ()
    cluster_role(r, new, any_value=any(labels.validate_object(selector, "") for selector in selectors))


def role_binding(r: Report, data: JsonMap) -> None:
    """A RoleBinding: of a Role or a ClusterRole."""
    metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=True)
    _binding(r, data, ("Role", "ClusterRole"), namespaced=True)


def cluster_role_binding(r: Report, data: JsonMap) -> None:
    """A ClusterRoleBinding."""
    metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=False)
    _binding(r, data, ("ClusterRole",), namespaced=False)


def _binding(r: Report, data: JsonMap, kinds: tuple[str, ...], *, namespaced: bool) -> None:
    reference = part(data, "roleRef")
    if text(reference, "apiGroup") != GROUP:
        r.not_supported("roleRef.apiGroup", text(reference, "apiGroup"), (GROUP,))
    if text(reference, "kind") not in kinds:
        r.not_supported("roleRef.kind", text(reference, "kind"), kinds)
    if text(reference, "name"):
        r.syntax(metadata.any_name, "roleRef.name", reference["name"])
    for at, subject in items(data, "subjects", "subjects"):
        _subject(r, subject, at, namespaced=namespaced)
    if not text(reference, "name"):
        r.declared_required("roleRef.name")


def _subject(r: Report, subject: JsonMap, path: str, *, namespaced: bool) -> None:
    kind, name, group = text(subject, "kind"), text(subject, "name"), text(subject, "apiGroup")
    if not name:
        r.declared_required(f"{path}.name")
    if kind == "ServiceAccount":
        if name:
            r.syntax(names.is_dns1123_subdomain, f"{path}.name", name)
        if group:
            r.not_supported(f"{path}.apiGroup", group, ("",))
        if not namespaced and not text(subject, "namespace"):
            r.required(f"{path}.namespace")
    elif kind in ("User", "Group"):
        if group != GROUP:
            r.not_supported(f"{path}.apiGroup", group, (GROUP,))
    else:
        r.not_supported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group"))


def role_binding_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A binding keeps its role."""
    meta_update(r, new, old)
    role_binding(r, new)
    _kept_role(r, new, old)


def cluster_role_binding_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A binding keeps its role."""
    meta_update(r, new, old)
    cluster_role_binding(r, new)
    _kept_role(r, new, old)


def _kept_role(r: Report, new: JsonMap, old: JsonMap) -> None:
    now = part(new, "roleRef")
    if now != part(old, "roleRef"):
        shown = Struct(APIGroup=text(now, "apiGroup"), Kind=text(now, "kind"), Name=text(now, "name"))
        r.invalid("roleRef", shown, IMMUTABLE)
