"""Follow a request: a sampled one stop by stop, with the time that each took and what decided there."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip

from kubesim_tui.cluster.picture.followed import BORNE, FAILED, Followed, Sort, Stop
from kubesim_tui.game.protocol import SessionLike
from kubesim_tui.tui import hops
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit.cells import cell_len, pad, shorten
from kubesim_tui.tui.kit.line import Line
from kubesim_tui.tui.screens.stepper import Key, Stepper
from kubesim_tui.tui.screens.stories import paragraph
from kubesim_tui.tui.widgets.figures import thousands

SIGNS = {FAILED: ("✗", "red"), BORNE: ("▲", "yellow")}
WORD = 17  # cells of a stop's kind


class FollowScreen(Stepper):
    """See the module."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        ("↑↓", N_("hop")),
        ("←→", N_("other requests")),
        ("n", N_("another one")),
        ("Esc", N_("Close")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        ("left,h", "sort(-1)"),
        ("right,l,tab", "sort(1)"),
        ("n", "another"),
        ("space,enter", "step(1)"),
    ]

    def __init__(self, session: SessionLike) -> None:
        super().__init__()
        self.session = session
        self.sorts = session.requests()
        self.at = next((n for n, sort in enumerate(self.sorts) if sort.reason), 0)
        self.number = 0
        self.found = self._follow()

    def _follow(self) -> Followed:
        return self.session.request(self.sorts[self.at], self.number)

    def heading(self) -> str:
        """The title."""
        return self.look.t("Follow a request")

    def count(self) -> int:
        """Its stops."""
        return len(self.found.stops)

    def action_sort(self, by: int) -> None:
        """Other requests: served ones, or those that fail another way; as the cluster has them now."""
        chosen = self.sorts[self.at]
        self.sorts = self.session.requests() or self.sorts
        at = self.sorts.index(chosen) if chosen in self.sorts else 0
        self.at, self.number = (at + by) % len(self.sorts), 0
        self.found, self.steps.cursor = self._follow(), 0
        self.show()

    def action_another(self) -> None:
        """Another request of the same sort."""
        self.number += 1
        self.found = self._follow()
        self.show()

    def head_rows(self, width: int) -> list[Strip]:
        """Which requests, and what became of this one."""
        t, found, sort = self.look.t, self.found, self.sorts[self.at]
        line = self.look.line(width).add(f" ◂ {self.at + 1}/{len(self.sorts)} ▸ ", "cyan", bold=True)
        line.add(f"{found.sort.stream}  ", "text", bold=True).add(f"{found.sort.method} {found.sort.url}", "soft")
        fate = self._fate(sort)
        rows = [line.strip()]
        line = self.look.line(width).add(" ").add(*fate, bold=True)
        if found.whole:
            when = t("sample {n}, tick {tick}", n=found.number + 1, tick=found.tick)
            line.right((f"{when}  ", "mute"), (f"{_ms(found.took_us)} ", "text", True))
        else:
            line.right((t("only its way is known: nobody looked then") + " ", "yellow"))
        return [*rows, line.strip()]

    def _fate(self, sort: Sort) -> tuple[str, str]:
        t, n = self.look.t, thousands(sort.count)
        if sort.reason:
            return f"✗ {sort.reason}  ×{n}", "red"
        return f"✓ {t('well answered')}  ×{n}", "green"

    def step_rows(self, width: int) -> list[Strip]:
        """A row a stop: its sign, what it is, what decided there, and when in the request it was."""
        return [self._row(stop, n == self.steps.cursor, width) for n, stop in enumerate(self.found.stops)]

    def _row(self, stop: Stop, chosen: bool, width: int) -> Strip:
        look, (kind, colour) = self.look, hops.KINDS[stop.kind]
        line = look.line(width, "select" if chosen else "panel").add("▌" if chosen else " ", "cyan")
        sign, tone = SIGNS.get(stop.state, ("●", colour))
        line.add("  " * stop.depth).add(f"{sign} ", tone, bold=True)
        line.add(pad(look.t(kind), WORD), tone if stop.state != FAILED else "red")
        chart = 28 if width >= 110 else 12
        room = line.room - chart - 9
        where = f"  {stop.machine}" if stop.machine and stop.kind in ("pod", "ingress", "rule", "dns") else ""
        named = hops.gist(look.t, stop)
        if cell_len(named) + cell_len(where) >= room:
            where = ""
        line.add(shorten(named, room - 1), "text", bold=chosen).add(where, "mute").to(width - chart - 9)
        self._span(line, stop, chart, tone)
        return line.right((f"{_ms(stop.took_us)} ", "soft")).strip()

    def _span(self, line: Line, stop: Stop, cells: int, colour: str) -> None:
        """When it began and how long it lasted, against the whole request."""
        whole = max(1, self.found.took_us)
        first = min(cells - 1, stop.begins_us * cells // whole)
        last = min(cells, max(first + 1, -(-(stop.begins_us + stop.took_us) * cells // whole)))
        line.add("─" * first, "line")
        line.add("━" * (last - first) if stop.took_us else "╸", colour)
        line.add("─" * (cells - (last if stop.took_us else first + 1)), "line")

    def detail_rows(self, width: int) -> list[Strip]:
        """What decided at the stop under the cursor."""
        stop = self.found.stops[self.steps.cursor]
        rows: list[Strip] = []
        for fact in stop.facts:
            said = hops.sentence(self.look.t, fact)
            tone = "red" if fact[0] == "failed" else "orange" if fact[0].startswith("code-") else "text"
            rows += paragraph(self.look, said, width, tone, " › ") if said else []
        if not rows:
            rows += paragraph(self.look, self.look.t("Nothing is decided here: it is passed on."), width, "soft")
        return rows


def _ms(us: int) -> str:
    """``0.3ms``, ``12ms``, ``1.2s``; "" where no time passes."""
    if us <= 0:
        return ""
    if us < 10_000:
        return f"{us // 1000}.{us % 1000 // 100}ms"
    return f"{us // 1000}ms" if us < 1_000_000 else f"{us // 1_000_000}.{us % 1_000_000 // 100_000}s"
