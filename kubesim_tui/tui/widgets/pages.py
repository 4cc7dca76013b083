"""The other pages of the board: Config, Storage, Nodes, Events. Pure functions from the view to rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kubesim_tui.cluster.view import ClaimView, ComponentView, ConfigView, EventView, NodeView, Ref, View
from kubesim_tui.tui import glyphs
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit.bars import bar, heat
from kubesim_tui.tui.kit.cells import align_right, cell_len, clean, cut, pad, shorten
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets import figures, tree
from kubesim_tui.tui.widgets import map as map_page
from kubesim_tui.tui.widgets.figures import named, node_note, node_sign, quiet, share, size, thousands, word
from kubesim_tui.tui.widgets.rows import Row, RowMaker, text_row

Page = Callable[[Look, View, int, Ref | None, int, bool], list[Row]]

TABS: tuple[tuple[str, str], ...] = (
    ("map", N_("Map")),
    ("config", N_("Config")),
    ("storage", N_("Storage")),
    ("nodes", N_("Nodes")),
    ("events", N_("Events")),
)


def config(look: Look, view: View, width: int, chosen: Ref | None, density: int, system: bool) -> list[Row]:
    """ConfigMaps and Secrets: who reads them, how, and whose environment is stale."""
    rows: list[Row] = []
    for entry in (c for c in view.configs if tree.visible(c.ref, system)):
        if rows and density == map_page.AIRY:
            rows.append(text_row(look, width, ""))
        rows += _config(look, entry, width, chosen)
    return rows or [text_row(look, width, " " + look.t("No ConfigMap and no Secret."))]


def _config(look: Look, entry: ConfigView, width: int, chosen: Ref | None) -> list[Row]:
    secret = entry.ref.kind == "Secret"
    head = RowMaker(look, width, chosen, entry.ref).add(" ■ " if secret else " □ ", "pink" if secret else "violet")
    head.add(shorten(entry.ref.name, width // 2), "text", True).add(f" {entry.ref.kind}", "mute")
    if entry.stale:
        head.right((look.t("stale in {n} Pods", n=len(entry.stale)) + " ", "yellow", True))
    rows = [head.done()]
    for key, value in entry.keys:
        line = RowMaker(look, width, chosen).add("   ").add(pad(shorten(key, 18), 18), "blue").add(" ")
        rows.append(line.add(cut(_value(look, secret, value), line.line.room - 1), "soft").done())
    readers = "  ".join(f"{named(ref)} ({how})" for ref, how in entry.readers) or look.t("nobody")
    rows.append(text_row(look, width, f"   {look.t('read by')} {readers}"))
    if entry.stale:
        rows.append(_stale(look, entry, width, chosen))
    return rows


def _value(look: Look, secret: bool, value: str) -> str:
    """The first line of a value; of a Secret only its length."""
    return look.t("{n} bytes", n=value.partition(" ")[0]) if secret else clean(value.partition("\n")[0])


def _stale(look: Look, entry: ConfigView, width: int, chosen: Ref | None) -> Row:
    """The Pods that still hold the old values."""
    row = RowMaker(look, width, chosen).add(f"   {look.t('old values in')} ", "yellow")
    for ref in entry.stale:
        row.spot(ref, shorten(ref.name, 22), "yellow").add(" ")
    return row.done()


def storage(look: Look, view: View, width: int, chosen: Ref | None, density: int, system: bool) -> list[Row]:
    """Claims: their volumes, who mounts them, what is stored there."""
    rows: list[Row] = []
    for claim in (c for c in view.claims if tree.visible(c.ref, system)):
        if rows and density == map_page.AIRY:
            rows.append(text_row(look, width, ""))
        rows += _claim(look, claim, width, chosen)
    return rows or [text_row(look, width, " " + look.t("No PersistentVolumeClaim: what is written dies with its Pod."))]


def _claim(look: Look, claim: ClaimView, width: int, chosen: Ref | None) -> list[Row]:
    bound = claim.status == "Bound"
    head = RowMaker(look, width, chosen, claim.ref).add(" ▤ ", "blue" if bound else "yellow")
    head.add(shorten(claim.ref.name, width // 2), "text", True).add(f" {claim.status}", "green" if bound else "yellow")
    head.right((f"{claim.capacity} {claim.storage_class} {claim.modes} ", "mute"))
    below = RowMaker(look, width, chosen).add("   ")
    if not bound:
        return [head.done(), below.add(look.t("no volume yet"), "yellow").done()]
    below.add(clean(claim.volume), "soft").add("  " + look.t("mounted by") + " ", "mute")
    for ref in claim.pods:
        below.spot(ref, ref.name, "soft").add(" ")
    if not claim.pods:
        below.add(look.t("nobody"), "mute")
    below.right((look.t("{n} records", n=thousands(claim.records)) + f"  {size(claim.used_bytes)} ", "soft"))
    return [head.done(), below.done()]


def nodes(look: Look, view: View, width: int, chosen: Ref | None, density: int, system: bool) -> list[Row]:
    """Machines: load, condition, their Pods; then the components of the control plane."""
    rows: list[Row] = []
    for node in view.nodes:
        rows += _node(look, node, width, chosen, system)
        if density == map_page.AIRY:
            rows.append(text_row(look, width, ""))
    return rows + _components(look, view, width)


def _node(look: Look, node: NodeView, width: int, chosen: Ref | None, system: bool) -> list[Row]:
    sign, colour = node_sign(node)
    head = (
        RowMaker(look, width, chosen, node.ref).add(f" {sign} ", colour).add(shorten(node.ref.name, 12), "text", True)
    )
    head.add(f" {node.letter} ", "mute")
    note, tone = node_note(look, node)
    cpu, memory = share(node.cpu_used_milli, node.cpu_capacity_milli), _memory(node)
    length = 6 if width < 60 else 10 if width < 100 else 20
    loads = 2 * (length + 11)
    head.to(max(head.line.n, width - loads - (12 if width < 60 else 18)))
    for name, load in ((look.t("cpu"), cpu), (look.t("mem"), memory)):
        head.add(pad(name, 5), "mute")
        bar(head.line, load, length, heat(load))
        head.add(align_right(figures.load(load), 5) + " ", "soft")
    head.right((note + " ", tone))
    return [head.done(), _pods_of(look, node, width, chosen, system)]


def _memory(node: NodeView) -> int:
    return share(node.memory_used_bytes, node.memory_capacity_bytes)


def _pods_of(look: Look, node: NodeView, width: int, chosen: Ref | None, system: bool) -> Row:
    """The Pods of a node by workload: ``web ●● api ◐``."""
    row = RowMaker(look, width, chosen).add("   ")
    for group in tree.by_workload(node.pods, system):
        row.add(shorten(group.name, 14) + " ", "mute")
        for pod in group.pods:
            glyph = glyphs.face(pod.face)
            row.spot(pod.ref, glyph.sign, quiet(glyph, group.system))
        row.add("  ")
    if not node.pods:
        row.add(look.t("no Pods"), "mute")
    if not node.ready:
        row.right((look.t("last heard {n} s ago", n=node.heard) + " ", "orange"))
    elif width < 60 and (node.pressure or not node.schedulable):  # the row above has no room for it
        note, tone = node_note(look, node)
        row.right((note + " ", tone))
    return row.done()


def _components(look: Look, view: View, width: int) -> list[Row]:
    """The processes of the control plane, and every other one of which there is something to say."""
    nodes = {node.ref.name for node in view.nodes}
    shown = [c for c in view.components if c.machine not in nodes or not c.running or c.note]
    if not shown:
        return []
    rows, line = [text_row(look, width, " " + look.t("control plane"), "mute")], look.line(width).add(" ")
    for component in shown:
        note = f" {word(look.t, component.note)}" if component.note else ""
        name = component.name if component.machine.startswith("control") else f"{component.name}@{component.machine}"
        if line.n > 1 and line.room < cell_len(name + note) + 4:
            rows.append(Row(line.strip()))
            line = look.line(width).add(" ")
        line.add("● " if component.running else "✗ ", "green" if component.running else "red")
        line.add(name, "soft").add(note, _tone(component)).add("  ")
    return [*rows, Row(line.strip())]


def _tone(component: ComponentView) -> str:
    """The colour of what is said of a process."""
    if not component.running:
        return "red"
    return "green" if component.note == "leader" else "orange"


def events(look: Look, view: View, width: int, chosen: Ref | None, _density: int, system: bool) -> list[Row]:
    """Events, oldest first, as `kubectl get events` tells them."""
    shown = [e for e in view.events if system or e.object.kind == "Node" or tree.visible(e.object, system)]
    rows = [event_row(look, event, view, width, chosen) for event in shown]
    return rows or [text_row(look, width, " " + look.t("Nothing has happened yet."))]


def event_row(look: Look, event: EventView, view: View, width: int, chosen: Ref | None) -> Row:
    """One event; its object is what the row stands for."""
    warning = event.type == "Warning"
    name = Ref("Event", event.object.namespace, f"{event.tick} {event.reason} {event.object.kind}/{event.object.name}")
    row = RowMaker(look, width, chosen, name, event.object).add("▎", "yellow" if warning else "blue")
    clock = _clock(view, event.tick)
    row.add(clock[3:] if width < 60 else clock, "mute").add(
        " ▲ " if warning else " · ", "yellow" if warning else "blue"
    )
    reason = 18 if width < 60 else 26
    row.add(pad(shorten(event.reason, reason), reason), "yellow" if warning else "soft")
    if width >= 100:
        row.add(" " + pad(shorten(named(event.object), 30), 30), "mute")
    times = f" ×{event.count}" if event.count > 1 else ""
    row.add(" ").add(_fit(clean(event.message), row.line.room - len(times) - 1), "text" if warning else "soft")
    return row.right((times + " ", "mute")).done()


def _fit(text: str, room: int) -> str:
    return pad(text, max(0, room))


def _clock(view: View, tick: int) -> str:
    """The simulated wall clock of an earlier tick."""
    hours, minutes, seconds = (int(part) for part in view.clock.split(":"))
    now = hours * 3600 + minutes * 60 + seconds - (view.tick - tick)
    now %= 86_400
    return f"{now // 3600:02d}:{now // 60 % 60:02d}:{now % 60:02d}"


def draw_map(look: Look, view: View, width: int, chosen: Ref | None, density: int, system: bool) -> list[Row]:
    """The map, as a page."""
    return map_page.rows(look, view, width, chosen, density, system)


PAGES: Mapping[str, Page] = {
    "map": draw_map,
    "config": config,
    "storage": storage,
    "nodes": nodes,
    "events": events,
}
