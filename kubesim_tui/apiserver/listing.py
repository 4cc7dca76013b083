"""Lists in portions, and lists of a moment: limit, continue, resourceVersion and resourceVersionMatch.

A portion names the revision that the first one showed; the rest is of that same moment for as long as the journal goes
back to it (410 afterwards, with a token that goes on inconsistently). Texts: apiserver's storage and ListOptions.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from attrs import frozen

from kubesim_tui.api import fielderror
from kubesim_tui.api.fielderror import FieldError
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import errors, selection
from kubesim_tui.apiserver.errors import Cause, Details, StatusError
from kubesim_tui.apiserver.etcd import Etcd, Name
from kubesim_tui.apiserver.request import Request

EXACT, NOT_OLDER = "Exact", "NotOlderThan"
TOKEN_VERSION = "meta.k8s.io/v1"
INCONSISTENT = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)
NOW = -1
"""In a token: of whatever moment there is now."""


@frozen
class ListOptions:
    """What a list takes besides selectors; texts as clients send them."""

    limit: int = 0  # none, as one below 0
    token: str = ""  # continue
    resource_version: str = ""
    match: str = ""  # resourceVersionMatch


@frozen(eq=False)
class Page:
    """A portion of a list: its objects, the revision that it shows, how to go on, and how many are left (if known)."""

    items: tuple[Object, ...]
    resource_version: int
    token: str = ""
    remaining: int | None = None


class Expired(StatusError):
    """410 for a token that is too old; `token` goes on with what there is now."""

    def __init__(self, token: str) -> None:
        super().__init__(410, "Expired", INCONSISTENT)
        self.token = token


def page(etcd: Etcd, request: Request, options: ListOptions) -> Page:
    """A portion of the objects that a list request chooses, as they are stored."""
    check(options)
    start, asked = _start(request, options)
    revision = _revision(etcd, options, asked, start)
    table = etcd.at(request.resource.group_resource, revision)
    keys = sorted(k for k in table if (not request.namespace or k[0] == request.namespace) and k > start)
    chosen = selection.select(
        request.resource, [table[k] for k in keys], request.label_selector, request.field_selector
    )
    if options.limit <= 0 or len(chosen) <= options.limit:
        return Page(tuple(chosen), revision)
    shown = chosen[: options.limit]
    last = (shown[-1].metadata.namespace, shown[-1].metadata.name)
    left = None if request.label_selector or request.field_selector else len(chosen) - options.limit
    return Page(tuple(shown), revision, _token(request, last, revision), left)


# -- which moment ------------------------------------------------------------------------------------------------


def _revision(etcd: Etcd, options: ListOptions, asked: int, start: Name) -> int:
    if options.token:
        if asked == NOW:
            return etcd.revision
        if asked > etcd.revision:
            raise too_large(asked, etcd.revision)
        if asked < etcd.compacted:
            raise Expired(_encoded({"v": TOKEN_VERSION, "rv": NOW, "start": _joined(start)}))
        return asked
    wanted = parse_version(options.resource_version)
    if wanted > etcd.revision:
        raise too_large(wanted, etcd.revision)
    exact = options.match == EXACT or (not options.match and wanted and options.limit)
    if not exact or not wanted:
        return etcd.revision
    if wanted < etcd.compacted:
        raise StatusError(410, "Expired", "The resourceVersion for the provided list is too old.")
    return wanted


DIGITS = 20
"""Of the largest number of 64 bits."""


def parse_version(text: str) -> int:
    """A resourceVersion as a number ("" is 0); 400 if it is none."""
    if not text:
        return 0
    if not text.isascii() or not text.isdigit():
        said = f"strconv.ParseUint: parsing {fielderror.quoted(text)}: invalid syntax"
        raise errors.bad_request(f"invalid resource version: {said}")
    digits = text.lstrip("0") or "0"
    if len(digits) > DIGITS or int(digits) >= 1 << 64:
        said = f"strconv.ParseUint: parsing {fielderror.quoted(text)}: value out of range"
        raise errors.bad_request(f"invalid resource version: {said}")
    return int(digits)


def too_large(wanted: int, current: int) -> StatusError:
    """504 for a revision that is yet to come."""
    text = f"Timeout: Too large resource version: {wanted}, current: {current}"
    cause = Cause("ResourceVersionTooLarge", "Too large resource version")
    return StatusError(504, "Timeout", text, Details(causes=(cause,), retry_after=1))


def check(options: ListOptions) -> None:
    """422 or 400 for options that do not go together."""
    wrong: list[FieldError] = []
    if options.match:
        path = "resourceVersionMatch"
        if not options.resource_version:
            said = "resourceVersionMatch is forbidden unless resourceVersion is provided"
            wrong.append(fielderror.forbidden(path, said))
        if options.token:
            wrong.append(fielderror.forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
        if options.match not in (EXACT, NOT_OLDER):
            wrong.append(fielderror.not_supported(path, options.match, (EXACT, NOT_OLDER)))
        if options.match == EXACT and options.resource_version == "0":
            said = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
            wrong.append(fielderror.forbidden(path, said))
    if wrong:
        raise invalid_options(wrong)
    if options.token and options.resource_version not in ("", "0"):
        raise errors.bad_request("specifying resource version is not allowed when using continue")


def invalid_options(wrong: list[FieldError]) -> StatusError:
    """422 about ListOptions."""
    return errors.invalid("meta.k8s.io", "ListOptions", "", [Cause(e.reason, e.message, e.field) for e in wrong])


# -- tokens ------------------------------------------------------------------------------------------------------


def _token(request: Request, last: Name, revision: int) -> str:
    start = f"{last[1]}\0" if request.namespace or not request.resource.namespaced else f"{last[0]}/{last[1]}\0"
    return _encoded({"v": TOKEN_VERSION, "rv": revision, "start": start})


def _encoded(data: dict[str, Any]) -> str:
    text = json.dumps(data, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _joined(start: Name) -> str:
    return "/".join(part for part in start if part)


def _start(request: Request, options: ListOptions) -> tuple[Name, int]:
    """The last key that has been shown, and the revision of the first portion."""
    if not options.token:
        return ("", ""), 0
    try:
        text = base64.urlsafe_b64decode(options.token + "=" * (-len(options.token) % 4))
        data = json.loads(text)
        version, revision, start = str(data["v"]), int(data["rv"]), str(data["start"])
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError) as wrong:
        raise _bad_token(str(wrong)) from None
    if version != TOKEN_VERSION:
        raise _bad_token(f'server does not recognize this encoded version "{version}"')
    if revision == 0:
        raise _bad_token(f"incorrect encoded start resourceVersion (version {TOKEN_VERSION})")
    key = start.rstrip("\0")
    if not key:
        raise _bad_token(f"encoded start key empty (version {TOKEN_VERSION})")
    namespace, slash, name = key.partition("/")
    if slash:
        return (namespace, name), revision
    return (request.namespace if request.resource.namespaced else "", key), revision


def _bad_token(why: str) -> StatusError:
    return errors.bad_request(f"invalid continue token: continue key is not valid: {why}")
