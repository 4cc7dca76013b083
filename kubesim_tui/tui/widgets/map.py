"""The map: users → route → Service → workload → Pods, from top to bottom.

Four densities, from airy to one row a Service; the board takes the airiest that fits. Figures stand in columns at the
right, so that the eye can run down them.
"""

from __future__ import annotations

from attrs import field, frozen

from kubesim_tui.cluster.view import (
    Face,
    NodeView,
    PodView,
    Ref,
    RouteView,
    ServiceView,
    TrafficView,
    View,
    WorkloadView,
)
from kubesim_tui.tui import glyphs
from kubesim_tui.tui.kit.area import spark
from kubesim_tui.tui.kit.cells import align_right, cell_len, clean, pad, shorten
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets import tree
from kubesim_tui.tui.widgets.figures import age, latency, node_sign, ok_colour, percent, rollout, word
from kubesim_tui.tui.widgets.rows import Row, RowMaker, text_row

AIRY, LOOSE, TIGHT, DENSE = range(4)
WIDE = 64  # cells from which more columns are shown
VAST = 110  # cells from which a Pod's message, and the history of a stream of users, are shown beside it
LATE = 5  # seconds for which a message may wait without a word
SPARK = 40  # cells of that history
COPIES = 6  # cells of "12/12"

Part = tuple[str, str] | tuple[str, str, bool]


@frozen
class MapDrawing:
    """What one drawing of the map needs to know."""

    look: Look
    view: View
    width: int
    chosen: Ref | None
    density: int
    system: bool
    letters: dict[str, str] = field(factory=dict)
    troubled: frozenset[str] = frozenset()  # letters of nodes that are not ready

    @property
    def wide(self) -> bool:
        """Whether there is room for more columns."""
        return self.width >= WIDE

    @property
    def histories(self) -> int:
        """The cell at which histories begin, left of the copies and the figures; the row's end where there are none."""
        return self.width - self.figures - COPIES - SPARK - 2 if self.width >= VAST else self.width

    @property
    def figures(self) -> int:
        """Cells of the columns at the right: rate, p95, success."""
        return 23 if self.wide else 15

    def row(self, whole: Ref | None = None, about: Ref | None = None) -> RowMaker:
        """A row under construction."""
        return RowMaker(self.look, self.width, self.chosen, whole, about)


def rows(look: Look, view: View, width: int, chosen: Ref | None, density: int, system: bool = False) -> list[Row]:
    """The whole map at one density."""
    letters = {node.ref.name: node.letter for node in view.nodes}
    troubled = frozenset(node.letter for node in view.nodes if not node.ready)
    drawing = MapDrawing(look, view, width, chosen, density, system, letters, troubled)
    found: list[Row] = []
    items = tree.items(view, system)
    for n, item in enumerate(items):
        if density == AIRY and n and _opens_a_group(item, items[n - 1]):
            found.append(text_row(look, width, ""))
        found += _draw(drawing, item)
    if density == AIRY:
        found.append(text_row(look, width, ""))
    return found + node_strip(drawing)


def _opens_a_group(item: tree.Item, before: tree.Item) -> bool:
    """Whether a blank row goes before an item: a new host, Service or workload at the top, or the first outsider."""
    return item.depth == 0 and not isinstance(item.thing, TrafficView) and type(item.thing) is not type(before.thing)


def _draw(d: MapDrawing, item: tree.Item) -> list[Row]:
    match item.thing:
        case TrafficView() as stream:
            return [_users(d, stream)]
        case tree.Host() as host:
            return [_host(d, host)]
        case RouteView() as route:
            return [_route(d, route, item)]
        case ServiceView() as service:
            return [_service(d, d.row(service.ref).add(" "), service)]
        case WorkloadView() as work:
            return [] if d.density == DENSE and item.depth else [_workload(d, work, item)]
        case PodView() as pod:
            return [_pod(d, pod, item)] if d.density <= LOOSE or item.depth == 0 else []
        case outside:
            return [_outside(d, outside)]


def _branch(item: tree.Item) -> str:
    """The connector in front of an item."""
    if not item.rails:
        return " "
    *above, more = item.rails
    return " " + "".join("│ " if rail else "  " for rail in above) + ("├ " if more else "╰ ")


def _users(d: MapDrawing, stream: TrafficView) -> Row:
    word = d.look.t("load") if stream.pod is not None else d.look.t("users")
    row = d.row().add(f" {word} ", "mute").add(stream.name, "cyan", True).add(f"  {stream.method} ", "mute")
    where = stream.url if d.wide else "/" + stream.url.partition("//")[2].partition("/")[2]
    row.add(shorten(where, min(d.histories, d.width - d.figures) - row.line.n), "soft")
    _history(d, row, stream.ok_history, stream.slo_pm)
    return row.right(*_flow(d, stream.rate, stream.now_p95_us, stream.now_ok_pm, stream.slo_pm)).done()


