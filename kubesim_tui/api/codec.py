"""JSON ↔ typed objects, by the tables that the generated classes carry.

The JSON form is what the world outside sees, and what validation, patches and tables read; the typed form is what the
engine reads. Type codes of `FIELDS`: those of the schema (s i b q t T x y *, []C, {}C), a class name, `r` for
resourceVersion (an integer inside, decimal text outside) and a trailing `!` for a field that is written even when it
is zero. Empty lists, maps, texts and None are left out on the way out, as Go's omitempty does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from kubesim_tui.api import types
from kubesim_tui.api.frozen import EMPTY, FrozenMap, Json, freeze, thaw
from kubesim_tui.api.struct import Struct
from kubesim_tui.api.times import format_micro, format_time, parse_micro, parse_time

S = TypeVar("S", bound=Struct)
Convert = Callable[[Any], Any]
_LONGEST = 20  # digits of a resourceVersion


def decode(cls: type[S], data: Mapping[str, Json]) -> S:
    """The typed form of a JSON object. The JSON must have passed strict decoding; an unknown field goes to `rest`."""
    table = _decoders(cast(Any, cls))
    values: dict[str, Any] = {}
    rest: dict[str, Json] = {}
    for key, value in data.items():
        row = table.get(key)
        if row is None:
            if value is not None:
                rest[key] = freeze(value)
        elif value is not None:
            values[row[0]] = row[1](value) if row[1] else value
    if rest:
        values["rest"] = FrozenMap(rest)
    return cls(**values)


def encode(value: Struct) -> dict[str, Json]:
    """The plain JSON form of a typed piece (for a whole object use `encode_object`)."""
    out: dict[str, Json] = {}
    for name, attribute, always, convert in _encoders(cast(Any, type(value))):
        item = getattr(value, attribute)
        if item is None or (not always and (item == "" or item == () or item == {})):
            continue
        if not always and item == 0 and item is not False and attribute in _zero_counts(cast(Any, type(value))):
            continue
        out[name] = convert(item) if convert else item
    for name, item in value.rest.items():  # type: ignore[attr-defined]
        out[name] = thaw(item)
    return out


def encode_object(value: types.Object) -> dict[str, Json]:
    """The plain JSON form of an object, with apiVersion and kind."""
    out: dict[str, Json] = {"apiVersion": value.api_version, "kind": value.kind}
    out.update(encode(value))
    out.setdefault("metadata", {})
    return out


def decode_object(cls: type[types.Object], data: Mapping[str, Json]) -> types.Object:
    """The typed form of an object's JSON; of a kind without a class of its own, an Unstructured."""
    body = {k: v for k, v in data.items() if k not in ("apiVersion", "kind")}
    if cls is types.Unstructured:
        found = decode(types.Unstructured, body)
        return found.evolve(api_version=data.get("apiVersion", ""), kind=data.get("kind", ""))
    return decode(cls, body)


def decoder_of(cls: type[Struct], name: str) -> Convert:
    """What makes the typed form of one JSON field of a class."""
    return _decoders(cast(Any, cls))[name][1] or _same


def _same(value: Json) -> Json:
    return value


def _class(name: str) -> type[Struct] | None:
    found = getattr(types, name, None)
    return cast("type[Struct] | None", found)


def _decoder(code: str) -> Convert | None:
    if code.startswith("[]"):
        inner = _decoder(code[2:])
        return freeze if inner is None else _ListOf(inner)
    if code.startswith("{}"):
        inner = _decoder(code[2:])
        return freeze if inner is None else _MapOf(inner)
    code = code.rstrip("!")
    plain: dict[str, Convert | None] = {"t": parse_time, "T": parse_micro, "r": _number, "*": freeze, "q": _quantity}
    if code in plain:
        return plain[code]
    cls = _class(code)
    return _Decode(cls) if cls else None


def _encoder(code: str) -> Convert | None:
    if code.startswith("[]"):
        inner = _encoder(code[2:])
        return thaw if inner is None else _EachOf(inner)
    if code.startswith("{}"):
        inner = _encoder(code[2:])
        return thaw if inner is None else _EntriesOf(inner)
    code = code.rstrip("!")
    plain: dict[str, Convert | None] = {"t": format_time, "T": format_micro, "r": _revision, "*": thaw}
    return plain[code] if code in plain else (encode if _class(code) else None)


def _quantity(value: Json) -> str:
    return value if isinstance(value, str) else str(value)


def _number(value: Json) -> int:
    """A resourceVersion; 0 for the text of a template's metadata that is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST else 0


def _revision(value: int) -> str | None:
    return str(value) if value else None


class _Decode:
    """Decode into one class."""

    def __init__(self, cls: type[Struct]) -> None:
        self.cls = cls

    def __call__(self, value: Json) -> Struct:
        return decode(self.cls, value)


class _ListOf:
    def __init__(self, inner: Convert) -> None:
        self.inner = inner

    def __call__(self, value: Json) -> tuple[Any, ...]:
        return tuple(self.inner(v) for v in value)


class _MapOf:
    def __init__(self, inner: Convert) -> None:
        self.inner = inner

    def __call__(self, value: Json) -> FrozenMap:
        return FrozenMap((k, self.inner(v)) for k, v in value.items()) if value else EMPTY


class _EachOf:
    def __init__(self, inner: Convert) -> None:
        self.inner = inner

    def __call__(self, value: Any) -> list[Json]:
        return [self.inner(v) for v in value]


class _EntriesOf:
    def __init__(self, inner: Convert) -> None:
        self.inner = inner

    def __call__(self, value: Any) -> dict[str, Json]:
        return {k: self.inner(v) for k, v in value.items()}


@cache
def _decoders(cls: Any) -> dict[str, tuple[str, Convert | None]]:
    return {name: (attribute, _decoder(code)) for name, attribute, code in cls.FIELDS}


@cache
def _encoders(cls: Any) -> tuple[tuple[str, str, bool, Convert | None], ...]:
    """(JSON name, attribute, whether it is written even when empty, its encoder). What may be None means its ""."""
    fresh = cls()
    rows = [(n, a, c.endswith("!") or getattr(fresh, a) is None, _encoder(c)) for n, a, c in cls.FIELDS]
    return tuple(rows)


@cache
def _zero_counts(cls: Any) -> frozenset[str]:
    """Counts whose absence is the same as 0 (their attribute's default is 0): not written when 0."""
    fresh = cls()
    return frozenset(a for _, a, _ in cls.FIELDS if getattr(fresh, a) == 0 and getattr(fresh, a) is not False)
