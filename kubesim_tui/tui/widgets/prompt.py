"""The prompt: one row that is a line of input while it has the focus, and otherwise shows what stands ready.

Ghost text shows the likeliest completion, Tab completes and goes through the choices, which stand in a list above.
Up and Down are the history. Several pasted lines are a manifest: they go to the editor.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widgets import Input

from kubesim_tui.tui import commands
from kubesim_tui.tui.kit.cells import cell_len, cut
from kubesim_tui.tui.kit.line import Line
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look

Complete = Callable[[str, int], tuple[str, ...]]

WORD = re.compile(r"\S+|\s+")
VERBS = frozenset(
    {
        "get", "describe", "apply", "create", "delete", "scale", "set", "patch", "rollout", "logs", "exec", "label",
        "annotate", "cordon", "uncordon", "drain", "expose", "edit", "wait", "events", "top", "explain", "run",
        "autoscale", "taint", "debug", "attach", "cp", "port-forward", "status", "history", "undo", "restart",
        "pause", "resume",
    }
)  # fmt: skip


def word_colour(word: str, position: int) -> str:
    """The colour of a word of the line: the command, its verb, a flag, a name with its kind, the rest."""
    if position == 0:
        return "green"
    if word.startswith("-"):
        return "blue"
    if position <= 2 and word in VERBS:
        return "text"
    return "violet" if "/" in word else "soft"


def coloured(line: Line, text: str) -> Line:
    """A command line in its colours."""
    position = 0
    for piece in WORD.findall(text):
        line.add(piece, word_colour(piece, position), bold=position == 0)
        position += not piece.isspace()
    return line


class LineHighlighter(Highlighter):
    """The same colours inside the input."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look

    def highlight(self, text: Text) -> None:
        """Colour each word."""
        position = 0
        for match in WORD.finditer(text.plain):
            if not match.group().isspace():
                colour = self.look.colour(word_colour(match.group(), position))
                text.stylize(f"bold {colour}" if position == 0 else colour, *match.span())
                position += 1


def replaced(line: str, cursor: int, word: str) -> tuple[str, int]:
    """The line with the word before the cursor replaced, and the cursor after it."""
    start = max(line.rfind(" ", 0, cursor), line.rfind("=", 0, cursor), line.rfind(",", 0, cursor)) + 1
    if "=" in word or "," in word:  # a completion that repeats what stands before = or ,
        start = line.rfind(" ", 0, cursor) + 1
    return line[:start] + word + line[cursor:], start + len(word)


class Ghost(Suggester):
    """The likeliest completion as ghost text."""

    def __init__(self, complete: Complete) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line with the first choice in it."""
        if not value.strip():
            return None
        choices = self._complete(value, len(value))
        line = replaced(value, len(value), choices[0])[0] if choices else ""
        return line if line.startswith(value) and line != value else None


class PromptInput(Input):
    """The input itself."""

    BINDINGS: ClassVar[list[BindingType]] = commands.bindings([commands.PROMPT], "screen.")

    class Pasted(Message):
        """Several lines were pasted: a manifest."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    def _on_paste(self, event: events.Paste) -> None:
        """Several lines are a manifest; one line is left to the input."""
        if "\n" in event.text.strip():
            self.post_message(self.Pasted(event.text))
            event.stop()
            event.prevent_default()


class PromptView(Painter):
    """What stands in the row while the input has not the focus: a prepared line, the last answer, or what to do."""

    ground = "raised"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.armed = ""
        self.answer: tuple[str, bool] = ("", True)
        self.job = ""

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        return [prompt_row(self.look, self.armed, self.answer, self.job, width)]


def prompt_row(look: Look, armed: str, answer: tuple[str, bool], job: str, width: int) -> Strip:
    """The row of the prompt at rest."""
    t = look.t
    line = look.line(width, "raised").add(" ❯ ", "cyan", bold=True)
    if armed:
        tail = t("Enter runs · : changes · Esc drops")
        coloured(line, cut(armed, width - 4 - (cell_len(tail) + 2 if width >= 100 else 0)))
        return line.right((tail + " ", "yellow") if width >= 100 else ("", "text")).strip()
    if job:
        return line.add(job, "soft").right((t("^C stops it") + " ", "yellow")).strip()
    text, fine = answer
    if text:
        return line.add("✓ " if fine else "✗ ", "green" if fine else "red").add(text, "soft" if fine else "red").strip()
    return line.add(t("press : and type kubectl, or Enter on anything"), "mute").strip()


class Completions(Painter):
    """The choices of Tab, above the prompt."""

    ground = "raised"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.choices: tuple[str, ...] = ()
        self.cursor = 0

    def show_choices(self, choices: tuple[str, ...], cursor: int = 0) -> None:
        """Show choices; none hides the list."""
        self.choices, self.cursor = choices, cursor
        self.display = bool(choices)
        if choices:
            self.styles.height = min(8, len(choices)) + 2
            self.styles.width = min(60, max(20, max(map(cell_len, choices)) + 6))
        self.repaint_all()

    def lines(self, width: int, height: int) -> list[Strip]:
        """The visible choices."""
        top = max(0, min(self.cursor - height + 1, len(self.choices) - height))
        found = []
        for n, choice in enumerate(self.choices[top : top + height], top):
            line = self.look.line(width, "select" if n == self.cursor else "raised")
            found.append(line.add(" ").add(choice, "violet", bold=n == self.cursor).strip())
        return found
