"""Beside the YAML: what the field under the cursor is for, and what may stand below it; and the list of completions."""

from __future__ import annotations

from textual.strip import Strip

from kubesim_tui.tui import schema
from kubesim_tui.tui.kit.cells import cell_len, shorten, wrap
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.schema import Field, Place

MOST = 8  # completions in sight


def explain(look: Look, at: Place, width: int, height: int) -> list[Strip]:
    """The field at a place with its type and Kubernetes' words for it; then the fields that may stand below it."""
    path = (*at.path, at.key) if at.key else at.path
    field = schema.about(at.kind, path)
    while field is None and path:  # a key that is still being written, or a label's: the one above it
        path = path[:-1]
        field = schema.about(at.kind, path)
    line = look.line(width).add(" ").add(path[-1] if path else at.kind[1], "blue", bold=True)
    rows = [line.add(f"  {field.type if field else at.kind[0]}", "mute").strip()]
    rows += _words(look, field.about if field else "", width, height // 2)
    below = schema.fields(at.kind, path)
    if below:
        rows.append(look.line(width).strip())
    room = max(0, height - len(rows) - 1)
    rows += [_field(look, one, width, one.name in at.beside) for one in below[:room]]
    if len(below) > room:
        rows.append(look.line(width).add(" " + look.t("{n} more", n=len(below) - room), "mute").strip())
    return rows


def _words(look: Look, text: str, width: int, most: int) -> list[Strip]:
    """The description; its first lines where it is long."""
    lines = list(wrap(text.replace("\n", " "), width - 2)) if text else []
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip(" .") + "…"]
    return [look.line(width).add(f" {line}", "soft").strip() for line in lines]


def _field(look: Look, field: Field, width: int, there: bool) -> Strip:
    line = look.line(width).add(" * " if field.required else "   ", "yellow")
    line.add(shorten(field.name, width // 2), "violet" if not there else "mute")
    return line.add(f"  {field.type}", "mute").strip()


class Explain(Painter):
    """The panel beside the text."""

    at: Place | None = None

    def show(self, at: Place) -> None:
        """Explain another place."""
        if at != self.at:
            self.at = at
            self.repaint()

    def lines(self, width: int, height: int) -> list[Strip]:
        """What is known of the place."""
        return explain(self.look, self.at, width, height) if self.at is not None else []


class Choices(Painter):
    """The fields that could be meant, below the cursor."""

    ground = "raised"

    def __init__(self) -> None:
        super().__init__()
        self.found: tuple[Field, ...] = ()
        self.cursor = 0

    @property
    def chosen(self) -> Field | None:
        """What Tab would write."""
        return self.found[self.cursor] if self.display and self.found else None

    def offer(self, found: tuple[Field, ...], x: int, y: int) -> None:
        """Show fields below a cell of the screen, or above it where there is no room; none hides the list."""
        self.found, self.cursor = found, 0
        self.display = bool(found)
        if found:
            height = min(MOST, len(found)) + 2
            width = max(cell_len(f.name) + cell_len(f.type) for f in found) + 6
            size = self.app.size
            top = y + 1 if y + 1 + height <= size.height else max(0, y - height)
            self.styles.width, self.styles.height = width, height
            self.styles.margin = (top, 0, 0, max(0, min(x, size.width - width)))
        self.repaint_all()

    def move(self, down: int) -> None:
        """Another one."""
        self.cursor = (self.cursor + down) % max(1, len(self.found))
        self.repaint()

    def lines(self, width: int, height: int) -> list[Strip]:
        """Names and types."""
        top = max(0, self.cursor - height + 1)
        found = []
        for n, field in enumerate(self.found[top : top + height], top):
            line = self.look.line(width, "select" if n == self.cursor else "raised").add(" ")
            line.add(field.name, "violet", bold=n == self.cursor)
            found.append(line.right((f"{field.type} ", "mute")).strip())
        return found
