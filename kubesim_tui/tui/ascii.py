"""What to draw where the terminal cannot: one ASCII character for each sign of the game.

Most of the game's signs are of ambiguous width in East Asian terminals: before the first screen the terminal is asked
where the cursor stands after one of them; where it took two cells (or the terminal's encoding is not UTF-8) everything
is drawn in ASCII, by one filter over all finished rows.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache, lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


@cache
def _ascii_table() -> dict[int, str]:
    """One ASCII character for each sign that the game draws; all others of one cell become ``?`` or a near letter."""
    pairs = {
        "●": "o", "◐": "%", "○": ".", "◔": "c", "✗": "x", "▼": "v", "◌": "~", "✓": "+", "▲": "!", "◆": "*", "◇": "*",
        "★": "*", "☆": "-", "⎈": "@", "▣": "#", "▤": "=", "▸": ">", "▾": "v", "▹": ">", "◂": "<", "✦": "*", "⊘": "/",
        "▎": "|", "┃": "|", "│": "|", "┆": ":", "║": "|", "╎": ":", "━": "=", "─": "-", "┄": ".", "╌": "-", "╸": "=",
        "╺": "=", "╴": "-", "╶": "-", "┬": "+", "┴": "+", "├": "+", "┤": "+", "┼": "+", "╰": "`", "╯": "'", "╭": ".",
        "╮": ".", "└": "`", "┘": "'", "┌": ".", "┐": ".", "→": ">", "←": "<", "↑": "^", "↓": "v", "↳": ">", "▶": ">",
        "❯": ">", "…": ".", "·": "-", "•": "*", "×": "x", "≥": ">", "≤": "<", "≠": "#", "±": "~", "▒": ":", "░": ".",
        "▓": "#", "█": "#", "▁": ".", "▂": ".", "▃": "-", "▄": "-", "▅": "=", "▆": "=", "▇": "#", "▏": "|", "▕": "|",
        "▔": "-", "▌": "|", "▐": "|", "▀": "-", "■": "#", "□": ".", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-",
        "—": "-", "°": "o", "µ": "u", "½": "h", "«": "<", "»": ">", "↵": "<", "‖": "|", "↻": "r", "╱": "/", "╲": "\\",
    }  # fmt: skip
    table = {ord(sign): plain for sign, plain in pairs.items()}
    table.update({code: _braille_plain(code - 0x2800) for code in range(0x2800, 0x2900)})
    return table


def _braille_plain(bits: int) -> str:
    """A braille cell by where its dots lie: high ', low ., both :."""
    high, low = bits & 0b00011011, bits & 0b11100100
    return ":" if high and low else "'" if high else "." if low else " "


@lru_cache(4096)
def plain_text(text: str) -> str:
    """The text with every sign replaced by one ASCII character; wide characters (Chinese) stay."""
    return text if text.isascii() else "".join(map(_plain_sign, text.translate(_ascii_table())))


def _plain_sign(sign: str) -> str:
    """A sign that the table does not know: its letter without accents, else ``?``; wide ones stay."""
    if sign.isascii() or cell_len(sign) != 1:
        return sign
    import unicodedata  # a megabyte, and rarely needed

    bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return bare if len(bare) == 1 else "?"


class AsciiFilter(LineFilter):
    """Draws finished rows in ASCII, cell for cell."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Every segment through `plain_text`."""
        return [Segment(plain_text(text), style, control) for text, style, control in segments]


def wants_ascii(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the player asked for ASCII, or the terminal's encoding has no other signs."""
    if (asked := environ.get("KUBESIM_ASCII", "")) in ("0", "1"):
        return asked == "1"
    encoding = (getattr(sys.__stdout__, "encoding", None) or "utf-8").lower()
    return not encoding.replace("-", "").startswith("utf") or environ.get("TERM") in ("dumb", "linux-16color")


def measure(sign: str = "●", patience: float = 0.15) -> int:
    """Cells that the terminal gives a sign: asks it for the cursor's column. 1 where it cannot be asked.

    Called before Textual takes the terminal; waits at most `patience` seconds for a terminal that does not answer.
    """
    try:
        import termios
        import tty
    except ImportError:  # Windows: its terminals give these signs one cell
        return 1
    if not (sys.__stdin__ and sys.__stdout__ and sys.__stdin__.isatty() and sys.__stdout__.isatty()):
        return 1
    descriptor = sys.__stdin__.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSANOW)
        sys.__stdout__.write(f"\r{sign}\x1b[6n")
        sys.__stdout__.flush()
        return column_of(_answer(descriptor, patience)) - 1 or 1
    except (OSError, UnicodeError, termios.error):
        return 1
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
        sys.__stdout__.write("\r  \r")
        sys.__stdout__.flush()


def _answer(descriptor: int, patience: float) -> bytes:
    """What the terminal sends until an R, or until it has been silent for `patience` seconds."""
    import select

    answer = b""
    while not answer.endswith(b"R") and len(answer) < 64:
        ready, _, _ = select.select([descriptor], [], [], patience)
        if not ready:
            break
        answer += os.read(descriptor, 1)
    return answer


def column_of(answer: bytes) -> int:
    """The column in a cursor position report ``ESC [ row ; column R``; 2 if it is none."""
    _, _, report = answer.rpartition(b"\x1b[")
    row, _, column = report.rstrip(b"R").partition(b";")
    return int(column) if row.isdigit() and column.isdigit() else 2
