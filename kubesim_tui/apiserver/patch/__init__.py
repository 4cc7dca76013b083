"""Patches: JSON patch, JSON merge patch, strategic merge patch, server-side apply.

All work on plain JSON; the door decodes, defaults and validates the result as it does any object.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.frozen import Json, thaw
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.errors import Details, StatusError
from kubesim_tui.apiserver.patch import json_merge, json_patch, managed, strategic
from kubesim_tui.apiserver.patch.schema import PatchError
from kubesim_tui.apiserver.request import Options

UNKNOWN_FORMAT = (
    "the body of the request was in an unknown format - accepted media types include: "
    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
)
REJECTED = "the server rejected our request due to an error in our request"


def apply(
    resource: Resource, current: dict[str, Any], patch: Json, kind: str, options: Options, now: int = 0
) -> dict[str, Any]:
    """The object after the patch. Kinds: json, merge, strategic, apply. StatusError as the API server gives it.

    `now` (Unix seconds): when a server-side apply is made.
    """
    if kind == "apply":
        return managed.apply(resource, current, patch, options, now)
    try:
        return _apply(resource, current, patch, kind)
    except PatchError as wrong:
        if wrong.malformed:
            raise errors.bad_request(str(wrong)) from None
        raise StatusError(422, "Invalid", REJECTED, Details()) from wrong


def _apply(resource: Resource, current: dict[str, Any], patch: Json, kind: str) -> dict[str, Any]:
    if kind == "json":
        if isinstance(patch, list) and len(patch) > json_patch.MOST_OPERATIONS:
            raise _too_many(len(patch))
        result = json_patch.apply(current, patch)
    elif kind == "merge":
        result = json_merge.merge(current, thaw(patch))
    elif kind == "strategic":
        if resource.cls is types.Unstructured and "." not in resource.definition:
            raise StatusError(415, "UnsupportedMediaType", UNKNOWN_FORMAT)
        result = strategic.apply(resource.definition, current, patch)
    else:
        raise StatusError(415, "UnsupportedMediaType", UNKNOWN_FORMAT)
    if not isinstance(result, dict):
        raise PatchError("the patch leaves no object")
    return result


def _too_many(count: int) -> StatusError:
    text = f"The allowed maximum operations in a JSON patch is {json_patch.MOST_OPERATIONS}, got {count}"
    return StatusError(413, "RequestEntityTooLarge", text)
