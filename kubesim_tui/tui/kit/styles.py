"""Styles: one `Style` object a combination, made once, so that equal runs of cells compare by identity."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.style import Style


@lru_cache(4096)
def style(fg: str, bg: str, bold: bool = False, italic: bool = False, underline: bool = False) -> Style:
    """A style of two colours (``#rrggbb``) and its attributes."""
    return Style(
        color=Color.parse(fg),
        bgcolor=Color.parse(bg),
        bold=bold or None,
        italic=italic or None,
        underline=underline or None,
    )


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of ``#rrggbb``, 0–255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(4096)
def mix(colour: str, other: str, share: int) -> str:
    """The colour with `share` per cent of the other mixed in."""
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{(a * (100 - share) + b * share + 50) // 100:02x}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Relative luminance, 0–1 (WCAG 2.2)."""
    red, green, blue = (c / 255 for c in channels(colour))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, other: str) -> float:
    """Contrast ratio of two colours, 1–21 (WCAG 2.2); text needs 4.5."""
    darker, lighter = sorted((luminance(colour), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
