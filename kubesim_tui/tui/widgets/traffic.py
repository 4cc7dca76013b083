"""Traffic: success against the objective as an area, requests a second and p95 as lines of dots.

With several streams one is drawn and the others stand below it with their success of now; `t` goes through them.
"""

from __future__ import annotations

from textual.strip import Strip

from kubesim_tui.cluster.view import TrafficView
from kubesim_tui.game.state import GameState, Tap
from kubesim_tui.tui.kit.area import area
from kubesim_tui.tui.kit.braille import bounds, braille
from kubesim_tui.tui.kit.cells import align_right, pad, shorten
from kubesim_tui.tui.kit.line import Line
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.figures import latency, ok_colour, percent, thousands
from kubesim_tui.tui.widgets.panel import Panel

WIDE = 60
"""Columns from which there is room for goodput and burn rate."""


def rows(
    look: Look, streams: tuple[TrafficView, ...], drawn: int, width: int, height: int, taps: tuple[Tap, ...] = ()
) -> list[Strip]:
    """The chart of stream number `drawn`, then the others, then the ports that are forwarded into Pods."""
    open_ = [_tap(look, tap, width) for tap in taps[: max(0, height - 4)]]
    if not streams:
        nobody = look.line(width).add(" " + look.t("Nobody uses this cluster yet."), "mute").strip()
        return [nobody, *open_]
    return [*_charts(look, streams, drawn, width, height - len(open_)), *open_]


def _tap(look: Look, tap: Tap, width: int) -> Strip:
    """`↳ 8080→80 web-x2k7q  3 × 200`: a forwarded port, and how often what came through it last."""
    line = look.line(width).add(f" ↳ {tap.ports} ", "cyan").add(shorten(tap.pod.name, max(8, width - 32)), "soft")
    if tap.requests:
        colour = "green" if 0 < tap.last < 400 else "red"
        line.right((f"{thousands(tap.requests)} × ", "mute"), (f"{tap.last or '–'} ", colour))
    return line.strip()


def _charts(look: Look, streams: tuple[TrafficView, ...], drawn: int, width: int, height: int) -> list[Strip]:
    stream = streams[drawn % len(streams)]
    others = [s for s in streams if s is not stream][: max(0, height - 7)]
    room = height - 1 - len(others)
    dots = 1 if room < 10 else min(8, room // 5)
    lines = [_head(look, stream, width, len(streams) > 1)]
    lines += area(look.palette, stream.ok_history, width - 1, max(2, room - 2 * dots), stream.slo_pm)
    lines += _dots(look, look.t("req/s"), str(stream.rate), stream.rate_history, "blue", width, dots)
    p95 = latency(stream.now_p95_us)
    lines += _dots(look, "p95", p95, stream.p95_history, "violet", width, dots)
    lines += [_other(look, other, width) for other in others]
    return [line.to(width).strip() if line.width == width else _widened(look, line, width) for line in lines]


def _widened(look: Look, line: Line, width: int) -> Strip:
    return Strip.join([line.strip(), look.line(width - line.width).strip()])


def _head(look: Look, stream: TrafficView, width: int, several: bool) -> Line:
    line = look.line(width).add(" ")
    if several:
        line.add(shorten(stream.name, 14) + " ", "cyan", bold=True)
    ok = stream.now_ok_pm
    line.add(look.t("success") + " ", "mute").add(percent(ok), ok_colour(ok, stream.slo_pm), bold=True)
    failed = sum(count for _, count in stream.failed)
    fast = not 0 <= stream.burn_milli <= 1000
    parts: list[tuple[str, str]] = []
    if width >= WIDE:
        parts.append((look.t("goodput {n}/s", n=thousands(stream.goodput)) + "  ", "mute"))
        if stream.burn_milli:
            parts.append((look.t("burns {n}×", n=_burn(stream.burn_milli)) + "  ", "red" if fast else "yellow"))
    if failed and width >= 40:
        parts.append((look.t("{n} failed", n=thousands(failed)) + "  ", "red"))
    if stream.slo_pm:
        parts.append((f"SLO {percent(stream.slo_pm).replace('.0', '')} ", "mute"))
    return line.right(*parts)


def _burn(milli: int) -> str:
    """How many times as fast as it may an error budget burns."""
    return f"{milli // 1000}.{milli % 1000 // 100}" if milli >= 0 else "∞"


def _dots(
    look: Look, word: str, value: str, history: tuple[int, ...], colour: str, width: int, height: int
) -> list[Line]:
    """A line of dots with its name and present value on the left."""
    label = 7 if height > 1 else 13
    columns = max(4, width - label - 1)
    low, high = bounds(history[-columns * 2 :])
    drawn = braille(history, columns, height, low, high)
    found = []
    for n, dots in enumerate(drawn):
        line = look.line(width)
        if height == 1:
            line.add(" " + pad(word, 6), "mute").add(align_right(value, label - 8) + " ", colour, bold=True)
        elif n == 0:
            line.add(" " + pad(word, label - 1), "mute")
        else:
            line.add(" " + pad(value if n == 1 else "", label - 1), colour, bold=True)
        found.append(line.to(label).add(dots, colour))
    return found


def _other(look: Look, stream: TrafficView, width: int) -> Line:
    line = look.line(width).add(" ").add(shorten(stream.name, width // 2), "soft")
    return line.right(
        (f"{stream.rate}/s", "mute"),
        (align_right(percent(stream.now_ok_pm), 7) + " ", ok_colour(stream.now_ok_pm, stream.slo_pm), True),
    )


class Traffic(Panel):
    """Traffic as a widget."""

    drawn: int | None = None  # None until the player has chosen: the stream with the most failures

    def number(self, state: GameState) -> int:
        """Which stream is drawn."""
        if self.drawn is not None:
            return self.drawn
        failed = [sum(count for _, count in stream.failed) for stream in state.view.traffic]
        return failed.index(max(failed)) if failed else 0

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:
        """The chart."""
        return rows(self.look, state.view.traffic, self.number(state), width, height, state.taps)

    def next_stream(self) -> None:
        """Draw the next stream of users."""
        if self.state is not None:
            self.drawn = (self.number(self.state) + 1) % max(1, len(self.state.view.traffic))
            self.repaint()
