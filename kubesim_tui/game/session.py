"""A session: one player's game of one level, with its recording. All that a front end holds.

Inputs are recorded with the ticks done and every byte that they read. A rewind or a restart plays the inputs again from
the start: a level's few hundred ticks take a fraction of a second, and the digest proves that nothing differs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from pathlib import Path
from time import perf_counter

from attrs import define, evolve

from kubesim_tui import __version__
from kubesim_tui.cluster.placement import Placement, placement
from kubesim_tui.cluster.view import Ref
from kubesim_tui.explain.thing import thing_not_well
from kubesim_tui.game import forms, inspection, menus, prompt, strikes
from kubesim_tui.game.coach import Guide
from kubesim_tui.game.commands import GAME_COMMANDS
from kubesim_tui.game.commands import complete as complete_game
from kubesim_tui.game.game import Game
from kubesim_tui.game.judging import HINTS_FREE, Judging
from kubesim_tui.game.level import Level
from kubesim_tui.game.manifest_check import check_manifest
from kubesim_tui.game.onlooker import Onlooker
from kubesim_tui.game.past import Past
from kubesim_tui.game.player import met
from kubesim_tui.game.proof import result_of
from kubesim_tui.game.protocol import Talk, Terminal
from kubesim_tui.game.recording import CHECK_EVERY, Input, Recording
from kubesim_tui.game.replay import Taped, replay
from kubesim_tui.game.scene import scene
from kubesim_tui.game.state import Action, Form, GameState, Proposal, Strike, Verdict, Why
from kubesim_tui.game.supplied import Supplied
from kubesim_tui.game.talk import listening, tell
from kubesim_tui.game.whys import in_trouble, spoken, through, to_why, told, why_missed

Keep = Callable[[Recording], None]


@define(eq=False)
class SessionReply:
    """What a line answered."""

    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()
    code: int = 0
    job: int | None = None


class Session(Onlooker):
    """See the module."""

    def __init__(
        self, level: Level, seed: str = "1", language: str = "en", keep: Keep | None = None, game: Game | None = None
    ) -> None:
        """`keep` is handed the recording of each game that ends or is left; `game`: one that has just been made."""
        self.level, self.seed, self.language, self.keep = level, seed, language, keep
        self.game = game if game is not None else Game(level, seed)
        self.inputs: list[Input] = []
        self.checks: list[tuple[int, str]] = []
        self.guide = Guide(level)
        self.hints_shown = 0
        self.rewound = False
        self.verdict: Verdict | None = None
        self._judging: Judging | None = None
        self._past: Past | None = None
        self._seen: GameState | None = None
        self._kept = (-1, -1)
        self._seen_in = language
        self._read: dict[int, int] = {}

    # -- time --------------------------------------------------------------------------------------------------

    def go(self) -> None:
        """Start the clock (idempotent)."""
        if self.game.go_tick is None:
            self._record("go")
            self.game.go()
            self.guide.go(self.game.tick)
            self._seen = None

    def advance(self) -> bool:
        """Run one tick; False if time stands."""
        if not self.game.may_step():
            return False
        self.game.step()
        self._seen = None
        if self.game.tick % CHECK_EVERY == 0:
            self.checks.append((self.game.tick, self.game.digest[:16]))
        return True

    def step(self, ticks: int, budget_ms: int) -> int:
        """Run up to `ticks` ticks within the budget; stops early at a pause or the end, and then judges."""
        until = perf_counter() + budget_ms / 1000
        if self.game.over:
            self._weigh(until)
            return 0
        done = 0
        while done < ticks and self.advance():
            done += 1
            if self.game.pause_because or self.game.over or perf_counter() >= until:
                break
        return done

    def next_event(self) -> int:
        """Run until something worth seeing happens: an Event of the cluster, a mark, a failure; at most a minute."""
        game, done = self.game, 0
        marks, warnings = len(game.marks), game.cluster.etcd.table("events").objects
        known = len(warnings)
        while done < 60 and self.advance():
            done += 1
            if game.pause_because or game.over or len(game.marks) != marks or len(warnings) != known:
                break
        return done

    # -- inputs ------------------------------------------------------------------------------------------------

    def run(self, line: str, terminal: Terminal) -> SessionReply:
        """Run one line of the prompt: kubectl, or a command of the game (hint, why, why-here, chaos)."""
        words = line.split()
        if words and words[0] in GAME_COMMANDS:
            return SessionReply(*GAME_COMMANDS[words[0]](self, words[1:]))
        if self.hints_shown > HINTS_FREE:
            terminal = Supplied(terminal, Path(self.level.folder) / "solutions")
        taped = Taped(terminal)
        out, err, code, job = prompt.run(self.game, line, taped)
        self._record("run", line, taped.files)
        if not code:
            self.guide.ran(line, self.game.tick)
        self._seen = None
        return SessionReply(out, err, code, job)

    def talk(self) -> Talk | None:
        """The command that takes what is typed: a shell in a container; None if the prompt is kubectl's."""
        return listening(self.game)

    def type(self, text: str | None) -> None:
        """Type a line into it, None for Ctrl-D; what it says comes with `job_output`."""
        if self.talk() is not None:
            self._record("closed" if text is None else "typed", text or "")
            tell(self.game, text)
            self._seen = None

    def _record(self, kind: str, line: str = "", files: dict[str, str] | None = None) -> None:
        entry = Input(self.game.tick, len(self.inputs), kind, line, self.game.player.name, files or {})
        self.inputs.append(entry)

    def record_chaos(self, line: str) -> None:
        """A fault by hand is an input like any other."""
        self._record("chaos", line)
        self._seen = None

    def complete(self, line: str, cursor: int, terminal: Terminal | None = None) -> tuple[str, ...]:
        """Words that could stand at the cursor, best first."""
        if self.talk() is not None:
            return ()
        from kubesim_tui.kubectl.complete import complete  # when somebody types

        words = complete(line, cursor, self.game.client, self.game.config, terminal)
        return (*words, *complete_game(self, line, cursor))

    def job_output(self, job: int) -> tuple[tuple[str, ...], bool]:
        """New lines of a streaming command since last asked, and whether it has ended."""
        running = self.game.jobs.get(job)
        if running is None:
            return (), True
        start = self._read.get(job, 0)
        self._read[job] = len(running.out)
        return tuple(running.out[start:]), running.done

    def cancel(self, job: int) -> None:
        """Ctrl-C: end a streaming command."""
        running = self.game.jobs.get(job)
        if running is not None and not running.done:
            self._record("cancel", str(job))
            self.game.cancel(job)
            self._seen = None

    # -- what is seen ------------------------------------------------------------------------------------------

    def state(self) -> GameState:
        """The picture of now; the same object while nothing has changed."""
        if self._seen is None or self._seen_in != self.language:
            self._seen, self._seen_in = self._picture(), self.language
        return self._seen

    def _picture(self) -> GameState:
        game, language = self.game, self.language
        if game.over:
            self._weigh(0)
        self.guide.look(partial(met, game), game.tick)
        found = scene(game, language)
        return evolve(
            found,
            coach=self.guide.coach(found.view, language),
            verdict=told(self.verdict, language),
            judging=self._judging.done_pm if self._judging is not None else -1,
            hints_shown=self.hints_shown,
        )

    def past(self, tick: int, budget_ms: int) -> GameState | None:
        """The board at an earlier tick (of every fifth since Go); None while it is not found yet: ask again."""
        go, until = self.game.go_tick, perf_counter() + budget_ms / 1000
        if go is None:
            return None
        if self._past is None or self._past.language != self.language:
            self._past = Past(self.level, self.seed, self.inputs, go, self.language)
        return self._past.at(tick, until)

    def finish(self) -> Verdict | None:
        """The verdict, if the game is over; its recording is handed out once."""
        if self.game.over:
            self._weigh(inf)
        return self.verdict

    def _weigh(self, until: float) -> None:
        """Judge a game that is over, until wall time `until`; the rest another time."""
        if self.verdict is not None:
            return
        judging = self._judging = self._judging or Judging(self.game, tuple(self.inputs))
        self._seen = None
        if judging.done or (until and judging.advance(until)):
            self._judging = None
            self.verdict = judging.verdict(hints=self.hints_shown, rewound=self.rewound, language=self.language)
            self._hand_out()

    def leave(self) -> None:
        """The player goes away in the middle: what was begun is kept."""
        if self.inputs and self.finish() is None:
            self._hand_out()

    def _hand_out(self) -> None:
        """Once, unless something has happened since."""
        now = (self.game.tick, len(self.inputs))
        if self.keep is not None and self._kept != now:
            self._kept = now
            self.keep(self.recording())

    def recording(self) -> Recording:
        """The recording so far."""
        game = self.game
        return Recording(
            self.level.name,
            self.level.content,
            __version__,
            self.seed,
            self.level.cluster.epoch,
            tuple(self.inputs),
            game.tick,
            game.digest,
            result_of(self.finish()),
            tuple(self.checks),
            self.hints_shown,
            self.rewound,
        )

    # -- menus, forms, the editor ------------------------------------------------------------------------------

    def actions(self, ref: Ref) -> tuple[Action, ...]:
        """What can be done with the selected thing, most useful first."""
        return menus.actions(self.game, ref, self.language)

    def strikes(self, ref: Ref | None) -> tuple[Strike, ...]:
        """The faults that fit a thing, its own first; without one those of the cluster."""
        return strikes.strikes(self.game, ref, self.language)

    def form(self, ref: Ref, action: Action) -> Form:
        """The form of an action."""
        return forms.form(self.game, ref, action, self.language)

    def propose(self, ref: Ref, action: Action, values: dict[str, str]) -> Proposal:
        """What the filled-in form amounts to."""
        return forms.propose(self.game, ref, action, values, self.language)

    def manifest(self, ref: Ref) -> str:
        """The YAML of an object, as the editor opens it."""
        return inspection.manifest_of(self.game, ref)

    def check_manifest(self, text: str) -> tuple[tuple[int, str], ...]:
        """Errors of a manifest as (line from 1, message), by a dry run through the door."""
        return check_manifest(self.game, text, self.language)

    def describe(self, ref: Ref) -> tuple[str, ...]:
        """Output of kubectl describe."""
        return inspection.describe(self.game, ref)

    # -- understanding -----------------------------------------------------------------------------------------

    def why(self, ref: Ref | None, objective: str | None = None) -> Why | None:
        """The chain of causes behind an object that is not well, or an objective that is not met."""
        game = self.game
        if objective is not None or ref is None:
            asked = [*game.objectives.followers, *(game.objectives.bonus if objective else ())]
            found = next((f for f in asked if objective in (None, f.spec.id) and in_trouble(game, f)), None)
            missed = why_missed(game, found, self.language) if found is not None else None
            return spoken(missed, self.language) if missed is not None else None
        chain = thing_not_well(game.evidence(), (ref.kind, ref.namespace, ref.name)) or through(game, ref)
        return spoken(to_why(menus.short(ref), chain, self.language), self.language) if chain is not None else None

    def placement(self, ref: Ref) -> Placement | None:
        """The scheduler's decision about a Pod, node by node; None if no scheduler has a say in it."""
        return placement(self.game.cluster, ref.namespace, ref.name)

    def hint(self) -> str:
        """The next hint (1–3); counts from the third on."""
        self.hints_shown = min(self.hints_shown + 1, len(self.level.hints["en"]))
        self._seen = None
        return self.hint_text(self.hints_shown)

    def hint_text(self, number: int) -> str:
        """A hint (1–3) in the language of now; looking at it again costs nothing."""
        return (self.level.hints.get(self.language) or self.level.hints["en"])[number - 1]

    def briefing(self) -> str:
        """The story, in Markdown."""
        return self.level.text(self.level.briefing, self.language)

    def debrief(self) -> str:
        """What was learnt, in Markdown."""
        return self.level.text(self.level.debrief, self.language)

    def tour_event(self, name: str, ref: Ref | None = None) -> None:
        """Tell the coach what the player did in the interface; what ran, and Go, are known here already."""
        if name in ("opened", "selected") and self.guide.saw(name, ref, self.game.tick):
            self._seen = None

    # -- again -------------------------------------------------------------------------------------------------

    def restart(self) -> None:
        """The same level from the start, within a second."""
        self.leave()
        self._again([], None)
        self.guide.restarted()
        self.rewound = False

    def rewind(self, tick: int) -> None:
        """Back to a tick; the run is then without medals."""
        self.leave()
        self._again([i for i in self.inputs if i.tick <= tick], tick)
        self.guide.rewound(self.game.tick)
        self.rewound = True

    def _again(self, inputs: list[Input], tick: int | None) -> None:
        self.game = replay(self.level, self.seed, inputs, tick) if inputs or tick else Game(self.level, self.seed)
        self.inputs = list(inputs)
        self.checks = [c for c in self.checks if tick is not None and c[0] <= self.game.tick]
        self.verdict, self._seen, self._kept = None, None, (-1, -1)
        self._judging, self._past = None, None
        self._read.clear()
