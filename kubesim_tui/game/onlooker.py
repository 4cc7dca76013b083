"""What can be looked into while a game runs, as a spectator does: nobody is asked, and nothing changes by it."""

from __future__ import annotations

from kubesim_tui.apiserver.request import Record
from kubesim_tui.cluster.picture.course import Course, course, writes
from kubesim_tui.cluster.picture.followed import Followed, Sort
from kubesim_tui.cluster.picture.request import follow, only_way, sorts
from kubesim_tui.cluster.picture.room import Room, room
from kubesim_tui.game.game import Game


class Onlooker:
    """Mixed into the session."""

    game: Game

    def requests(self) -> tuple[Sort, ...]:
        """The sorts of requests that can be followed."""
        return sorts(self.game.cluster.traffic)

    def request(self, sort: Sort, number: int) -> Followed:
        """One of a sort: of the last tick, else from when it was looked into, else as far as it is known."""
        game = self.game
        if not sort.reason or sort.last == game.tick - 1:
            found = follow(game.cluster.fabric, game.cluster.traffic, sort, number)
            if found is not None:
                return found
        known = game.diagnoses.of(sort.stream).get((sort.code, sort.way))
        return (known.sample if known is not None else None) or only_way(sort)

    def room(self) -> Room:
        """The machine room."""
        return room(self.game.cluster)

    def writes(self) -> tuple[Record, ...]:
        """The player's last writes, the newest first."""
        return writes(self.game.cluster, self.game.player.name)

    def course(self, write: Record) -> Course:
        """What became of a write, step by step, up to now."""
        return course(self.game.cluster, write)
