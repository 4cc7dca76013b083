"""Values against their schema, in upstream's words (kube-openapi pkg/validation, and what the server makes of it).

`spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"`. On an update, a part
that is as it was is not looked at again (ratcheting): so that a tightened schema does not hold up other changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kubesim_tui.api import fielderror
from kubesim_tui.api.fielderror import FieldError
from kubesim_tui.apiserver.apiextensions import formats
from kubesim_tui.apiserver.apiextensions.listtype import key_of
from kubesim_tui.apiserver.apiextensions.schema import Bounds, Schema
from kubesim_tui.kernel.regex import compiled

TYPE, TOO_MANY = "FieldValueTypeInvalid", "FieldValueTooMany"
UNKNOWN = object()
"""There is no old value to compare with."""
ROOT = "<nil>"


def validate(value: Any, schema: Schema, path: str = "", old: Any = UNKNOWN) -> Iterator[FieldError]:
    """What is wrong with a value and all in it. `old`: what it was before."""
    if old is not UNKNOWN and _same(value, old):
        return
    wrong = _type(value, schema, path)
    if wrong is not None:
        yield wrong
    if value is None:
        if schema.bounds.enum:
            yield from _enum(value, schema.bounds, path)
        return
    yield from _junctors(value, schema, path)
    if isinstance(value, str):
        yield from _text(value, schema, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema.bounds, path)
    if isinstance(value, list):
        yield from _items(value, schema, path, old)
    if schema.bounds.enum:
        yield from _enum(value, schema.bounds, path)
    if isinstance(value, dict):
        yield from _fields(value, schema, path, old)


def _same(value: Any, old: Any) -> bool:
    return type(value) is type(old) and bool(value == old)


def _failure(path: str, said: str, value: Any = "", reason: str = "FieldValueInvalid") -> FieldError:
    text = fielderror.invalid("", value, f"{path} in body {said}").message
    return FieldError(path or ROOT, reason, text)


# -- types -------------------------------------------------------------------------------------------------------


def type_of(value: Any) -> str:
    """The JSON type of a value, as messages name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for cls, name in ((str, "string"), (int, "integer"), (float, "number"), (list, "array")):
        if isinstance(value, cls):
            return name
    return "object"


def _type(value: Any, schema: Schema, path: str) -> FieldError | None:
    wanted, found = schema.types, type_of(value)
    if not wanted or found in wanted or (value is None and schema.nullable):
        return None
    if found == "integer" and "number" in wanted:
        return None
    if found == "number" and "integer" in wanted and float(value).is_integer():
        return None
    return _failure(path, f'must be of type {",".join(wanted)}: "{found}"', found, TYPE)


# -- logic -------------------------------------------------------------------------------------------------------


