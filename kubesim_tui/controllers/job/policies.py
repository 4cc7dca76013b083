"""Pod failure policy and success policy. Pure. As pod_failure_policy.go and success_policy.go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubesim_tui.api.types import ContainerStatus, Pod
from kubesim_tui.controllers.job.view import Job, is_failed, phase


def match(job: Job, pod: Pod) -> tuple[str, str]:
    """(action, message of FailJob) of the first rule that a failed Pod matches; ("", "") if none."""
    policy = job.spec.get("podFailurePolicy")
    if not policy or phase(pod) != "Failed":
        return "", ""
    for i, rule in enumerate(policy.get("rules") or ()):
        action = rule.get("action", "")
        if action == "FailIndex" and job.per_index is None:
            continue
        codes = rule.get("onExitCodes")
        status = _by_code(codes, pod) if codes else None
        if codes and status is not None:
            assert status.state is not None
            assert status.state.terminated is not None
            text = (
                f"Container {status.name} for pod {pod.metadata.namespace}/{pod.metadata.name} failed with exit code "
                f"{status.state.terminated.exit_code} matching {action} rule at index {i}"
            )
            return action, text
        found = _by_condition(rule.get("onPodConditions") or (), pod)
        if found:
            text = (
                f"Pod {pod.metadata.namespace}/{pod.metadata.name} has condition {found} matching {action} rule at "
                f"index {i}"
            )
            return action, text
    return "", ""


def _by_code(rule: Mapping[str, Any], pod: Pod) -> ContainerStatus | None:
    values, wanted = rule.get("values") or [], rule.get("operator") == "In"
    statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses) if pod.status is not None else ()
    for status in statuses:
        terminated = status.state.terminated if status.state is not None else None
        if terminated is None or (rule.get("containerName") and rule["containerName"] != status.name):
            continue
        if terminated.exit_code and (terminated.exit_code in values) == wanted:
            return status
    return None


def _by_condition(patterns: Sequence[Mapping[str, Any]], pod: Pod) -> str:
    for condition in pod.status.conditions if pod.status is not None else ():
        for pattern in patterns:
            if condition.type == pattern.get("type") and condition.status == pattern.get("status", "True"):
                return condition.type
    return ""


def index_fails(job: Job, pod: Pod) -> bool:
    """Whether a rule ends the Pod's index."""
    return match(job, pod)[0] == "FailIndex"


def counts(job: Job, pod: Pod) -> bool:
    """Whether a failed Pod counts against the limit."""
    return match(job, pod)[0] != "Ignore"


def fail_message(job: Job, pods: Sequence[Pod]) -> str:
    """Why the whole Job fails; "" if no Pod makes it."""
    for pod in pods:
        if is_failed(job, pod):
            action, message = match(job, pod)
            if action == "FailJob":
                return message
    return ""


def success_message(job: Job, done: list[tuple[int, int]]) -> str:
    """Why an Indexed Job has succeeded early; "" if it has not."""
    for i, rule in enumerate((job.spec.get("successPolicy") or {}).get("rules") or ()):
        indexes = {n for a, b in done for n in range(a, b + 1)}
        wanted = rule.get("succeededIndexes")
        chosen = _numbers(wanted) if wanted is not None else None
        found = indexes if chosen is None else indexes & chosen
        least = rule.get("succeededCount")
        if least is None:
            least = len(chosen) if chosen is not None else None
        if least is not None and len(found) >= least:
            return f"Matched rules at index {i}"
    return ""


def _numbers(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found
