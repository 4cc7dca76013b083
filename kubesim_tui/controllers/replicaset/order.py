"""Which Pods go first when there are too many.

As ActivePodsWithRanks in pkg/controller: unassigned, Pending before Unknown before Running, not ready, lower deletion
cost, more siblings on the same node (rank), ready more recently, more restarts, younger. Ages are compared on a scale
of powers of two, so that Pods of about the same age are picked evenly (by uid) and not always the youngest.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key

from attrs import frozen

from kubesim_tui.api.helpers.active_pods import max_restarts
from kubesim_tui.api.helpers.conditions import pod_condition
from kubesim_tui.api.types import Pod

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
_NANO = 1_000_000_000


@frozen
class Face:
    """What of a Pod decides its place."""

    first: tuple[int, int, int, int, int]  # assigned, phase, ready, cost, -rank
    ready_since: int | None
    restarts: tuple[int, int]
    created: int | None
    uid: str


def face(pod: Pod, rank: int = 0) -> Face:
    """The figures of a Pod."""
    status = pod.status
    ready = pod_condition(pod, "Ready")
    is_ready = ready is not None and ready.status == "True"
    return Face(
        (
            1 if pod.spec is not None and pod.spec.node_name else 0,
            _PHASES.get(status.phase, 0) if status is not None else 0,
            1 if is_ready else 0,
            deletion_cost(pod),
            -rank,
        ),
        ready.last_transition_time if is_ready and ready is not None else None,
        max_restarts(pod),
        pod.metadata.creation_timestamp,
        pod.metadata.uid,
    )


def deletion_cost(pod: Pod) -> int:
    """The annotation's value; 0 where there is none or it is no number of 32 bits."""
    text = pod.metadata.annotations.get(DELETION_COST, "") if pod.metadata.annotations else ""
    digits = text[1:] if text[:1] == "-" else text
    if not digits.isdecimal() or not digits.isascii() or (len(digits) > 1 and digits[0] == "0") or text == "-0":
        return 0
    value = int(text)
    return value if -(2**31) <= value < 2**31 else 0


def compare(a: Face, b: Face, now: int | None) -> int:
    """Negative if a goes first. `now` None: ages are compared as they are."""
    if a.first != b.first:
        return -1 if a.first < b.first else 1
    if a.first[2] and a.ready_since != b.ready_since:
        return _younger(a.ready_since, b.ready_since, a, b, now)
    if a.restarts != b.restarts:
        return -1 if a.restarts > b.restarts else 1
    if a.created != b.created:
        return _younger(a.created, b.created, a, b, now)
    return 0


def _younger(t1: int | None, t2: int | None, a: Face, b: Face, now: int | None) -> int:
    """The later time first, and an unset one before all."""
    if t1 is None or t2 is None:
        return -1 if t1 is None else 1
    if now is None:
        return -1 if t1 > t2 else 1
    by_log = _log2(now - t1) - _log2(now - t2)
    if by_log:
        return by_log
    return -1 if a.uid < b.uid else 1 if a.uid > b.uid else 0


def _log2(seconds: int) -> int:
    """⌊log₂ of nanoseconds⌋; -1 for what is not in the past."""
    return (seconds * _NANO).bit_length() - 1 if seconds > 0 else -1


def active_order(pods: Sequence[Pod], ranks: Sequence[int] | None = None, now: int | None = None) -> list[Pod]:
    """The Pods, first to go first."""
    faces = [(face(p, ranks[i] if ranks else 0), p) for i, p in enumerate(pods)]
    return [pod for _, pod in sorted(faces, key=cmp_to_key(_Order(now)))]


class _Order:
    """`compare` at one time, for pairs of a face and its Pod."""

    def __init__(self, now: int | None) -> None:
        self.now = now

    def __call__(self, a: tuple[Face, Pod], b: tuple[Face, Pod]) -> int:
        return compare(a[0], b[0], self.now)
