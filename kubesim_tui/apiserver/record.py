"""The recorder of Events: what a component says about an object, counted when it repeats itself.

As client-go does: an Event with the same source, object, type, reason and message as an earlier one counts it up
instead of making a new one; per source and object at most 25 at a burst, then one in 300 s (the spam filter).
An Event's name ends in a digest of what it says, so that an earlier one is found in the store and need not be
remembered. Recording never fails the caller: without a road to the server, the Event is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from sys import intern

from kubesim_tui.api.types import Event, EventSource, Object, ObjectMeta, ObjectReference
from kubesim_tui.apiserver.client import Client, Throttled
from kubesim_tui.apiserver.errors import ApiError
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
        field_path=intern(field_path),
    )


class Recorder:
    """One component's voice. `host` is the machine for components of a node; `log` is told all that is said, too."""

    def __init__(
        self,
        client: Client,
        component: str,
        host: str = "",
        log: Callable[[ObjectReference, str, str, str], None] | None = None,
    ) -> None:
        self.client, self.component, self.host, self.log = client, component, host, log
        self._spam: dict[str, tuple[int, int]] = {}  # object uid → (tokens, tick of the last look)
        self._source = EventSource(component=component, host=host)
        self._last: ObjectReference | None = None

    def event(self, obj: Object, type_: str, reason: str, message: str, field_path: str = "") -> None:
        """Say something about an object. What is said in a row about one object shares its reference."""
        known = self._last
        if known is None or known.uid != obj.metadata.uid or known.field_path != field_path or not known.uid:
            known = self._last = reference(obj, field_path)
        self.refer(known, type_, reason, message)

    def refer(self, about: ObjectReference, type_: str, reason: str, message: str) -> None:
        """Say something about what a reference names."""
        clock = self.client.server.etcd.clock
        if self.log is not None:
            self.log(about, type_, reason, message)
        if not self._allowed(about.uid or about.name, clock.tick):
            return
        try:
            self._say(about, type_, reason, message, clock.now)
        except (ApiError, Throttled):
            return

    def _say(self, about: ObjectReference, type_: str, reason: str, message: str, now: int) -> None:
        namespace = about.namespace or "default"
        said = "\n".join((self.component, self.host, about.uid, about.field_path, type_, reason, message))
        # client-go ends the name in the time, in as many hexadecimal digits
        name = f"{about.name}.{blake2b(said.encode(), digest_size=8).hexdigest()}"
        known = self.client.server.etcd.get("events", (namespace, name))
        if isinstance(known, Event):
            self.client.update(known.evolve(count=(known.count or 0) + 1, last_timestamp=now))
        else:
            self._create(namespace, name, about, type_, reason, message, now)

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

    def _create(
        self, namespace: str, name: str, about: ObjectReference, type_: str, reason: str, message: str, now: int
    ) -> None:
        made = Event(
            metadata=ObjectMeta(namespace=namespace, name=name),
            involved_object=about,
            reason=reason,
            message=intern(message),  # most are said of many objects
            type=type_,
            source=self._source,
            reporting_component=self.component,
            reporting_instance=self.host,
            first_timestamp=now,
            last_timestamp=now,
            count=1,
        )
        self.client.create(made, _OPTIONS)

    def clear(self) -> None:
        """The process has lost its memory, and with it what it said of whom."""
        self._spam.clear()
        self._last = None

    def forget(self, uid: str) -> None:
        """An object is gone: what was said of it need not be remembered."""
        self._spam.pop(uid, None)
