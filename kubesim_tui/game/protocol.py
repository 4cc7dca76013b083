"""The face of a session: the only thing that a front end holds (`game.session.Session` is the real one).

Everything is synchronous. A front end calls `step` from a timer, paints `state()`, and passes on what the player
typed. Inputs take effect between ticks, in order of arrival, and are recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from kubesim_tui.apiserver.request import Record
from kubesim_tui.cluster.picture.course import Course
from kubesim_tui.cluster.picture.followed import Followed, Sort
from kubesim_tui.cluster.picture.room import Room
from kubesim_tui.cluster.placement import Placement
from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.state import Action, Form, GameState, Proposal, Strike, Why


class NeedsEditor(Exception):
    """Raised by `Terminal.edit` where the editor is a screen of its own, which takes time.

    `SessionLike.run` lets it pass and records nothing; when the player has saved, the front end runs the same line
    again with a terminal whose `edit` returns the edited text at once.
    """

    def __init__(self, text: str) -> None:
        super().__init__("the command waits for an editor")
        self.text = text


class Terminal(Protocol):
    """What kubectl needs of its caller: files, an editor, a width."""

    width: int

    def read(self, path: str) -> str:
        """Text of a file that the command names (`-` is standard input); OSError if it cannot be read."""
        ...

    def list(self, path: str) -> Sequence[str]:
        """Names of the files in a folder; OSError if it is none."""
        ...

    def edit(self, text: str) -> str | None:
        """Let the player edit text; None if it was left unchanged or given up; may raise NeedsEditor."""
        ...


class Reply(Protocol):
    """What a command answered: lines of output, lines of errors, an exit code; a job's number if it goes on."""

    out: tuple[str, ...]
    err: tuple[str, ...]
    code: int
    job: int | None


@frozen
class Talk:
    """A command that listens: the number of its job, and what it asks with (`/ # `; "" if it does not ask)."""

    job: int
    prompt: str


class SessionLike(Protocol):
    """See the module. `speed` and wall time are the front end's affair, not the session's."""

    language: str  # "en" or "zh"

    def state(self) -> GameState:
        """The picture of now; the same object while nothing has changed."""
        ...

    def go(self) -> None:
        """Start the clock (idempotent)."""
        ...

    def step(self, ticks: int, budget_ms: int) -> int:
        """Run up to `ticks` ticks within the budget; return how many were run; stops early at a pause or the end.

        A won game that is over is played again on other seeds first: while `state().judging` is not -1, the budget goes
        into that.
        """
        ...

    def next_event(self) -> int:
        """How many ticks until something worth seeing happens is not known; run until it does, and return the ticks."""
        ...

    def run(self, line: str, terminal: Terminal) -> Reply:
        """Run one line of the prompt: kubectl, or a command of the game (hint, why, why-here, chaos)."""
        ...

    def talk(self) -> Talk | None:
        """The command that takes what is typed: a shell in a container; None if the prompt is kubectl's."""
        ...

    def type(self, text: str | None) -> None:
        """Type a line into it, None for Ctrl-D; what it says comes with `job_output`."""
        ...

    def complete(self, line: str, cursor: int, terminal: Terminal | None = None) -> tuple[str, ...]:
        """Words that could stand at the cursor, best first; with a terminal also its files."""
        ...

    def job_output(self, job: int) -> tuple[tuple[str, ...], bool]:
        """New lines of a streaming command since last asked, and whether it has ended."""
        ...

    def cancel(self, job: int) -> None:
        """Ctrl-C: end a streaming command; in a shell that runs something, only that."""
        ...

    def actions(self, ref: Ref) -> tuple[Action, ...]:
        """What can be done with the selected thing, most useful first."""
        ...

    def strikes(self, ref: Ref | None) -> tuple[Strike, ...]:
        """The faults that fit a thing, its own first; without one those of the cluster."""
        ...

    def form(self, ref: Ref, action: Action) -> Form:
        """The form of an action."""
        ...

    def propose(self, ref: Ref, action: Action, values: dict[str, str]) -> Proposal:
        """What the filled-in form amounts to."""
        ...

    def manifest(self, ref: Ref) -> str:
        """The YAML of an object, as the editor opens it."""
        ...

    def check_manifest(self, text: str) -> tuple[tuple[int, str], ...]:
        """Errors of a manifest as (line from 1, message), by a dry run through the door."""
        ...

    def describe(self, ref: Ref) -> tuple[str, ...]:
        """Output of kubectl describe."""
        ...

    def why(self, ref: Ref | None, objective: str | None = None) -> Why | None:
        """The chain of causes behind an object that is not well, or an objective that is not met."""
        ...

    def placement(self, ref: Ref) -> Placement | None:
        """The scheduler's decision about a Pod, node by node; None if no scheduler has a say in it."""
        ...

    def requests(self) -> tuple[Sort, ...]:
        """The sorts of requests that can be followed: what is served, and the ways to fail."""
        ...

    def request(self, sort: Sort, number: int) -> Followed:
        """One of a sort, hop by hop; another for another number."""
        ...

    def writes(self) -> tuple[Record, ...]:
        """The player's last writes, the newest first."""
        ...

    def course(self, write: Record) -> Course:
        """What became of a write, step by step, up to now."""
        ...

    def room(self) -> Room:
        """The machine room: every component as it stands, and what they say to each other."""
        ...

    def hint(self) -> str:
        """The next hint (1–3); counts from the third on."""
        ...

    def hint_text(self, number: int) -> str:
        """A hint (1–3) in the language of now; looking at it again costs nothing."""
        ...

    def briefing(self) -> str:
        """The story, in Markdown."""
        ...

    def debrief(self) -> str:
        """What was learnt, in Markdown."""
        ...

    def tour_event(self, name: str, ref: Ref | None = None) -> None:
        """Tell the coach what the player did in the interface (opened, selected: which thing; ran, go)."""
        ...

    def restart(self) -> None:
        """The same level from the start, within a second."""
        ...

    def past(self, tick: int, budget_ms: int) -> GameState | None:
        """The board at an earlier tick (of every fifth since Go); None while it is not found yet: ask again."""
        ...

    def rewind(self, tick: int) -> None:
        """Back to a tick; the run is then without medals."""
        ...

    def leave(self) -> None:
        """The player goes away: keep the recording of what was begun; OSError if it cannot be written."""
        ...
