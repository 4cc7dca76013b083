"""What the parts of the play screen share: what it holds, and what each part asks of the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, cast

from textual.reactive import reactive

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.protocol import SessionLike
from kubesim_tui.game.state import Action, GameState
from kubesim_tui.tui.pace import Pace
from kubesim_tui.tui.runner import Runner
from kubesim_tui.tui.screens.base import KubesimScreen
from kubesim_tui.tui.widgets.board import Board

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
