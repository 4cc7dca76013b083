"""The output of commands: a ring of lines in a drawer over the lower half of the board.

Kubernetes' words are coloured by what they mean and stay English; what the first of them means stands, in the
player's language, under the line that the cursor is on.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from functools import lru_cache
from typing import ClassVar

from attrs import frozen
from textual.binding import BindingType
from textual.strip import Strip

from kubesim_tui.tui import gloss
from kubesim_tui.tui.kit.cells import cell_len, clean
from kubesim_tui.tui.kit.line import whole
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look

KEPT = 5000  # lines
WORDS = re.compile(
    r"(?P<bad>\b(?:CrashLoopBackOff|Error|ErrImagePull|ImagePullBackOff|OOMKilled|Evicted|NotReady|Unknown|Failed\w*|"
    r"InvalidImageName|ErrImageNeverPull|CreateContainerConfigError|Unhealthy|Lost|False)\b)"
    r"|(?P<wait>\b(?:Pending|ContainerCreating|PodInitializing|Terminating|SchedulingDisabled|Warning|BackOff|Init:\d+/\d+|Killing)\b)"
    r"|(?P<good>\b(?:Running|Completed|Bound|Ready|True|Normal|Active)\b)"
)
TONES = {"bad": "red", "wait": "yellow", "good": "green"}


@frozen
class Text:
    """One line and what it is: ``command``, ``out``, ``err`` or ``head``."""

    text: str
    kind: str = "out"


@lru_cache(4096)
def tokens(text: str) -> tuple[tuple[str, str], ...]:
    """A line of output in pieces with their colours."""
    found, at = [], 0
    for match in WORDS.finditer(text):
        if match.start() > at:
            found.append((text[at : match.start()], "text"))
        found.append((match.group(), TONES[match.lastgroup or "good"]))
        at = match.end()
    return (*found, (text[at:], "text")) if at < len(text) else tuple(found)


def is_head(text: str) -> bool:
    """Whether a line is the heading of a table: capitals in columns."""
    return bool(re.fullmatch(r"[A-Z][A-Z0-9()/ _%-]{6,}", text.rstrip())) and "  " in text


def meaning(text: str) -> str:
    """The source text of the gloss for the first of Kubernetes' words in a line; "" if there is none."""
    for word in re.findall(r"[A-Z][A-Za-z]+(?::\d+/\d+)?", text):
        if found := gloss.of_status(word) or gloss.of_reason(word):
            return found
    return ""


def row(look: Look, line: Text, width: int, shift: int, chosen: bool) -> Strip:
    """One line of output, cut to the width, moved left by `shift` cells."""
    built = look.line(width, "select" if chosen else "raised")
    built.add("▌" if chosen else " ", "cyan")
    if line.kind == "command":
        return built.add("$ ", "cyan", bold=True).add(line.text, "soft", bold=True).strip()
    text = line.text[shift:]
    if line.kind in ("err", "head"):
        return built.add(text, "red" if line.kind == "err" else "mute").strip()
    for piece, colour in tokens(text):
        built.add(piece, colour)
    return built.strip()


class Drawer(Painter, can_focus=True):
    """The drawer as a widget."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "move(-1)"),
        ("down", "move(1)"),
        ("k", "move(-1)"),
        ("j", "move(1)"),
        ("pageup", "page(-1)"),
        ("pagedown", "page(1)"),
        ("home,g", "move(-100000)"),
        ("end,G", "move(100000)"),
        ("left", "shift(-8)"),
        ("right", "shift(8)"),
    ]

    ground = "raised"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: deque[Text] = deque(maxlen=KEPT)
        self._cursor: int | None = None  # None follows the newest line
        self._shift = 0
        self._block = 0  # lines of the latest command

    def write(self, lines: Iterable[str], kind: str = "out") -> None:
        """Append lines; the newest stays in sight unless the player looks at an older one."""
        for raw in lines:
            for text in raw.split("\n"):
                text = clean(text.rstrip())
                self._block = 1 if kind == "command" else self._block + 1
                self._lines.append(Text(text, "head" if kind == "out" and is_head(text) else kind))
        self._cursor = None
        self._shift = 0
        self.repaint()

    def wanted_height(self, most: int) -> int:
        """Rows for the latest command's output and the frame."""
        return max(3, min(most, self._block + 1))

    def last_answer(self) -> str | None:
        """The latest command's output, if it is one line or none; None if it is longer."""
        return None if self._block > 2 else self._lines[-1].text if self._block == 2 else ""

    def lines(self, width: int, height: int) -> list[Strip]:
        """The visible part."""
        kept = list(self._lines)
        last = len(kept) - 1 if self._cursor is None else self._cursor
        top = max(0, min(len(kept) - height, len(kept) - self._block if self._cursor is None else last - height // 2))
        if self._cursor is None and self._block > height:
            top = len(kept) - height
        found = []
        for n, line in enumerate(kept[top : top + height], top):
            found.append(row(self.look, line, width, self._shift, n == self._cursor))
            if n == self._cursor and (said := meaning(line.text)):
                found.append(self.look.line(width, "raised").add(f"   ↳ {self.look.t(said)}", "cyan").strip())
        edges = self._edges()
        return [whole(strip, edges) for strip in found]

    def _edges(self) -> set[int]:
        """Where the panels below it end."""
        below = [panel.region for panel in self.screen.query("#body Painter")]
        return {x - self.region.x for region in below for x in (region.x, region.right)}

    def text(self) -> str:
        """All lines, for tests and for copying."""
        return "\n".join(line.text for line in self._lines)

    def action_move(self, down: int) -> None:
        """The line cursor."""
        if self._lines:
            here = len(self._lines) - 1 if self._cursor is None else self._cursor + down
            self._cursor = max(0, min(len(self._lines) - 1, here))
            self.repaint()

    def action_page(self, down: int) -> None:
        """The line cursor by pages."""
        self.action_move(down * max(1, self.content_size.height - 1))

    def action_shift(self, right: int) -> None:
        """Move long lines to the left and back."""
        widest = max((cell_len(line.text) for line in self._lines), default=0)
        self._shift = max(0, min(self._shift + right, max(0, widest - self.content_size.width + 2)))
        self.repaint()

    def repaint_all(self) -> None:
        """Another language or palette: the title too."""
        t, palette = self.look.t, self.look.palette
        hint = t("o, ↑ ↓ read · Esc closes")
        self.border_title = f"[{palette.blue}] {t('Output')} [/][{palette.mute} not bold] {hint} [/]"
        super().repaint_all()
