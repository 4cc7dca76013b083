"""Which lines GNU diff holds for changed, and its unified form: `kubectl diff` shows what that program prints.

Three steps decide which of several shortest scripts is shown (GNU diffutils, analyze.c, and gnulib's diffseq.h): lines
that the other text lacks, and lines among them that it has too often, are put aside; the rest is compared in halves
from both ends (Myers); at last each run of changes is pushed down as far as it goes, or back to its counterpart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

CONTEXT = 3
DEAREST = 1024  # edit steps after which a half is cut where the search has come furthest (there: 4,096)
KEPT, ALONE, COMMON = 0, 1, 2  # the other text has the line, lacks it, or has it very often
Lines = Sequence[str]
Flags = list[bool]


def unified(old: Lines, new: Lines, old_head: str, new_head: str) -> Iterator[str]:
    """The lines of `diff -u`; none for equal texts."""
    runs = _runs(*changes(old, new))
    if not runs:
        return
    yield f"--- {old_head}"
    yield f"+++ {new_head}"
    hunk = [runs[0]]
    for before, run in pairwise(runs):
        if run[0] - before[1] > 2 * CONTEXT:
            yield from _hunk(old, new, hunk)
            hunk = []
        hunk.append(run)
    yield from _hunk(old, new, hunk)


def changes(old: Lines, new: Lines) -> tuple[Flags, Flags]:
    """For each line of the old text whether it goes, for each of the new whether it comes."""
    top, end = _same_ends(old, new)
    texts = (old[top : len(old) - end], new[top : len(new) - end])
    counts = [Counter(text) for text in texts]
    flags = [[mark != KEPT for mark in _put_aside(text, counts[1 - i])] for i, text in enumerate(texts)]
    kept = [[at for at, changed in enumerate(changed_) if not changed] for changed_ in flags]
    gone, come = _compared([texts[0][i] for i in kept[0]], [texts[1][i] for i in kept[1]])
    for side, which in enumerate((gone, come)):
        for at in which:
            flags[side][kept[side][at]] = True
    # a line that is not changed before and behind each text: what is pushed stops there
    around = [[False, *side, False] for side in flags]
    for side in (0, 1):
        _push(texts[side], around[side], around[1 - side])
    first, second = ([False] * top + side[1:-1] + [False] * end for side in around)
    return first, second


def _same_ends(old: Lines, new: Lines) -> tuple[int, int]:
    """How many equal lines at the start and the end are not even looked at: all but the context."""
    most, top, end = min(len(old), len(new)), 0, 0
    while top < most and old[top] == new[top]:
        top += 1
    while end < most - top and old[-1 - end] == new[-1 - end]:
        end += 1
    return max(top - CONTEXT, 0), max(end - CONTEXT, 0)


def _put_aside(lines: Lines, other: Counter[str]) -> list[int]:
    """A mark a line. Common lines are put aside only within a run of others, and only where they are few in it."""
    many, rest = 5, len(lines) // 64 >> 2
    while rest > 0:
        many, rest = many * 2, rest >> 2
    marks = [ALONE if not other[line] else COMMON if other[line] > many else KEPT for line in lines]
    at = 0
    while at < len(marks):
        if marks[at] == COMMON:
            marks[at] = KEPT
        elif marks[at] == ALONE:
            at = _thinned(marks, at)
        at += 1
    return marks


def _thinned(marks: list[int], start: int) -> int:
    """Settle the run that starts there; its last line."""
    end = start
    while end < len(marks) and marks[end] != KEPT:
        end += 1
    while marks[end - 1] == COMMON:
        end -= 1
        marks[end] = KEPT
    length, common = end - start, marks[start:end].count(COMMON)
    if common * 4 > length:
        marks[start:end] = [ALONE if mark == ALONE else KEPT for mark in marks[start:end]]
        return start
    run = marks[start:end]
    _without_blocks(run)
    _without_borders(run)
    run.reverse()
    _without_borders(run)
    marks[start:end] = reversed(run)
    return end - 1


def _without_blocks(run: list[int]) -> None:
    """Keep common lines where many of them stand together: about the square root of a quarter of the run."""
    least, rest = 1, len(run) >> 4
    while rest > 0:
        least, rest = least * 2, rest >> 2
    begin = 0
    for at in range(len(run) + 1):
        if at == len(run) or run[at] != COMMON:
            if at - begin > least:
                run[begin:at] = [KEPT] * (at - begin)
            begin = at + 1


def _without_borders(run: list[int]) -> None:
    """Keep common lines before the first three lone ones in a row, or the first lone one from the ninth on."""
    lone = 0
    for at, mark in enumerate(run):
        if at >= 8 and mark == ALONE:
            return
        lone = lone + 1 if mark == ALONE else 0
        if mark == COMMON:
            run[at] = KEPT
        if lone == 3:
            return


def _compared(old: Lines, new: Lines) -> tuple[list[int], list[int]]:
    """The lines of either text that a shortest script changes."""
    gone: list[int] = []
    come: list[int] = []
    todo = [(0, len(old), 0, len(new))]
    while todo:
        x, x_end, y, y_end = todo.pop()
        while x < x_end and y < y_end and old[x] == new[y]:
            x, y = x + 1, y + 1
        while x < x_end and y < y_end and old[x_end - 1] == new[y_end - 1]:
            x_end, y_end = x_end - 1, y_end - 1
        if x == x_end or y == y_end:
            gone += range(x, x_end)
            come += range(y, y_end)
        else:
            x_mid, y_mid = _middle(old, new, (x, x_end, y, y_end))
            todo += [(x_mid, x_end, y_mid, y_end), (x, x_mid, y, y_mid)]
    return gone, come


def _middle(old: Lines, new: Lines, part: tuple[int, int, int, int]) -> tuple[int, int]:
    """A point of a shortest way through a part, where the searches from both of its ends meet."""
    x_start, x_end, y_start, y_end = part
    least, most = x_start - y_end, x_end - y_start
    forth, back = {x_start - y_start: x_start}, {x_end - y_end: x_end}
    low = high = x_start - y_start
    back_low = back_high = x_end - y_end
    odd, beyond = (low - back_low) % 2 == 1, x_end + 1
    for _ in range(DEAREST):
        low, high = _wider(forth, low, high, (least, most), -1)
        for d in range(high, low - 1, -2):
            left, right = forth[d - 1], forth[d + 1]
            x = right if left < right else left + 1
            while x < x_end and x - d < y_end and old[x] == new[x - d]:
                x += 1
            forth[d] = x
            if odd and back_low <= d <= back_high and back[d] <= x:
                return x, x - d
        back_low, back_high = _wider(back, back_low, back_high, (least, most), beyond)
        for d in range(back_high, back_low - 1, -2):
            left, right = back[d - 1], back[d + 1]
            x = left if left < right else right - 1
            while x > x_start and x - d > y_start and old[x - 1] == new[x - d - 1]:
                x -= 1
            back[d] = x
            if not odd and low <= d <= high and x <= forth[d]:
                return x, x - d
    _, x, y = max(
        (min(x, x_end, y_end + d) * 2 - d, min(x, x_end, y_end + d), min(x, x_end, y_end + d) - d)
        for d, x in ((d, forth[d]) for d in range(low, high + 1, 2))
    )
    return x, y


def _wider(reach: dict[int, int], low: int, high: int, limits: tuple[int, int], nowhere: int) -> tuple[int, int]:
    """The diagonals of the next step; their outer neighbours are not reached yet."""
    if low > limits[0]:
        low -= 1
        reach[low - 1] = nowhere
    else:
        low += 1
    if high < limits[1]:
        high += 1
        reach[high + 1] = nowhere
    else:
        high -= 1
    return low, high


def _push(lines: Lines, changed: Flags, other: Flags) -> None:
    """Move each run of changes. Index 0 and the last of the flags are beyond the text: never changed."""
    at, there, end = 1, 1, len(changed) - 1
    while True:
        while at < end and not changed[at]:
            while other[there]:
                there += 1
            at, there = at + 1, there + 1
        if at == end:
            return
        start = at
        while changed[at]:
            at += 1
        while other[there]:
            there += 1
        at, there = _slide(lines, changed, other, (start, at, there))


def _slide(lines: Lines, changed: Flags, other: Flags, run: tuple[int, int, int]) -> tuple[int, int]:
    """Move one run: up until it merges no more, down as far as it goes, and up again to its counterpart."""
    start, at, there = run
    end, length, matching = len(changed) - 1, -1, 0
    while length != at - start:
        length = at - start
        while start > 1 and lines[start - 2] == lines[at - 2]:
            start, at, there = start - 1, at - 1, there - 1
            changed[start], changed[at] = True, False
            while changed[start - 1]:
                start -= 1
            while other[there]:
                there -= 1
        matching = at if other[there - 1] else end
        while at < end and lines[start - 1] == lines[at - 1]:
            changed[start], changed[at] = False, True
            start, at, there = start + 1, at + 1, there + 1
            while changed[at]:
                at += 1
            while other[there]:
                matching, there = at, there + 1
    while matching < at:
        start, at, there = start - 1, at - 1, there - 1
        changed[start], changed[at] = True, False
        while other[there]:
            there -= 1
    return at, there


def _runs(gone: Flags, come: Flags) -> list[tuple[int, int, int, int]]:
    """Runs of changes: from and to a line of the old text, and of the new."""
    runs: list[tuple[int, int, int, int]] = []
    x = y = 0
    while x < len(gone) or y < len(come):
        from_x, from_y = x, y
        while x < len(gone) and gone[x]:
            x += 1
        while y < len(come) and come[y]:
            y += 1
        if (x, y) != (from_x, from_y):
            runs.append((from_x, x, from_y, y))
        x, y = x + 1, y + 1
    return runs


def _hunk(old: Lines, new: Lines, runs: list[tuple[int, int, int, int]]) -> Iterator[str]:
    before = min(runs[0][0], CONTEXT)
    x, x_end = runs[0][0] - before, min(runs[-1][1] + CONTEXT, len(old))
    y, y_end = runs[0][2] - before, min(runs[-1][3] + CONTEXT, len(new))
    yield f"@@ -{_range(x, x_end)} +{_range(y, y_end)} @@"
    for from_x, to_x, from_y, to_y in runs:
        yield from (f" {line}" for line in old[x:from_x])
        yield from (f"-{line}" for line in old[from_x:to_x])
        yield from (f"+{line}" for line in new[from_y:to_y])
        x = to_x
    yield from (f" {line}" for line in old[x:x_end])


def _range(start: int, end: int) -> str:
    """`3`, `3,5`; of no lines the one before."""
    return str(start + 1) if end - start == 1 else f"{start + (end > start)},{end - start}"
