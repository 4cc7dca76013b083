"""Taints and tolerations: who may stay on a node.

As k8s.io/component-helpers/scheduling/corev1: an empty effect means every effect, an empty key with Exists every taint;
Gt and Lt compare whole numbers (the taint's value with the toleration's).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kubesim_tui.api.types import Taint, Toleration

NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "PreferNoSchedule", "NoExecute"
_INTEGER = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
_MOST = 2**63 - 1


def tolerates(toleration: Toleration, taint: Taint, *, comparisons: bool = True) -> bool:
    """Whether one toleration covers one taint; `comparisons` switches Gt and Lt on."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    operator = toleration.operator
    if operator in ("", "Equal"):
        return toleration.value == taint.value
    if operator == "Exists":
        return True
    return comparisons and compares(toleration.value, taint.value, operator)


def compares(toleration_value: str, taint_value: str, operator: str) -> bool:
    """Gt: the taint's value is greater than the toleration's; Lt: less. What is no canonical int64 never matches."""
    wanted, found = _number(toleration_value), _number(taint_value)
    if wanted is None or found is None:
        return False
    if operator == "Gt":
        return found > wanted
    return operator == "Lt" and found < wanted


def _number(text: str) -> int | None:
    if not _INTEGER.fullmatch(text):
        return None
    value = int(text)
    return value if -_MOST - 1 <= value <= _MOST else None


def untolerated(
    tolerations: Iterable[Toleration],
    taints: Iterable[Taint],
    effects: tuple[str, ...] = (NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE),
    *,
    comparisons: bool = True,
) -> Taint | None:
    """The first taint with one of these effects that no toleration covers, or None (FindMatchingUntoleratedTaint)."""
    for taint in taints:
        if taint.effect in effects and not any(tolerates(t, taint, comparisons=comparisons) for t in tolerations):
            return taint
    return None
