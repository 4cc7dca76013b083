"""The latest Events."""

from __future__ import annotations

from itertools import islice

from kubesim_tui.api import types
from kubesim_tui.cluster.picture.look import Look
from kubesim_tui.cluster.view import EventView, Ref

MOST = 200


def event_views(look: Look, epoch: int) -> tuple[EventView, ...]:
    """The last ones that were written, oldest first. `epoch`: the second that is tick 0."""
    newest = islice(reversed(look.etcd.table("events").objects.values()), MOST)
    found = [_view(e, epoch) for e in newest if isinstance(e, types.Event)]
    found.reverse()
    return tuple(sorted(found, key=_tick))


def _tick(event: EventView) -> int:
    return event.tick


def _view(event: types.Event, epoch: int) -> EventView:
    about = event.involved_object or types.ObjectReference()
    when = (event.last_timestamp or event.first_timestamp or epoch) - epoch
    target = Ref(about.kind, about.namespace, about.name)
    return EventView(when, event.type, event.reason, target, event.message, event.count or 1)
