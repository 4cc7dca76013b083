"""Follow an apply: what became of one of the player's writes, step by step, from the door to the first request."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip

from kubesim_tui.cluster.picture.course import Course
from kubesim_tui.cluster.picture.steps import AHEAD, Step
from kubesim_tui.game.protocol import SessionLike
from kubesim_tui.tui import courses
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit.cells import clean, cut, pad
from kubesim_tui.tui.screens.stepper import Key, Stepper
from kubesim_tui.tui.screens.stories import paragraph

NAME = 23  # cells of a step's name


class CourseScreen(Stepper):
    """See the module."""

    reading = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        ("↑↓", N_("step")),
        ("←→", N_("other writes")),
        ("Esc", N_("Close")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        ("left,h", "write(-1)"),
        ("right,l,tab", "write(1)"),
        ("space,enter", "step(1)"),
    ]
    DEFAULT_CSS = "CourseScreen #detail { height: 7; }"

    def __init__(self, session: SessionLike) -> None:
        super().__init__()
        self.session = session
        self.writes = session.writes()
        self.at = 0
        self.course: Course = session.course(self.writes[0])

    def heading(self) -> str:
        """The title."""
        return self.look.t("Follow an apply")

    def count(self) -> int:
        """Its steps."""
        return len(self.course.steps)

    def look_again(self) -> None:
        """The cluster goes on, and so does the course."""
        self.course = self.session.course(self.writes[self.at])
        self.show()

    def action_write(self, by: int) -> None:
        """Another of the last writes."""
        self.at = (self.at + by) % len(self.writes)
        self.steps.cursor = 0
        self.look_again()

    def head_rows(self, width: int) -> list[Strip]:
        """Which write, and how far it has come."""
        write, t = self.course.write, self.look.t
        line = self.look.line(width).add(f" ◂ {self.at + 1}/{len(self.writes)} ▸ ", "cyan", bold=True)
        what = f"{write.resource}/{write.subresource}" if write.subresource else write.resource
        name = f"{write.namespace}/{write.name}" if write.namespace else write.name
        line.add(f"{write.verb} {what} ", "blue").add(name, "text", bold=True)
        ago = t("{n} s ago", n=max(0, self.course.tick - write.tick))
        reached = [step for step in self.course.steps if step.state != AHEAD]
        glyph = courses.STATES[reached[-1].state]
        return [line.right((f"{ago} ", "mute"), (f"{glyph.sign} {t(glyph.word)} ", glyph.colour, True)).strip()]

    def step_rows(self, width: int) -> list[Strip]:
        """A row a step: when, how it stands, what it decided; below, where there is room, what else."""
        steps = self.course.steps
        self.steps.high = 2 if self.steps.content_size.height >= 2 * len(steps) else 1
        rows: list[Strip] = []
        for n, step in enumerate(steps):
            rows.append(self._row(step, n == self.steps.cursor, width))
            if self.steps.high > 1:
                rows.append(self._below(step, n == self.steps.cursor, width))
        return rows

    def _below(self, step: Step, chosen: bool, width: int) -> Strip:
        gist = self._gist(step)
        told = [clean(courses.sentence(self.look.t, fact)) for fact in step.facts]
        line = self.look.line(width, "select" if chosen else "panel").add("▌" if chosen else " ", "cyan")
        line.add(" " * (NAME + 8))
        return line.add(cut("  ".join(one for one in told if one != gist), max(0, line.room - 1)), "mute").strip()

    def _row(self, step: Step, chosen: bool, width: int) -> Strip:
        look, glyph = self.look, courses.STATES[step.state]
        name, colour, _ = courses.KINDS[step.kind]
        line = look.line(width, "select" if chosen else "panel").add("▌" if chosen else " ", "cyan")
        since = f"+{step.tick - self.course.write.tick}s" if step.tick is not None else ""
        line.add(f"{since:>5} ", "mute").add(f"{glyph.sign} ", glyph.colour, bold=True)
        line.add(pad(look.t(name), NAME), colour if step.state != AHEAD else "mute", bold=chosen)
        said = self._gist(step)
        return line.add(cut(said, max(0, line.room - 1)), "mute" if step.state == AHEAD else "text").strip()

    def _gist(self, step: Step) -> str:
        """The most telling of what it decided: the last word."""
        if not step.facts:
            return self.look.t(courses.STATES[step.state].word) if step.state == AHEAD else ""
        telling = [fact for fact in step.facts if fact[0] not in ("passed", "score")] or list(step.facts)
        return clean(courses.sentence(self.look.t, telling[-1]))

    def detail_rows(self, width: int) -> list[Strip]:
        """What happens at this step, and what was decided, each with its time."""
        step = self.course.steps[self.steps.cursor]
        does = courses.KINDS[step.kind][2]
        rows = paragraph(self.look, self.look.t(does), width, "mute")
        for fact in step.facts:
            when = next((int(value) for name, value in fact[1] if name == "tick"), None)
            lead = f" +{when - self.course.write.tick}s " if when is not None else " › "
            tone = "red" if fact[0] in ("refused", "text") and step.state == "failed" else "text"
            rows += paragraph(self.look, courses.sentence(self.look.t, fact), width, tone, lead)
        return rows
