"""What kubectl wait --for waits for: `condition=Ready`, `jsonpath='{.status.phase}'=Running`, `delete`, `create`."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kubesim_tui.api import jsonpath
from kubesim_tui.kubectl.fail import error

Data = dict[str, Any]
FORMAT = (
    "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or "
    "--for=jsonpath='{.status.readyReplicas}'"
)
NO_VALUE = "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3"


class Unmeetable(Exception):
    """The condition cannot be judged on this object."""


@frozen
class For:
    """A parsed --for. kind: delete, create, condition, jsonpath. `value` "" of a jsonpath: any."""

    kind: str
    name: str = ""
    value: str = ""

    def met(self, data: Data) -> bool:
        """Whether an object meets it; Unmeetable if the question makes no sense there."""
        return _condition(self, data) if self.kind == "condition" else _path(self, data)


def parse(text: str) -> For:
    """Read --for. Fail in kubectl's words."""
    lower = text.lower()
    if lower in ("delete", "create"):
        return For(lower)
    if lower.startswith("condition="):
        name, equals, value = text[len("condition=") :].partition("=")
        return For("condition", name, value if equals else "true")
    if lower.startswith("jsonpath="):
        return _parse_path(text.removeprefix("jsonpath="))
    raise error(f'unrecognized condition: "{text}"')


def _parse_path(text: str) -> For:
    parts = _split(text)
    if not 1 <= len(parts) <= 2:
        raise error(FORMAT)
    if not parts[0]:
        raise error("jsonpath expression cannot be empty")
    try:
        path = jsonpath.relaxed(parts[0])
        jsonpath.parse(path)
    except jsonpath.JsonPathError as wrong:
        raise error(str(wrong)) from None
    if len(parts) == 1:
        return For("jsonpath", path)
    value = parts[1].strip("'\"")
    if not value:
        raise error(NO_VALUE)
    return For("jsonpath", path, value)


def _split(text: str) -> list[str]:
    """Split at single `=`; `==` belongs to a filter."""
    return [part.replace("\0", "==") for part in text.replace("==", "\0").split("=")]


def _condition(wanted: For, data: Data) -> bool:
    status = data.get("status") or {}
    for condition in status.get("conditions") or ():
        if str(condition.get("type", "")).lower() != wanted.name.lower() or "status" not in condition:
            continue
        generation = data["metadata"].get("generation")
        seen = condition.get("observedGeneration", status.get("observedGeneration"))
        if generation is not None and seen is not None and seen < generation:
            return False
        return str(condition["status"]).lower() == wanted.value.lower()
    return False


def _path(wanted: For, data: Data) -> bool:
    try:
        found = jsonpath.find(jsonpath.parse(wanted.name), data, missing=True)
    except jsonpath.JsonPathError as wrong:
        raise Unmeetable(str(wrong)) from None
    if not found:
        return False
    if len(found) > 1:
        raise Unmeetable("given jsonpath expression matches more than one value")
    if not wanted.value:
        return True
    value = found[0]
    if isinstance(value, dict | list | tuple):
        raise Unmeetable("jsonpath leads to a nested object or list which is not supported")
    text = "<nil>" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text.strip() == wanted.value.strip()
