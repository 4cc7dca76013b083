"""How long a Job waits after failures: 10 s, doubled with each in a row, at most 10 min. Pure.

As backoff_utils.go. A success sets the count back.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from kubesim_tui.api.types import Pod
from kubesim_tui.controllers.job.view import FAILURES, IGNORED, annotation_count, finish_time

FIRST, MOST = 10, 600


@frozen
class Record:
    """Failures since the last success, and when the last one was."""

    failures: int = 0
    last: int | None = None


NO_FAILURES = Record()


def record(before: Record, succeeded: Iterable[int], failed: Iterable[int]) -> Record:
    """The record after Pods that ended at these times."""
    successes, failures = sorted(succeeded), sorted(failed)
    if not failures and not successes:
        return before
    if not failures:
        return Record()
    if not successes:
        return Record(before.failures + len(failures), failures[-1])
    after = [t for t in failures if t > successes[-1]]
    return Record(len(after), after[-1]) if after else Record()


def remaining(failures: int, since: int | None, first: int = FIRST, most: int = MOST) -> int:
    """Seconds to wait still, `since` seconds after the last failure."""
    if failures <= 0 or since is None:
        return 0
    return max(0, min(most, first << min(failures - 1, 20)) - since)


def remaining_of_index(pod: Pod | None, now: int) -> int:
    """Seconds that an index waits after its last failed Pod."""
    if pod is None:
        return 0
    failures = annotation_count(pod, FAILURES) + annotation_count(pod, IGNORED) + 1
    return remaining(failures, now - finish_time(pod))
