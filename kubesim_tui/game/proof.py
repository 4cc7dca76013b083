"""Whether a recording is true: it is played again, and its digest, its checks and its result are compared."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui import __version__
from kubesim_tui.game.game import Game
from kubesim_tui.game.judging import judge
from kubesim_tui.game.level import Level
from kubesim_tui.game.recording import Recording
from kubesim_tui.game.replay import Replay
from kubesim_tui.game.state import Verdict
from kubesim_tui.game.whys import told


@frozen
class Proof:
    """What became of a recording that was played again: `differs` says where it parts, "" if it does not.

    `game` is None where it was not played, since the level is another one; `verdict` where it was not played to an end.
    """

    recording: Recording
    game: Game | None
    differs: str
    verdict: Verdict | None = None

    @property
    def proven(self) -> bool:
        """All that was played is as recorded."""
        return not self.differs


def prove(recording: Recording, level: Level, to: int | None = None, language: str = "en") -> Proof:
    """Play a recording, to a tick or as far as it goes, and compare it with what it claims."""
    wrong = _another(recording, level)
    if wrong:
        return Proof(recording, None, wrong)
    run = Replay(Game(level, recording.seed), recording.inputs, dict(recording.checks))
    end = recording.ticks if to is None else min(to, recording.ticks)
    game = run.to(end)
    verdict = None
    if game.over:
        hints, rewound = recording.hints, recording.rewound
        verdict = told(judge(game, recording.inputs, hints=hints, rewound=rewound, language=language), language)
    differs = run.differs or (_at_end(recording, game, verdict) if end == recording.ticks else "")
    if differs and recording.version != __version__:
        differs += f" (it was recorded by version {recording.version}, this is {__version__})"
    return Proof(recording, game, differs, verdict)


def _another(recording: Recording, level: Level) -> str:
    if recording.content != level.content:
        return f"level: {level.id} {level.name} has changed since it was recorded (its content hash is another)"
    if recording.epoch != level.cluster.epoch:
        return f"epoch: recorded with {recording.epoch}, the level has {level.cluster.epoch}"
    return ""


def _at_end(recording: Recording, game: Game, verdict: Verdict | None) -> str:
    if game.tick != recording.ticks:
        return f"ticks: the recording ends at tick {recording.ticks}, the game at tick {game.tick}"
    if game.digest != recording.digest:
        return f"digest: {game.digest[:16]}… where the recording says {recording.digest[:16]}…"
    result = result_of(verdict)
    return "" if result == recording.result else f"result: {result} where the recording says {recording.result}"


def result_of(verdict: Verdict | None) -> str:
    """won, lost, or left before its end."""
    return "left" if verdict is None else "won" if verdict.won else "lost"
