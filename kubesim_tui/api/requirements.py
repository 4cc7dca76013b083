"""Requirements on labels, and the selector that they make: the compiled form that is asked of every object.

A selector is a list of requirements that must all hold. It keeps plain equalities apart, since nearly every selector of
a cluster is nothing but these. ``!=`` and ``notin`` hold where the key is absent. Source: apimachinery pkg/labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, field, frozen

from kubesim_tui.api.fielderror import FieldError, aggregate, invalid, not_supported
from kubesim_tui.api.names import is_label_value, is_qualified_name

IN, NOT_IN, EXISTS, DOES_NOT_EXIST = "in", "notin", "exists", "!"
EQUALS, DOUBLE_EQUALS, NOT_EQUALS = "=", "==", "!="
GREATER_THAN, LESS_THAN = "gt", "lt"
OPERATORS = (IN, NOT_IN, EQUALS, DOUBLE_EQUALS, NOT_EQUALS, GREATER_THAN, LESS_THAN, EXISTS, DOES_NOT_EXIST)

_SYMBOLS = {EQUALS: "=", DOUBLE_EQUALS: "==", NOT_EQUALS: "!=", GREATER_THAN: ">", LESS_THAN: "<"}
_INTEGER = re.compile(r"[+-]?[0-9]+")


class SelectorError(ValueError):
    """A selector that cannot be; the message is upstream's."""


@frozen
class Requirement:
    """One condition on one label."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels meet it."""
        value, operator = labels.get(self.key), self.operator
        if operator in (IN, EQUALS, DOUBLE_EQUALS):
            return value is not None and value in self.values
        if operator in (NOT_IN, NOT_EQUALS):
            return value is None or value not in self.values
        if operator in (GREATER_THAN, LESS_THAN):
            return self._compares(value)
        return (value is not None) == (operator == EXISTS)

    def _compares(self, text: str | None) -> bool:
        value, bound = _int64(text), _int64(self.values[0])
        if value is None or bound is None:
            return False
        return value > bound if self.operator == GREATER_THAN else value < bound

    def __str__(self) -> str:
        """As in a selector's text, values in order."""
        if self.operator in (EXISTS, DOES_NOT_EXIST):
            return ("!" if self.operator == DOES_NOT_EXIST else "") + self.key
        values = ",".join(sorted(self.values))
        if self.operator in _SYMBOLS:
            return f"{self.key}{_SYMBOLS[self.operator]}{values}"
        return f"{self.key} {self.operator} ({values})"


def _exact_pairs(selector: Selector) -> tuple[tuple[str, str], ...]:
    return tuple((r.key, r.values[0]) for r in selector.requirements if _is_exact(r))


def _other_requirements(selector: Selector) -> tuple[Requirement, ...]:
    return tuple(r for r in selector.requirements if not _is_exact(r))


@frozen
class Selector:
    """Requirements that must all hold, in order of their keys. Not `selectable` is the one that chooses nothing."""

    requirements: tuple[Requirement, ...] = ()
    selectable: bool = True
    exact: tuple[tuple[str, str], ...] = field(init=False, eq=False, repr=False)
    others: tuple[Requirement, ...] = field(init=False, eq=False, repr=False)

    @exact.default
    def _exact(self) -> tuple[tuple[str, str], ...]:
        return _exact_pairs(self)

    @others.default
    def _others(self) -> tuple[Requirement, ...]:
        return _other_requirements(self)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is chosen."""
        for key, value in self.exact:
            if labels.get(key) != value:
                return False
        for requirement in self.others:
            if not requirement.matches(labels):
                return False
        return self.selectable

    def is_everything(self) -> bool:
        """Whether it restricts nothing."""
        return self.selectable and not self.requirements

    def requires_exact_match(self, key: str) -> str | None:
        """The one value that the label must have, if the selector asks for one."""
        for requirement in self.requirements:
            if requirement.key == key:
                return requirement.values[0] if _is_exact(requirement) else None
        return None

    def add(self, *more: Requirement) -> Selector:
        """The selector with further requirements."""
        if not self.selectable:
            return self
        return evolve(self, requirements=_by_key([*self.requirements, *more]))

    def __str__(self) -> str:
        """The canonical text; empty for everything, and for nothing too."""
        return ",".join(str(requirement) for requirement in self.requirements)


EVERYTHING = Selector()
NOTHING = Selector(selectable=False)


def selector(requirements: Iterable[Requirement]) -> Selector:
    """A selector of requirements in any order."""
    return Selector(_by_key(requirements))


def requirement(key: str, operator: str, values: Sequence[str] = ()) -> Requirement:
    """A checked requirement. Raises SelectorError with upstream's message (every fault of it)."""
    wrong = check_requirement(key, operator, values)
    if wrong:
        raise SelectorError(aggregate(wrong))
    return Requirement(key, operator, tuple(values))


def check_requirement(key: str, operator: str, values: Sequence[str]) -> list[FieldError]:
    """What is wrong with a requirement, as upstream's NewRequirement says it."""
    wrong = []
    if name_faults := is_qualified_name(key):
        wrong.append(invalid("key", key, "; ".join(name_faults)))
    wrong += _check_count(operator, values)
    for i, value in enumerate(values):
        if value_faults := is_label_value(value):
            wrong.append(invalid(f"values[{i}][{key}]", value, "; ".join(value_faults)))
    return wrong


def _check_count(operator: str, values: Sequence[str]) -> list[FieldError]:
    shown = list(values)
    if operator in (IN, NOT_IN):
        text = "for 'in', 'notin' operators, values set can't be empty"
        return [] if values else [invalid("values", shown, text)]
    if operator in (EQUALS, DOUBLE_EQUALS, NOT_EQUALS):
        text = "exact-match compatibility requires one single value"
        return [] if len(values) == 1 else [invalid("values", shown, text)]
    if operator in (EXISTS, DOES_NOT_EXIST):
        text = "values set must be empty for exists and does not exist"
        return [invalid("values", shown, text)] if values else []
    if operator in (GREATER_THAN, LESS_THAN):
        return _check_bound(values)
    return [not_supported("operator", operator, OPERATORS)]


def _check_bound(values: Sequence[str]) -> list[FieldError]:
    wrong = []
    if len(values) != 1:
        wrong.append(invalid("values", list(values), "for 'Gt', 'Lt' operators, exactly one value is required"))
    for i, value in enumerate(values):
        if _int64(value) is None:
            wrong.append(invalid(f"values[{i}]", value, "for 'Gt', 'Lt' operators, the value must be an integer"))
    return wrong


def _is_exact(requirement: Requirement) -> bool:
    return requirement.operator in (EQUALS, DOUBLE_EQUALS, IN) and len(requirement.values) == 1


def _by_key(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    return tuple(sorted(requirements, key=_key))


def _key(requirement: Requirement) -> str:
    return requirement.key


def _int64(text: str | None) -> int | None:
    if text is None or len(text) > 100 or not _INTEGER.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
        return None
    return int(text)
