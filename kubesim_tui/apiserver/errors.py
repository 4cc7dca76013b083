"""What the API server refuses, in its own words: `Status` objects, raised as exceptions.

Texts follow k8s.io/apimachinery/pkg/api/errors to the letter; kubectl prints them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.api.frozen import Json


@frozen
class Cause:
    """One reason why an object is invalid: upstream's cause type, message and field path."""

    reason: str  # FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, FieldValueForbidden …
    message: str
    field: str = ""


class ApiError(Exception):
    """Any failure of a request, as the client sees it."""


class Unreachable(ApiError):
    """No answer: the API server is down, or a link to it is cut."""


@frozen
class Details:
    """What a Status is about."""

    name: str = ""
    group: str = ""
    kind: str = ""  # the plural, but for Invalid the Kind
    uid: str = ""
    causes: tuple[Cause, ...] = ()
    retry_after: int = 0


class StatusError(ApiError):
    """A request that was answered with a Status of failure."""

    def __init__(self, code: int, reason: str, message: str, details: Details | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message
        self.details = details or Details()
        self.station = ""  # which station of the door refused
        self.places = tuple((c.field, f"{c.field}: {c.message}") for c in self.details.causes if c.field)
        """What is wrong where: (field, text). More than is sent: decoding sends no causes, but knows its fields."""

    def at(self, station: str) -> StatusError:
        """The same error, refused at a station: "authorization", "validation", "admission/ResourceQuota" …."""
        self.station = station
        return self

    def about(self, places: Iterable[tuple[str, str]]) -> StatusError:
        """The same error, with the fields that it is about."""
        self.places = tuple(places)
        return self

    @property
    def fields(self) -> list[str]:
        """The fields that are wrong, each once, in the order in which they were found."""
        return list(dict.fromkeys(field for field, _ in self.places))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (self.code, self.reason, self.message, self.details, self.station, self.places))

    def to_json(self) -> dict[str, Json]:
        """The Status object as a client receives it."""
        details: dict[str, Json] = {k: v for k in ("name", "group", "kind", "uid") if (v := getattr(self.details, k))}
        if self.details.causes:
            details["causes"] = [
                {k: v for k, v in (("reason", c.reason), ("message", c.message), ("field", c.field)) if v}
                for c in self.details.causes
            ]
        if self.details.retry_after:
            details["retryAfterSeconds"] = self.details.retry_after
        status: dict[str, Json] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        status |= {"message": self.message, "reason": self.reason}
        if details:
            status["details"] = details
        status["code"] = self.code
        return status


def _again(code: int, reason: str, message: str, details: Details, station: str, places: Any) -> StatusError:
    return StatusError(code, reason, message, details).at(station).about(places)


def not_found(group: str, plural: str, name: str) -> StatusError:
    """404 `deployments.apps "web" not found`."""
    what = f"{plural}.{group}" if group else plural
    return StatusError(404, "NotFound", f'{what} "{name}" not found', Details(name, group, plural))


def already_exists(group: str, plural: str, name: str) -> StatusError:
    """409 `pods "x" already exists`."""
    what = f"{plural}.{group}" if group else plural
    return StatusError(409, "AlreadyExists", f'{what} "{name}" already exists', Details(name, group, plural))


def generate_name_conflict(group: str, plural: str, name: str) -> StatusError:
    """409 for a name that the server has drawn; the client may try again in a second."""
    what = f"{plural}.{group}" if group else plural
    said = f'{what} "{name}" already exists, the server was not able to generate a unique name for the object'
    return StatusError(409, "AlreadyExists", said, Details(name, group, plural, retry_after=1))


def conflict(group: str, plural: str, name: str, why: str = "") -> StatusError:
    """409: somebody wrote in between."""
    what = f"{plural}.{group}" if group else plural
    text = why or ("the object has been modified; please apply your changes to the latest version and try again")
    return StatusError(
        409, "Conflict", f'Operation cannot be fulfilled on {what} "{name}": {text}', Details(name, group, plural)
    )


def invalid(group: str, kind: str, name: str, causes: Sequence[Cause]) -> StatusError:
    """422 with every cause: `Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be …`."""
    what = f"{kind}.{group}" if group else kind
    texts: list[str] = []
    for c in causes:
        text = f"{c.field}: {c.message}" if c.field else c.message
        if text not in texts:
            texts.append(text)
    said = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f'{what} "{name}" is invalid' + (f": {said}" if texts else "")
    return StatusError(422, "Invalid", message, Details(name, group, kind, causes=tuple(causes)))


def bad_request(message: str) -> StatusError:
    """400."""
    return StatusError(400, "BadRequest", message)


def forbidden(group: str, plural: str, name: str, why: str) -> StatusError:
    """403 `pods "x" is forbidden: …`, or without a name `pods is forbidden: …`."""
    what = f"{plural}.{group}" if group else plural
    subject = f'{what} "{name}"' if name else what
    return StatusError(403, "Forbidden", f"{subject} is forbidden: {why}", Details(name, group, plural))


def too_many_requests(message: str, retry_after: int = 0, causes: Sequence[Cause] = ()) -> StatusError:
    """429."""
    return StatusError(429, "TooManyRequests", message, Details(causes=tuple(causes), retry_after=retry_after))


def gone(message: str) -> StatusError:
    """410: the watch is older than the journal."""
    return StatusError(410, "Expired", message)


def method_not_allowed(group: str, plural: str, verb: str) -> StatusError:
    """405."""
    what = f"{plural}.{group}" if group else plural
    text = f'{verb} is not supported on resources of kind "{what}"'
    return StatusError(405, "MethodNotAllowed", text, Details(group=group, kind=plural))


def internal(message: str) -> StatusError:
    """500."""
    return StatusError(500, "InternalError", f"Internal error occurred: {message}")