def _history(d: MapDrawing, row: RowMaker, per_mille: tuple[int, ...], slo: int = 0) -> None:
    """How it went lately, where there is room for that and something to tell."""
    if per_mille and row.line.n <= d.histories < d.width:
        row.to(d.histories)
        for sign, colour in spark(per_mille, SPARK, slo):
            row.add(sign, colour)


def _flow(d: MapDrawing, rate: int, p95_us: int, ok_pm: int, slo: int = 0) -> tuple[Part, ...]:
    """The columns of what flows: rate, p95 where there is room, success."""
    return (
        (align_right(f"{rate}/s", 7), "soft"),
        (align_right(latency(p95_us), 8) if d.wide else "", "soft"),
        (align_right(percent(ok_pm), 7) + " ", ok_colour(ok_pm, slo), True),
    )


def _host(d: MapDrawing, host: tree.Host) -> Row:
    row = d.row(host.ref).add(" ▾ ", "cyan").add(shorten(host.host or "*", d.width - 20), "cyan")
    return row.right((f"Ingress {host.ref.name} ", "mute")).done()


def _route(d: MapDrawing, route: RouteView, item: tree.Item) -> Row:
    if item.service is not None:
        row = d.row(route.service)
    else:  # a row of its own that stands for the Ingress
        row = d.row(Ref("Route", route.ref.namespace, f"{route.host}{route.path}"), route.ref)
    row.add(_branch(item), "edge").add(route.path or "/", "violet", True).add(" → ", "mute")
    if item.service is not None:
        return _service(d, row, item.service, route.problem)
    row.add(shorten(route.service.name, 14), "soft")
    return row.right((f" {word(d.look.t, route.problem)} ", "red", True)).done()


def _service(d: MapDrawing, row: RowMaker, service: ServiceView, problem: str = "") -> Row:
    end = min(d.width - d.figures - COPIES, d.histories)
    row.add("◆ ", "violet").add(shorten(service.ref.name, max(8, end - row.line.n)), "text", True)
    if d.density == DENSE:
        row.add(" ")
        _pod_groups(d, row, service.pods, end)
    else:
        waiting = _waiting(d, service)
        if waiting and row.line.n + cell_len(waiting) + 2 <= end:
            row.add(f"  {waiting}", "yellow", True)
        for extra in _service_extras(d, service):
            if row.line.n + cell_len(extra) + 1 <= end:
                row.add(f" {extra}", "mute")
    if not problem:
        _history(d, row, service.ok_history)
    full = service.ready == service.endpoints and service.ready > 0
    row.right(
        (
            align_right(f"{service.ready}/{service.endpoints}", COPIES),
            "text" if full else "yellow" if service.ready else "red",
            True,
        ),
        *_service_tail(d, service, problem),
    )
    return row.done()


def _waiting(d: MapDrawing, service: ServiceView) -> str:
    """How many messages wait in its queues, and for how long, where that is longer than work takes."""
    late = [queue for queue in service.queues if queue.age >= LATE]
    if not late:
        return ""
    n = sum(queue.ready for queue in late)
    return d.look.t("{n} wait, {age}s", n=n, age=max(queue.age for queue in late))


def _service_extras(d: MapDrawing, service: ServiceView) -> list[str]:
    """What a Service's row says of it where there is room: port, type, address."""
    kind = service.type if d.wide or service.type != "ClusterIP" else ""
    address = (service.external or service.cluster_ip) if d.wide else ""
    return [f":{service.ports}" if service.ports else "", kind, address]


def _service_tail(d: MapDrawing, service: ServiceView, problem: str) -> tuple[Part, ...]:
    if problem:
        return ((align_right(word(d.look.t, problem), d.figures - 1) + " ", "red", True),)
    if not service.rate:
        return ((" " * d.figures, "mute"),)
    return _flow(d, service.rate, service.p95_us, service.ok_pm)


def _workload(d: MapDrawing, work: WorkloadView, item: tree.Item) -> Row:
    row = d.row(work.ref).add(_branch(item), "edge").add("▣ ", "blue")
    tone = "text" if work.ready == work.want else "yellow" if work.ready else "red"
    count = (align_right(f"{work.ready}/{work.want}", COPIES), tone, True)
    end = d.width - d.figures - COPIES
    row.add(shorten(work.ref.name, max(8, end - row.line.n)), "text", True)
    if d.density >= TIGHT:
        row.add(" ")
        if row.line.n + _groups_width(d, work.pods) > end:  # the Pods are worth more than the image
            _pod_groups(d, row, work.pods, d.width - 8)
            return row.right(count, (" ", "text")).done()
        _pod_groups(d, row, work.pods, end)
    elif row.line.n + len(work.ref.kind) + 1 <= end:
        row.add(f" {work.ref.kind}", "mute")
    return row.right(count, *_workload_tail(d, row, work, end)).done()


