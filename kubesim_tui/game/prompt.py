"""A line of the prompt that changes the game: kubectl's, or a tool's of the player's own machine."""

from __future__ import annotations

from typing import Any

from kubesim_tui.game import own_machine
from kubesim_tui.game.game import Game
from kubesim_tui.kubectl.port_forward import Forward

Answer = tuple[tuple[str, ...], tuple[str, ...], int, int | None]


def run(game: Game, line: str, terminal: Any) -> Answer:
    """(out, err, code, number of the job that goes on)."""
    if line.split(None, 1)[:1] and line.split(None, 1)[0] in own_machine.TOOLS:
        return own_machine.run(game, line, terminal)
    out, err, code, number = game.kubectl(line, terminal)
    job = game.jobs[number].job if number is not None else None
    if isinstance(job, Forward) and number is not None:
        refused, theirs = own_machine.listen(game, job)
        out = tuple(text for text in out if not any(part in text for part in theirs))
        if refused and not job.ports:
            del game.jobs[number]
            return out, (*err, *refused), 1, None
        err = (*err, *refused)
    return out, err, code, number
