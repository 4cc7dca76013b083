"""The stations between a client's JSON and a typed object: decoding, defaults, admission, preparation, validation.

Each either changes the JSON in place or refuses with a StatusError that names its station.
"""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

from kubesim_tui.api import fielderror
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import conversion, defaults, errors
from kubesim_tui.apiserver.admission.admission import Admission
from kubesim_tui.apiserver.apiextensions import objects
from kubesim_tui.apiserver.apiextensions.resource import CustomResource
from kubesim_tui.apiserver.errors import Cause
from kubesim_tui.apiserver.registry import disabled, meta
from kubesim_tui.apiserver.registry.store import Registry
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.validation import strict
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_metadata, validate_status, validate_update

JsonMap = dict[str, Any]
_TEXT = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
MOST_BYTES = 3 * 1024 * 1024
MOST_DEPTH = 200
"""Levels of lists and maps: Go reads 10,000, Python's stack does not."""
SYSTEM_FIELDS = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")
"""What the server alone writes: taken from the stored object when an update leaves it out."""
KEPT = ("creationTimestamp", "deletionTimestamp", "generation")
"""… and whatever an update says."""
STAMPED = frozenset({*SYSTEM_FIELDS, "namespace"})
"""What no patch of a webhook or policy changes."""


class Stations(Protocol):
    """What the stations need of the API server."""

    registry: Registry
    admission: Admission
    warnings: list[str]


def check_limits(body: Any) -> None:
    """Refuse a client's body of more than 3 MiB (413), and one that is nested too deeply (400)."""
    try:
        text = _TEXT.encode(body)
    except RecursionError:
        raise _too_deep() from None
    if len(text) * 4 > MOST_BYTES and len(text.encode(errors="replace")) > MOST_BYTES:
        said = f"Request entity too large: limit is {MOST_BYTES}"
        raise errors.StatusError(413, "RequestEntityTooLarge", said).at("decoding")
    if text.count("{") + text.count("[") > MOST_DEPTH and _deeper(body, MOST_DEPTH):
        raise _too_deep()


def _too_deep() -> errors.StatusError:
    return errors.bad_request("json: exceeded max depth").at("decoding")


def _deeper(value: Any, depth: int) -> bool:
    """Whether a value has more levels than that."""
    level = [value]
    while level and depth:
        held = [v.values() if isinstance(v, dict) else v for v in level if isinstance(v, dict | list | tuple)]
        level = [inner for some in held for inner in some]
        depth -= 1
    return bool(level)


def json_object(body: Any) -> JsonMap:
    """A client's body as JSON of our own, to be changed in place; 400 if it is no object."""
    if not isinstance(body, dict):
        raise errors.bad_request("couldn't get version/kind; json parse error: the body is no object").at("decoding")
    found: JsonMap = thaw(body)
    return found


def decode(door: Stations, request: Request, data: JsonMap, old: Object | None) -> Object:
    """The typed form of an object that has passed all stations."""
    resource, notes = request.resource, request.notes
    door.warnings += _checked(resource, data, request.options.validation)
    before = conversion.to_version(resource, encode_object(old)) if old is not None else None
    if before is None:
        _new_metadata(door, request, data)
    else:
        known_metadata(door, request, data, before)
    if notes is not None:
        notes.begin(data)
    _fill_in(resource, data)
    if notes is not None:
        notes.worked("defaulting", data)
    name, stamped = data["metadata"].get("name"), {k: v for k, v in data["metadata"].items() if k in STAMPED}
    patched, warnings = door.admission.mutate(request, data, old)
    door.warnings += warnings
    if patched:
        data |= {"apiVersion": resource.api_version, "kind": resource.kind}
        _checked(resource, data, strict.IGNORE)
        data["metadata"] = {"name": name, **(data.get("metadata") or {}), **stamped}
        _fill_in(resource, data)
    if old is not None:
        check_versions(resource, data["metadata"], old)
    strategy = door.registry.strategy(resource)
    if before is None:
        strategy.requested(data, request.user)
    if request.subresource != "status":
        disabled.drop(resource, data)
        strategy.prepare(data, before, door.registry.context)
    validate(request, data, before)
    if notes is not None:
        notes.passed("validation")
    door.warnings += door.admission.review(request, data, old) or ()
    return decode_object(resource.cls, conversion.to_storage(resource, data))


def _checked(resource: Resource, data: JsonMap, level: str) -> list[str]:
    if isinstance(resource, CustomResource):
        return [*([resource.warning] if resource.warning else []), *objects.decode(resource, data, level)]
    return strict.check(resource, data, level)


