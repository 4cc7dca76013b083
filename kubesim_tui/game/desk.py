"""The desk of a player: the campaign, the session that is open, and the recordings of all games.

A front end asks it for sessions (the engine is loaded then, not before) and hands it the outcomes. Every game that ends
or is left in the middle is written to `recordings/LEVEL-TIME.json` in the folder of progress. What cannot be written is
told, and nothing that was there is lost by it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from kubesim_tui.game import folders
from kubesim_tui.game.campaign import Campaign
from kubesim_tui.game.files import SaveError, write_atomic
from kubesim_tui.game.progress import default_folder


class Written(Protocol):
    """Something that has a text to be written to a file."""

    def to_json(self) -> str:
        """The text."""
        ...


class Begun(Protocol):
    """A session, as far as the desk needs to know it (its face is `game.protocol`, which comes with the engine)."""

    def leave(self) -> None:
        """The player goes away: what was begun is kept."""
        ...


def wall() -> datetime:
    """Now, as recordings are named by it."""
    return datetime.now(UTC)


class Recorder:
    """Writes recordings into a folder, none over another. `wrong`: why the last one could not be written."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = wall) -> None:
        self.folder, self.now = folder, now
        self.wrong: SaveError | None = None

    def keep(self, level: str, recording: Written) -> None:
        """Write one; a failure is kept in `wrong`."""
        try:
            write_atomic(self._free(level), recording.to_json())
            self.wrong = None
        except SaveError as error:
            self.wrong = error

    def _free(self, level: str) -> Path:
        name = f"{level}-{self.now():%Y%m%d-%H%M%S}"
        path, n = self.folder / f"{name}.json", 1
        while path.exists():
            n += 1
            path = self.folder / f"{name}-{n}.json"
        return path


class Desk(Campaign):
    """See the module. `folder`: where progress lies (the system's place if None); `seed`: of every session."""

    def __init__(self, folder: Path | None = None, language: str = "", seed: str = "1") -> None:
        super().__init__(folders.catalogue(), folder, language)
        self.seed = seed
        self.recorder = Recorder((folder or default_folder()) / "recordings")
        self._session: Begun | None = None

    def open(self, name: str) -> Any:
        """A Session of a level, by its id, name or folder; the one that was open is left. LevelError, UnknownLevel."""
        from kubesim_tui.game import loader  # the engine, after the first paint
        from kubesim_tui.game.session import Session

        level = loader.load(folders.find(name))
        self.close()
        session = Session(level, self.seed, self.language, keep=lambda done: self.recorder.keep(level.id, done))
        self._session = session
        return session

    def close(self) -> None:
        """The player goes away: a game in the middle is kept."""
        if self._session is not None:
            self._session.leave()
            self._session = None

    def record(self, level: str, state: Any) -> None:
        """Keep the outcome of a finished run; OSError if that, or its recording, cannot be written."""
        if level in self._levels:
            super().record(level, state)
        if self.recorder.wrong is not None:
            raise self.recorder.wrong
