"""What several commands do: find a level, read a script, print a table or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kubesim_tui.cli import Trouble
from kubesim_tui.game import folders, loader, script
from kubesim_tui.game.level import Level
from kubesim_tui.game.script import Play

TROUBLES = (folders.UnknownLevel, loader.LevelError, script.ScriptError)
"""What finding and reading a level or a script may raise."""


def level(name: str) -> Level:
    """A level by its id, name or folder."""
    return loader.load(folders.find(name))


def read_script(file: str) -> tuple[Play, Path]:
    """A script, and the folder in which the files that it names lie."""
    try:
        if file == "-":
            return script.parse(sys.stdin.read(), "-"), Path()
        path = Path(file)
        return script.parse(path.read_text("utf-8"), file), path.parent
    except OSError as error:
        raise Trouble(f"{file}: the script cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Trouble(f"{file}: the script is not UTF-8 text ({error.reason} at byte {error.start})") from error


def print_json(value: Any) -> None:
    """One JSON object, with sorted keys where order says nothing."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def complain(text: str) -> None:
    """A line on standard error."""
    print(f"kubesim: {text}", file=sys.stderr)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Aligned columns, two spaces apart; wide characters count as two."""
    every = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(width(row[i]) for row in every) for i in range(len(head))]
    lines = []
    for row in every:
        cells = [cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return lines


def width(text: str) -> int:
    """Cells that a text takes in a terminal."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
