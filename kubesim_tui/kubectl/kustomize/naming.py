"""namespace, namePrefix, nameSuffix, and the hash behind generated names."""

from __future__ import annotations

from kubesim_tui.kubectl.kustomize import hashing, specs
from kubesim_tui.kubectl.kustomize.fields import each
from kubesim_tui.kubectl.kustomize.model import Id, Items, KustomizeError, maps_in

BINDINGS = ("RoleBinding", "ClusterRoleBinding")


def put_in_namespace(items: Items, namespace: str) -> None:
    """Put every resource that can be in one into the namespace; a Namespace takes its name."""
    for item in items:
        item.remember()
        if not item.id.clustered:
            item.meta["namespace"] = namespace
        if item.data.get("kind") == "Namespace" and item.data.get("apiVersion") == "v1":
            item.meta["name"] = namespace
        if item.data.get("kind") in BINDINGS:
            for subject in maps_in(item.data.get("subjects")):
                if subject.get("name") == "default":
                    subject["namespace"] = namespace
        each(item, specs.NAMESPACE, lambda _old: namespace, str)
    seen = set()
    for found in (item.id for item in items):
        key = (found.group, found.version, found.kind, found.where, found.name)
        if key in seen:
            raise KustomizeError(f"namespace transformation produces ID conflict: {found}")
        seen.add(key)


def prefix(items: Items, text: str) -> None:
    """Put text before every name."""
    for item in items:
        if not _kept(item.first_id):
            item.prefixes.append(text)
            item.remember()
            item.meta["name"] = text + item.name


def suffix(items: Items, text: str) -> None:
    """Put text behind every name."""
    for item in items:
        if not _kept(item.first_id):
            item.suffixes.append(text)
            item.remember()
            item.meta["name"] = item.name + text


def _kept(found: Id) -> bool:
    """Whether a kind's names mean something of their own."""
    return found.kind in ("CustomResourceDefinition", "Namespace") or (
        found.kind == "APIService" and found.group == "apiregistration.k8s.io"
    )


def add_hashes(items: Items) -> None:
    """Give generated resources the hash of their content as the end of their names."""
    for item in items:
        if item.hashed:
            text = hashing.suffix(item)
            item.remember()
            item.meta["name"] = f"{item.name}-{text}"
