"""The order of keys in YAML that Go writes: letters by their code, signs before them, numbers by their value.

So ``port9`` stands before ``port10``. Source: go.yaml.in/yaml/v2 sorter.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cmp_to_key

_LETTERS = re.compile("[A-Za-z]*")


def in_order(keys: Iterable[str]) -> list[str]:
    """The keys as go-yaml sorts them."""
    found = sorted(keys)
    # Of letters alone the order is that of their codes, which Python's sorting has made already.
    if all(_LETTERS.fullmatch(key) for key in found):
        return found
    return sorted(found, key=cmp_to_key(_compare))


def _compare(a: str, b: str) -> int:
    if a == b:
        return 0
    return -1 if _less(a, b) else 1


def _less(a: str, b: str) -> bool:
    for i, (x, y) in enumerate(zip(a, b, strict=False)):
        if x == y:
            continue
        if x.isalpha() and y.isalpha():
            return x < y
        if x.isalpha() or y.isalpha():
            return y.isalpha()
        # A zero in the middle of a number is one of its digits, at its start it is not.
        lead = 1 if "0" in (x, y) and _within_number(a, i) else 0
        (an, ai), (bn, bi) = _number(a, i, lead), _number(b, i, lead)
        if an != bn:
            return an < bn
        return ai < bi if ai != bi else x < y
    return len(a) < len(b)


def _within_number(text: str, at: int) -> bool:
    for character in reversed(text[:at]):
        if not character.isdecimal():
            return False
        if character != "0":
            return True
    return False


def _number(text: str, at: int, value: int) -> tuple[int, int]:
    """The number that starts here (its digits follow those of `value`), and where it ends."""
    while at < len(text) and text[at].isdecimal():
        value = value * 10 + ord(text[at]) - ord("0")
        at += 1
    return value, at
