"""The prompt's part of the play screen: its modes, a prepared line, running, completing, history."""

from __future__ import annotations

from functools import partial

from textual.widgets import Input

from kubesim_tui.tui import commands
from kubesim_tui.tui.kit.cells import cell_len, clean
from kubesim_tui.tui.runner import Outcome
from kubesim_tui.tui.screens import stories
from kubesim_tui.tui.screens.editor import EditorScreen
from kubesim_tui.tui.screens.play_output import OutputActions
from kubesim_tui.tui.screens.sheet import Sheet
from kubesim_tui.tui.terminal import FrontTerminal
from kubesim_tui.tui.widgets.chips import Chips
from kubesim_tui.tui.widgets.prompt import Completions, PromptInput, PromptView, replaced

GOES_ON = ("=", ":", "/", ",")  # after these a word is not complete


class PromptActions(OutputActions):
    """Mixed into the play screen."""

    # Modes.

    @property
    def prompt(self) -> PromptInput:
        """The line of input."""
        return self.query_one(PromptInput)

    @property
    def typing(self) -> bool:
        """Whether the prompt has the focus."""
        return self.has_class("-typing")

    def mode(self) -> str:
        """The present mode, for the footer."""
        if self.typing:
            return commands.PROMPT
        if self.scrubbing:
            return commands.SCRUB
        if self.armed:
            return commands.ARMED
        return commands.OUTPUT if self.focused is self.drawer else commands.BOARD

    def show_mode(self) -> None:
        """The footer for the present mode, the row of the prompt at rest."""
        t, mode = self.look.t, self.mode()
        extra: tuple[tuple[str, str, str], ...] = ()
        if mode == commands.PROMPT:
            extra = (("submit", "Enter", t("Run")),)
        elif mode == commands.ARMED:
            extra = (("run_armed", "Enter", t("Run")),)
        elif mode == commands.SCRUB:
            ways = (("rewind_back", "[", t("Rewind")), ("rewind_on", "]", t("Forward again")))
            extra = (("enter", "Enter", t("Go back there")), *ways)
        gone = self.state is not None and self.state.view.go is not None
        self.query_one(Chips).set_mode(mode, gone, self.pace.paused, extra)
        self.prompt.placeholder = (self.runner.prompt or "").rstrip()
        view = self.query_one(PromptView)
        job = self.runner.jobs[max(self.runner.jobs)] if self.runner.jobs else ""
        if (view.armed, view.job) != (self.armed, job):
            view.armed, view.job = self.armed, job
        view.repaint()

    def action_prompt(self) -> None:
        """Type; a prepared line can be changed."""
        self.type_line(self.armed)

    def type_line(self, line: str) -> None:
        """Type on from a line."""
        self.return_to_now()
        self.prompt.value = line
        self.disarm()
        self.add_class("-typing")
        self.prompt.focus()
        self.prompt.cursor_position = len(self.prompt.value)
        self.show_mode()

    def action_back(self) -> None:
        """Esc: the list of choices, the prompt, a rewind, a prepared line, the output: the nearest one closes."""
        if self.typing:
            if self.query_one(Completions).display:
                self.query_one(Completions).show_choices(())
                return
            self._leave_prompt()
        elif self.scrubbing:
            self.return_to_now()
        elif self.armed:
            self.disarm()
        elif self.drawer.display:
            self.close_drawer()
        self.show_mode()

    def _leave_prompt(self) -> None:
        self.query_one(Completions).show_choices(())
        self.remove_class("-typing")
        self.board.focus()
        self.show_mode()

    # A prepared line.

    def arm(self, line: str, stdin: str = "") -> None:
        """Write a line into the prompt; Enter on the board runs it."""
        self.armed, self.armed_stdin = line, stdin
        self.answer("", True)
        self.board.focus()
        self.show_mode()

    def disarm(self) -> None:
        """Drop it."""
        if self.armed:
            self.armed, self.armed_stdin = "", ""
            self.show_mode()

    def action_run_armed(self) -> None:
        """Run it."""
        line, stdin = self.armed, self.armed_stdin
        self.disarm()
        self.run_line(line, stdin)

    # Running.

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the prompt."""
        if event.input is self.prompt:
            self.action_submit()

    def action_submit(self) -> None:
        """Run what was typed."""
        choices = self.query_one(Completions)
        choices.show_choices(())
        line = self.prompt.value
        self.prompt.value = ""
        if self.runner.prompt is not None:
            self.type_into_shell(line)
            return
        if line.strip():
            self.run_line(line.strip())
        if not self.runner.jobs or self.runner.prompt is not None:
            self.prompt.focus()
        self.show_mode()

    def type_into_shell(self, line: str) -> None:
        """A line for the shell in a container."""
        self.drawer.write(self.runner.type(line))
        self.open_drawer()
        self.paint()
        self.show_mode()

    def run_line(self, line: str, stdin: str = "") -> None:
        """Run a line and show what came of it."""
        self._finish(self.runner.run(line, self.app.size.width - 2, stdin))
        self.session.tour_event("ran")

    def _finish(self, outcome: Outcome) -> None:
        """An answer of one line stands in the prompt's row, a longer one in the drawer."""
        if outcome.edit is not None:
            editor = EditorScreen(outcome.line, outcome.edit, self.session.check_manifest)
            self.app.push_screen(editor, partial(self._edited, outcome.line))
            return
        lines = [clean(text) for text in (*outcome.out, *outcome.err)]
        fits = len(lines) == 1 and cell_len(lines[0]) < self.app.size.width - 8
        short = fits and outcome.job is None and not self.typing  # while one types the row of the prompt is taken
        self.answer(lines[0] if short else "", outcome.code == 0)
        if lines or outcome.job is not None:
            self.drawer.write([outcome.line], "command")
            self.drawer.write(outcome.out)
            self.drawer.write(outcome.err, "err")
        if not short and (lines or outcome.job is not None):
            self.open_drawer()
        self.paint()

    def _edited(self, line: str, text: str | None) -> None:
        """The editor that a command asked for is closed: run the command again with its text."""
        if text is None:
            self.answer(self.look.t("Edit cancelled, no changes made."), True)
        else:
            self._finish(self.runner.run(line, self.app.size.width - 2, edited=text, opened=True))

    def action_interrupt(self) -> None:
        """Ctrl-C: a stream first, then the line, then the question about leaving."""
        if line := self.runner.cancel():
            self.drawer.write([f"^C  {line}"], "err")
            self.show_mode()
        elif self.typing and self.prompt.value:
            self.prompt.value = ""
        elif self.armed:
            self.disarm()
        else:
            self.tell(self._leaving, self._quit_if)

    def _leaving(self) -> Sheet:
        text = self.look.t("Leave the game? A run that has not ended does not count; its recording is kept.")
        return stories.ask_leaving(self.look.t("Leave"), text)

    def _quit_if(self, answer: str | None) -> None:
        if answer == "yes":
            self.app.exit()

    # Completion and history.

    def action_complete(self) -> None:
        """Tab: complete as far as it is certain, then go through the choices."""
        shown = self.query_one(Completions)
        line, cursor = self.prompt.value, self.prompt.cursor_position
        if shown.display and shown.choices:
            shown.show_choices(shown.choices, (shown.cursor + 1) % len(shown.choices))
            self._put(shown.choices[shown.cursor])
            return
        choices = self.session.complete(line, cursor, FrontTerminal())
        if len(choices) == 1:
            self._put(choices[0] + ("" if choices[0].endswith(GOES_ON) else " "))
        elif choices:
            shown.show_choices(choices)
            self._put(choices[0])

    def _put(self, word: str) -> None:
        """Replace the word before the cursor, without closing the list of choices."""
        with self.prompt.prevent(Input.Changed):
            self.prompt.value, position = replaced(self.prompt.value, self.prompt.cursor_position, word)
        self.prompt.cursor_position = position

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typing on closes the list of choices."""
        if event.input is self.prompt:
            self.query_one(Completions).show_choices(())

    def action_history_back(self) -> None:
        """Up."""
        self.prompt.value = self.runner.earlier(self.prompt.value)
        self.prompt.cursor_position = len(self.prompt.value)

    def action_history_on(self) -> None:
        """Down."""
        self.prompt.value = self.runner.later()
        self.prompt.cursor_position = len(self.prompt.value)
