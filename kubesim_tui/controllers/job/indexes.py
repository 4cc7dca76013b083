"""Completion indexes as intervals: `0-3,7`. Pure. As indexed_job_utils.go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubesim_tui.api.types import Pod
from kubesim_tui.controllers.job.policies import index_fails
from kubesim_tui.controllers.job.view import (
    FAILURES,
    FINALIZER,
    IGNORED,
    Job,
    annotation_count,
    finish_time,
    index_of,
    is_failed,
    phase,
)

Intervals = list[tuple[int, int]]


def parse(text: str, completions: int) -> Intervals:
    """The intervals of a status text, cut to the completions; what cannot be read is passed over."""
    found: list[int] = []
    out: Intervals = []
    for part in text.split(",") if text else []:
        ends = part.split("-")
        if len(ends) > 2 or not all(e.isdecimal() for e in ends):
            break
        first, last = int(ends[0]), int(ends[-1])
        if first >= completions:
            break
        last = min(last, completions - 1)
        if out and out[-1][1] == first - 1:
            out[-1] = (out[-1][0], last)
        else:
            out.append((first, last))
        found.append(first)
    return out


def join(intervals: Intervals, more: Iterable[int]) -> Intervals:
    """The intervals with single indexes added."""
    numbers = sorted({*more, *(n for a, b in intervals for n in range(a, b + 1))})
    out: Intervals = []
    for n in numbers:
        if out and out[-1][1] == n - 1:
            out[-1] = (out[-1][0], n)
        else:
            out.append((n, n))
    return out


def text(intervals: Intervals) -> str:
    """`0-3,7`; two neighbours are written as `3,4`."""
    parts = []
    for a, b in intervals:
        parts.append(f"{a}" if a == b else f"{a},{b}" if b == a + 1 else f"{a}-{b}")
    return ",".join(parts)


def total(intervals: Intervals) -> int:
    """How many indexes."""
    return sum([b - a + 1 for a, b in intervals])


def has(intervals: Intervals, n: int) -> bool:
    """Whether an index is in one of them."""
    return any(a <= n <= b for a, b in intervals)


def _valid(pod: Pod, completions: int) -> int | None:
    n = index_of(pod)
    return n if n is not None and n < completions else None


def succeeded(job: Job, pods: Sequence[Pod]) -> tuple[Intervals, Intervals]:
    """(those of the status, all with the Pods that have succeeded)."""
    completions = job.completions or 0
    before = parse(job.status.get("completedIndexes") or "", completions)
    new = [n for p in pods if phase(p) == "Succeeded" and (n := _valid(p, completions)) is not None]
    return before, join(before, new)


def failed(job: Job, pods: Sequence[Pod]) -> Intervals:
    """Indexes that will not be tried again (with backoffLimitPerIndex)."""
    completions = job.completions or 0
    before = parse(job.status.get("failedIndexes") or "", completions)
    new = [
        n
        for p in pods
        if FINALIZER in p.metadata.finalizers and (n := _valid(p, completions)) is not None and is_index_failed(job, p)
    ]
    return join(before, new)


def is_index_failed(job: Job, pod: Pod) -> bool:
    """Whether a failed Pod ends its index: its failures have reached the limit, or a rule says so."""
    if not is_failed(job, pod):
        return False
    return index_fails(job, pod) or annotation_count(pod, FAILURES) >= (job.per_index or 0)


def kept(job: Job, pods: Sequence[Pod], done: Intervals, given_up: Intervals) -> dict[int, Pod]:
    """Failed Pods that stay until their replacement is there, since they tell it how often its index has failed."""
    completions = job.completions or 0
    found: dict[int, Pod] = {}
    for pod in pods:
        n = _valid(pod, completions)
        if n is None or FINALIZER not in pod.metadata.finalizers or has(done, n) or has(given_up, n):
            continue
        if not is_failed(job, pod):
            continue
        before = found.get(n)
        if before is None or _later(pod, before):
            found[n] = pod
    for pod in pods:
        n = _valid(pod, completions)
        if n in found and not is_failed(job, pod) and _count(pod) > _count(found[n]):
            del found[n]
    return found


def _count(pod: Pod) -> int:
    return annotation_count(pod, FAILURES) + annotation_count(pod, IGNORED)


def _later(a: Pod, b: Pod) -> bool:
    return (_count(a), finish_time(a)) > (_count(b), finish_time(b))


def pending(completions: int, taken: Intervals, active: Iterable[int | None], count: int) -> list[int]:
    """The first `count` indexes that are neither done nor worked on."""
    busy = {n for n in active if n is not None}
    found: list[int] = []
    for n in range(completions):
        if len(found) >= count:
            break
        if n not in busy and not has(taken, n):
            found.append(n)
    return found


def superfluous(pods: Sequence[Pod], completions: int) -> tuple[list[Pod], list[Pod]]:
    """(Pods to remove: without a valid index, or not the first of theirs; the others)."""
    gone: list[Pod] = []
    left: list[Pod] = []
    seen: dict[int, Pod] = {}
    for pod in sorted(pods, key=_by_index):
        n = _valid(pod, completions)
        if n is None or n in seen:
            gone.append(pod)
        else:
            seen[n] = pod
            left.append(pod)
    return gone, left


def _by_index(pod: Pod) -> tuple[int, bool, int, str]:
    n = index_of(pod)
    rank = {"Running": 0, "Pending": 1}.get(phase(pod), 2)
    return (-1 if n is None else n), rank > 0, pod.metadata.creation_timestamp or 0, pod.metadata.name
