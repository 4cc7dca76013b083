"""A client of the API server: what every component and the player's kubectl hold.

It has an identity, a place on the network and a budget of requests (20/s with a burst of 30 for a controller). There
are no threads: a request is answered at once, or fails at once with Unreachable (no server, cut link) or Throttled
(budget spent; the caller tries again at the given tick).
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from attrs import evolve

from kubesim_tui.api import scheme, types
from kubesim_tui.api.frozen import Json
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.errors import ApiError, StatusError, Unreachable
from kubesim_tui.apiserver.listing import EXACT, ListOptions, Page
from kubesim_tui.apiserver.notes import Notes
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.apiserver.subresources import NOT_SERVED

T = TypeVar("T", bound=Object)
NO_OPTIONS = Options()
READS = ("get", "list")


class Throttled(ApiError):
    """The client's own budget is spent; `tick` is when it has a request again."""

    def __init__(self, tick: int) -> None:
        super().__init__(f"client rate limiter: next request at tick {tick}")
        self.tick = tick


class Road(Protocol):
    """Whether a request gets from a place to the API server."""

    def open(self) -> bool:
        """Links stand, and the server serves."""
        ...

    def refusal(self, *, write: bool = False) -> ApiError:
        """What is told to who asks while it is not open."""
        ...

    def cached(self) -> int | None:
        """The revision that the watch cache of a server shows which answers, but does not serve; None if none does."""
        ...

    def release(self) -> str:
        """That of the server which is asked, as `v1.37.0`."""
        ...


class Bucket:
    """A token bucket: `qps` tokens a tick, at most `burst`. qps 0: no limit."""

    __slots__ = ("_at", "_tokens", "burst", "qps")

    def __init__(self, qps: int = 0, burst: int = 0) -> None:
        self.qps, self.burst = qps, burst
        self._tokens, self._at = burst, 0

    def take(self, tick: int) -> bool:
        """Take one token; False if there is none."""
        if not self.qps:
            return True
        self._tokens = min(self.burst, self._tokens + (tick - self._at) * self.qps)
        self._at = tick
        if self._tokens <= 0:
            return False
        self._tokens -= 1
        return True


class Client:
    """One identity's way to the door. Resources are named by plural ("pods"), kinds by their class."""

    def __init__(self, server: ApiServer, user: User, road: Road, qps: int = 0, burst: int = 0) -> None:
        self.server, self.user, self.road = server, user, road
        self.bucket = Bucket(qps, burst)
        self.noted = False  # whether the door notes what it does with our requests

    def send(self, request: Request) -> Any:
        """Send a request: Unreachable, Throttled or StatusError if it fails."""
        if not self.road.open():
            raise self.road.refusal(write=request.verb not in READS)
        tick = self.server.etcd.clock.tick
        if not self.bucket.take(tick):
            raise Throttled(tick + 1)
        if self.noted and request.verb not in READS:
            request = evolve(request, notes=Notes())
        return self.server.handle(request)

    def call(self) -> None:
        """Unreachable, if nobody answers at all: for what a server knows by itself."""
        if not self.road.open():
            refused = self.road.refusal()
            if isinstance(refused, Unreachable):
                raise refused

    def page(self, request: Request, options: ListOptions) -> Page:
        """A portion of a list. What may be old (resourceVersion "0") a server has in its watch cache, without etcd."""
        if not self.road.open():
            seen = self.road.cached() if options.resource_version == "0" and not options.token else None
            if seen is None:
                raise self.road.refusal()
            options = ListOptions(resource_version=str(seen), match=EXACT)
        tick = self.server.etcd.clock.tick
        if not self.bucket.take(tick):
            raise Throttled(tick + 1)
        return self.server.page(request, options)

    def get(self, cls: type[T], namespace: str, name: str) -> T:
        """One object, from the server."""
        found: T = self.send(Request(self.user, "get", _resource(cls), namespace, name))
        return found

    def list(self, cls: type[T], namespace: str = "", label_selector: str = "", field_selector: str = "") -> list[T]:
        """Objects sorted by namespace and name."""
        found: list[T] = self.send(
            Request(
                self.user,
                "list",
                _resource(cls),
                namespace,
                label_selector=label_selector,
                field_selector=field_selector,
            )
        )
        return found

    def create(self, obj: T, options: Options = NO_OPTIONS) -> T:
        """Create an object; its namespace and name (or generateName) are in its metadata."""
        meta = obj.metadata
        made: T = self.send(
            Request(self.user, "create", self._resource_of(obj), meta.namespace, meta.name, body=obj, options=options)
        )
        return made

    def update(self, obj: T, options: Options = NO_OPTIONS) -> T:
        """Replace spec and metadata; 409 if its resourceVersion is not the newest."""
        return self._put(obj, "", options)

    def update_status(self, obj: T, options: Options = NO_OPTIONS) -> T:
        """Replace the status."""
        return self._put(obj, "status", options)

    def _resource_of(self, obj: Object) -> Resource:
        """The resource of an object, built in or custom; 404 if its kind is not served (any more)."""
        kind = (obj.api_version, obj.kind)
        found = self.server.resource_for_kind(*kind) or self.server.custom.of_stored(*kind)
        if found is None:
            raise StatusError(404, "NotFound", NOT_SERVED)
        return found

    def _put(self, obj: T, subresource: str, options: Options) -> T:
        meta = obj.metadata
        made: T = self.send(
            Request(
                self.user,
                "update",
                self._resource_of(obj),
                meta.namespace,
                meta.name,
                subresource,
                body=obj,
                options=options,
            )
        )
        return made

    def patch(
        self,
        cls: type[T],
        namespace: str,
        name: str,
        body: Json,
        kind: str = "merge",
        subresource: str = "",
        options: Options = NO_OPTIONS,
    ) -> T:
        """Patch with JSON: kind json, merge, strategic or apply."""
        made: T = self.send(
            Request(
                self.user,
                "patch",
                _resource(cls),
                namespace,
                name,
                subresource,
                body=body,
                patch_type=kind,
                options=options,
            )
        )
        return made

    def delete(self, cls: type[Object], namespace: str, name: str, options: Options = NO_OPTIONS) -> bool:
        """Delete; True if the object is gone already, False if it is being deleted."""
        request = Request(self.user, "delete", _resource(cls), namespace, name, options=options)
        return bool(self.send(request)[1])

    def bind(self, pod: types.Pod, node: str) -> None:
        """Bind a Pod to a node (the scheduler's one write)."""
        meta = pod.metadata
        body = {"target": {"kind": "Node", "name": node}, "metadata": {"uid": meta.uid}}
        self.send(Request(self.user, "create", _resource(types.Pod), meta.namespace, meta.name, "binding", body=body))

    def evict(self, namespace: str, name: str, options: Options = NO_OPTIONS) -> None:
        """Ask for an eviction; 429 if a budget forbids it."""
        self.send(
            Request(self.user, "create", _resource(types.Pod), namespace, name, "eviction", body={}, options=options)
        )


_PLURALS: dict[type[Object], Resource] = {r.cls: r for r in scheme.builtin() if r.cls is not types.Unstructured}


def _resource(cls: type[Object]) -> Resource:
    return _PLURALS[cls]
