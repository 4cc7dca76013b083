"""The ways of what a container asks for of its own accord: they begin as calls do, and it is told as a user is."""

from __future__ import annotations

from kubesim_tui.traffic import gate
from kubesim_tui.traffic.network import Place
from kubesim_tui.traffic.routing import Router, opens_for_each
from kubesim_tui.traffic.way import Destination
from kubesim_tui.world.plan import Call


class Caller(Router):
    """Builds the way of one thing that a container asks for."""

    def asked(self, call: Call, place: Place) -> tuple[Destination, Destination | None]:
        """Where its requests go, and the questions for a name that come before them (None: there are none)."""
        lead = self._lead(call, place)
        found = self._to(call, place, lead)
        found.call, found.answer = call, lead.answer
        opens = opens_for_each(call, place.container)
        found.gate = self._front(found, gate.of_call(self.fabric, call, place, lead.answer, found) if opens else None)
        if not opens or found.fail is not None:
            return found, None
        face = self.fabric.face(self.fabric.origin(place.machine, place.container))
        return found, self._lookups.before(call, place, lead.answer, face)
