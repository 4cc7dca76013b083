"""KYAML (-o kyaml): YAML in flow style with quoted texts, trailing commas, and braces that show where things end."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_RESERVED = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")


def dump(data: Any) -> str:
    """One document."""
    return f"---\n{_value(data, 0)}\n"


def _value(value: Any, level: int) -> str:
    pad, end = "  " * (level + 1), "  " * level
    if isinstance(value, dict) and value:
        rows = "".join(f"{pad}{_key(k)}: {_value(v, level + 1)},\n" for k, v in sorted(value.items()))
        return f"{{\n{rows}{end}}}"
    if isinstance(value, list) and value:
        if all(isinstance(v, dict) and v for v in value):
            return "[" + ", ".join(_value(v, level) for v in value) + "]"
        return "[\n" + "".join(f"{pad}{_value(v, level + 1)},\n" for v in value) + f"{end}]"
    if isinstance(value, str) and "\n" in value:
        return _lines(value, pad)
    return json.dumps(value, ensure_ascii=False)


def _lines(text: str, pad: str) -> str:
    """A text of several lines, each on a line of its own; blanks at its start are kept by a backslash."""
    *lines, last = text.split("\n")
    rows = [f"{_line(line)}\\n\\" for line in lines] + ([f"{_line(last)}\\"] if last else [])
    return '"\\\n' + "".join(f"{pad}{row}\n" for row in rows) + f'{pad}"'


def _line(text: str) -> str:
    lead = "\\" if text[:1] in (" ", "\t") else " "
    return lead + "".join(_escaped(c) for c in text)


def _escaped(c: str) -> str:
    if c in '"\\':
        return f"\\{c}"
    return c if c == "\t" or c.isprintable() else f"\\x{ord(c):02x}"


def _key(key: str) -> str:
    return key if _PLAIN.fullmatch(key) and key.lower() not in _RESERVED else json.dumps(key, ensure_ascii=False)
