"""Strict decoding: a client's JSON against the published types of its fields.

Nulls count as unset (in a list of texts as "", of objects as an empty one), as in Go. Quantities are rewritten in their
canonical form. What is wrong is said in the words of Go's decoders: of all wrong types the first is told (a quantity or
time that cannot be read goes before them, since it ends the decoding); unknown fields and duplicates are gathered, and
refuse the object, warn or are dropped as the client wants (fieldValidation). The refusal knows all places.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any

from attrs import Factory, define

from kubesim_tui.api import scheme
from kubesim_tui.api.frozen import Json
from kubesim_tui.api.quantity import QuantityError, from_json
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.times import parse_micro
from kubesim_tui.apiserver import errors

JsonMap = dict[str, Any]
STRICT, WARN, IGNORE = "Strict", "Warn", "Ignore"
_LONGS = frozenset(
    {"generation", "observedGeneration", "revision", "seconds", "sizeBytes", "runAsUser", "runAsGroup", "fsGroup"}
    | {"supplementalGroups", "deletionGracePeriodSeconds", "terminationGracePeriodSeconds", "activeDeadlineSeconds"}
    | {"tolerationSeconds", "expirationSeconds", "startingDeadlineSeconds", "gid", "uid", "user", "defaultUser"}
    | {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "resourceSliceCount"}
)
"""The integers of 64 bits; all others have 32."""


_SCHEMA = "apiextensions.v1.JSONSchemaProps"
_UNIONS: dict[str, type] = {"items": list, "additionalItems": bool, "additionalProperties": bool}
"""Fields of a custom kind's schema that hold a schema or something else."""


_PLAIN: dict[str | None, type] = {"s": str, "b": bool}
"""Values of these types need no look."""


class Wrong(Exception):
    """A value that cannot be decoded; the text is Go's."""


class Ended(Wrong):
    """A value whose own decoder fails: nothing after it is looked at."""


@define
class Findings:
    """What does not fit, by place: unknown fields, and values of a wrong type with what is said of them."""

    unknown: list[str] = Factory(list)
    wrong: list[tuple[str, Wrong]] = Factory(list)

    @property
    def worst(self) -> Wrong:
        """The error that is told."""
        return next((w for _, w in self.wrong if isinstance(w, Ended)), self.wrong[0][1])

    @property
    def places(self) -> list[tuple[str, str]]:
        """(place, text) of all wrong types."""
        return [(place, str(wrong)) for place, wrong in self.wrong]


def check(resource: Resource, data: JsonMap, level: str, duplicates: Sequence[str] = ()) -> list[str]:
    """Bring the JSON of an object into form, in place; 400 if it cannot be decoded.

    `duplicates`: paths of keys that the text of the object had twice. Returns warnings (level Warn).
    """
    check_kind(resource, data)
    if not resource.definition or "." not in resource.definition:
        return []
    found = Findings()
    with suppress(Ended):
        _object(data, resource.definition, "", "", found)
    return judge(resource, found, level, duplicates)


def check_metadata(resource: Resource, data: JsonMap, found: Findings) -> None:
    """Bring the metadata of an object of a custom kind into form, in place."""
    if data.get("metadata") is not None:
        with suppress(Ended):
            data["metadata"] = _value(
                data["metadata"], "meta.v1.ObjectMeta", "metadata", f"{resource.kind}.metadata", found
            )


def object_meta(value: JsonMap) -> tuple[JsonMap, Findings]:
    """Metadata by themselves: a copy in form, and what does not fit."""
    return in_form(value, "meta.v1.ObjectMeta", "metadata")


def in_form(value: JsonMap, definition: str, at: str = "") -> tuple[JsonMap, Findings]:
    """A value that should be of a type: a copy in form, and what does not fit."""
    found, made = Findings(), deepcopy(value)
    with suppress(Ended):
        _object(made, definition, at, "", found)
    return made, found