def _fill_in(resource: Resource, data: JsonMap) -> None:
    if isinstance(resource, CustomResource):
        objects.set_defaults(resource, data)
    else:
        defaults.set_defaults(resource, data)


def _new_metadata(door: Stations, request: Request, data: JsonMap) -> None:
    resource = request.resource
    given = _metadata(request, data)
    given["uid"] = door.registry.new_uid()
    for name in (*SYSTEM_FIELDS[1:], "resourceVersion", "selfLink"):
        given.pop(name, None)
    if not given.get("name") and given.get("generateName"):
        given["name"] = door.registry.free_name(resource, given.get("namespace", ""), given["generateName"])
    strategy = door.registry.strategy(resource)
    if strategy.has_status and not strategy.keeps_status:
        data.pop("status", None)


def known_metadata(door: Stations, request: Request, data: JsonMap, before: JsonMap) -> None:
    """What an update may leave out of the metadata is filled in from what is stored."""
    given, known = _metadata(request, data), before["metadata"]
    if not given.get("resourceVersion"):
        given["resourceVersion"] = _unconditional_version(door, request.resource, known)
    name = given.setdefault("name", request.name)
    if name != request.name:
        text = f"the name of the object ({name}) does not match the name on the URL ({request.name})"
        raise errors.bad_request(text).at("decoding")
    for field in SYSTEM_FIELDS:
        if known.get(field) is not None and (given.get(field) is None or field in KEPT):
            given[field] = known[field]
    if known.get("generation") is None:
        given.pop("generation", None)


def _unconditional_version(door: Stations, resource: Resource, known: JsonMap) -> Any:
    """The newest resourceVersion, for an update that names none; 422 for a kind whose updates must name one."""
    if door.registry.strategy(resource).unconditional:
        return known.get("resourceVersion")
    wrong = fielderror.invalid("metadata.resourceVersion", 0, "must be specified for an update")
    cause = Cause(wrong.reason, wrong.message, wrong.field)
    raise errors.invalid(resource.group, resource.kind, known["name"], [cause]).at("etcd")


def check_versions(resource: Resource, given: JsonMap, old: Object) -> None:
    """A conflict is told before anything that may only follow from it. (Versions are numbers here.)"""
    text = str(given.get("resourceVersion") or "0")
    if not re.fullmatch("[0-9]+", text):
        said = f"strconv.ParseUint: parsing {fielderror.quoted(text)}: invalid syntax"
        raise errors.StatusError(500, "", said).at("etcd")
    meta.check_versions(resource, given.get("uid") or "", int(text), old.metadata)


def check_unversioned(request: Request) -> None:
    """500 for a new object that says which version it has. (One that is no number counts as none.)"""
    given = request.body.get("metadata") if isinstance(request.body, dict) else None
    version = str((given or {}).get("resourceVersion") or "0")
    if re.fullmatch("[0-9]+", version) and int(version) and not request.options.dry_run:
        raise errors.StatusError(500, "", "resourceVersion should not be set on objects to be created").at("etcd")


def _metadata(request: Request, data: JsonMap) -> JsonMap:
    """The metadata, with the namespace of the request."""
    given: JsonMap = data.get("metadata") or {}
    data["metadata"] = given
    if not request.resource.namespaced:
        given.pop("namespace", None)
        return given
    namespace = given.get("namespace") or request.namespace
    if namespace != request.namespace:
        text = "the namespace of the provided object does not match the namespace sent on the request"
        raise errors.bad_request(text).at("decoding")
    given["namespace"] = namespace
    return given


def validate(request: Request, data: JsonMap, before: JsonMap | None) -> None:
    """422 with every cause why an object or a change is invalid."""
    resource: Resource = request.resource
    if isinstance(resource, CustomResource):
        causes = objects.causes(resource, data, before, status=request.subresource == "status")
    elif before is None:
        causes = validate_create(resource, data)
    else:
        unchanged = data["metadata"] == before["metadata"]  # and so as good as when they were stored
        causes = [] if unchanged else validate_metadata(resource, data, before)
        if request.subresource == "status":
            causes += validate_status(resource, data, before)
        else:
            causes += validate_update(resource, data, before, request.subresource)
    if causes:
        causes = list(dict.fromkeys(causes))  # metadata are asked twice
        name = data["metadata"].get("name") or ""
        raise errors.invalid(resource.group, resource.kind, name, causes).at("validation")
