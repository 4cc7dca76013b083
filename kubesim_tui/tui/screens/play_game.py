"""What the play screen's commands do with the game: time, hints, restart, rewind, looking around.

One method ``action_<id>`` for each of `commands.COMMANDS`; those about the selected thing stand in `play_things`.
"""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.screens import palette, stories
from kubesim_tui.tui.screens.course import CourseScreen
from kubesim_tui.tui.screens.follow import FollowScreen
from kubesim_tui.tui.screens.play_base import PlayBase
from kubesim_tui.tui.screens.room import RoomScreen
from kubesim_tui.tui.screens.sheet import Sheet
from kubesim_tui.tui.widgets.nodes import Events, Nodes
from kubesim_tui.tui.widgets.traffic import Traffic

JUMP = 5  # ticks of one press of [ or ]


class GameActions(PlayBase):
    """Mixed into the play screen."""

    def action_go(self) -> None:
        """Start the clock."""
        if self.state is not None and self.state.view.go is None:
            self.session.go()
            self.session.tour_event("go")
            self.pace.paused = False
            self.paint()

    def action_pause(self) -> None:
        """Stop or start time; before Go of an incident it is Go that starts it."""
        if self.waits_for_go():
            self.say(self.look.t("Time stands until Go: press g."))
            return
        self.pace.paused = not self.pace.paused
        self.return_to_now()
        self.paint()

    def action_next_event(self) -> None:
        """Run on until something happens."""
        if self.waits_for_go():
            self.say(self.look.t("Time stands until Go: press g."))
        elif self.state is not None and self.state.verdict is None:
            self.return_to_now()
            self.session.next_event()
            self.pace.paused = True
            self.paint()

    def ask(self, title: str, text: str, yes: str, then: Callable[[str | None], None]) -> None:
        """A question, its words given as source texts."""
        self.tell(lambda: stories.ask(self.look.t(title), self.look.t(text), yes), then)

    def action_speed(self, speed: int) -> None:
        """So many simulated seconds a second."""
        self.pace.speed = speed
        self.paint()

    def action_slower(self) -> None:
        """The next lower speed."""
        self.pace.slower()
        self.paint()

    def action_faster(self) -> None:
        """The next higher speed."""
        self.pace.faster()
        self.paint()

    def action_restart(self) -> None:
        """From the start; asks while the run is judged."""
        if self.state is not None and self.state.running:
            text = N_("Start this level again? This run does not count; its recording is kept.")
            self.ask(N_("Restart"), text, N_("Start again"), self._restart_if)
        else:
            self.restart()

    def _restart_if(self, answer: str | None) -> None:
        if answer == "yes":
            self.restart()

    def action_leave(self) -> None:
        """Back to the level list; asks while the run is judged."""
        if self.state is not None and self.state.running:
            text = N_("Leave this level? This run does not count; its recording is kept.")
            self.ask(N_("Leave"), text, N_("Leave"), self._leave_if)
        else:
            self.dismiss("levels")

    def _leave_if(self, answer: str | None) -> None:
        if answer == "yes":
            self.dismiss("levels")

    def action_briefing(self) -> None:
        """The story."""
        self.tell(self._briefing)

    def _briefing(self) -> Sheet:
        assert self.state is not None
        return stories.briefing(self.session.briefing(), self.state, self.gentle)

    def action_hint(self) -> None:
        """The next hint; before the third the price is named."""
        shown = self.state.hints_shown if self.state is not None else 0
        if shown == 2:
            text = N_("The third hint is nearly the answer. It is still a win then, but without medals.")
            self.ask(N_("Hint"), text, N_("Show it"), self._hint_if)
        else:
            self._hint_if("yes")

    def _hint_if(self, answer: str | None) -> None:
        if answer == "yes":
            self.session.hint()
            self.paint()
            shown = self.state.hints_shown if self.state is not None else 1
            number = max(1, min(3, shown))
            self.tell(lambda: stories.hint(self.session.hint_text(number), number), self._after_hint)

    def _after_hint(self, choice: str | None) -> None:
        if choice == "next":
            self.action_hint()

    def action_rewind_back(self) -> None:
        """Move the second head of the timeline back."""
        self._scrub(-JUMP)

    def action_rewind_on(self) -> None:
        """Move it on again."""
        self._scrub(JUMP)

    def _scrub(self, by: int) -> None:
        """To the next mark of five seconds, counted from Go."""
        if self.state is None or self.state.view.go is None:
            return
        go = self.state.view.go
        since = (self.timeline.scrub if self.timeline.scrub is not None else self.state.view.tick) - go
        self.scrub_to(go + (since // JUMP + 1 if by > 0 else (since - 1) // JUMP) * JUMP)

    def rewind(self) -> None:
        """Go back to where the second head stands."""
        if self.timeline.scrub is not None:
            self.session.rewind(self.timeline.scrub)
            self.return_to_now()
            self.reopen()
            self.paint()

    # Looking around.

    def action_follow(self) -> None:
        """A sampled request, hop by hop."""
        if self.is_now() and self.session.requests():
            self.app.push_screen(FollowScreen(self.session))
        elif self.is_now():
            self.say(self.look.t("No request has been sent yet."))

    def action_machine_room(self) -> None:
        """All components, and what they say to each other."""
        if self.is_now():
            self.app.push_screen(RoomScreen(self.session, self.action_pause), self._take_line)

    def _take_line(self, line: str | None) -> None:
        """A line that was chosen elsewhere stands in the prompt."""
        if line:
            self.arm(line)

    def action_course(self) -> None:
        """What became of the player's last writes."""
        if self.is_now() and self.session.writes():
            self.app.push_screen(CourseScreen(self.session))
        elif self.is_now():
            self.say(self.look.t("You have not changed anything yet."))

    def action_next_tab(self) -> None:
        """The next page of the board."""
        self.board.step_tab(1)

    def action_previous_tab(self) -> None:
        """The page before."""
        self.board.step_tab(-1)

    def action_stream(self) -> None:
        """The next stream of users."""
        self.query_one(Traffic).next_stream()

    def action_system(self) -> None:
        """The cluster's own things."""
        self.board.toggle_system()
        for panel in (*self.query(Nodes), *self.query(Events)):
            panel.system = self.board.system
            panel.repaint()

    def action_help(self) -> None:
        """All keys."""
        self.tell(lambda: stories.help_page(self.look.t("Help")))

    def action_palette(self) -> None:
        """Any command by name."""
        self.app.push_screen(palette.of_commands(), self._from_palette)

    async def _from_palette(self, command: str | None) -> None:
        if command is not None:
            await self.run_action(command)

    def action_theme(self) -> None:
        """The next palette."""
        self.host.next_theme()

    def action_language(self) -> None:
        """The other language."""
        self.host.next_language()
