"""Glyphs: what a Pod's face, a mark of the timeline and an objective look like.

Shape *and* colour differ between faces. No glyph here can be shown as an emoji; what they become where the terminal
cannot draw them stands in `ascii`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kubesim_tui.cluster.view import Face, Mark
from kubesim_tui.tui.i18n import N_


@frozen
class Glyph:
    """A sign, its colour's name, and its word in the legend."""

    sign: str
    colour: str
    word: str


FACES: Mapping[Face, Glyph] = {
    Face.RUNNING: Glyph("●", "green", N_("running")),
    Face.NOT_READY: Glyph("◐", "yellow", N_("not ready")),
    Face.PENDING: Glyph("○", "blue", N_("pending")),
    Face.CREATING: Glyph("◔", "cyan", N_("creating")),
    Face.CRASH: Glyph("✗", "red", N_("crash")),
    Face.OOM: Glyph("▼", "pink", N_("OOM")),
    Face.STOPPING: Glyph("◌", "soft", N_("stopping")),
    Face.DONE: Glyph("✓", "soft", N_("done")),
    Face.UNKNOWN: Glyph("?", "orange", N_("unknown")),
}

MARKS: Mapping[str, Glyph] = {
    "action": Glyph("◆", "violet", N_("you")),
    "warning": Glyph("▲", "yellow", N_("warning")),
    "fault": Glyph("✗", "red", N_("fault")),
    "failed": Glyph("✗", "red", N_("missed")),
}

OBJECTIVES: Mapping[str, Glyph] = {
    "open": Glyph("○", "soft", N_("open")),
    "holding": Glyph("◐", "cyan", N_("holding")),
    "met": Glyph("✓", "green", N_("met")),
    "failed": Glyph("✗", "red", N_("missed")),
}


def face(kind: Face) -> Glyph:
    """Sign and colour of a Pod's face."""
    return FACES[kind]


def mark(of: Mark) -> Glyph:
    """Sign and colour of a mark on the timeline."""
    return MARKS.get(of.kind, MARKS["warning"])
