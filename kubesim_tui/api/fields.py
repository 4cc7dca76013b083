"""Field selectors: ``metadata.name=web-0,spec.nodeName!=node-a`` (``kubectl --field-selector``).

Only equality and its opposite; the fields are what a kind offers (a table of its registry), each a text, absent ones
empty. In a value, backslash, comma and equals sign are written with a backslash before them. Source: apimachinery
pkg/fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from attrs import frozen

_TERMS = re.compile(r"(?:[^\\,]|\\.|\\$)*", re.DOTALL)
_OPERATOR = re.compile(r"!=|==|=")
_SPECIAL = re.compile(r"[\\,=]")


class FieldSelectorError(ValueError):
    """Text that is no field selector; the message is upstream's."""


@frozen
class Term:
    """One condition: the field equals the value, or does not."""

    field: str
    equal: bool
    value: str

    def __str__(self) -> str:
        """As in a selector's text."""
        return f"{self.field}{'=' if self.equal else '!='}{escape(self.value)}"


@frozen
class Selector:
    """Terms that must all hold."""

    terms: tuple[Term, ...] = ()

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether an object with these fields is chosen."""
        return all((fields.get(term.field, "") == term.value) == term.equal for term in self.terms)

    def is_everything(self) -> bool:
        """Whether it restricts nothing."""
        return not self.terms

    def requires_exact_match(self, field: str) -> str | None:
        """The one value that the field must have, if the selector asks for one."""
        return next((term.value for term in self.terms if term.equal and term.field == field), None)

    def __str__(self) -> str:
        """The canonical text."""
        return ",".join(str(term) for term in self.terms)


EVERYTHING = Selector()


@lru_cache(maxsize=1024)
def parse(text: str) -> Selector:
    """The selector of a text. Raises FieldSelectorError with upstream's message."""
    terms = [_term(part, text) for part in sorted(split_terms(text)) if part]
    return Selector(tuple(term for term in terms if term.field or term.value))


def split_terms(text: str) -> list[str]:
    """The terms between commas that have no backslash before them, as they are written."""
    if not text:
        return []
    terms, at = [], 0
    while at <= len(text):
        found = _TERMS.match(text, at)
        assert found
        terms.append(found.group())
        at = found.end() + 1
    return terms


def split_term(term: str) -> tuple[str, str, str] | None:
    """Field, operator and value as written, split at the first operator; None when there is none."""
    found = _OPERATOR.search(term)
    return (term[: found.start()], found.group(), term[found.end() :]) if found else None


def escape(value: str) -> str:
    """A value as it must be written in a selector."""
    return _SPECIAL.sub(r"\\\g<0>", value)


def unescape(text: str) -> str:
    """The value that a text in a selector stands for. Raises FieldSelectorError."""
    value, escaped = [], False
    for character in text:
        if escaped:
            if character not in "\\,=":
                raise FieldSelectorError(f"invalid field selector: invalid escape sequence: \\{character}")
            value.append(character)
            escaped = False
        elif character == "\\":
            escaped = True
        elif character in ",=":
            # Upstream prints the number of the character here.
            raise FieldSelectorError(f"invalid field selector: unescaped character in value: {ord(character)}")
        else:
            value.append(character)
    if escaped:
        raise FieldSelectorError("invalid field selector: invalid escape sequence: \\")
    return "".join(value)


def _term(part: str, whole: str) -> Term:
    found = split_term(part)
    if found is None:
        raise FieldSelectorError(f"invalid selector: '{whole}'; can't understand '{part}'")
    field, operator, value = found
    return Term(field, operator != "!=", unescape(value))
