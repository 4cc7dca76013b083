"""The functions of CEL and of Kubernetes' libraries, by name, and what a call costs.

A function is called with its target first: `a.contains(b)` is contains(a, b).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel import (
    authz,
    collections,
    conversions,
    named_formats,
    net,
    quantities,
    semver,
    texts,
    times,
)
from kubesim_tui.apiserver.apiextensions.cel.operators import OPERATORS
from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Undeclared

Function = Callable[..., Any]


def call(name: str, args: Sequence[Any]) -> Any:
    """The value of a function. Undeclared if there is none of that name."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise Undeclared(name)
    try:
        return function(*args)
    except CelError:
        raise
    except (TypeError, AttributeError):
        raise CelError(f"no such overload: {name}") from None
    except (ValueError, OverflowError, OSError) as wrong:
        raise CelError(str(wrong)) from None


def declared(name: str) -> bool:
    """Whether there is a function or operator of that name."""
    return name in FUNCTIONS or name in OPERATORS


def cost(name: str, args: Sequence[Any]) -> int:
    """What a call costs beyond 1: a tenth of the texts that it reads, for each part of a pattern; and the lists."""
    if name in PATTERNS and len(args) > 1 and isinstance(args[0], str) and isinstance(args[1], str):
        return (len(args[0]) // 10 + 1) * (len(args[1]) // 4 + 1)
    return sum(
        len(a) // 10 if isinstance(a, str | bytes) else len(a) for a in args if isinstance(a, str | bytes | list)
    )


def _size(value: Any) -> int:
    if not isinstance(value, str | bytes | list | dict):
        raise CelError("no such overload: size")
    return len(value)


PATTERNS = frozenset({"matches", "find", "findAll"})
FUNCTIONS: Mapping[str, Function] = {
    **authz.FUNCTIONS,
    **collections.FUNCTIONS,
    **conversions.FUNCTIONS,
    **named_formats.FUNCTIONS,
    **net.FUNCTIONS,
    **quantities.FUNCTIONS,
    **semver.FUNCTIONS,
    **texts.FUNCTIONS,
    **times.FUNCTIONS,
    "size": _size,
}
