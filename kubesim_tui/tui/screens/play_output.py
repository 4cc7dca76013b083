"""The output's part of the play screen: the drawer, the editor, the forms; the prompt's part runs what they lead to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.state import Action, Proposal
from kubesim_tui.tui.screens.editor import EditorScreen
from kubesim_tui.tui.screens.form import FormScreen
from kubesim_tui.tui.screens.play_base import PlayBase
from kubesim_tui.tui.widgets.drawer import Drawer
from kubesim_tui.tui.widgets.prompt import PromptInput, PromptView

APPLY = "kubectl apply -f -"
REPLACE = "kubectl replace --save-config -f -"  # what was taken out goes, even if somebody else had put it in


class OutputActions(PlayBase):
    """Mixed into the play screen."""

    @property
    def drawer(self) -> Drawer:
        """The output."""
        return self.query_one(Drawer)

    def answer(self, text: str, fine: bool) -> None:
        """An answer of one line stands in the prompt's row."""
        view = self.query_one(PromptView)
        view.answer = (text, fine)
        view.repaint()

    def show_lines(self, command: str, lines: Iterable[str], fine: bool = True) -> None:
        """Output that came from the session itself."""
        self.drawer.write([command], "command")
        self.drawer.write(lines, "out" if fine else "err")
        self.open_drawer()

    def write(self, lines: Iterable[str]) -> None:
        """New lines of streams; where the last one has ended with a line or two, that line goes to the prompt."""
        found = list(lines)
        if found:
            self.drawer.write(found)
            self.open_drawer()
        last = self.drawer.last_answer()
        if not self.runner.jobs and last is not None and self.focused is not self.drawer:
            self.answer(last, True)
            self.close_drawer()

    # The drawer.

    def action_output(self) -> None:
        """Show or hide the output."""
        if self.drawer.display:
            self.close_drawer()
        else:
            self.open_drawer()
            self.drawer.focus()
        self.call_after_refresh(self.show_mode)

    def open_drawer(self) -> None:
        """Show the output, as high as the latest command needs."""
        half = max(4, (self.app.size.height - 5) // 2)
        self.drawer.styles.height = self.drawer.wanted_height(half)
        self.drawer.display = True
        self.drawer.repaint_all()

    def close_drawer(self) -> None:
        """Hide it; the board gets the focus."""
        had = self.focused is self.drawer
        self.drawer.display = False
        if had:
            self.board.focus()

    # Editor and forms.

    def open_editor(self, ref: Ref) -> None:
        """The YAML of an object; Ctrl-S puts it in the object's place."""
        title = f"{ref.kind.lower()}/{ref.name}"
        editor = EditorScreen(title, self.session.manifest(ref), self.session.check_manifest)
        self.app.push_screen(editor, partial(self._put_back, REPLACE))

    def on_prompt_input_pasted(self, event: PromptInput.Pasted) -> None:
        """A pasted manifest opens in the editor."""
        editor = EditorScreen(self.look.t("pasted manifest"), event.text, self.session.check_manifest)
        self.app.push_screen(editor, partial(self._put_back, APPLY))

    def _put_back(self, line: str, text: str | None) -> None:
        if text is not None:
            self.run_line(line, text)

    def open_form(self, ref: Ref, action: Action) -> None:
        """A form; it shows the difference before anything happens."""
        form = self.session.form(ref, action)
        self.app.push_screen(FormScreen(form, partial(self.session.propose, ref, action)), self._run_proposal)

    def _run_proposal(self, proposal: Proposal | None) -> None:
        if proposal is not None:
            self.run_line(proposal.command, proposal.stdin)
