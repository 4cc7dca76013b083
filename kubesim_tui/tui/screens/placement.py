"""Why here: the sheet of one decision of the scheduler, each node with what every plugin said of it."""

from __future__ import annotations

from functools import partial

from textual.strip import Strip

from kubesim_tui.cluster.placement import Placement
from kubesim_tui.game import placement as texts
from kubesim_tui.scheduler.explain import NodeRow, PluginScore
from kubesim_tui.tui.kit.bars import bar
from kubesim_tui.tui.kit.cells import cell_len, pad
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.sheet import Sheet
from kubesim_tui.tui.screens.stories import CLOSE, paragraph

PLUGIN, RAW = 32, 6  # cells of a plugin's name: NodeResourcesBalancedAllocation has 31


def sheet(found: Placement) -> Sheet:
    """The whole decision."""
    return Sheet(f"Pod {found.pod.name}", partial(_rows, found), (CLOSE,))


def _rows(found: Placement, look: Look, width: int) -> list[Strip]:
    language = look.t.language
    rows = paragraph(look, texts.headline(found, language), width, "text")
    if found.message:
        rows += paragraph(look, found.message, width, "orange", "   ")
    for said in (texts.drawn(found, language), texts.freed(found, language)):
        rows += paragraph(look, said, width, "soft", "   ") if said else []
    if any(row.scores for row in found.rows):
        rows.append(_head(look, width))
    for row in texts.shown(found):
        rows.append(look.line(width).strip())
        if isinstance(row, int):
            rows += paragraph(look, texts.told("more", language, n=row), width, "mute")
        else:
            rows += _node(found, row, look, width)
    return rows


def _head(look: Look, width: int) -> Strip:
    """What the figures below are."""
    language = look.t.language
    raw = texts.told("raw", language)
    line = look.line(width).to(3 + PLUGIN + RAW - cell_len(raw)).add(raw, "mute")
    return line.right((texts.told("points", language) + " ", "mute")).strip()


def _node(found: Placement, row: NodeRow, look: Look, width: int) -> list[Strip]:
    if not row.scores:
        glyph, colour = ("●", "green") if row.fits else ("✗", "red") if row.examined else ("·", "mute")
        head = look.line(width).add(f" {glyph} ", colour, bold=True).add(row.node, "text", bold=True)
        return [head.strip(), *paragraph(look, texts.verdict(row, look.t.language), width, "soft", "   ")]
    chosen = row.node == found.node
    head = look.line(width).add(" ● ", "green", bold=True).add(row.node, "text", bold=True)
    if chosen:
        head.add(f"  ◀ {texts.told('chosen', look.t.language)}", "cyan")
    rows = [head.right((f"{row.total} ", "cyan" if chosen else "text", True)).strip()]
    return rows + [_score(score, look, width) for score in row.scores]


def _score(score: PluginScore, look: Look, width: int) -> Strip:
    """One plugin's word on a node."""
    line = look.line(width).add("   ").add(pad(score.plugin, PLUGIN), "soft").add(f"{score.raw:>{RAW}}  ", "mute")
    bar(line, score.normalized * 10, max(4, width - PLUGIN - 30), "blue")
    return line.right((f"{score.normalized:>4} × {score.weight} = {score.points:>4} ", "text")).strip()
