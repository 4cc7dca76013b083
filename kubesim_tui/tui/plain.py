"""`kubesim play --plain`: the game as lines of text, for screen readers. One line a change, no glyphs, no cursor.

It takes turns: nothing is said while the player thinks. A line is a kubectl command or one of the words below; time
runs only when the player lets it (`wait 10`, `next`).
"""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.game.protocol import NeedsEditor, SessionLike, Talk
from kubesim_tui.game.state import GameState
from kubesim_tui.tui.i18n import N_, Texts
from kubesim_tui.tui.kit.cells import clean
from kubesim_tui.tui.spoken import changes, summary
from kubesim_tui.tui.terminal import FrontTerminal

Say = Callable[[str], None]
Read = Callable[[], str | None]

WIDTH = 200  # of kubectl's output
WORDS = (
    ("go", N_("start the clock")),
    ("wait N", N_("let N seconds pass, and say what changes")),
    ("next", N_("run until something happens")),
    ("board", N_("how everything stands")),
    ("why", N_("the causes of what is missed")),
    ("hint", N_("the next hint")),
    ("story", N_("the briefing again")),
    ("restart", N_("the same level from its start")),
    ("quit", N_("leave")),
)


class Plain:
    """The loop of turns."""

    def __init__(
        self, session: SessionLike, t: Texts, read: Read, say: Say, ended: Callable[[], None] | None = None
    ) -> None:
        """`ended` is called once for every game that has a verdict."""
        self.session, self.t, self.read, self.say, self.ended = session, t, read, say, ended
        self.last = session.state()

    def play(self) -> int:
        """Until the player leaves or the input ends; 0."""
        self.tell(self.session.briefing())
        for line in summary(self.t, self.last):
            self.say(line)
        self.help()
        typed = self.read()
        while typed is not None and self.turn(typed.strip()):
            typed = self.read()
        return 0

    def help(self) -> None:
        """What can be typed."""
        self.say(self.t("Type a kubectl command, or:"))
        for word, what in WORDS:
            self.say(f"  {word}: {self.t(what)}")

    def turn(self, line: str) -> bool:
        """One line of the player; False to leave."""
        talk = self.session.talk()
        if talk is not None:
            self.type(talk, line)
            return True
        word, _, rest = line.partition(" ")
        if word == "quit":
            return False
        if word in ("", "wait"):
            self.wait(int(rest) if rest.isdigit() else 1)
        elif word == "story":
            self.tell(self.session.briefing())
        elif word in ("go", "next", "board", "why", "hint", "restart", "help") and not rest:
            getattr(self, word)()
        else:
            self.run(line)
        return True

    def tell(self, markdown: str) -> None:
        """A story, line by line, without its marks."""
        for line in markdown.splitlines():
            if text := clean(line.replace("**", "").replace("`", "").lstrip("# ").rstrip()):
                self.say(text)

    def report(self) -> None:
        """Say what has changed; the verdict once."""
        state = self.session.state()
        for line in changes(self.t, self.last, state):
            self.say(line)
        while state.judging >= 0:
            self.session.step(1, 10_000)
            state = self.session.state()
        ended = state.verdict is not None and self.last.verdict is None
        self.last = state
        if ended:
            self.verdict(state)
            if self.ended is not None:
                self.ended()

    def verdict(self, state: GameState) -> None:
        """Won or lost, why, and what was learnt."""
        if state.verdict is None:
            return
        self.say(
            self.t("You have won. Stars: {n} of 3.", n=state.verdict.stars)
            if state.verdict.won
            else self.t("You have lost.")
        )
        for why in state.verdict.whys:
            for link in why.chain:
                self.say("  " + clean(link.text))
            self.say(self.t("Cause: {cause}. {gloss}", cause=why.cause, gloss=why.gloss))
            if why.remedy:
                self.say(self.t("What would have prevented it") + ": " + why.remedy)
        self.tell(self.session.debrief())

    def go(self) -> None:
        """Start the clock."""
        self.session.go()
        self.report()

    def wait(self, ticks: int) -> None:
        """Let time pass, a second at a time, until something stops it."""
        for _ in range(min(ticks, 3600)):
            ran = self.session.step(1, 10_000)
            self.report()
            if not ran or self.last.verdict is not None or self.last.pause_because:
                break

    def next(self) -> None:
        """Until something happens."""
        self.session.next_event()
        self.report()

    def board(self) -> None:
        """How everything stands."""
        for line in summary(self.t, self.session.state()):
            self.say(line)

    def why(self) -> None:
        """The causes of the first missed objective."""
        missed = next((o.id for o in self.session.state().objectives if o.state == "failed"), None)
        found = self.session.why(None, missed)
        for link in found.chain if found else ():
            self.say("  " + clean(link.text))
        self.say(
            self.t("Cause: {cause}. {gloss}", cause=found.cause, gloss=found.gloss)
            if found
            else self.t("Nothing is wrong.")
        )

    def hint(self) -> None:
        """The next hint."""
        self.tell(self.session.hint())
        self.report()

    def restart(self) -> None:
        """From the start."""
        self.session.restart()
        self.last = self.session.state()
        self.board()

    def type(self, talk: Talk, line: str | None) -> None:
        """A line for a shell in a container, and what it says within a second."""
        self.session.type(line)
        self.session.step(1, 10_000)
        self._show(talk.job)
        self.report()

    def _show(self, job: int) -> None:
        for text in self.session.job_output(job)[0]:
            self.say(clean(text))

    def run(self, line: str) -> None:
        """A command of the prompt; one that needs an editor is refused with a way round it."""
        try:
            reply = self.session.run(line, FrontTerminal(WIDTH))
        except NeedsEditor:
            self.say(self.t("There is no editor here: use kubectl set, scale, patch, or apply -f FILE."))
            return
        for text in (*reply.out, *reply.err):
            self.say(clean(text))
        if reply.job is not None and self.session.talk() is None:
            self.wait(10)
            self._show(reply.job)
        if reply.job is not None and self.session.talk() is None:
            self.session.cancel(reply.job)
            self._show(reply.job)
        elif reply.job is not None:
            self.say(self.t("You type into a shell now: exit leaves it."))
        self.report()


def play(session: SessionLike, t: Texts, ended: Callable[[], None] | None = None) -> int:
    """Play on standard input and output."""

    def read() -> str | None:
        try:
            talk = session.talk()
            return input(talk.prompt if talk is not None else "> ")
        except (EOFError, KeyboardInterrupt):
            return None

    return Plain(session, t, read, lambda line: print(line, flush=True), ended).play()
