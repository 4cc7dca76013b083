"""From one type to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel.operators import overload, whole
from kubesim_tui.apiserver.apiextensions.cel.values import SECOND, CelError, Duration, Timestamp, duration, timestamp


def string(value: Any) -> str:
    """`string(x)`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Duration):
        seconds, rest = divmod(abs(value.nanos), SECOND)
        return f"{'-' if value.nanos < 0 else ''}{seconds}.{rest:09}".rstrip("0").rstrip(".") + "s"
    if isinstance(value, Timestamp):
        return value.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        return _shown(value)
    return str(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_shown(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_shown(k)}: {_shown(v)}" for k, v in sorted(value.items())) + "}"
    return string(value)


def _int(value: Any) -> int:
    if isinstance(value, Timestamp):
        return value.nanos // SECOND
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise overload()
    return whole(int(value))


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise overload()
    return float(value)


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
    if not isinstance(value, str) or value.lower() not in words:
        raise CelError("type conversion error from 'string' to 'bool'")
    return words[value.lower()]


def _type_name(value: Any) -> str:
    names: dict[type, str] = {
        bool: "bool", int: "int", float: "double", str: "string", bytes: "bytes", list: "list", dict: "map",
        type(None): "null_type", Timestamp: "google.protobuf.Timestamp", Duration: "google.protobuf.Duration",
    }  # fmt: skip
    return names.get(type(value), "dyn")


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "string": string,
    "int": _int,
    "uint": _int,
    "double": _double,
    "bool": _bool,
    "bytes": lambda value: value if isinstance(value, bytes) else value.encode(),
    "dyn": lambda value: value,
    "type": _type_name,
    "duration": lambda value: value if isinstance(value, Duration) else duration(value),
    "timestamp": lambda value: value if isinstance(value, Timestamp) else timestamp(value),
}
