"""Recordings: everything that is needed to see a game again, and to prove its score.

(content hash of the level, version, seed, epoch, inputs): each input is (ticks done, its number, the user, the line,
and every byte that it read: files, standard input, what the editor gave back). The same inputs at the same places give
the same digest; checks on the way say where two runs part. One JSON file, written atomically; a broken one is told with
the place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from attrs import field, frozen

from kubesim_tui.game.files import write_atomic

FORMAT = 1
KINDS = ("go", "run", "typed", "closed", "cancel", "chaos", "named")
LONGEST = 1_000_000
"""Ticks: no game lasts longer, so a file that says so is broken."""

CHECK_EVERY = 30
"""Ticks between two checks of a recording."""


NAMES: Mapping[type[Any], str] = {str: "a text", int: "a whole number", list: "a list"}


class RecordingError(ValueError):
    """A recording that cannot be read or does not fit; says what and where."""


@frozen
class Input:
    """One input, between two ticks: go, run (a line), typed (a line, into a shell), closed (that shell's input), cancel
    (a job's number), chaos (a fault), named (a cause).
    """

    tick: int
    number: int
    kind: str
    line: str = ""
    user: str = "player"
    files: Mapping[str, str] = field(factory=dict)  # path (or "-", or "editor") → what was read


@frozen
class Recording:
    """One game. `checks`: (ticks done, digest) on the way; after three `hints` or a rewind there are no medals."""

    level: str
    content: str
    version: str
    seed: str
    epoch: int
    inputs: tuple[Input, ...]
    ticks: int
    digest: str
    result: str  # won, lost, left
    checks: tuple[tuple[int, str], ...] = ()
    hints: int = 0
    rewound: bool = False

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
            "hints": self.hints,
            "rewound": self.rewound,
            "checks": [list(c) for c in self.checks],
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
    except RecursionError as error:
        raise RecordingError(f"{file}:1: not a recording: it is nested too deeply") from error
    if not isinstance(raw, dict) or "kubesim" not in raw:
        raise RecordingError(f"{file}:1: not a recording of kubesim: the field 'kubesim' is missing")
    if raw["kubesim"] != FORMAT:
        raise RecordingError(f"{file}:1: format {raw['kubesim']} is not known to this version (it reads {FORMAT})")
    try:
        return _recording(raw)
    except KeyError as error:
        raise RecordingError(f"{file}:1: the field {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise RecordingError(f"{file}:1: {error}") from error


def _recording(raw: Mapping[str, Any]) -> Recording:
    entries = _typed(raw, "inputs", list)
    return Recording(
        _typed(raw, "level", str),
        _typed(raw, "content", str),
        _typed(raw, "version", str),
        _typed(raw, "seed", str),
        _typed(raw, "epoch", int),
        _in_order([_input(entry, f"inputs[{i}]") for i, entry in enumerate(entries)]),
        _ticks(raw, "ticks"),
        _typed(raw, "digest", str),
        _typed(raw, "result", str),
        tuple(_check(c, f"checks[{i}]") for i, c in enumerate(raw.get("checks", ()))),
        int(raw.get("hints", 0)),
        bool(raw.get("rewound", False)),
    )


def _typed(raw: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    """A field of a type; KeyError or TypeError if it is not so."""
    value = raw[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{name} must be {NAMES[kind]}, not {json.dumps(value, ensure_ascii=False)[:40]}")
    return value


def _ticks(raw: Mapping[str, Any], name: str) -> int:
    value: int = _typed(raw, name, int)
    if not 0 <= value <= LONGEST:
        raise ValueError(f"{name} must be between 0 and {LONGEST}, not {value}")
    return value


def _input(raw: Any, place: str) -> Input:
    if not isinstance(raw, dict):
        raise TypeError(f"{place} must be an object")
    try:
        kind, files = _typed(raw, "kind", str), raw.get("files", {})
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
        if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
            raise TypeError("files must map names to texts")
        line, user = str(raw.get("line", "")), str(raw.get("user", "player"))
        return Input(_ticks(raw, "tick"), int(raw.get("number", 0)), kind, line, user, files)
    except KeyError as error:
        raise KeyError(f"{place}.{error.args[0]}") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place}: {error}") from error


def _in_order(inputs: list[Input]) -> tuple[Input, ...]:
    for i, (one, other) in enumerate(pairwise(inputs)):
        if other.tick < one.tick:
            raise ValueError(f"inputs[{i + 1}] is at tick {other.tick}, before the one that it follows ({one.tick})")
    return tuple(inputs)


def _check(raw: Any, place: str) -> tuple[int, str]:
    if not isinstance(raw, list) or len(raw) != 2 or not isinstance(raw[0], int) or not isinstance(raw[1], str):
        raise TypeError(f"{place} must be [tick, digest]")
    return raw[0], raw[1]


def save(recording: Recording, path: Path) -> None:
    """Write it; SaveError if that fails."""
    write_atomic(path, recording.to_json())
