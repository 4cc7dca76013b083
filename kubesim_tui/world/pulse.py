"""A pulse that all machines of a world share: whoever keeps answers looks whether it has beaten since.

It beats whenever a request may meet something else than before: a container that starts, stops or reads other files, an
address that comes or goes, a machine that is switched on or off.
"""

from __future__ import annotations

from typing import Any, Protocol

from attrs import define, field


class Listener(Protocol):
    """Told of every beat."""

    def beat(self) -> None:
        """Something has changed."""
        ...


@define(eq=False, repr=False)
class Pulse:
    """`beats` only grows. `members`: the containers of replicated databases, whom a change may concern.

    `roles`: the containers that are a part of the cluster itself, by what they are; perhaps some that have ended.
    """

    beats: int = 0
    members: dict[str, Any] = field(factory=dict)  # world.container.Container by its id
    roles: dict[str, dict[str, Any]] = field(factory=dict)
    listener: Listener | None = None
    ears: dict[str, Listener] = field(factory=dict)  # who is told when a container begins to play a role

    def begin(self, role: str, container: Any) -> None:
        """A container plays a role from now on."""
        self.roles.setdefault(role, {})[container.id] = container
        if role in self.ears:
            self.ears[role].beat()

    def playing(self, role: str) -> list[Any]:
        """The containers of a role that have not ended."""
        known = self.roles.get(role, {})
        for identity in [name for name, container in known.items() if container.exit_code is not None]:
            del known[identity]
        return list(known.values())

    def beat(self) -> None:
        """Something has changed."""
        self.beats += 1
        if self.members and self.listener is not None:
            self.listener.beat()