def _workload_tail(d: MapDrawing, row: RowMaker, work: WorkloadView, end: int) -> tuple[Part, ...]:
    """The image, or how far a rollout has come; both where there is room."""
    image = clean(work.image).rpartition("/")[2]
    told = rollout(d.look.t, work.rollout)
    tail, colour = (told, "yellow") if told and not d.wide else (image, "soft")
    if d.wide and told and row.line.n + cell_len(told) + 2 <= end:
        row.to(end - cell_len(told) - 1).add(told, "yellow").to(end)
    return ((align_right(shorten(tail, d.figures - 2), d.figures - 1) + " ", colour),)


def _groups_width(d: MapDrawing, pods: tuple[PodView, ...]) -> int:
    """Cells that `_pod_groups` needs for all of them."""
    return sum(len(letter) + len(group) + 1 for letter, group in tree.by_node(pods, d.letters))


def _pod_groups(d: MapDrawing, row: RowMaker, pods: tuple[PodView, ...], end: int) -> None:
    """``a●● b●◐``: the Pods by node; what does not fit is counted."""
    left = len(pods)
    for letter, group in tree.by_node(pods, d.letters):
        if row.line.n + len(letter) + 2 > end:
            break
        row.add(letter, "red" if letter in d.troubled else "mute")
        for pod in group:
            if row.line.n + 1 > end - (4 if left > 1 else 0):
                break
            glyph = glyphs.face(pod.face)
            row.spot(pod.ref, glyph.sign, glyph.colour)
            left -= 1
        row.add(" ")
    if left:
        row.add(f"+{left}", "mute")


def _pod(d: MapDrawing, pod: PodView, item: tree.Item) -> Row:
    glyph = glyphs.face(pod.face)
    row = d.row(pod.ref).add(_branch(item), "edge").add(f"{glyph.sign} ", glyph.colour)
    letter = d.letters.get(pod.node, "-")
    where = (letter, "red" if letter in d.troubled else "soft")
    fine = pod.face in (Face.RUNNING, Face.DONE)
    if d.width >= VAST:
        row.add(shorten(pod.ref.name, 44 - row.line.n)).to(46).add(*where).to(49)
        row.add(pad(pod.ip, 15), "mute").add(pad(pod.status, 19), "mute" if fine else glyph.colour)
        row.add(pad(clean(pod.why), max(0, row.line.room - 12)), "soft")
    elif d.wide:
        row.add(shorten(pod.ref.name, d.width - row.line.n - 45)).to(d.width - 44).add(*where).to(d.width - 41)
        row.add(pad(pod.ip, 13), "mute").add(pad(pod.status, 18), "mute" if fine else glyph.colour)
    if d.wide:
        restarts = f"↻{pod.restarts}" if pod.restarts else ""
        return row.right((align_right(restarts, 4), "orange"), (align_right(age(pod.age), 5) + " ", "mute")).done()
    tail = pod.ip if fine and pod.ip else pod.status
    room = d.width - row.line.n - cell_len(tail) - 4
    row.add(pad(shorten(pod.ref.name, room), room)).add(" ").add(*where)
    return row.right((f"{tail} ", "mute" if fine else glyph.colour)).done()


def _outside(d: MapDrawing, outside: tuple[str, str, bool]) -> Row:
    name, image, up = outside
    row = d.row().add(" ◇ ", "pink").add(shorten(name, d.width - 24), "soft").add(f" {image}", "mute")
    word = d.look.t("up") if up else d.look.t("down")
    return row.right((f"{d.look.t('outside')}  ", "mute"), (f"{word} ", "green" if up else "red", True)).done()


def node_strip(d: MapDrawing) -> list[Row]:
    """The nodes in as few rows as they need: letter, sign, number of Pods; ``cp`` marks the control plane."""
    row, found = d.row().add(f" {d.look.t('nodes')}  ", "mute"), []
    indent = row.line.n
    for node in d.view.nodes:
        if row.line.room < 8:
            found.append(row.done())
            row = d.row().to(indent)
        _node(row, node)
    return [*found, row.done()] if d.view.nodes else []


def _node(row: RowMaker, node: NodeView) -> None:
    sign, colour = node_sign(node)
    count = "cp" if node.control_plane else str(len(node.pods))
    row.spot(node.ref, f"{node.letter} {sign} {count}", colour).add("  ")
