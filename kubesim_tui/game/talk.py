"""Typing into a command that goes on: a shell in a container. Of several the one that was begun last listens."""

from __future__ import annotations

from typing import Any

from kubesim_tui.game.game import Game, Running
from kubesim_tui.game.protocol import Talk


def listening(game: Game) -> Talk | None:
    """The command that takes what is typed next; None if none does."""
    for number, running in reversed(game.jobs.items()):
        job: Any = running.job
        if not running.done and getattr(job, "typing", False):
            return Talk(number, str(job.prompt))
    return None


def tell(game: Game, text: str | None) -> bool:
    """Type a line into it, None for Ctrl-D; False if nothing listens."""
    talk = listening(game)
    if talk is None:
        return False
    running: Running = game.jobs[talk.job]
    job: Any = running.job
    now = game.cluster.etcd.clock.now
    running.take(job.closed(game.client, now) if text is None else job.typed(text, game.client, now))
    return True
