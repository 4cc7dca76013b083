"""Answers that depend on what was sent: a route's decisions about the JSON of a request's body.

The first decision that applies answers. Places are JSON pointers (RFC 6901) in which `*` is any key or index; values
are compared as globs. Texts of the answer may hold pointers, too: `${/request/uid}`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from kubesim_tui.world.images import Decision
from kubesim_tui.world.template import expand

BASE64 = "$base64"
"""A map with this one key stands for the base64 of its value's JSON."""


def decide(decisions: Sequence[Decision], body: str) -> tuple[int, str] | None:
    """(status, body) of the first decision that applies to a request's body; None if none does."""
    try:
        sent = json.loads(body) if body else None
    except (ValueError, RecursionError):
        sent = None
    for decision in decisions:
        if _applies(decision, sent):
            answer = _filled(decision.json, _Pointers(sent))
            return decision.status, json.dumps(answer, separators=(",", ":")) + "\n"
    return None


def _applies(decision: Decision, sent: Any) -> bool:
    wanted = all(_any_fits(sent, at, glob) for at, glob in decision.when.items())
    return wanted and not any(_any_fits(sent, at, glob) for at, glob in decision.unless.items())


def _any_fits(sent: Any, pointer: str, glob: str) -> bool:
    return any(fnmatchcase(_text(value), glob) for value in find(sent, pointer))


def find(value: Any, pointer: str) -> Iterator[Any]:
    """Every value at a pointer."""
    head, _, rest = pointer.removeprefix("/").partition("/")
    if not head:
        yield value
        return
    key = head.replace("~1", "/").replace("~0", "~")
    if isinstance(value, Mapping):
        inner = list(value.values()) if key == "*" else [value[key]] if key in value else []
    elif isinstance(value, list):
        inner = value if key == "*" else value[int(key) : int(key) + 1] if key.isdecimal() else []
    else:
        inner = []
    for item in inner:
        yield from find(item, f"/{rest}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), sort_keys=True)


class _Pointers:
    """Values of the body by their pointers, for templates."""

    __slots__ = ("sent",)

    def __init__(self, sent: Any) -> None:
        self.sent = sent

    def get(self, name: str) -> str | None:
        """The text at a pointer."""
        found = next(find(self.sent, name), None) if name.startswith("/") else None
        return None if found is None else _text(found)


def _filled(value: Any, names: _Pointers) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {BASE64}:
            text = json.dumps(_filled(value[BASE64], names), separators=(",", ":"))
            return base64.b64encode(text.encode()).decode()
        return {k: _filled(v, names) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(v, names) for v in value]
    return expand(value, names) if isinstance(value, str) else value
