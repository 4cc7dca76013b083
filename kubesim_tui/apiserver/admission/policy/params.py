"""The objects that a policy is parameterized by (policy/generic, CollectParams)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubesim_tui.api import labels, scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.apiextensions.overlay import Overlay
from kubesim_tui.apiserver.etcd import Etcd

Json = Mapping[str, Any]


class BadConfiguration(Exception):
    """A policy or binding that cannot be asked."""


def collect(
    etcd: Etcd, kinds: Overlay, kind: Json | None, ref: Json | None, namespace: str
) -> Sequence[dict[str, Any] | None]:
    """The params of a binding; [None] if there are to be none. BadConfiguration."""
    if kind is None or ref is None:
        return (None,)
    version, name = kind.get("apiVersion") or "", kind.get("kind") or ""
    resource = scheme.for_kind(version, name) or kinds.get(version, name)
    if resource is None:
        raise BadConfiguration(f"failed to find resource referenced by paramKind: '{version}, Kind={name}'")
    found = _found(etcd, resource, ref, namespace)
    if not found and ref.get("parameterNotFoundAction") == "Deny":
        raise BadConfiguration("no params found for policy binding with `Deny` parameterNotFoundAction")
    return found


def _found(etcd: Etcd, resource: Resource, ref: Json, namespace: str) -> Sequence[dict[str, Any]]:
    inside = ""
    if resource.namespaced:
        inside = ref.get("namespace") or namespace
        if not inside:
            raise BadConfiguration(
                "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
            )
    elif ref.get("namespace"):
        raise BadConfiguration("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
    if ref.get("name"):
        obj = etcd.get(resource.group_resource, (inside, ref["name"]))
        return () if obj is None else (encode_object(obj),)
    if ref.get("selector") is None:
        raise BadConfiguration("one of name or selector must be provided")
    wanted = labels.from_object(thaw(ref["selector"]))
    objects = sorted(etcd.table(resource.group_resource).in_namespace(inside), key=lambda o: o.metadata.name)
    return [encode_object(o) for o in objects if wanted.matches(o.metadata.labels)]
