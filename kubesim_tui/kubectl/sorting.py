"""--sort-by: objects in the order of a field's values."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

from kubesim_tui.api import jsonpath, quantity
from kubesim_tui.kubectl.env import data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info


def by_path(infos: Sequence[Info], expression: str) -> list[Info]:
    """Sorted by the value at a path; those without it come first. Fail if no object has it."""
    try:
        text = jsonpath.relaxed(expression)
        path = jsonpath.parse(text)
    except jsonpath.JsonPathError as wrong:
        raise error(str(wrong)) from None
    values = [_first(path, info) for info in infos]
    if infos and all(v is None for v in values):
        raise error(f'couldn\'t find any field with path "{text}" in the list of objects')
    keyed = sorted(zip(values, infos, strict=True), key=functools.cmp_to_key(_compare_first))
    return [info for _, info in keyed]


def _compare_first(a: tuple[Any, Info], b: tuple[Any, Info]) -> int:
    return compare(a[0], b[0])


def _first(path: Sequence[jsonpath.Node], info: Info) -> Any:
    assert info.object is not None
    try:
        found = jsonpath.find(path, data_of(info.object))
    except jsonpath.JsonPathError:
        return None
    return found[0] if found else None


def compare(a: Any, b: Any) -> int:
    """-1, 0 or 1."""
    if a is None or b is None:
        return (a is not None) - (b is not None)
    if isinstance(a, str) and isinstance(b, str):
        return _compare_texts(a, b)
    if isinstance(a, list | tuple | dict) or isinstance(b, list | tuple | dict) or type(a) is not type(b):
        return 0
    return int(a > b) - int(a < b)


def _compare_texts(a: str, b: str) -> int:
    left, right = _quantity(a), _quantity(b)
    if left is not None and right is not None:
        return (left > right) - (left < right)
    one, two = natural(a), natural(b)
    return (one > two) - (one < two)


def _quantity(text: str) -> int | None:
    try:
        return quantity.parse(text).nano
    except quantity.QuantityError:
        return None


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key by which web-2 stands before web-10."""
    return [(0, int(p), p) if p.isdigit() else (1, 0, p) for p in re.findall(r"\d+|\D+", text)]
