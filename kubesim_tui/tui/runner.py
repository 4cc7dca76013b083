"""Runs lines of the prompt against a session, and keeps their history and their streams. No widgets."""

from __future__ import annotations

from attrs import define, field, frozen

from kubesim_tui.game.protocol import NeedsEditor, SessionLike
from kubesim_tui.tui.terminal import FrontTerminal

HISTORY = 500  # lines


@frozen
class Outcome:
    """What became of a line: output, errors, exit code; `edit` holds the text that it wants edited first."""

    line: str
    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()
    code: int = 0
    job: int | None = None
    edit: str | None = None


@define
class Runner:
    """See the module."""

    session: SessionLike
    history: list[str] = field(factory=list)
    jobs: dict[int, str] = field(factory=dict)  # number → the line that started it
    _late: list[str] = field(factory=list)  # lines that came when a stream was ended
    _at: int = 0
    _draft: str = ""

    def run(self, line: str, width: int, stdin: str = "", edited: str | None = None, opened: bool = False) -> Outcome:
        """Run a line; `opened` says that the editor has been open and gave `edited` back."""
        self._remember(line)
        terminal = FrontTerminal(width, stdin, edited, opened)
        try:
            reply = self.session.run(line, terminal)
        except NeedsEditor as wish:
            return Outcome(line, edit=wish.text)
        if reply.job is not None:
            self.jobs[reply.job] = line
        return Outcome(line, reply.out, reply.err, reply.code, reply.job)

    @property
    def prompt(self) -> str | None:
        """What the shell asks with into which one types; None if lines are kubectl's."""
        talk = self.session.talk()
        return talk.prompt if talk is not None else None

    def type(self, text: str | None) -> list[str]:
        """Type a line into that shell, None for Ctrl-D: what it says at once."""
        self._remember(text or "")
        self.session.type(text)
        return self.poll()

    def poll(self) -> list[str]:
        """New lines of all streams; ended ones are forgotten."""
        lines, self._late = self._late, []
        for job in list(self.jobs):
            new, ended = self.session.job_output(job)
            lines += new
            if ended:
                del self.jobs[job]
        return lines

    def cancel(self) -> str:
        """End the latest stream, or what runs in the shell that it is; its line, or "" if there is none."""
        if not self.jobs:
            return ""
        job = max(self.jobs)
        line = self.jobs[job]
        self.session.cancel(job)
        new, ended = self.session.job_output(job)
        self._late += new
        if ended or self.prompt is None:
            del self.jobs[job]
        return line

    def earlier(self, present: str) -> str:
        """The line before in the history; what is being typed is kept."""
        if self._at == len(self.history):
            self._draft = present
        self._at = max(0, self._at - 1)
        return self.history[self._at] if self.history else present

    def later(self) -> str:
        """The line after in the history, at last what was being typed."""
        self._at = min(len(self.history), self._at + 1)
        return self.history[self._at] if self._at < len(self.history) else self._draft

    def _remember(self, line: str) -> None:
        if line.strip() and (not self.history or self.history[-1] != line):
            self.history = [*self.history, line][-HISTORY:]
        self._at, self._draft = len(self.history), ""
