"""The gate: proves of a level that it teaches what it claims (LEVELS.md, "The gate").

1 the untouched board loses · 2 every solution wins, in at least two ways · 3 without what is taught it loses · 4 every
trap loses what it names, for the reason that it names · 5 luck does not win · 6 each star and par is reached · 7 texts
are complete, true and patient · 8 it ends by itself, and soon.

A level's work is cut into pieces that know nothing of one another, so that they can be done on every core.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from kubesim_tui.game import gate_luck, gate_texts, loader
from kubesim_tui.game.gate_luck import Attempt
from kubesim_tui.game.gate_rules import Scripts
from kubesim_tui.game.gate_runs import Row, Runs, Watch
from kubesim_tui.game.start import StartError
from kubesim_tui.workers import cores, spread

WINNING_SEEDS, LOSING_SEEDS = 4, 1


@frozen
class Piece:
    """One piece of work. `part`: -1 what is played by scripts and read, else which part of the attempts of luck."""

    folder: str
    part: int
    parts: int = 1
    winning: int = WINNING_SEEDS
    losing: int = LOSING_SEEDS


@frozen
class Found:
    """What a piece has found: rows; and of luck how many were tried, which won."""

    piece: Piece
    level: str
    rows: tuple[Row, ...] = ()
    tried: int = 0
    wins: tuple[Attempt, ...] = ()
    seconds: float = 0.0


def check(folders: Sequence[Path], seeds: int = 0, jobs: int = 0) -> list[Row]:
    """All rows of some levels. `seeds`: of every script (0: as usual); `jobs`: processes (0: one a core)."""
    winning, losing = (seeds, seeds) if seeds else (WINNING_SEEDS, LOSING_SEEDS)
    jobs = jobs or cores()
    parts = max(1, 2 * jobs // max(1, len(folders)))
    luck = [Piece(str(folder), part, parts) for folder in reversed(folders) for part in range(parts)]
    pieces = [*luck, *(Piece(str(folder), -1, parts, winning, losing) for folder in folders)]  # the long ones first
    found = list(spread(do, pieces, jobs))
    rows: list[Row] = []
    for folder in folders:
        mine = [f for f in found if f.piece.folder == str(folder)]
        rows += [*_rows(mine)]
    return rows


def do(piece: Piece) -> Found:
    """Do one piece of work, anywhere."""
    level = loader.load(Path(piece.folder))
    runs, watch = Runs(level), Watch()
    try:
        if piece.part < 0:
            winning, losing = (tuple(str(i + 1) for i in range(n)) for n in (piece.winning, piece.losing))
            scripts = Scripts(level, runs, winning, losing)
            texts = gate_texts.rows(level, runs, winning)
            return Found(piece, level.id, (*scripts.rows(), *texts, *scripts.ends()))
        tried, wins = gate_luck.try_all(runs, piece.part, piece.parts, "1")
        return Found(piece, level.id, (), tried, tuple(wins), watch.seconds)
    except StartError as wrong:
        rows = (Row(level.id, 1, "start", 0, "is accepted", str(wrong), ok=False),) if piece.part < 0 else ()
        return Found(piece, level.id, rows)


def _rows(found: Sequence[Found]) -> Iterator[Row]:
    """The rows of one level, in the order of the rules."""
    rows = [row for one in found for row in one.rows]
    luck = [one for one in found if one.piece.part >= 0]
    wins = [win for one in luck for win in one.wins]
    seconds = sum(one.seconds for one in luck)
    rows.append(gate_luck.row(found[0].level, sum(one.tried for one in luck), wins, seconds))
    yield from sorted(rows, key=lambda row: row.rule)
