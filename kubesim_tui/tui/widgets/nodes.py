"""Node cards for wide terminals: load, condition, and the Pods by workload; and the latest events."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from kubesim_tui.cluster.view import NodeView
from kubesim_tui.game.state import GameState
from kubesim_tui.tui import glyphs
from kubesim_tui.tui.kit.bars import bar, heat
from kubesim_tui.tui.kit.cells import align_right, cell_len, shorten
from kubesim_tui.tui.kit.line import Line, beside, blank
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets import figures, tree
from kubesim_tui.tui.widgets.figures import node_note, node_sign, quiet, share
from kubesim_tui.tui.widgets.pages import events
from kubesim_tui.tui.widgets.panel import Panel

CARD = 4  # rows


def across(width: int) -> int:
    """How many cards stand side by side."""
    return 1 if width < 60 else 2 if width < 110 else 3


def rows_needed(count: int, width: int) -> int:
    """Rows of all cards."""
    return -(-count // across(width)) * CARD


def cards(look: Look, nodes: Sequence[NodeView], width: int, height: int, system: bool = False) -> list[Strip]:
    """All nodes as cards; where they do not all fit, the rest is counted."""
    columns = across(width)
    room = max(1, height // CARD) * columns
    shown = nodes[:room] if len(nodes) <= room else nodes[: room - 1]
    each = (width - (columns - 1)) // columns
    drawn = [_card(look, node, each, system) for node in shown]
    if len(shown) < len(nodes):
        drawn.append(_rest(look, nodes[len(shown) :], each))
    found: list[Strip] = []
    for start in range(0, len(drawn), columns):
        group = drawn[start : start + columns]
        for parts in zip(*group, strict=True):
            found.append(_joined(look, parts, width))
    return found


def _joined(look: Look, parts: Sequence[Strip], width: int) -> Strip:
    gap = blank(look.palette, 1)
    strips = [strip for n, part in enumerate(parts) for strip in ((gap, part) if n else (part,))]
    used = sum(strip.cell_length for strip in strips)
    return beside(*strips, blank(look.palette, width - used)) if used < width else beside(*strips)


def _card(look: Look, node: NodeView, width: int, system: bool) -> list[Strip]:
    sign, colour = node_sign(node)
    edge = "line" if colour == "green" else colour
    note, tone = node_note(look, node)
    top = (
        look.line(width)
        .add("╭─ ", edge)
        .add(f"{sign} ", colour)
        .add(shorten(node.ref.name, width - cell_len(note) - 13), "text", bold=True)
    )
    if not node.ref.name.endswith(f"-{node.letter}"):
        top.add(f" {node.letter}", "mute")
    top.add(" ").add("─" * max(0, top.room - cell_len(note) - 4), edge).add(f" {note} ", tone).add("─╮", edge)
    return [
        top.strip(),
        _framed(look, _loads(look, node, width - 4), edge),
        _framed(look, _pods(look, node, width - 4, system), edge),
        look.line(width).add("╰" + "─" * (width - 2) + "╯", edge).strip(),
    ]


def _framed(look: Look, inner: Line, edge: str) -> Strip:
    left = look.line(2).add("│ ", edge).strip()
    right = look.line(2).add(" │", edge).strip()
    return beside(left, inner.strip(), right)


def _loads(look: Look, node: NodeView, width: int) -> Line:
    line = look.line(width)
    cpu = share(node.cpu_used_milli, node.cpu_capacity_milli)
    memory = share(node.memory_used_bytes, node.memory_capacity_bytes)
    words = (look.t("cpu"), look.t("mem"))
    length = (width - sum(map(cell_len, words)) - 2 - 2 * 5 - 2) // 2
    for n, (word, load) in enumerate(zip(words, (cpu, memory), strict=True)):
        line.add("  " if n else "").add(f"{word} ", "mute")
        bar(line, load, length, heat(load)).add(align_right(figures.load(load), 5), "soft")
    return line


def _pods(look: Look, node: NodeView, width: int, system: bool) -> Line:
    said = look.t("last heard {n} s ago", n=node.heard) if not node.ready else ""
    room = width - cell_len(said) - 1 if said else width
    line, left = look.line(width), len(node.pods)
    for group in tree.by_workload(node.pods, system):
        name = shorten(group.name, 12)
        if line.n + cell_len(name) + 6 > room:
            break
        line.add(f"{name} ", "mute")
        for pod in group.pods[: room - line.n - (len(str(left)) + 3 if left > room - line.n else 0)]:
            glyph = glyphs.face(pod.face)
            line.add(glyph.sign, quiet(glyph, group.system))
            left -= 1
        line.add("  ")
    if left:
        line.add(f"+{left}", "mute")
    line = line if node.pods else line.add(look.t("no Pods"), "mute")
    return line.right((said, "orange")) if said else line


def _rest(look: Look, nodes: Sequence[NodeView], width: int) -> list[Strip]:
    """The card that stands for all nodes without one: a sign each."""
    text = look.line(width).add("  " + look.t("{n} more nodes", n=len(nodes)), "soft").strip()
    signs = look.line(width).add("  ")
    for node in nodes:
        signs.add(*node_sign(node))
    empty = blank(look.palette, width)
    return [empty, text, signs.strip(), empty]


class Nodes(Panel):
    """The cards as a widget."""

    system = False

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:
        """As many as fit."""
        return cards(self.look, state.view.nodes, width, height, self.system)


class Events(Panel):
    """The latest events as a widget."""

    system = False

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:
        """The newest at the bottom."""
        rows = events(self.look, state.view, width, None, 0, self.system)
        return [row.strip for row in rows[-height:]]
