"""What the screens outside a level ask of their app."""

from __future__ import annotations

from typing import Protocol


class TitleHost(Protocol):
    """The app, as title and level list know it."""

    def open_level(self, level: str) -> None:
        """Start a level."""
        ...

    def open_campaign(self) -> None:
        """The list of levels."""
        ...

    def open_help(self) -> None:
        """All keys."""
        ...

    def next_theme(self) -> None:
        """The next palette."""
        ...

    def next_language(self) -> None:
        """The other language."""
        ...

    def theme_name(self) -> str:
        """The palette's name, in the player's language."""
        ...
