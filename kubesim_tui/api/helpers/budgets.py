"""PodDisruptionBudgets as those read them who would take Pods away; the kind has no class of its own."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.api.codec import decode
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.types import LabelSelector, Unstructured


@frozen(eq=False)
class Budget:
    """One: whom it is about, how many of them may go now, and who has been let go already, by name."""

    namespace: str
    selector: LabelSelector | None
    allowed: int
    disrupted: frozenset[str] = frozenset()


def budget_of(obj: Unstructured) -> Budget:
    """Read one."""
    spec, status = obj.rest.get("spec") or {}, obj.rest.get("status") or {}
    chosen = spec.get("selector")
    return Budget(
        obj.metadata.namespace,
        decode(LabelSelector, thaw(chosen)) if chosen is not None else None,
        status.get("disruptionsAllowed") or 0,
        frozenset(status.get("disruptedPods") or ()),
    )
