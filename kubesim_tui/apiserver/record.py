"""The recorder of Events: what a component says about an object, counted when it repeats itself.

As client-go does: an Event with the same source, object, type, reason and message as an earlier one counts it up
instead of making a new one; per source and object at most 25 at a burst, then one in 300 s (the spam filter).
Recording never fails the caller: without a road to the server, the Event is lost.
"""

from __future__ import annotations

from kubesim_tui.api.types import Event, EventSource, Object, ObjectMeta, ObjectReference
from kubesim_tui.apiserver.client import Client, Throttled
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options

BURST, REFILL = 25, 300
MOST_OBJECTS = 4096
"""Of how many objects a recorder remembers what it said (client-go's maxLruCacheEntries); the oldest is forgotten."""
NORMAL, WARNING = "Normal", "Warning"
_OPTIONS = Options()


def reference(obj: Object, field_path: str = "") -> ObjectReference:
    """An involvedObject that names an object."""
    meta = obj.metadata
    return ObjectReference(
        api_version=obj.api_version,
        kind=obj.kind,
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        resource_version=str(meta.resource_version) if meta.resource_version else "",
        field_path=field_path,
    )


class Recorder:
    """One component's voice. `host` is the machine for components of a node."""

    def __init__(self, client: Client, component: str, host: str = "") -> None:
        self.client, self.component, self.host = client, component, host
        self._seen: dict[str, dict[tuple[str, ...], tuple[str, str]]] = {}  # uid → what was said → the Event's key
        self._spam: dict[str, tuple[int, int]] = {}  # object uid → (tokens, tick of the last look)
        self._source = EventSource(component=component, host=host)

    def event(self, obj: Object, type_: str, reason: str, message: str, field_path: str = "") -> None:
        """Say something about an object."""
        self.refer(reference(obj, field_path), type_, reason, message)

    def refer(self, about: ObjectReference, type_: str, reason: str, message: str) -> None:
        """Say something about what a reference names."""
        clock = self.client.server.etcd.clock
        if not self._allowed(about.uid or about.name, clock.tick):
            return
        said = (about.field_path, type_, reason, message)
        seen = _entry(self._seen, about.uid or about.name)
        try:
            if (known := seen.get(said)) is not None and self._count_up(known, clock.now):
                return
            seen[said] = self._create(about, type_, reason, message, clock.now)
        except (ApiError, Throttled):
            return

    def _allowed(self, uid: str, tick: int) -> bool:
        tokens, at = self._spam.get(uid, (BURST, tick))
        earned = (tick - at) // REFILL
        tokens, at = (min(BURST, tokens + earned), at + earned * REFILL) if tokens < BURST else (BURST, tick)
        if tokens <= 0:
            return False
        self._spam.pop(uid, None)
        self._spam[uid] = (tokens - 1, at)
        if len(self._spam) > MOST_OBJECTS:
            del self._spam[next(iter(self._spam))]
        return True

    def _count_up(self, key: tuple[str, str], now: int) -> bool:
        try:
            found = self.client.get(Event, *key)
        except StatusError:
            return False
        self.client.update(found.evolve(count=(found.count or 0) + 1, last_timestamp=now))
        return True

    def _create(self, about: ObjectReference, type_: str, reason: str, message: str, now: int) -> tuple[str, str]:
        namespace = about.namespace or "default"
        # client-go names an Event after its object and the time in hexadecimal nanoseconds; the revision is as unique
        name = f"{about.name}.{(now * 1_000_000_000 + self.client.server.etcd.revision):016x}"
        made = Event(
            metadata=ObjectMeta(namespace=namespace, name=name),
            involved_object=about,
            reason=reason,
            message=message,
            type=type_,
            source=self._source,
            reporting_component=self.component,
            reporting_instance=self.host,
            first_timestamp=now,
            last_timestamp=now,
            count=1,
        )
        self.client.create(made, _OPTIONS)
        return namespace, name

    def forget(self, uid: str) -> None:
        """An object is gone: what was said of it need not be remembered."""
        self._spam.pop(uid, None)
        self._seen.pop(uid, None)


def _entry(seen: dict[str, dict[tuple[str, ...], tuple[str, str]]], uid: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """What was said of an object; room is made by forgetting the one spoken of first."""
    found = seen.get(uid)
    if found is None:
        found = seen[uid] = {}
        if len(seen) > MOST_OBJECTS:
            del seen[next(iter(seen))]
    return found
