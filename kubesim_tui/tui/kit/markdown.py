"""Briefings, hints and debriefs: a little Markdown as rows, wrapped by cells.

Headings, paragraphs, lists, code (fenced, or indented by four after an empty line), and inside a line **bold**,
*emphasis*, `code` and [links](…), which show their text. Anything else stands as it was written.
"""

from __future__ import annotations

import re

from textual.strip import Strip

from kubesim_tui.tui.kit.cells import cell_len, clean, wrap
from kubesim_tui.tui.look import Look

INLINE = re.compile(r"\*\*(?P<bold>[^*]+)\*\*|\*(?P<em>[^*\s][^*]*)\*|`(?P<code>[^`]+)`|\[(?P<link>[^\]]+)\]\([^)]*\)")
STYLES = {"bold": ("text", True), "em": ("cyan", False), "code": ("green", False), "link": ("blue", False)}
BULLET = re.compile(r"(?P<indent>\s*)(?P<mark>[-*]|\d+\.)\s+(?P<text>.*)")

INDENT = "    "  # of a line of code

Piece = tuple[str, str, bool]  # text, colour, bold


def rows(look: Look, text: str, width: int, ground: str = "panel", colour: str = "soft") -> list[Strip]:
    """The text in rows of `width` cells, with a margin of one on both sides."""
    found: list[Strip] = []
    code = False
    for block in _blocks(clean_lines(text)):
        if block.startswith("```"):
            code = not code
        elif code:
            found.append(look.line(width, ground).add("   ").add(block, "green").strip())
        elif block.startswith(INDENT):
            found += _code(look, block[len(INDENT) :], width, ground)
        else:
            found += _block(look, block, width, ground, colour)
    return found


def without_title(text: str) -> str:
    """The text without its first heading, which a panel's frame already shows."""
    first, _, rest = text.lstrip().partition("\n")
    return rest.lstrip("\n") if first.startswith("# ") else text


def clean_lines(text: str) -> list[str]:
    """Lines without control characters, trailing blanks and a trailing empty line."""
    return [clean(line.rstrip()) for line in text.strip("\n").split("\n")]


def _blocks(lines: list[str]) -> list[str]:
    """Paragraphs joined into one line each; everything else line by line."""
    found: list[str] = []
    fenced = coded = False
    for line in lines:
        coded = line.startswith(INDENT) and (coded or not found or not found[-1].strip())
        special = coded or not line.strip() or line.startswith(("#", "```")) or BULLET.fullmatch(line)
        joins = found and found[-1].strip() and not found[-1].startswith(("#", "```", INDENT))
        if not fenced and not special and joins:
            found[-1] = _joined(found[-1], line.strip())
        else:
            found.append(line)
        fenced ^= line.startswith("```")
    return found


def _joined(before: str, after: str) -> str:
    """Two lines of a paragraph; between Chinese characters there is no blank."""
    wide = cell_len(before[-1]) == 2 and cell_len(after[0]) == 2
    return before + ("" if wide else " ") + after


def _code(look: Look, text: str, width: int, ground: str) -> list[Strip]:
    """A line of code; one that is too long goes on below, further in."""
    parts = wrap(text, max(4, width - 6)) or ("",)
    return [
        look.line(width, ground).add("   " if n == 0 else "     ").add(part, "green").strip()
        for n, part in enumerate(parts)
    ]


def _block(look: Look, block: str, width: int, ground: str, colour: str) -> list[Strip]:
    if not block.strip():
        return [look.line(width, ground).strip()]
    if block.startswith("#"):
        return _flow(look, [(block.lstrip("# "), "cyan", True)], width, ground, " ", " ")
    if bullet := BULLET.fullmatch(block):
        mark = "•" if bullet["mark"] in "-*" else bullet["mark"]
        lead = " " + bullet["indent"] + f"{mark} "
        return _flow(look, inline(bullet["text"], colour), width, ground, lead, " " * cell_len(lead))
    return _flow(look, inline(block, colour), width, ground, " ", " ")


def inline(text: str, colour: str) -> list[Piece]:
    """A line in pieces of one style each."""
    pieces: list[Piece] = []
    at = 0
    for match in INLINE.finditer(text):
        if match.start() > at:
            pieces.append((text[at : match.start()], colour, False))
        kind = match.lastgroup or "bold"
        pieces.append((match[kind], *STYLES[kind]))
        at = match.end()
    return [*pieces, (text[at:], colour, False)] if at < len(text) else pieces


def _flow(look: Look, pieces: list[Piece], width: int, ground: str, lead: str, indent: str) -> list[Strip]:
    """Pieces wrapped as one text, their styles kept."""
    letters = [(letter, colour, bold) for text, colour, bold in pieces for letter in text]
    found: list[Strip] = []
    at = 0
    for line in wrap("".join(letter for letter, _, _ in letters), width - cell_len(lead) - 1):
        built = look.line(width, ground).add(indent if found else lead, "mute")
        for letter in line:
            while letters[at][0] != letter:  # blanks that a line break has swallowed
                at += 1
            built.add(*letters[at][:2], bold=letters[at][2])
            at += 1
        found.append(built.strip())
    return found
