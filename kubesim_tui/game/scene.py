"""What a front end sees of a game: the board of now, objectives, score, marks, as one frozen state."""

from __future__ import annotations

from kubesim_tui.cluster.view import ObjectiveView
from kubesim_tui.game.follower import Follower
from kubesim_tui.game.game import Game
from kubesim_tui.game.judging import score_of
from kubesim_tui.game.own_machine import taps
from kubesim_tui.game.state import Coach, GameState


def scene(game: Game, language: str) -> GameState:
    """A game as it stands; the coach, the verdict and the hints are the session's to add."""
    level = game.level
    followers = (*game.objectives.followers, *game.objectives.bonus)
    return GameState(
        level=level.id,
        title=level.text(level.title, language),
        goal=level.text(level.goal, language),
        mode=level.mode,
        view=game.cluster.picture(game.go_tick, level.ends, game.slos()),
        coach=Coach(),
        objectives=tuple(_objective(follower, game, language) for follower in followers),
        budget_pm=game.budget_pm(),
        score=score_of(game),
        marks=tuple(game.marks),
        running=game.go_tick is not None and not game.over,
        verdict=None,
        pause_because=game.pause_because,
        taps=taps(game),
        jobs=tuple(running.line for running in game.jobs.values() if not running.done),
    )


def _objective(follower: Follower, game: Game, language: str) -> ObjectiveView:
    spec = follower.spec
    done = follower.done_pm()
    if done < 0 and game.go_tick is not None:
        done = min(1000, game.since_go * 1000 // max(1, follower.end))
    return ObjectiveView(
        spec.id, game.level.text(spec.text, language), follower.state, follower.shown(language), done, spec.bonus
    )
