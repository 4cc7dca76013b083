"""What the parts of the play screen share: what it holds, and what each part asks of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, cast

from textual.reactive import reactive

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.protocol import SessionLike
from kubesim_tui.game.state import Action, GameState
from kubesim_tui.tui.pace import Pace
from kubesim_tui.tui.runner import Runner
from kubesim_tui.tui.screens.base import KubesimScreen
from kubesim_tui.tui.screens.sheet import Sheet
from kubesim_tui.tui.widgets.board import Board
from kubesim_tui.tui.widgets.panel import Panel
from kubesim_tui.tui.widgets.timeline import Timeline

GENTLE = 3  # up to this chapter everything that is read stops time


class Host(Protocol):
    """What the play screen asks of its app."""

    def wall(self) -> float:
        """Wall time in seconds."""
        ...

    def take_error(self, error: Exception, where: str) -> None:
        """Write a report of a mistake, show it, go on."""
        ...

    def record(self, level: str, state: GameState) -> None:
        """Keep the outcome of a run."""
        ...

    def not_saved(self, error: OSError) -> None:
        """Say that something could not be written."""
        ...

    def open_next(self, level: str) -> None:
        """Leave this level for the next one."""
        ...

    def next_theme(self) -> None:
        """The next palette."""
        ...

    def next_language(self) -> None:
        """The other language."""
        ...


def chapter_of(level: str) -> int:
    """The chapter in a level's id; 0 where there is none."""
    number = level.partition("-")[0]
    return int(number) if number.isdigit() else 0


class PlayBase(KubesimScreen[str]):
    """See the module. Dismisses with ``levels`` or ``next``."""

    state: reactive[GameState | None] = reactive(None)

    def __init__(self, session: SessionLike, level: str) -> None:
        super().__init__()
        self.session = session
        self.level = level
        self.pace = Pace()
        self.runner = Runner(session)
        self.armed, self.armed_stdin = "", ""
        self._asked: Ref | None = None
        self._past: GameState | None = None
        self._left_at: Ref | None = None

    @property
    def host(self) -> Host:
        """The app, as this screen knows it."""
        return cast(Host, self.app)

    @property
    def board(self) -> Board:
        """The board."""
        return self.query_one(Board)

    @property
    def gentle(self) -> bool:
        """Whether reading stops time."""
        return chapter_of(self.level) <= GENTLE

    def waits_for_go(self) -> bool:
        """An incident stands until Go; in a drill the cluster runs, unjudged."""
        return self.state is not None and self.state.view.go is None and self.state.mode == "incident"

    @property
    def judging(self) -> bool:
        """Whether a won game is being played again on other seeds."""
        return self.state is not None and self.state.judging >= 0

    # The past: while the timeline's second head stands somewhere, every panel but the timeline shows the board of then.

    @property
    def timeline(self) -> Timeline:
        """The timeline."""
        return self.query_one(Timeline)

    @property
    def scrubbing(self) -> bool:
        """Whether an earlier tick is looked at."""
        return self.timeline.scrub is not None

    def scrub_to(self, tick: int) -> None:
        """Put the timeline's second head on a tick; on the last one it is taken away."""
        state = self.state
        if state is None or state.view.go is None:
            return
        if not self.scrubbing:
            self._left_at = self.board.chosen
        self.pace.paused = True
        if tick >= state.view.tick:
            self.return_to_now()
            return
        self.timeline.scrub = max(state.view.go, tick)
        self.timeline.repaint()
        self.paint()

    def look_back(self, budget_ms: int) -> None:
        """Show the board of the tick under the second head, as soon as the session has found it."""
        tick = self.timeline.scrub
        if tick is None or (self._past is not None and self._past.view.tick == tick):
            return
        try:
            found = self.session.past(tick, budget_ms)
        except Exception as error:  # whatever it is, the game of now goes on
            self.return_to_now()
            self.host.take_error(error, "the past")
            return
        if found is not None:
            self._past = found
            self.show_everywhere()

    def return_to_now(self) -> None:
        """Take the second head away; the cursor goes back to where it was."""
        if self.scrubbing:
            self.timeline.scrub = None
            self.board.chosen = self._left_at
            self._past = None
            self.timeline.repaint()
            self.show_everywhere()
            self.paint()

    def show_everywhere(self) -> None:
        """Hand the state down to every panel: that of now, or of then."""
        if self.state is not None:
            for panel in self.query(Panel):
                panel.show(self.state if panel is self.timeline else self._past or self.state)

    def is_now(self) -> bool:
        """Whether something can be done here; tells the player why not."""
        if self.scrubbing:
            self.say(self.look.t("This is the past. Enter goes back there, Esc returns to now."))
        return not self.scrubbing

    def tell(self, make: Callable[[], Sheet], then: Callable[[str | None], None] | None = None) -> None:
        """Open a sheet; made anew where the language changes while it is open."""
        sheet = make()
        sheet.again = make
        self.app.push_screen(sheet, then)

    # Asked of the screen itself.

    def paint(self) -> None:
        """Take the session's state and hand it down."""
        raise NotImplementedError

    def restart(self) -> None:
        """The same level from its start."""
        raise NotImplementedError

    def reopen(self) -> None:
        """The run goes on after it had ended (a rewind)."""
        raise NotImplementedError

    def rewind(self) -> None:
        """Go back to where the timeline's second head stands."""
        raise NotImplementedError

    # Asked of the prompt's part.

    def arm(self, line: str, stdin: str = "") -> None:
        """Prepare a line."""
        raise NotImplementedError

    def disarm(self) -> None:
        """Drop the prepared line."""
        raise NotImplementedError

    def run_line(self, line: str, stdin: str = "") -> None:
        """Run a line at once."""
        raise NotImplementedError

    def type_line(self, line: str) -> None:
        """Begin to type a line."""
        raise NotImplementedError

    def action_run_armed(self) -> None:
        """Run the prepared line."""
        raise NotImplementedError

    def show_lines(self, command: str, lines: Iterable[str], fine: bool = True) -> None:
        """Show output in the drawer."""
        raise NotImplementedError

    def write(self, lines: Iterable[str]) -> None:
        """New lines of streams."""
        raise NotImplementedError

    def show_mode(self) -> None:
        """The footer for the present mode."""
        raise NotImplementedError

    def open_editor(self, ref: Ref) -> None:
        """The YAML editor on an object."""
        raise NotImplementedError

    def open_form(self, ref: Ref, action: Action) -> None:
        """The form of an action."""
        raise NotImplementedError
