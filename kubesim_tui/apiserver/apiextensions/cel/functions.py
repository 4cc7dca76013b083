"""The functions of CEL and of Kubernetes' libraries, by name, and what a call costs.

A function is called with its target first: `a.contains(b)` is contains(a, b).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel import collections, conversions, libraries, texts, times
from kubesim_tui.apiserver.apiextensions.cel.operators import is_number, overload, whole
from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Unsupported

Function = Callable[..., Any]


def call(name: str, args: Sequence[Any]) -> Any:
    """The value of a function. Unsupported if there is none of that name here."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise Unsupported(name)
    try:
        return function(*args)
    except CelError:
        raise
    except (TypeError, AttributeError):
        raise overload() from None
    except (ValueError, OverflowError, OSError) as wrong:
        raise CelError(str(wrong)) from None


def cost(args: Sequence[Any]) -> int:
    """What a call costs beyond 1: a tenth of the texts that it reads, and the lists."""
    return sum(
        len(a) // 10 if isinstance(a, str | bytes) else len(a) for a in args if isinstance(a, str | bytes | list)
    )


def _size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str | bytes | list | dict):
        raise overload()
    return len(value)


def _abs(value: Any) -> Any:
    if not is_number(value):
        raise overload()
    return whole(abs(value)) if isinstance(value, int) else abs(value)


FUNCTIONS: Mapping[str, Function] = {
    **collections.FUNCTIONS,
    **conversions.FUNCTIONS,
    **libraries.FUNCTIONS,
    **texts.FUNCTIONS,
    **times.FUNCTIONS,
    "size": _size,
    "math.abs": _abs,
}
