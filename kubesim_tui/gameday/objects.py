"""The objects of a cluster by kind, in the order of namespaces and names."""

from __future__ import annotations

from typing import TypeVar

from kubesim_tui.api import scheme, types
from kubesim_tui.apiserver.etcd import Etcd

SYSTEM = ("kube-system", "ingress-nginx", "kube-public", "kube-node-lease")
"""Namespaces of the cluster itself."""
T = TypeVar("T", bound=types.Object)


def of_kind(etcd: Etcd, cls: type[T]) -> list[T]:
    """All objects of a class."""
    return [obj for obj in every(etcd, cls.__name__) if isinstance(obj, cls)]


def every(etcd: Etcd, kind: str) -> list[types.Object]:
    """All objects of a kind, also of one without a class of its own."""
    resource = scheme.named(kind)
    assert resource is not None
    return sorted(etcd.table(resource.group_resource), key=_place)


def _place(obj: types.Object) -> tuple[str, str]:
    return obj.metadata.namespace, obj.metadata.name
