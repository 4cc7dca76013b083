"""Watches: what a client hears of a kind from a revision on.

A watch is data that is asked again (`poll`); it reads etcd's journal. An object that comes into a selection is ADDED
for that watch, one that leaves it DELETED. Bookmarks say how far it has come when nothing else does.
"""

from __future__ import annotations

from typing import Any, Protocol

from attrs import define, field, frozen

from kubesim_tui.api import fielderror
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import conversion, errors, listing, selection
from kubesim_tui.apiserver.etcd import ADDED, DELETED, MODIFIED, Change, Etcd
from kubesim_tui.apiserver.listing import NOT_OLDER, ListOptions
from kubesim_tui.apiserver.request import Request

BOOKMARK = "BOOKMARK"
INITIAL_END = "k8s.io/initial-events-end"
BOOKMARK_PERIOD = 60
"""Ticks of silence after which a watch that wants bookmarks gets one."""


class Server(Protocol):
    """What a watch needs of the API server."""

    etcd: Etcd

    def authorize(self, request: Request) -> None:
        """403 unless the user may do what the request wants."""
        ...


@frozen
class WatchOptions:
    """What a watch takes besides selectors."""

    resource_version: str = ""
    match: str = ""
    bookmarks: bool = False  # allowWatchBookmarks
    initial: bool | None = None  # sendInitialEvents


@frozen(eq=False)
class Event:
    """One piece of news."""

    type: str  # ADDED, MODIFIED, DELETED, BOOKMARK
    object: Object


def transition(resource: Resource, change: Change, label_selector: str = "", field_selector: str = "") -> str:
    """What a change is to who has chosen some objects: ADDED, MODIFIED, DELETED, or "" (nothing)."""

    def chosen(obj: Object | None) -> bool:
        return obj is not None and bool(selection.select(resource, [obj], label_selector, field_selector))

    before = change.type != ADDED and chosen(change.previous)
    now = change.type != DELETED and chosen(change.object)
    if now:
        return MODIFIED if before else ADDED
    return DELETED if before else ""


@define(eq=False)
class Watch:
    """One client's watch. Raises StatusError when it is opened wrongly, or falls behind the journal (410)."""

    server: Server
    request: Request
    options: WatchOptions = field(factory=WatchOptions)
    since: int = field(init=False, default=0)
    _spoken: int = field(init=False, default=0)  # the tick of the last event
    _first: list[Event] = field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        self.server.authorize(self.request)
        _check(self.options)
        etcd, wanted = self.server.etcd, listing.parse_version(self.options.resource_version)
        if wanted > etcd.revision and self.options.initial:
            raise listing.too_large(wanted, etcd.revision)
        self._spoken = etcd.clock.tick
        shows_all = self.options.initial or (self.options.initial is None and not wanted)
        self.since = etcd.revision if shows_all or not wanted else wanted
        if self.since < etcd.compacted:
            raise _too_old(self.since, etcd.compacted)
        if shows_all:
            found = listing.page(etcd, _unpaged(self.request), ListOptions()).items
            self._first = [Event(ADDED, self._shown(obj)) for obj in found]
            if self.options.initial and self.options.bookmarks:
                self._first.append(self._bookmark({INITIAL_END: "true"}))

    def poll(self) -> list[Event]:
        """What is new since the last time."""
        etcd = self.server.etcd
        if self.since < etcd.compacted:
            raise _too_old(self.since, etcd.compacted)
        events, self._first = self._first, []
        for change in etcd.since(self.since):
            events += self._event(change)
        self.since = max(self.since, etcd.revision)
        if events:
            self._spoken = etcd.clock.tick
        elif self.options.bookmarks and etcd.clock.tick - self._spoken >= BOOKMARK_PERIOD:
            self._spoken = etcd.clock.tick
            events.append(self._bookmark({}))
        return events

    def _event(self, change: Change) -> list[Event]:
        request = self.request
        if change.resource != request.resource.group_resource:
            return []
        if request.namespace and change.key[0] != request.namespace:
            return []
        type_ = transition(request.resource, change, request.label_selector, request.field_selector)
        if not type_:
            return []
        obj = change.object
        if type_ == DELETED and change.type != DELETED and change.previous is not None:
            meta = change.previous.metadata.evolve(resource_version=change.revision)
            obj = change.previous.evolve(metadata=meta)
        return [Event(type_, self._shown(obj))]

    def _shown(self, obj: Object) -> Object:
        resource = self.request.resource
        found: Object = conversion.answer(resource, obj) if conversion.converts(resource) else obj
        return found

    def _bookmark(self, annotations: dict[str, str]) -> Event:
        resource = self.request.resource
        meta: dict[str, Any] = {"resourceVersion": str(self.server.etcd.revision)}
        if annotations:
            meta["annotations"] = annotations
        data = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": meta}
        return Event(BOOKMARK, decode_object(resource.cls, data))


def _unpaged(request: Request) -> Request:
    return Request(
        request.user,
        "list",
        request.resource,
        request.namespace,
        label_selector=request.label_selector,
        field_selector=request.field_selector,
    )


def _too_old(since: int, compacted: int) -> errors.StatusError:
    return errors.gone(f"too old resource version: {since} ({compacted})")


def _check(options: WatchOptions) -> None:
    path, wrong = "resourceVersionMatch", []
    if options.initial is None and options.match:
        said = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        wrong.append(fielderror.forbidden(path, said))
    elif options.initial is not None:
        if options.match != NOT_OLDER:
            said = f"sendInitialEvents requires setting resourceVersionMatch to {NOT_OLDER}"
            wrong.append(fielderror.forbidden(path, said))
        if options.match and options.match != NOT_OLDER:
            wrong.append(fielderror.not_supported(path, options.match, (NOT_OLDER,)))
    if wrong:
        raise listing.invalid_options(wrong)
