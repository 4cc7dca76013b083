"""DefaultTolerationSeconds: a Pod stays five minutes on a node that is not ready or cannot be reached.

And TaintNodesByCondition: a new Node takes no Pods until its lifecycle controller has found it ready.
"""

# ruff: noqa: ARG002 - every plugin is asked in the same way

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.admission.plugin import PODS, JsonMap, Plugin
from kubesim_tui.apiserver.request import Request

NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
SECONDS = 300


class DefaultTolerationSeconds(Plugin):
    """See the module."""

    name: ClassVar[str] = "DefaultTolerationSeconds"
    resources: ClassVar[frozenset[str]] = frozenset({PODS})

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Add what is missing, also when a Pod is changed."""
        spec = data["spec"]
        spec["tolerations"] = with_defaults(spec.get("tolerations") or ())


def with_defaults(tolerations: Iterable[Any]) -> list[Any]:
    """The tolerations with the two defaults, where none speaks of the taint already."""
    given = list(tolerations)
    missing = [key for key in (NOT_READY, UNREACHABLE) if not any(_speaks_of(t, key) for t in given)]
    return given + [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS} for key in missing
    ]


def _speaks_of(toleration: JsonMap, key: str) -> bool:
    effect = toleration.get("effect") or ""
    return (toleration.get("key") or "") in (key, "") and effect in ("NoExecute", "")


class TaintNodesByCondition(Plugin):
    """See the module."""

    name: ClassVar[str] = "TaintNodesByCondition"
    resources: ClassVar[frozenset[str]] = frozenset({"nodes"})

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Taint a new Node."""
        if old is not None:
            return
        spec = data["spec"] = data.get("spec") or {}
        taints = list(spec.get("taints") or ())
        if not any(t.get("key") == NOT_READY and t.get("effect") == "NoSchedule" for t in taints):
            spec["taints"] = [*taints, {"key": NOT_READY, "effect": "NoSchedule"}]