def judge(resource: Resource, found: Findings, level: str, duplicates: Sequence[str] = ()) -> list[str]:
    """What comes of what does not fit: a 400, warnings or nothing, as the client wants."""
    if found.wrong:
        raise errors.bad_request(_cannot(resource, str(found.worst))).at("decoding").about(found.places)
    strange = [(path, f'duplicate field "{path}"') for path in duplicates]
    strange += [(path, f'unknown field "{path}"') for path in found.unknown]
    if not strange or level == IGNORE:
        return []
    told = [text for _, text in strange]
    if level == WARN:
        return told
    said = f"strict decoding error: {', '.join(told)}"
    raise errors.bad_request(_cannot(resource, said)).at("decoding").about(strange)


def _cannot(resource: Resource, why: str) -> str:
    return f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: {why}'


def check_kind(resource: Resource, data: JsonMap) -> None:
    """What the object says it is must be what the URL says; what it leaves out is filled in."""
    version, kind = data.get("apiVersion"), data.get("kind")
    if version is None and kind is None:
        data["apiVersion"], data["kind"] = resource.api_version, resource.kind
        return
    if not isinstance(kind, str) or not kind:
        said = f"Object 'Kind' is missing in '{json.dumps(data, separators=(',', ':'), default=str)}'"
        raise errors.bad_request(said).at("decoding")
    if not isinstance(version, str) or (version, kind) != (resource.api_version, resource.kind):
        given = f"{version}, Kind={kind}" if version and "/" in str(version) else f"/{version}, Kind={kind}"
        group = resource.api_version if resource.group else f"/{resource.version}"
        said = (
            f"the API version in the data ({version or ''}) does not match the expected API version "
            f"({resource.api_version})"
            if kind == resource.kind
            else f"the object provided is unrecognized (must be of type {resource.kind}): "
            f"couldn't match {given} with {group}, Kind={resource.kind}"
        )
        raise errors.bad_request(said).at("decoding")


def _object(data: JsonMap, definition: str, path: str, go: str, findings: Findings) -> None:
    """Check the fields of one map. `go`: the path as Go's decoder says it, without places in lists and maps."""
    found = scheme.definition(definition)
    if found.open and not found.fields:
        return
    kind = definition.rsplit(".", 1)[1]
    for name in list(data):
        value, code = data[name], found.fields.get(name)
        if type(value) is _PLAIN.get(code):
            continue
        at = f"{path}.{name}" if path else name
        if code is None:
            findings.unknown.append(at)
            del data[name]
        elif value is None:
            del data[name]
        elif definition == _SCHEMA and name in _UNIONS:
            data[name] = _schema_or(value, _UNIONS[name], at, findings)
        else:
            data[name] = _value(value, code, at, f"{kind}.{go}{name}", findings)


def _schema_or(value: Json, other: type, path: str, findings: Findings) -> Json:
    """A schema, or else what JSONSchemaPropsOrArray and …OrBool allow. Their decoders know nothing of strictness."""
    inner = Findings()
    for one in value if isinstance(value, list) and other is list else [value]:
        if isinstance(one, dict):
            with suppress(Ended):
                _object(one, _SCHEMA, "", "", inner)
        elif not (other is bool and isinstance(one, bool)):
            said = (
                "boolean or JSON schema expected" if other is bool else f"{_kind(one)} where a JSON schema is expected"
            )
            inner.wrong.append(("", Ended(said)))
    if inner.wrong:
        wrong = Ended(str(inner.worst))
        findings.wrong.append((path, wrong))
        raise wrong
    return value


def _value(value: Json, code: str, path: str, field: str, findings: Findings) -> Json:
    """A value of a type code; `field` is how Go names the place (struct and path)."""
    try:
        if len(code) == 1:
            return _scalar(value, code, field)
        if code.startswith("[]"):
            return _list(value, code[2:], path, field, findings)
        if code.startswith("{}"):
            return _map(value, code[2:], path, field, findings)
        if not isinstance(value, dict):
            raise Wrong(_unmarshal(value, field, _go_type(code)))
    except Ended as wrong:
        if not findings.wrong or findings.wrong[-1][1] is not wrong:
            findings.wrong.append((path, wrong))
        raise
    except Wrong as wrong:
        findings.wrong.append((path, wrong))
        return value
    _object(value, code, path, f"{field.partition('.')[2]}.", findings)
    return value


