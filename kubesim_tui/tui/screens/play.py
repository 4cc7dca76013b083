"""The play screen: the board, what is asked, the traffic, the prompt; and time.

One reactive holds the latest state and hands it down; widgets report up with messages. Time is stepped from a timer
in slices, painted at most ten times a second. What the commands do stands in `play_game`, `play_things`
and `play_prompt`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.protocol import SessionLike
from kubesim_tui.game.state import GameState
from kubesim_tui.tui import commands, messages
from kubesim_tui.tui.pace import Pace
from kubesim_tui.tui.screens import stories
from kubesim_tui.tui.screens.play_game import GameActions
from kubesim_tui.tui.screens.play_prompt import PromptActions
from kubesim_tui.tui.screens.play_things import ThingActions
from kubesim_tui.tui.screens.stepper import Stepper
from kubesim_tui.tui.widgets import nodes
from kubesim_tui.tui.widgets.board import Board
from kubesim_tui.tui.widgets.chips import Chips
from kubesim_tui.tui.widgets.drawer import Drawer
from kubesim_tui.tui.widgets.legend import Legend
from kubesim_tui.tui.widgets.objectives import Coach, Objectives, Story
from kubesim_tui.tui.widgets.prompt import Completions, Ghost, LineHighlighter, PromptInput, PromptView
from kubesim_tui.tui.widgets.timeline import Timeline
from kubesim_tui.tui.widgets.topbar import Clock, TopBar
from kubesim_tui.tui.widgets.traffic import Traffic

BEAT = 1 / 20  # seconds between two looks at the clock
PAINT = 1 / 10  # seconds between two paints, at least
BUDGET_MS = 30  # for the engine in one beat


class PlayScreen(GameActions, ThingActions, PromptActions):
    """See the module."""

    CSS_PATH = "play.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-s"), (110, "-m"), (180, "-l")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings(
        [commands.BOARD, commands.ARMED, commands.OUTPUT, commands.SCRUB]
    )

    def __init__(self, session: SessionLike, level: str) -> None:
        super().__init__(session, level)
        self._last_beat = 0.0
        self._last_paint = -1.0
        self._ended = False
        self._stopped_for = ""
        self._broken = False
        self._pointed_at: Ref | None = None

    def compose(self) -> ComposeResult:
        """The panels."""
        yield TopBar(id="top")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Board(id="board")
                yield nodes.Nodes(id="nodes")
                yield nodes.Events(id="events")
            with Vertical(id="right"):
                yield Objectives(id="objectives")
                yield Story(id="story")
                yield Coach(id="coach")
                yield Traffic(id="traffic")
        yield Legend(id="legend")
        yield Timeline(id="timeline")
        with Horizontal(id="prompt"):
            yield PromptView(id="at-rest")
            yield PromptInput(id="input", compact=True, select_on_focus=False, suggester=Ghost(self.session.complete))
        yield Chips(id="chips")
        yield Drawer(id="drawer")
        yield Completions(id="choices")

    def on_mount(self) -> None:
        """The first picture, the briefing, the timer."""
        self.name_panels()
        self.state = self.picture()
        self.board.focus()
        self._hand_down()
        self._last_beat = self.host.wall()
        self.set_interval(BEAT, self.beat)
        if self.state.verdict is None:
            self.call_after_refresh(self.action_briefing)

    def name_panels(self) -> None:
        """Titles in the player's language."""
        t, palette = self.look.t, self.look.palette
        names = {"objectives": t("Objectives"), "coach": t("Coach"), "traffic": t("Traffic")}
        names |= {"nodes": t("Nodes"), "events": t("Events"), "story": t("Briefing")}
        for panel, name in names.items():
            self.query_one(f"#{panel}").border_title = f"[{palette.blue}] {name} [/]"
        self.query_one(Story).tell(self.session.briefing())
        self.query_one(PromptInput).highlighter = LineHighlighter(self.look)

    def look_changed(self) -> None:
        """Another palette or language; the session's own texts follow."""
        self.session.language = self.look.t.language
        self._past = None  # its texts are in the other language: look again
        self.name_panels()
        super().look_changed()
        self.paint()

    # Time.

    def beat(self) -> None:
        """Run the ticks that are due; paint if it is time."""
        now, before = self.host.wall(), self._last_beat
        self._last_beat = now
        if self.scrubbing:
            self.look_back(BUDGET_MS)
        if self._stands():
            return
        if self.judging:
            self.advance(1, BUDGET_MS)
        due = self.pace.due(now - before)
        if due:
            self.advance(due, BUDGET_MS)
        if (due or self.judging) and now - self._last_paint >= PAINT:
            self._last_paint = now
            self.paint()

    def _stands(self) -> bool:
        """Whether time stands for a reason other than the player's pause."""
        state = self.state
        if state is None or state.verdict is not None or self._broken or self.too_small:
            return True
        return self.waits_for_go() or (self.gentle and self.app.screen is not self and self._reads())

    def _reads(self) -> bool:
        """Whether what lies over the board is there to be read."""
        above = self.app.screen
        return not isinstance(above, Stepper) or above.reading

    def advance(self, ticks: int, budget_ms: int = 10_000) -> None:
        """Run ticks; an engine that breaks stops here, and nothing else does."""
        try:
            self.pace.ran(self.session.step(ticks, budget_ms))
        except OSError as error:
            self.host.not_saved(error)
        except Exception as error:  # whatever it is, what was reached stays on the screen
            self._broken = True
            self.host.take_error(error, "the engine")

    def paint(self) -> None:
        """Take the session's state and hand it down; streams and endings too."""
        if self.runner.jobs:
            self.write(self.runner.poll())
        self.state = self.picture()
        self._hand_down()

    def picture(self) -> GameState:
        """The session's state; a recording that cannot be written is said, and loses nothing else."""
        try:
            return self.session.state()
        except OSError as error:
            self.host.not_saved(error)
            return self.session.state()

    def on_unmount(self) -> None:
        """Whatever way the player leaves: what was begun is kept, if it can be."""
        with suppress(OSError):
            self.session.leave()

    def watch_state(self, state: GameState | None) -> None:
        """A new state goes to every panel."""
        if state is None:
            return
        self._make_room()
        self.show_everywhere()
        if isinstance(self.app.screen, Stepper):
            self.app.screen.look_again()
        self._follow_coach(state)
        self._pause_by_itself(state)
        if state.verdict is not None and not self._ended:
            self._ended = True
            self.call_after_refresh(self.end, state)

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - Textual calls every class's handler
        """Another size: other rows for the cards, another height of the drawer."""
        self.call_after_refresh(self._make_room)

    def _make_room(self) -> None:
        """The node cards take only the rows that they need."""
        cards, state = self.query_one("#nodes"), self.state
        width = cards.size.width - 2 if state is not None else 0
        most = 10 if not self.has_class("-l") else 26
        if width > 0 and state is not None:
            cards.styles.height = min(most, nodes.rows_needed(len(state.view.nodes), width) + 2)

    def _follow_coach(self, state: GameState) -> None:
        """When the coach points at something else, the cursor goes there."""
        if state.coach.select is not None and state.coach.select != self._pointed_at:
            self.board.reveal(state.coach.select)
        self._pointed_at = state.coach.select

    def _hand_down(self) -> None:
        """What is not in the state: the clock's pace, the footer's mode."""
        clock = Clock(self.pace.speed, self.pace.paused, self.scrubbing)
        top = self.query_one(TopBar)
        if top.clock != clock:
            top.clock = clock
            top.repaint()
        self.show_mode()

    def _pause_by_itself(self, state: GameState) -> None:
        """The session has stopped for a reason: so does the clock, once."""
        if state.pause_because and state.pause_because != self._stopped_for:
            self.pace.paused = True
        self._stopped_for = state.pause_because

    # Endings.

    def end(self, state: GameState) -> None:
        """Keep the outcome, show the verdict."""
        self.host.record(self.level, state)
        self.tell(lambda: stories.end(self.state or state, self.session.debrief()), self._after_end)

    def _after_end(self, choice: str | None) -> None:
        if choice == "again":
            self.restart()
        elif choice == "levels":
            self.dismiss("levels")
        elif choice == "next":
            self.host.open_next(self.level)

    def restart(self) -> None:
        """The same level from its start, within a second."""
        self.session.restart()
        self._ended = self._broken = False
        self._stopped_for = ""
        self.pace = Pace(self.pace.speed)
        self.return_to_now()
        self.disarm()
        self.paint()

    def reopen(self) -> None:
        """A rewind: the run has not ended any more."""
        self._ended = self._broken = False
        self._stopped_for = ""

    # Messages from below.

    def on_selected(self) -> None:
        """The cursor moved: a prepared line was about something else."""
        self.disarm()
        self.session.tour_event("selected", self.board.target)

    def on_opened(self) -> None:
        """A double click."""
        self.action_enter()

    def on_scrubbed(self, event: messages.Scrubbed) -> None:
        """A click on the timeline."""
        self.scrub_to(event.tick)

    async def on_chip_pressed(self, event: messages.ChipPressed) -> None:
        """A chip stands for its command."""
        await self.run_action(event.command)

    def on_key(self, event: events.Key) -> None:
        """A letter that no command has may be an action of the selected thing."""
        free = not self.typing and self.focused is self.board and event.character and event.is_printable
        if free and event.key not in self._bindings.key_to_bindings and self.do_letter(event.character or ""):
            event.stop()

    def action_tab(self, tab: str) -> None:
        """A click on a tab."""
        self.board.open_tab(tab)
