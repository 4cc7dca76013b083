"""Conditions, and what Pods' phases and conditions mean: ready, available, active, finished.

As pkg/api/v1/pod and pkg/controller upstream. All functions are pure; times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from kubesim_tui.api import types


class Condition(Protocol):
    """What all condition types have in common."""

    @property
    def type(self) -> str:
        """Ready, Available, …."""
        ...

    @property
    def status(self) -> str:
        """True, False or Unknown."""
        ...


C = TypeVar("C", bound=Condition)


def find(conditions: Iterable[C], type_: str) -> C | None:
    """The condition of a type, or None."""
    for c in conditions:
        if c.type == type_:
            return c
    return None


def is_true(conditions: Iterable[Condition], type_: str) -> bool:
    """Whether the condition of a type is there and True."""
    return any(c.type == type_ and c.status == "True" for c in conditions)


def with_condition(conditions: tuple[C, ...], new: C) -> tuple[C, ...]:
    """The conditions with one replaced where it stands, or appended."""
    if any(c.type == new.type for c in conditions):
        return tuple([new if c.type == new.type else c for c in conditions])
    return (*conditions, new)


def without_condition(conditions: tuple[C, ...], type_: str) -> tuple[C, ...]:
    """The conditions without those of a type."""
    return tuple([c for c in conditions if c.type != type_])


def pod_condition(pod: types.Pod, type_: str) -> types.PodCondition | None:
    """A Pod's condition of a type, or None."""
    return find(pod.status.conditions, type_) if pod.status is not None else None


def is_pod_ready(pod: types.Pod) -> bool:
    """Whether its Ready condition is True."""
    status = pod.status
    if status is not None:
        for c in status.conditions:
            if c.type == "Ready":
                return c.status == "True"
    return False


def is_pod_available(pod: types.Pod, min_ready_seconds: int, now: int) -> bool:
    """Ready, and has been for minReadySeconds."""
    ready = pod_condition(pod, "Ready")
    if ready is None or ready.status != "True":
        return False
    since = ready.last_transition_time
    return min_ready_seconds == 0 or (since is not None and since + min_ready_seconds <= now)


def is_pod_terminal(pod: types.Pod) -> bool:
    """Succeeded or Failed: it will not run again."""
    return pod.status is not None and pod.status.phase in ("Succeeded", "Failed")


def is_pod_active(pod: types.Pod) -> bool:
    """Neither finished nor being deleted."""
    return pod.metadata.deletion_timestamp is None and not is_pod_terminal(pod)


def is_pod_terminating(pod: types.Pod) -> bool:
    """Being deleted, and not finished yet."""
    return pod.metadata.deletion_timestamp is not None and not is_pod_terminal(pod)