def _list(value: Json, code: str, path: str, field: str, found: Findings) -> Json:
    if not isinstance(value, list):
        raise Wrong(_unmarshal(value, field, f"[]{_go_type(code)}"))
    return [_zero(code) if v is None else _value(v, code, f"{path}[{i}]", field, found) for i, v in enumerate(value)]


def _map(value: Json, code: str, path: str, field: str, found: Findings) -> Json:
    if not isinstance(value, dict):
        raise Wrong(_unmarshal(value, field, f"map[string]{_go_type(code)}"))
    return {k: _zero(code) if v is None else _value(v, code, f"{path}.{k}", field, found) for k, v in value.items()}


def _zero(code: str) -> Json:
    """What null is in a list or map."""
    if code.startswith("[]"):
        return []
    if code.startswith("{}") or len(code) > 1:
        return {}
    return {"s": "", "y": "", "i": 0, "n": 0, "b": False, "q": "0", "x": 0}.get(code)


def _scalar(value: Json, code: str, field: str) -> Json:
    if code in ("s", "y", "b"):
        return _plain(value, code, field)
    if code == "i":
        return _integer(value, field)
    if code == "q":
        return _quantity(value, field)
    if code in ("t", "T"):
        return _time(value, field)
    if code == "x":
        if isinstance(value, bool) or not isinstance(value, int | str):
            if isinstance(value, float) and value == int(value):
                return int(value)
            raise Wrong(_unmarshal(value, field, "intstr.IntOrString" if isinstance(value, float) else "int32"))
        return value
    if code == "n" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Wrong(_unmarshal(value, field, "float64"))
    return value


def _plain(value: Json, code: str, field: str) -> Json:
    if code == "b":
        if not isinstance(value, bool):
            raise Wrong(_unmarshal(value, field, "bool"))
        return value
    if not isinstance(value, str):
        raise Wrong(_unmarshal(value, field, "string" if code == "s" else "[]uint8"))
    if code == "y":
        _bytes(value)
    return value


def _bytes(value: str) -> None:
    """Base64, as Go's decoder wants it (line breaks are allowed)."""
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"illegal base64 data at input byte {_first_wrong(value)}") from None


def _first_wrong(value: str) -> int:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    clean = value.replace("\n", "").replace("\r", "")
    for i, character in enumerate(clean):
        if character not in alphabet:
            return i
    return len(clean) // 4 * 4


def _integer(value: Json, field: str) -> int:
    bits = 64 if field.rsplit(".", 1)[-1] in _LONGS else 32
    limit = 1 << (bits - 1)
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    if not whole or not -limit <= value < limit:
        raise Wrong(_unmarshal(value, field, f"int{bits}"))
    return int(value)


def _quantity(value: Json, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong(f"json: cannot unmarshal {_kind(value)} into Go struct field {field} of type resource.Quantity")
    try:
        amount = from_json(value)
    except QuantityError as wrong:
        raise Ended(str(wrong)) from None
    return str(amount.round_up(-3)[0])


def _time(value: Json, field: str) -> str:
    if not isinstance(value, str):
        raise Wrong(_unmarshal(value, field, "string"))
    if value:
        try:
            parse_micro(value)
        except ValueError as wrong:
            raise Ended(str(wrong)) from None
    return value


def _unmarshal(value: Json, field: str, wanted: str) -> str:
    shown = f"number {_number(value)}" if _kind(value) == "number" and "int" in wanted and "map" not in wanted else ""
    return f"json: cannot unmarshal {shown or _kind(value)} into Go struct field {field} of type {wanted}"


def _number(value: Json) -> str:
    return repr(value)


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def _go_package(code: str) -> str:
    """`core.v1.PodSpec` is `v1.PodSpec` to Go."""
    return code.split(".")[-2]


def _go_type(code: str) -> str:
    if code.startswith("[]"):
        return f"[]{_go_type(code[2:])}"
    if code.startswith("{}"):
        return f"map[string]{_go_type(code[2:])}"
    plain = {"s": "string", "i": "int32", "n": "float64", "b": "bool", "q": "resource.Quantity", "y": "[]uint8"}
    return plain.get(code) or (f"{_go_package(code)}.{code.rsplit('.', 1)[1]}" if len(code) > 1 else "interface {}")
