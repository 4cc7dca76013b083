"""Label selectors in their typed form: which objects a workload or a budget means.

As metav1.LabelSelectorAsSelector: None selects nothing, an empty selector everything.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.api.types import LabelSelector, LabelSelectorRequirement


def matches(selector: LabelSelector | None, labels: Mapping[str, str]) -> bool:
    """Whether a selector chooses something with these labels."""
    if selector is None:
        return False
    for key, value in selector.match_labels.items():
        if labels.get(key) != value:
            return False
    return all(meets(r, labels) for r in selector.match_expressions)


def meets(requirement: LabelSelectorRequirement, labels: Mapping[str, str]) -> bool:
    """Whether the labels meet one requirement (NotIn and DoesNotExist hold where the key is absent)."""
    operator, value = requirement.operator, labels.get(requirement.key)
    if operator == "In":
        return value is not None and value in requirement.values
    if operator == "NotIn":
        return value is None or value not in requirement.values
    return value is not None if operator == "Exists" else value is None


def is_everything(selector: LabelSelector | None) -> bool:
    """An empty selector, that would choose everything."""
    return selector is not None and not selector.match_labels and not selector.match_expressions


def matches_set(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """A selector that is a plain map, as a Service's or ReplicationController's: all its pairs are among the labels."""
    return selector.items() <= labels.items()
