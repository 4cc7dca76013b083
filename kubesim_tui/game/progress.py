"""What a player has reached: stars, medals and best figures a level, kept between sessions.

One small JSON file where the system keeps such things (platformdirs), versioned and written atomically. A file that
cannot be read is never overwritten: it is set aside under another name, and the player is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
from attrs import evolve, frozen

from kubesim_tui.game.files import write_atomic

VERSION = 1


def default_folder() -> Path:
    """Where progress and recordings lie on this system."""
    return Path(platformdirs.user_data_dir("kubesim", appauthor=False))


@frozen
class Best:
    """The best of a level, each figure from whichever run was best (failed, cost and changes: lower is better)."""

    stars: int = 0
    medals: tuple[str, ...] = ()
    failed: int | None = None
    cost_milli: int | None = None
    changes: int | None = None
    runs: int = 0

    def with_run(self, stars: int, medals: tuple[str, ...], failed: int, cost_milli: int, changes: int) -> Best:
        """After one more run that was won."""
        kept = tuple(m for m in ("served", "cost", "changes") if m in self.medals or m in medals)
        return Best(
            max(self.stars, stars),
            kept,
            failed if self.failed is None else min(self.failed, failed),
            cost_milli if self.cost_milli is None else min(self.cost_milli, cost_milli),
            changes if self.changes is None else min(self.changes, changes),
            self.runs + 1,
        )


@frozen
class Progress:
    """All levels, by name (names stay when levels are renumbered), and settings."""

    levels: Mapping[str, Best] = {}
    language: str = ""
    last: str = ""  # the level played last
    notice: str = ""  # what to tell the player: "progress.json could not be read …"
    notice_zh: str = ""  # the same in Chinese

    def won(self, name: str) -> bool:
        """Whether a level has been won."""
        return name in self.levels and self.levels[name].stars > 0

    def after(self, name: str, best: Best) -> Progress:
        """With a level's new best."""
        return evolve(self, levels={**self.levels, name: best}, last=name)


def load(folder: Path | None = None) -> Progress:
    """Read what is there; a broken file is set aside as `progress.json.broken`."""
    path = (folder or default_folder()) / "progress.json"
    try:
        return _from_json(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return Progress()
    except (OSError, ValueError, KeyError, TypeError) as error:
        aside, n = path.with_name("progress.json.broken"), 1
        while aside.exists():
            n += 1
            aside = path.with_name(f"progress.json.broken-{n}")
        try:
            path.replace(aside)
        except OSError:
            return Progress(
                notice=f"{path} cannot be read ({error}); your progress of today will not be kept",
                notice_zh=f"无法读取 {path}（{error}）；今天的进度不会保存",
            )
        return Progress(
            notice=f"{path} could not be read ({error}); it was set aside as {aside.name}",
            notice_zh=f"无法读取 {path}（{error}）；已改名为 {aside.name} 另存",
        )


def save(progress: Progress, folder: Path | None = None) -> None:
    """Write it; SaveError if that fails."""
    path = (folder or default_folder()) / "progress.json"
    write_atomic(path, json.dumps(_to_json(progress), indent=1, sort_keys=True) + "\n")


def _to_json(progress: Progress) -> dict[str, Any]:
    levels = {
        name: {
            "stars": b.stars,
            "medals": list(b.medals),
            "failed": b.failed,
            "costMilli": b.cost_milli,
            "changes": b.changes,
            "runs": b.runs,
        }
        for name, b in progress.levels.items()
    }
    return {"version": VERSION, "language": progress.language, "last": progress.last, "levels": levels}


def _from_json(raw: Any) -> Progress:
    if raw["version"] > VERSION:
        raise ValueError(f"it was written by a newer version of kubesim (format {raw['version']})")
    levels = {
        str(name): Best(
            int(b["stars"]), tuple(b["medals"]), b.get("failed"), b.get("costMilli"), b.get("changes"), int(b["runs"])
        )
        for name, b in raw["levels"].items()
    }
    return Progress(levels, str(raw.get("language", "")), str(raw.get("last", "")))
