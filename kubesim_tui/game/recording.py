"""Recordings: everything that is needed to see a game again, and to prove its score.

(content hash of the level, version, seed, epoch, inputs): each input is (ticks done, its number, the user, the line,
and every byte that it read: files, standard input, what the editor gave back). The same inputs at the same places give
the same digest. One JSON file, written atomically; a broken one is told with the place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from kubesim_tui.game.files import write_atomic

FORMAT = 1


class RecordingError(ValueError):
    """A recording that cannot be read or does not fit; says what and where."""


@frozen
class Input:
    """One input, between two ticks: `kind` is run (a line), go, rewind or named."""

    tick: int
    number: int
    kind: str
    line: str = ""
    user: str = "player"
    files: Mapping[str, str] = field(factory=dict)  # path (or "-", or "editor") → what was read


@frozen
class Recording:
    """One game."""

    level: str
    content: str
    version: str
    seed: str
    epoch: int
    inputs: tuple[Input, ...]
    ticks: int
    digest: str
    result: str  # won, lost, left

    def to_json(self) -> str:
        """The file's text."""
        raw = {
            "kubesim": FORMAT,
            "level": self.level,
            "content": self.content,
            "version": self.version,
            "seed": self.seed,
            "epoch": self.epoch,
            "ticks": self.ticks,
            "digest": self.digest,
            "result": self.result,
            "inputs": [_plain(i) for i in self.inputs],
        }
        return json.dumps(raw, ensure_ascii=False, indent=1) + "\n"


def _plain(entry: Input) -> dict[str, Any]:
    """An input as JSON, what is empty left out."""
    raw = {
        "tick": entry.tick,
        "number": entry.number,
        "kind": entry.kind,
        "line": entry.line,
        "user": entry.user,
        "files": dict(entry.files),
    }
    return {k: v for k, v in raw.items() if v or k in ("tick", "kind")}


def parse(text: str, file: str) -> Recording:
    """Read a recording; RecordingError says what is wrong with it."""
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordingError(f"{file}:{error.lineno}: not a recording: {error.msg}") from error
    if not isinstance(raw, dict) or "kubesim" not in raw:
        raise RecordingError(f"{file}: not a recording of kubesim: the field 'kubesim' is missing")
    if raw["kubesim"] != FORMAT:
        raise RecordingError(f"{file}: format {raw['kubesim']} is not known to this version (it reads {FORMAT})")
    try:
        inputs = tuple(_input(i) for i in raw["inputs"])
        return Recording(
            raw["level"],
            raw["content"],
            raw["version"],
            str(raw["seed"]),
            int(raw["epoch"]),
            inputs,
            int(raw["ticks"]),
            raw["digest"],
            raw["result"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"{file}: a field is missing or wrong: {error}") from error


def _input(raw: Mapping[str, Any]) -> Input:
    return Input(
        int(raw["tick"]) if "tick" in raw else 0,
        int(raw.get("number", 0)),
        raw["kind"],
        raw.get("line", ""),
        raw.get("user", "player"),
        raw.get("files", {}),
    )


def save(recording: Recording, path: Path) -> None:
    """Write it; SaveError if that fails."""
    write_atomic(path, recording.to_json())
