"""JSON patch (RFC 6902): a list of operations, each on one place named by a JSON pointer. All succeed, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubesim_tui.api.frozen import Json, thaw
from kubesim_tui.apiserver.patch.json_merge import same
from kubesim_tui.apiserver.patch.schema import PatchError

MOST_OPERATIONS = 10_000


def apply(document: Json, operations: Json) -> Json:
    """The document after all operations. PatchError names the operation's fault."""
    if not isinstance(operations, list | tuple):
        raise PatchError("json: cannot unmarshal object into Go value of type jsonpatch.Patch", malformed=True)
    result = thaw(document)
    for operation in operations:
        if not isinstance(operation, dict):
            raise PatchError("json: cannot unmarshal into Go value of type jsonpatch.Operation", malformed=True)
        run = _OPERATIONS.get(str(operation.get("op")))
        if run is None:
            raise PatchError(f"Unexpected kind: {operation.get('op', 'unknown')}")
        result = run(result, operation)
    return result


def _path(operation: dict[str, Any], name: str = "path") -> list[str]:
    text = operation.get(name)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise PatchError(f"operation {operation.get('op')}: missing or invalid {name}: {text}")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _value(operation: dict[str, Any]) -> Json:
    if "value" not in operation:
        raise PatchError(f"operation {operation['op']}: missing value")
    return thaw(operation["value"])


def _index(part: str, length: int) -> int:
    """A list index within [0, length); negative ones count from the end, as the library of Kubernetes allows."""
    try:
        index = int(part)
    except ValueError:
        raise PatchError(f"value was not a proper array index: {part}") from None
    if index < 0:
        index += length
    if not 0 <= index < length:
        raise PatchError(f"Unable to access invalid index: {part}")
    return index


def _step(holder: Json, part: str, path: str) -> Json:
    if isinstance(holder, dict) and part in holder:
        return holder[part]
    if isinstance(holder, list):
        return holder[_index(part, len(holder))]
    raise PatchError(f"doc is missing path: {path}: missing value")


def _get(document: Json, parts: list[str]) -> Json:
    for part in parts:
        document = _step(document, part, "/" + "/".join(parts))
    return document


def _add(document: Json, operation: dict[str, Any]) -> Json:
    return _insert(document, _path(operation), _value(operation))


def _insert(document: Json, parts: list[str], value: Json) -> Json:
    if not parts:
        return value
    holder = _get(document, parts[:-1])
    if isinstance(holder, dict):
        holder[parts[-1]] = value
    elif isinstance(holder, list):
        at = len(holder) if parts[-1] == "-" else _index(parts[-1], len(holder) + 1)
        holder.insert(at, value)
    else:
        raise PatchError(f"add operation does not apply: doc is missing path: /{'/'.join(parts)}: missing value")
    return document


def _remove(document: Json, operation: dict[str, Any]) -> Json:
    return _delete(document, _path(operation))


def _delete(document: Json, parts: list[str]) -> Json:
    if not parts:
        raise PatchError("remove operation does not apply: cannot remove the whole document")
    holder, last = _get(document, parts[:-1]), parts[-1]
    if isinstance(holder, list):
        del holder[_index(last, len(holder))]
    elif isinstance(holder, dict) and last in holder:
        del holder[last]
    else:
        raise PatchError(f"remove operation does not apply: doc is missing path: /{'/'.join(parts)}: missing value")
    return document


def _replace(document: Json, operation: dict[str, Any]) -> Json:
    parts = _path(operation)
    if not parts:
        return _value(operation)
    holder, last = _get(document, parts[:-1]), parts[-1]
    if isinstance(holder, list):
        holder[_index(last, len(holder))] = _value(operation)
    elif isinstance(holder, dict) and last in holder:
        holder[last] = _value(operation)
    else:
        raise PatchError(f"replace operation does not apply: doc is missing key: {operation['path']}: missing value")
    return document


def _move(document: Json, operation: dict[str, Any]) -> Json:
    source = _path(operation, "from")
    value = _get(document, source)
    return _insert(_delete(document, source), _path(operation), value)


def _copy(document: Json, operation: dict[str, Any]) -> Json:
    return _insert(document, _path(operation), thaw(_get(document, _path(operation, "from"))))


def _test(document: Json, operation: dict[str, Any]) -> Json:
    parts, wanted = _path(operation), operation.get("value")
    try:
        found = _get(document, parts)
    except PatchError:
        if wanted is not None:
            raise
        found = None
    if not same(found, wanted):
        raise PatchError(f"testing value {operation['path']} failed: test failed")
    return document


_OPERATIONS: dict[str, Callable[[Json, dict[str, Any]], Json]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
