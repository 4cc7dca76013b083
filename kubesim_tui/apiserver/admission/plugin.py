"""What every admission plugin is: a name, the resources it looks at, and two phases that may refuse.

`admit` changes JSON on its way in, before it is validated; `review` looks at the result afterwards. A plugin reads
etcd and never writes. What `admit` and `review` of a Pod read must be in chain.WATCHED: Pods of one template are
admitted once for as long as nothing of that changes.
"""

# ruff: noqa: ARG002 - every plugin is asked in the same way

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

JsonMap = dict[str, Any]
PODS = "pods"


class Refused(Exception):
    """The request is forbidden; the text is what follows `is forbidden: `."""


class Plugin:
    """One plugin. A phase that a plugin does not override does nothing."""

    name: ClassVar[str] = ""
    resources: ClassVar[frozenset[str]] = frozenset()  # "pods", "ingresses.networking.k8s.io" …

    def __init__(self, etcd: Etcd) -> None:
        self.etcd = etcd

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Change the object in place; Refused to forbid."""

    def review(self, request: Request, data: JsonMap, old: Object | None) -> Sequence[str]:
        """Warnings about a valid object; Refused to forbid."""
        return ()


def spec_of(obj: Object) -> Any:
    """The spec of an object of a kind without a class of its own: frozen JSON."""
    assert isinstance(obj, Unstructured)
    return obj.rest.get("spec") or {}


def by_name(obj: Object) -> str:
    """For a fixed order."""
    return obj.metadata.name
