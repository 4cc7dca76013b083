"""The machine room: a box for every component on every machine, alive, and the messages between them.

A row is a kind of component, from the store down to the nodes; a column is a machine, those of the control plane first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.strip import Strip

from kubesim_tui.cluster.picture.room import (
    CUT,
    KINDS,
    KUBELET,
    OFF,
    PEOPLE,
    RUNNING,
    RUNTIME,
    SLOW,
    Box,
    Message,
    Room,
)
from kubesim_tui.faults.options import CAN_BE_SLOW
from kubesim_tui.game.protocol import SessionLike
from kubesim_tui.game.state import Action
from kubesim_tui.tui import components
from kubesim_tui.tui.i18n import N_, Texts
from kubesim_tui.tui.kit.cells import cell_len, clean, cut, pad, shorten
from kubesim_tui.tui.kit.line import Line
from kubesim_tui.tui.screens.chooser import ActionMenu
from kubesim_tui.tui.screens.stepper import Key, Stepper
from kubesim_tui.tui.screens.stories import paragraph

NAME, LEAST, MOST = 15, 14, 34  # cells of a kind's name, of a box at least, and at most
TALL = 4  # rows of a box at most, with the gap below one that has more than two
SHORT = {"kube-controller-manager": "controller-mgr", "cloud-controller-manager": "cloud-ctl-mgr",
         "ingress-nginx-controller": "ingress-nginx", "cluster-autoscaler": "autoscaler"}  # fmt: skip
CRAWL = 20  # how many times slower it is made


class RoomScreen(Stepper):
    """See the module."""

    reading = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        ("↑↓←→", N_("component")),
        ("Enter", N_("Actions")),
        ("Space", N_("Pause")),
        ("Esc", N_("Close")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        ("left,h", "across(-1)"),
        ("right,l", "across(1)"),
        ("enter", "actions"),
        ("space", "pause"),
    ]
    DEFAULT_CSS = "RoomScreen #detail { height: 7; } RoomScreen.-m #detail, RoomScreen.-l #detail { height: 12; }"

    def __init__(self, session: SessionLike, pause: Callable[[], None]) -> None:
        super().__init__()
        self.session, self.pause = session, pause
        self.room: Room = session.room()
        self.column = self.first = 0

    # -- what is there -----------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """The cluster goes on."""
        self.room = self.session.room()
        self.show()

    def kinds(self) -> list[str]:
        """The rows: kinds that some machine has."""
        there = {box.kind for box in self.room.boxes}
        return [kind for kind in KINDS if kind in there]

    @property
    def box(self) -> Box:
        """The one under the cursor; where its machine has none of the kind, the nearest that has."""
        row = [box for box in self.room.boxes if box.kind == self.kinds()[self.steps.cursor]]
        places = {name: n for n, name in enumerate(self.room.machines)}
        return min(row, key=lambda box: abs(places[box.machine] - self.column))

    def heading(self) -> str:
        """The title."""
        return self.look.t("Machine room")

    def count(self) -> int:
        """How many kinds there are."""
        return len(self.kinds())

    # -- moving ------------------------------------------------------------------------------------------------

    def action_across(self, by: int) -> None:
        """Another machine."""
        self.column = max(0, min(len(self.room.machines) - 1, self.room.machines.index(self.box.machine) + by))
        self.show()

    def on_click(self, event: events.Click) -> None:
        """Step to the box that is clicked."""
        offset = event.get_content_offset(self.steps)
        if offset is not None and offset.x > NAME:
            self.column = min(len(self.room.machines) - 1, self.first + (offset.x - NAME - 1) // self._cell())
        super().on_click(event)

    def action_pause(self) -> None:
        """Stop or start time."""
        self.pause()
        self.look_again()

    def action_actions(self) -> None:
        """What can be done with the box."""
        box = self.box
        menu = ActionMenu(f"{box.process} · {box.machine}", lambda: actions(self.look.t, box))
        self.app.push_screen(menu, self._chosen)

    def _chosen(self, action: Action | None) -> None:
        if action is not None:
            self.dismiss(action.command)

    # -- what is seen ------------------------------------------------------------------------------------------

    def _cell(self) -> int:
        """Cells of a box: as many as there is room for."""
        width = self.steps.content_size.width - NAME - 1
        return max(LEAST, min(MOST, width // len(self.room.machines)))

    def head_rows(self, width: int) -> list[Strip]:
        """The latest messages, and the machines."""
        rows = [self._said(message, width) for message in self.room.messages[:2]]
        cell = self._cell()
        shown = max(1, (width - NAME - 1) // cell)
        at = self.room.machines.index(self.box.machine)
        self.first = max(0, min(max(self.first, at - shown + 1), at, len(self.room.machines) - shown))
        line = self.look.line(width).add(pad("◂ " if self.first else "", NAME + 1), "cyan")
        for n, name in enumerate(self.room.machines[self.first : self.first + shown], self.first):
            tone = "cyan" if n == at else "blue" if n < self.room.planes else "soft"
            line.add(pad(" " + shorten(name, cell - 2), cell), tone, bold=n == at)
        more = len(self.room.machines) - self.first - shown
        return [*rows, (line.right((f"+{more} ▸", "cyan")) if more > 0 else line).strip()]

    def step_rows(self, width: int) -> list[Strip]:
        """The boxes."""
        kinds, chosen = self.kinds(), self.box
        self.steps.high = max(1, min(TALL, self.steps.content_size.height // len(kinds)))
        rows: list[Strip] = []
        for n, kind in enumerate(kinds):
            boxes = [self.room.box(kind, name) for name in self.room.machines[self.first :]]
            shown = boxes[: max(1, (width - NAME - 1) // self._cell())]
            on = n == self.steps.cursor
            name = self.look.t("runtime") if kind == "runtime" else SHORT.get(kind, kind)
            for row in range(self.steps.high):
                if row > 1 and row == self.steps.high - 1:
                    rows.append(self.look.line(width).strip())
                    break
                line = self.look.line(width).add("▌" if on else " ", "cyan")
                line.add(pad(name if not row else "", NAME), "text" if on else "soft")
                for box in shown:
                    self._draw(line, box, row, box == chosen)
                rows.append(line.strip())
        return rows

    def _draw(self, line: Line, box: Box | None, row: int, chosen: bool) -> None:
        """One row of a box: how it stands and its figure; below, what it said last, and what else there is to tell."""
        cell, t = self._cell(), self.look.t
        end = line.n + cell
        if box is None:
            line.add(pad("", cell))
            return
        ground = "select" if chosen else "raised"
        glyph = components.STATES[box.state]
        figures = components.short(t, box.figures)
        if row:
            last = next(iter(self.room.of(box)), None)
            said = [f"{last.verb} {last.about}"] if last is not None and box.recent else []
            below = [*said, *figures[1:]]
            text = below[row - 1] if row <= len(below) else ""
            line.add(pad("   " + cut(text, cell - 4), cell - 1), "mute", ground).to(end)
            return
        line.add(f" {glyph.sign} ", glyph.colour, ground, bold=True)
        word = figures[0] if box.state == RUNNING and figures else t(glyph.word)
        star = "★" if box.leads and len(self._alike(box)) > 1 else ""
        pulse = "▸" if self._talks(box) else ""
        line.add(pad(word, max(0, end - line.n - 1 - cell_len(star + pulse))), "text" if chosen else "soft", ground)
        line.add(star, "yellow", ground).add(pulse, "cyan", ground, bold=True).to(end)

    def _alike(self, box: Box) -> list[Box]:
        return [one for one in self.room.boxes if one.kind == box.kind]

    def _talks(self, box: Box) -> bool:
        """Whether a message left it, or came to the server that leads, in the tick that has just been done."""
        newest = next(iter(self.room.of(box)), None)
        return newest is not None and newest.tick >= self.room.tick - 1 and box.state in (RUNNING, SLOW)

    def detail_rows(self, width: int) -> list[Strip]:
        """The box under the cursor: how it stands, what it is for, what it said."""
        box, look, t = self.box, self.look, self.look.t
        glyph = components.STATES[box.state]
        line = look.line(width).add(f" {glyph.sign} {box.process}", glyph.colour, bold=True)
        line.add(f" · {box.machine} · ", "soft").add(t(glyph.word), glyph.colour)
        line.add(f" · {t('leader')}" if box.leads and len(self._alike(box)) > 1 else "", "yellow")
        line.add("  " + " ".join(components.long(t, box.figures)), "text")
        does, fails = components.CODEX[box.kind]
        rows = [line.strip(), *paragraph(look, t(does), width, "soft", " ")]
        rows += paragraph(look, t(fails), width, "mute", " ")
        return rows + [self._said(message, width) for message in self.room.of(box)[:8]]

    def _said(self, message: Message, width: int) -> Strip:
        """One message: who asked whom for what, and what was answered."""
        line = self.look.line(width).add(f" {self._ago(message):>4} ", "mute")
        who = self.look.t("you") if message.sender == PEOPLE else SHORT.get(message.sender, message.sender)
        told = self.room.planes > 1 or message.sender == "kubelet"
        where = f"@{message.machine}" if message.machine and told else ""
        fine = message.code < 400
        line.add(shorten(who + where, 28), "pink" if message.sender == PEOPLE else "violet")
        line.add(" → " if fine else " ✗ ", "green" if fine else "red", bold=True)
        stored = f"rev {message.revision}" if message.revision else self.look.t("nothing new")
        tail = f" {stored} " if fine else f" {message.code} {message.decided} {clean(message.text)} "
        line.add(f"{message.verb} ", "blue").add(cut(message.about, max(8, line.room - cell_len(tail))), "text")
        return line.right((cut(tail, max(0, line.room)), "mute" if fine else "red")).strip()

    def _ago(self, message: Message) -> str:
        return f"-{self.room.tick - message.tick}s"


def _on_machine(t: Texts, box: Box) -> tuple[Action, ...]:
    """What its machine tells: of a service its journal, of a static Pod what runs there."""
    if box.kind in (KUBELET, RUNTIME):
        line = f"ssh {box.machine} journalctl -u {box.process} -n 30"
        return (Action("journal", t("Read its journal"), line, key="j"),)
    return (Action("containers", t("List the containers of its machine"), f"ssh {box.machine} crictl ps -a", key="l"),)


def actions(t: Texts, box: Box) -> tuple[Action, ...]:
    """What can be done with a component: a look, and chaos by hand."""
    if box.pod is not None:
        name = f"{box.pod.name} -n {box.pod.namespace}"
        look = Action("describe", t("Describe its Pod"), f"kubectl describe pod {name}", key="d")
        return look, Action("delete", t("Delete its Pod"), f"kubectl delete pod {name}", danger=True)
    aim = f"{box.machine},process={box.process}"
    node = Action("describe", t("Describe its node"), f"kubectl describe node {box.machine}", key="d")
    found = [node] if box.node else []
    if box.state != OFF:
        found += _on_machine(t, box)
    if box.state == OFF:
        found.append(Action("power", t("Switch its machine on"), f"chaos node-crash:{box.machine},heal=true"))
    elif box.state in (RUNNING, SLOW, CUT):
        found.append(Action("stop", t("Stop it"), f"chaos process-stop:{aim}", danger=True))
    else:
        found.append(Action("start", t("Start it"), f"chaos process-stop:{aim},heal=true"))
    if box.process in CAN_BE_SLOW and box.state == SLOW:
        found.append(Action("quick", t("Make it as fast as before"), f"chaos process-slow:{aim},heal=true"))
    elif box.process in CAN_BE_SLOW and box.state == RUNNING:
        found.append(Action("slow", t("Slow it down"), f"chaos process-slow:{aim},factor={CRAWL}", danger=True))
    if box.state == CUT:
        found.append(
            Action("mend", t("Mend the links of its machine"), f"chaos node-partition:{box.machine},heal=true")
        )
    elif box.state != OFF:
        found.append(Action("cut", t("Cut its machine off"), f"chaos node-partition:{box.machine}", danger=True))
    return tuple(found)