def _junctors(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    if schema.any_of:
        failures = [list(validate(value, s, path)) for s in schema.any_of]
        if all(failures):
            yield _logic(path, "must validate at least one schema (anyOf)")
            yield from min(failures, key=len)
    if schema.one_of:
        yield from _one_of(value, schema, path)
    if schema.all_of:
        found = [list(validate(value, s, path)) for s in schema.all_of]
        for failures_of_one in found:
            yield from failures_of_one
        if any(found):
            none = "" if not all(found) else ". None validated"
            yield _logic(path, f"must validate all the schemas (allOf){none}")
    if schema.not_ is not None and not any(True for _ in validate(value, schema.not_, path)):
        yield _logic(path, "must not validate the schema (not)")


def _one_of(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    failures = [list(validate(value, s, path)) for s in schema.one_of]
    valid = sum(not f for f in failures)
    if valid == 1:
        return
    said = f"Found {valid} valid alternatives" if valid else "Found none valid"
    yield _logic(path, f"must validate one and only one schema (oneOf). {said}")
    if not valid:
        yield from min(failures, key=len)


def _logic(path: str, said: str) -> FieldError:
    """These errors have no place of their own upstream."""
    return fielderror.invalid(ROOT, "", f"{fielderror.quoted(path)} {said}")


# -- scalars -----------------------------------------------------------------------------------------------------


def _text(value: str, schema: Schema, path: str) -> Iterator[FieldError]:
    bounds = schema.bounds
    if bounds.max_length is not None and len(value) > bounds.max_length:
        yield fielderror.too_long(path or ROOT, bounds.max_length)
    elif bounds.min_length is not None and len(value) < bounds.min_length:
        yield _failure(path, f"should be at least {bounds.min_length} chars long", value)
    elif bounds.pattern and not compiled(bounds.pattern).matches(value):
        yield _failure(path, f"should match '{bounds.pattern}'", value)
    if schema.format and not formats.fits(schema.format, value):
        yield _failure(path, f"must be of type {schema.format}: {fielderror.quoted(value)}", value, TYPE)


def _number(value: float, bounds: Bounds, path: str) -> Iterator[FieldError]:
    whole = isinstance(value, int)
    if bounds.multiple_of and value % bounds.multiple_of:
        yield _failure(path, f"should be a multiple of {shown(bounds.multiple_of, whole=whole)}", value)
    most, least = bounds.maximum, bounds.minimum
    if most is not None and (value > most or (value == most and bounds.exclusive_maximum)):
        word = "less than" if bounds.exclusive_maximum else "less than or equal to"
        yield _failure(path, f"should be {word} {shown(most, whole=whole)}", value)
    if least is not None and (value < least or (value == least and bounds.exclusive_minimum)):
        word = "greater than" if bounds.exclusive_minimum else "greater than or equal to"
        yield _failure(path, f"should be {word} {shown(least, whole=whole)}", value)


def shown(number: float, *, whole: bool) -> str:
    """A number as Go prints a float64 with %v, or an int64 where the value is one."""
    if whole or isinstance(number, bool):
        return str(int(number))
    text = repr(float(number))
    mantissa, _, exponent = text.partition("e")
    if not exponent and abs(number) >= 1e21:
        return f"{number:e}"
    mantissa = mantissa.removesuffix(".0")
    return mantissa if not exponent else f"{mantissa}e{int(exponent):+03d}"


def _enum(value: Any, bounds: Bounds, path: str) -> Iterator[FieldError]:
    if any(_equal(value, allowed) for allowed in bounds.enum):
        return
    words = [v if isinstance(v, str) else json.dumps(v, separators=(",", ":")) for v in bounds.enum]
    yield fielderror.not_supported(path or ROOT, value, words)


def _equal(value: Any, allowed: Any) -> bool:
    if isinstance(value, list) and isinstance(allowed, tuple):
        return len(value) == len(allowed) and all(map(_equal, value, allowed))
    return isinstance(value, bool) == isinstance(allowed, bool) and bool(value == allowed)


# -- lists and maps ----------------------------------------------------------------------------------------------


def too_many(path: str, count: int, most: int) -> FieldError:
    """More items or fields than allowed."""
    said = f"Too many: {count}: must have at most {most} item{'s' if most != 1 else ''}"
    return FieldError(path or ROOT, TOO_MANY, said)


def _items(value: list[Any], schema: Schema, path: str, old: Any) -> Iterator[FieldError]:
    bounds = schema.bounds
    if bounds.min_items is not None and len(value) < bounds.min_items:
        yield _failure(path, f"should have at least {bounds.min_items} items", len(value))
    if bounds.max_items is not None and len(value) > bounds.max_items:
        yield too_many(path, len(value), bounds.max_items)
    if schema.items is None:
        return
    for i, item in enumerate(value):
        yield from validate(item, schema.items, f"{path}[{i}]", old_item(item, schema, old))


def old_item(item: Any, schema: Schema, old: Any, missing: Any = UNKNOWN) -> Any:
    """What an item of a list was: only the items of map lists can be told from one another."""
    if schema.list_type != "map" or not isinstance(old, list):
        return missing
    key = key_of(item, schema.list_keys)
    return next((o for o in old if key_of(o, schema.list_keys) == key), missing)


def _fields(value: dict[str, Any], schema: Schema, path: str, old: Any) -> Iterator[FieldError]:
    bounds = schema.bounds
    if bounds.min_properties is not None and len(value) < bounds.min_properties:
        yield _failure(path, f"should have at least {bounds.min_properties} properties", len(value))
        return
    if bounds.max_properties is not None and len(value) > bounds.max_properties:
        yield too_many(path, len(value), bounds.max_properties)
        return
    before = old if isinstance(old, dict) else {}
    for name in sorted(value):
        known = schema.properties.get(name) or schema.additional
        if known is not None:
            at = f"{path}.{name}" if path else name
            yield from validate(value[name], known, at, before.get(name, UNKNOWN))
    for name in schema.required:
        if name not in value:
            yield fielderror.required(f"{path}.{name}" if path else name)
