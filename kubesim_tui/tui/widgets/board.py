"""The board: tabs of pages, a cursor that stands on an object, and what is known of that object.

One virtualised painter: pages make rows, the board scrolls them. It takes the airiest density that fits, and only
ever goes denser on its own, so that nothing jumps while Pods come and go; another size or tab starts anew.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.strip import Strip

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.state import GameState
from kubesim_tui.tui import messages
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit.line import blank
from kubesim_tui.tui.widgets import rows as rows_of
from kubesim_tui.tui.widgets import selection
from kubesim_tui.tui.widgets.map import AIRY, DENSE, WIDE
from kubesim_tui.tui.widgets.pages import PAGES, TABS
from kubesim_tui.tui.widgets.panel import Panel

DETAIL = 4  # rows of the panel about the selected thing; one fewer where they are long
HOMES = {"ConfigMap": "config", "Secret": "config", "PersistentVolumeClaim": "storage", "PersistentVolume": "storage"}


class Board(Panel, can_focus=True):
    """See the module."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "move(-1)"),
        ("down", "move(1)"),
        ("left", "across(-1)"),
        ("right", "across(1)"),
        ("k", "move(-1)"),
        ("j", "move(1)"),
        ("pageup", "move(-10)"),
        ("pagedown", "move(10)"),
        ("home", "move(-10000)"),
        ("end", "move(10000)"),
    ]

    tab = "map"
    system = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chosen: Ref | None = None
        self._page: list[rows_of.Row] = []
        self._density = AIRY
        self._fitted: tuple[object, ...] = ()
        self._top = 0
        self._last_place = (0, 0)

    # What is selected.

    @property
    def target(self) -> Ref | None:
        """The object that the cursor stands for (an event stands for its object)."""
        return rows_of.meaning(self._page, self.chosen) or self.chosen

    def select(self, ref: Ref | None) -> None:
        """Put the cursor on a thing."""
        if ref != self.chosen:
            self.chosen = ref
            self.repaint()
            self.post_message(rows_of.Selected(self.target))

    def reveal(self, ref: Ref) -> None:
        """Put the cursor on a thing, on the page where things of its kind are."""
        self.open_tab(HOMES.get(ref.kind, "map"))
        self.select(ref)

    def open_tab(self, tab: str) -> None:
        """Show another page; the cursor goes to its first thing."""
        if tab != self.tab:
            self.tab, self._top = tab, 0
            self.border_title = self.tabs()
            self.chosen = None
            self.repaint()

    def step_tab(self, by: int) -> None:
        """The next or the previous page."""
        names = [name for name, _ in TABS]
        self.open_tab(names[(names.index(self.tab) + by) % len(names)])

    def toggle_system(self) -> None:
        """Show or hide the cluster's own things."""
        self.system = not self.system
        self.repaint()

    def tabs(self) -> str:
        """The tabs as markup for the frame's title."""
        palette, t = self.look.palette, self.look.t
        parts = []
        for name, word in TABS:
            on = name == self.tab
            style = f"bold {palette.bg} on {palette.cyan}" if on else palette.blue
            parts.append(f"[{style}][@click=screen.tab('{name}')] {t(word)} [/][/]")
        return f"[{palette.line}]│[/]".join(parts)

    # Painting.

    def repaint_all(self) -> None:
        """Another language or palette: the tabs too."""
        self.border_title = self.tabs()
        super().repaint_all()

    def on_mount(self) -> None:
        """The frame's title."""
        self.border_title = self.tabs()

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:
        """The visible part of the page, and the panel below it."""
        below = DETAIL if width < WIDE else DETAIL - 1
        room = max(1, height - below)
        before, self._page = self._page, self._fit(state, width, room)
        self._keep_cursor(state, width, before)
        self._scroll_to_cursor(room)
        shown = [row.strip for row in self._page[self._top : self._top + room]]
        shown += self._recent(state, width, room - len(shown))
        shown += [blank(self.look.palette, width)] * (room - len(shown))
        hidden = len(self._page) - self._top - room
        if hidden > 0:
            shown[-1] = self._more(width, N_("{n} more below"), hidden + 1, "▼")
        if self._top > 0:
            shown[0] = self._more(width, N_("{n} more above"), self._top + 1, "▲")
        detail = selection.rows(self.look, state.view, self.chosen, self.target, width, below)[:below]
        return shown + detail + [blank(self.look.palette, width, "raised")] * (below - len(detail))

    def _recent(self, state: GameState, width: int, spare: int) -> list[Strip]:
        """Where a narrow map leaves room, and no panel shows events beside it: the latest of them."""
        events = PAGES["events"](self.look, state.view, width, None, AIRY, self.system)
        if self.tab != "map" or width >= WIDE or spare < 3 or not state.view.events:
            return []
        head = self.look.line(width).add(f" {self.look.t('latest events')} ", "mute")
        return [blank(self.look.palette, width), head.strip(), *(row.strip for row in events[2 - spare :])]

    def _more(self, width: int, text: str, n: int, sign: str) -> Strip:
        """What stands in the first or last row while the page goes on there."""
        return self.look.line(width).right((f"{self.look.t(text, n=n)} {sign} ", "cyan")).strip()

    def _fit(self, state: GameState, width: int, room: int) -> list[rows_of.Row]:
        """The page at the airiest density that fits, or that was needed before."""
        key = (self.tab, width, room, self.system, state.level)
        if key != self._fitted:
            self._fitted, self._density = key, AIRY
        while True:
            page = self._draw_page(state, width)
            if len(page) <= room or self._density == DENSE:
                return page
            self._density += 1

    def _draw_page(self, state: GameState, width: int) -> list[rows_of.Row]:
        return PAGES[self.tab](self.look, state.view, width, self.chosen, self._density, self.system)

    def _keep_cursor(self, state: GameState, width: int, before: list[rows_of.Row]) -> None:
        """Where the thing under the cursor has gone, the cursor takes what stood beside it."""
        place = rows_of.place_of(self._page, self.chosen)
        if place is None:
            self.chosen = rows_of.heir(before, self._page, self.chosen) or self._first()
            self._page = self._draw_page(state, width)
            place = rows_of.place_of(self._page, self.chosen)
        if place is not None:
            self._last_place = place

    def _first(self) -> Ref | None:
        """Where the cursor begins: at the top; among events at the newest."""
        refs = rows_of.refs_in(self._page)
        return refs[-1 if self.tab == "events" else 0] if refs else None

    def _scroll_to_cursor(self, room: int) -> None:
        """Scroll just so far that the cursor's row and one beside it are seen."""
        y = self._last_place[0]
        self._top = max(0, min(self._top, len(self._page) - room))
        if y < self._top + 1:
            self._top = max(0, y - 1)
        elif y > self._top + room - 2:
            self._top = max(0, min(len(self._page) - room, y - room + 2))

    # Moving.

    def action_move(self, down: int) -> None:
        """The cursor up or down by rows."""
        ref = self.chosen
        for _ in range(min(abs(down), len(self._page))):
            ref = rows_of.step_row(self._page, ref, 1 if down > 0 else -1)
        self.select(ref)

    def action_across(self, right: int) -> None:
        """The cursor within a row; between tabs where the row holds one thing only."""
        found = rows_of.step_across(self._page, self.chosen, right)
        if found is None:
            self.step_tab(right)
        else:
            self.select(found)

    def on_click(self, event: events.Click) -> None:
        """A click selects; a double click opens."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        found = rows_of.at(self._page, self._top + offset.y, offset.x)
        if found is not None:
            self.select(found)
            if event.chain > 1:
                self.post_message(messages.Opened())

    def on_mouse_scroll_down(self) -> None:
        """The wheel moves the cursor."""
        self.action_move(1)

    def on_mouse_scroll_up(self) -> None:
        """The wheel moves the cursor."""
        self.action_move(-1)
