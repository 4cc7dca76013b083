"""The levels that there are, as a front end lists them. Shown before anything of the engine is loaded.

It imports nothing: the finished game that `record` takes is known by what is asked of it.
"""

from __future__ import annotations

from typing import Any, Protocol

from attrs import frozen


@frozen
class LevelCard:
    """A level in the list: what it is called, and the best that the player has done there."""

    id: str  # "0-1"
    title: str
    goal: str
    minutes: int
    mode: str  # "drill" or "incident"
    open: bool
    won: bool = False
    stars: int = 0  # 0–3
    medals: tuple[str, ...] = ()  # of "served", "cost", "changes"
    story: bool = False  # a war story: an outage that really happened


@frozen
class Chapter:
    """A chapter of the campaign."""

    number: int
    title: str
    levels: tuple[LevelCard, ...]
    open: bool
    note: str = ""  # what opens it, in the player's language, while it is closed


class CampaignLike(Protocol):
    """The levels that there are and how far the player has come (`game.campaign` is the real one).

    It is asked before the first paint, so it must not load the engine.
    """

    language: str  # "en" or "zh"; titles follow it

    @property
    def notice(self) -> str:
        """What the player should be told of the file of progress (it was unreadable …); "" if all is well."""
        ...

    def chapters(self) -> tuple[Chapter, ...]:
        """All chapters in order, with the player's stars and medals."""
        ...

    def next_level(self) -> str:
        """The level that *Continue* opens: the first open one that is not won; "" if all are."""
        ...

    def record(self, level: str, state: Any) -> None:
        """Keep the outcome of a finished run (a GameState), if it is better; OSError if it cannot be written."""
        ...

    def set_language(self, language: str) -> None:
        """Remember the player's language; OSError if it cannot be written."""
        ...
