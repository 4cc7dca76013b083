"""A Job's policies: which failures of Pods count (podFailurePolicy), and when it has succeeded (successPolicy)."""

from __future__ import annotations

import re
from contextlib import suppress

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
OPERATORS = ("In", "NotIn")
STATUSES = ("False", "True", "Unknown")
MOST_RULES, MOST_CONDITIONS, MOST_CODES = 20, 20, 255
LONGEST_INDEXES = 64 * 1024
_NUMBER = re.compile(r"[+-]?[0-9]+")


def failure_policy(r: Report, spec: JsonMap, path: str) -> None:
    """The rules of a Job's podFailurePolicy, if it has one."""
    policy = spec.get("podFailurePolicy")
    if policy is None:
        return
    rules = policy.get("rules") or ()
    if len(rules) > MOST_RULES:
        r.too_many(f"{path}.rules", len(rules), MOST_RULES)
    inner = part(part(spec, "template"), "spec")
    containers = {text(c, "name") for name in ("containers", "initContainers") for c in inner.get(name) or ()}
    for at, rule in items(policy, "rules", f"{path}.rules"):
        _action(r, text(rule, "action"), f"{at}.action", by_index=spec.get("backoffLimitPerIndex") is not None)
        codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions")
        if codes is not None:
            _exit_codes(r, codes, f"{at}.onExitCodes", containers)
        if conditions:
            _conditions(r, rule, f"{at}.onPodConditions")
        if codes is not None and conditions:
            r.invalid_without(at, "specifying both OnExitCodes and OnPodConditions is not supported")
        if codes is None and not conditions:
            r.invalid_without(at, "specifying one of OnExitCodes and OnPodConditions is required")


def _action(r: Report, action: str, path: str, *, by_index: bool) -> None:
    if action == "FailIndex":
        if not by_index:
            r.invalid(path, action, "requires the backoffLimitPerIndex to be set")
    else:
        _word(r, action, path, ACTIONS)


def _word(r: Report, word: str, path: str, words: tuple[str, ...]) -> None:
    """One of some words; if there is none, they are named."""
    if not word:
        r.required(path, "valid values: [" + " ".join(f'"{w}"' for w in words) + "]")
    elif word not in words:
        r.not_supported(path, word, words)


def _conditions(r: Report, rule: JsonMap, path: str) -> None:
    if len(rule["onPodConditions"]) > MOST_CONDITIONS:
        r.too_many(path, len(rule["onPodConditions"]), MOST_CONDITIONS)
    for at, condition in items(rule, "onPodConditions", path):
        r.syntax(names.is_qualified_name, f"{at}.type", text(condition, "type"))
        _word(r, text(condition, "status"), f"{at}.status", STATUSES)


def _exit_codes(r: Report, codes: JsonMap, path: str, containers: set[str]) -> None:
    operator, values = text(codes, "operator"), list(codes.get("values") or ())
    _word(r, operator, f"{path}.operator", OPERATORS)
    name = codes.get("containerName")
    if name is not None and name not in containers:
        said = "must be one of the container or initContainer names in the pod template"
        r.invalid(f"{path}.containerName", name, said)
    if not values:
        r.invalid(f"{path}.values", values, "at least one value is required")
    elif len(values) > MOST_CODES:
        r.too_many(f"{path}.values", len(values), MOST_CODES)
    for i, value in enumerate(values):
        if operator == "In" and value == 0:
            r.invalid(f"{path}.values[{i}]", value, "must not be 0 for the In operator")
        if value in values[:i]:
            r.duplicate(f"{path}.values[{i}]", value)
    if values != sorted(values):
        r.invalid(f"{path}.values", values, "must be ordered")


def success_policy(r: Report, spec: JsonMap, path: str) -> None:
    """The rules of a Job's successPolicy, if it has one."""
    policy = spec.get("successPolicy")
    if policy is None:
        return
    if text(spec, "completionMode") != "Indexed":
        r.invalid(path, policy, "requires indexed completion mode")
        return
    rules = policy.get("rules") or ()
    if not rules:
        r.required(f"{path}.rules", "at least one rules must be specified when the successPolicy is specified")
    if len(rules) > MOST_RULES:
        r.too_many(f"{path}.rules", len(rules), MOST_RULES)
    for at, rule in items(policy, "rules", f"{path}.rules"):
        _success(r, rule, at, spec.get("completions") or 0)


def _success(r: Report, rule: JsonMap, path: str, completions: int) -> None:
    count, indexes, total = rule.get("succeededCount"), rule.get("succeededIndexes"), 0
    if count is None and indexes is None:
        r.required(path, "at least one of succeededCount or succeededIndexes must be specified")
    if indexes is not None:
        if len(indexes) > LONGEST_INDEXES:
            r.too_long(f"{path}.succeededIndexes", LONGEST_INDEXES)
        try:
            total = count_indexes(indexes, completions)
        except ValueError as wrong:
            r.invalid(f"{path}.succeededIndexes", indexes, f"error parsing succeededIndexes: {wrong}")
    if count is None:
        return
    at = f"{path}.succeededCount"
    r.not_negative(at, count)
    if count > completions:
        said = f"must be less than or equal to {completions} (the number of specified completions)"
        r.invalid(at, count, said)
    if indexes is not None and count > total:
        said = f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        r.invalid(at, count, said)


def count_indexes(indexes: str, completions: int) -> int:
    """How many indexes a text like `0,2-5` names; ValueError with upstream's words."""
    total, last = 0, -1
    for interval in indexes.split(",") if indexes else ():
        first, until = _interval(interval, completions)
        if total and last >= first:
            raise ValueError(f"non-increasing order, previous: {last}, current: {first}")
        total, last = total + until - first + 1, until
    return total


def overlap(completed: str, failed: str, completions: int) -> int | None:
    """The first index that two such texts share; what cannot be read is passed over."""
    these, those = _readable(completed, completions), _readable(failed, completions)
    while these and those:
        (start, end), (first, last) = these[0], those[0]
        if start <= last and first <= end:
            return max(start, first)
        (these if start <= first else those).pop(0)
    return None


def _readable(indexes: str, completions: int) -> list[tuple[int, int]]:
    found = []
    for interval in indexes.split(",") if indexes else ():
        with suppress(ValueError):
            found.append(_interval(interval, completions))
    return found


def _interval(interval: str, completions: int) -> tuple[int, int]:
    limits = interval.split("-")
    if len(limits) > 2:
        parts = "violates the requirement that an index interval can have at most two parts separated by '-'"
        raise ValueError(f'the fragment "{interval}" {parts}')
    found = []
    for limit in limits:
        if not _NUMBER.fullmatch(limit):
            raise ValueError(f'cannot convert string to integer for index: "{limit}"')
        if int(limit) >= completions:
            raise ValueError(f'too large index: "{limit}"')
        found.append(int(limit))
    if len(found) == 2 and found[0] >= found[1]:
        raise ValueError(f"non-increasing order, previous: {found[0]}, current: {found[1]}")
    return found[0], found[-1]
