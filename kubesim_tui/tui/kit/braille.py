"""Line charts of braille dots, two columns and four rows of them a cell."""

from __future__ import annotations

from collections.abc import Sequence

DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))


def braille(values: Sequence[int], width: int, height: int, low: int, high: int) -> list[str]:
    """Rows of the chart, top first, newest value at the right; a negative value is a gap."""
    columns = width * 2
    values = list(values)[-columns:]
    values = [-1] * (columns - len(values)) + values
    grid = [[0] * width for _ in range(height)]
    previous: int | None = None
    for x, value in enumerate(values):
        if value < 0:
            previous = None
            continue
        y = _level(value, low, high, height * 4 - 1)
        for dot in _run(previous, y):
            grid[height - 1 - dot // 4][x // 2] |= DOTS[x % 2][dot % 4]
        previous = y
    return ["".join(chr(0x2800 + bits) if bits else " " for bits in row) for row in grid]


def _level(value: int, low: int, high: int, top: int) -> int:
    value = max(low, min(high, value))
    return ((value - low) * top * 2 + (high - low)) // (2 * (high - low)) if high > low else 0


def _run(previous: int | None, y: int) -> range:
    """Dots that join a value to the one before it, so that the line has no holes."""
    if previous is None or previous == y:
        return range(y, y + 1)
    return range(y, previous) if previous > y else range(previous + 1, y + 1)


def bounds(values: Sequence[int], floor: int = 0) -> tuple[int, int]:
    """A calm vertical range for values: from `floor` to a round number above the greatest of them."""
    top = max([v for v in values if v >= 0], default=0)
    step = 1
    while True:
        for factor in (1, 2, 5):
            if top <= step * factor * 4 // 5 or top == 0:
                return floor, max(floor + 1, step * factor)
        step *= 10
