"""Text measured in terminal cells: cut, pad, wrap.

A Chinese character takes two cells, a Latin one takes one, a combining mark none. Everything that is aligned on a
screen goes through these functions; ``len`` is never used for layout. Closing punctuation never starts a line and
opening punctuation never ends one, in either language.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from rich.cells import cell_len, split_text

__all__ = ["align_right", "cell_len", "centre", "clean", "cut", "pad", "shorten", "wrap"]

CLOSING = frozenset("，。；：！？、…”’）》〉】」』〕｝％℃,.;:!?)]}%»›")
OPENING = frozenset("“‘（《〈【「『〔｛([{«‹")

_WIDE = r"[\u2e80-\u303f\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef“”‘’…]"
ESCAPE = r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]?"
UNSEEN = r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"


@cache
def _pieces() -> re.Pattern[str]:
    """A blank, a wide character, or a word; compiled when it is first needed, after the first paint."""
    return re.compile(rf"\s+|{_WIDE}|(?:(?!{_WIDE})\S)+")


@cache
def _control() -> re.Pattern[str]:
    return re.compile(f"{ESCAPE}|{UNSEEN}")


@lru_cache(4096)
def clean(text: str) -> str:
    """Text from outside (logs, manifests) without control characters: tabs become spaces, escapes vanish."""
    if text.isascii() and text.isprintable():
        return text
    return _control().sub("", text.expandtabs(8))


@lru_cache(8192)
def cut(text: str, width: int) -> str:
    """At most `width` cells of the text, ending in … where something was cut; never half a wide character."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    head, _ = split_text(text, width - 1)
    while cell_len(head) > width - 1:
        head = head[:-1]
    return head.rstrip() + "…"


def pad(text: str, width: int) -> str:
    """Exactly `width` cells, flush left."""
    text = cut(text, width)
    return text + " " * (width - cell_len(text))


def align_right(text: str, width: int) -> str:
    """Exactly `width` cells, flush right."""
    text = cut(text, width)
    return " " * (width - cell_len(text)) + text


def centre(text: str, width: int) -> str:
    """Exactly `width` cells, in the middle."""
    text = cut(text, width)
    room = width - cell_len(text)
    return " " * (room // 2) + text + " " * (room - room // 2)


@lru_cache(2048)
def shorten(name: str, width: int) -> str:
    """A long object name cut in its middle, since both its ends tell objects apart: ``checkout-7c…-x2k7q``."""
    if cell_len(name) <= width or width < 8:
        return cut(name, width)
    tail = min(6, width // 2)
    return name[: width - tail - 1] + "…" + name[-tail:]


def _units(text: str) -> list[str]:
    """Pieces that must not be broken: a word, or a wide character, with the punctuation that clings to it."""
    units: list[str] = []
    glue = False
    for token in _pieces().findall(text):
        clings = token[0] in CLOSING and bool(units) and not units[-1].isspace()
        if glue or clings:
            units[-1] += token
        else:
            units.append(token)
        glue = token[-1] in OPENING
    return units


def _split_long(unit: str, width: int) -> list[str]:
    """A unit that is wider than a whole line, in pieces that fit."""
    pieces: list[str] = []
    while cell_len(unit) > width:
        head, unit = _head(unit, width)
        pieces.append(head)
    return [*pieces, unit] if unit else pieces


def _head(unit: str, width: int) -> tuple[str, str]:
    """The most of a unit that fits in `width` cells (at least one character), and the rest."""
    end = 1
    while end < len(unit) and cell_len(unit[: end + 1]) <= width:
        end += 1
    while end > 1 and end < len(unit) and unit[end] in CLOSING and unit[end - 1] not in CLOSING:
        end -= 1
    return unit[:end], unit[end:]


@lru_cache(1024)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """The text in lines of at most `width` cells; its own line breaks are kept."""
    if width < 2:
        return ()
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, width))
    return tuple(lines)


def _wrap_paragraph(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for unit in _units(text):
        if cell_len(line + unit.rstrip()) <= width:
            line += unit
            continue
        if line.strip():
            lines.append(line.rstrip())
        *full, line = _split_long(unit.lstrip(), width) or [""]
        lines.extend(full)
    lines.append(line.rstrip())
    return lines
