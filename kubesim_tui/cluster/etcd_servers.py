"""etcd as one API server has it (`--etcd-servers`): the member beside it, or members on machines of their own.

A stacked API server asks its own member only. One whose etcd is external asks whichever member it reaches that hears
the leader, so that it outlives the loss of any of them which leaves a majority.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubesim_tui.apiserver.raft import Members
from kubesim_tui.world.links import Links


class EtcdServers:
    """See the module. `names`: the members that an API server at a place may ask."""

    __slots__ = ("links", "members", "names", "place")

    def __init__(self, place: str, names: Sequence[str], members: Members, links: Links) -> None:
        self.place, self.names, self.members, self.links = place, tuple(names), members, links

    def there(self) -> bool:
        """A member runs and is reached, whatever it says."""
        return any(self.members.processes[name].runs() for name in self._reached())

    def serves(self) -> bool:
        """One that hears the leader is reached."""
        return any(self.members.serves(name) for name in self._reached())

    def _reached(self) -> Iterator[str]:
        return (name for name in self.names if name == self.place or self.links.reachable(self.place, name))
