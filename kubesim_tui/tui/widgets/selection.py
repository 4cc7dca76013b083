"""What the cursor stands on: a line of facts, Kubernetes' own message if it is not well, and what that means."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from textual.strip import Strip

from kubesim_tui.cluster.view import (
    ClaimView,
    ConfigView,
    Face,
    NodeView,
    PodView,
    QueueView,
    Ref,
    ServiceView,
    View,
    WorkloadView,
)
from kubesim_tui.tui import gloss
from kubesim_tui.tui.kit.cells import cell_len, clean, wrap
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.figures import latency, load, percent, rollout, share, size, word, zone

Thing = NodeView | WorkloadView | ServiceView | ConfigView | ClaimView


@frozen
class Card:
    """Facts of one object: its figures, Kubernetes' message (English), the gloss (a source text)."""

    figures: tuple[str, ...] = ()
    message: str = ""
    gloss: str = ""
    tone: str = "yellow"  # of the message


def find_pod(view: View, ref: Ref) -> PodView | None:
    """A Pod of the view, wherever it is."""
    return next((pod for pod in pods_of(view) if pod.ref == ref), None)


def pods_of(view: View) -> Iterator[PodView]:
    """Every Pod of the view; one that stands in several places comes several times."""
    for work in view.workloads:
        yield from work.pods
    for node in view.nodes:
        yield from node.pods
    for service in view.services:
        yield from service.pods
    yield from view.pending


def exists(view: View, ref: Ref) -> bool:
    """Whether an object is (still) on the board."""
    if ref.kind == "Pod":
        return find_pod(view, ref) is not None
    return ref in _things(view) or any(route.ref == ref for route in view.routes)


def _things(view: View) -> dict[Ref, Thing]:
    """Everything but Pods and routes, by name."""
    found: dict[Ref, Thing] = {node.ref: node for node in view.nodes}
    found.update((work.ref, work) for work in view.workloads)
    found.update((service.ref, service) for service in view.services)
    found.update((config.ref, config) for config in view.configs)
    found.update((claim.ref, claim) for claim in view.claims)
    return found


def card(look: Look, view: View, ref: Ref) -> Card:
    """What is known of an object."""
    if ref.kind == "Pod":
        pod = find_pod(view, ref)
        return _pod(pod) if pod else Card(gloss=gloss.KINDS["Pod"])
    if thing := _things(view).get(ref):
        return _thing(look, thing)
    if ref.kind == "Ingress":
        mine = [route for route in view.routes if route.ref == ref]
        problem = word(look.t, next((route.problem for route in mine if route.problem), ""))
        return Card((look.t.number("{n} path", "{n} paths", len(mine)),), problem, gloss.KINDS["Ingress"])
    return Card(gloss=gloss.KINDS.get(ref.kind, ""))


def event_card(view: View, ref: Ref) -> Card:
    """What an event says, and what its reason means."""
    reason = ref.name.split(" ")[1] if ref.name.count(" ") >= 2 else ""
    for event in view.events:
        if ref.name.startswith(f"{event.tick} {event.reason} ") and ref.name.endswith(f"/{event.object.name}"):
            tone = "yellow" if event.type == "Warning" else "text"
            return Card((event.reason, f"×{event.count}"), event.message, gloss.of_reason(reason), tone)
    return Card(gloss=gloss.of_reason(reason))


def _pod(pod: PodView) -> Card:
    ready = f"{pod.ready}/{pod.containers} {pod.status}"
    figures = [ready, pod.node, pod.ip, f"↻{pod.restarts}" if pod.restarts else ""]
    status = "NotReady" if pod.face is Face.NOT_READY else pod.status
    said = gloss.of_status(status) or gloss.KINDS["Pod"]
    return Card(tuple(f for f in figures if f), pod.why, said)


def _thing(look: Look, thing: Thing) -> Card:
    meaning = gloss.KINDS.get(thing.ref.kind, "")
    match thing:
        case NodeView():
            return _node(look, thing)
        case WorkloadView():
            image = clean(thing.image).rpartition("/")[2]
            told = rollout(look.t, thing.rollout)
            stuck = told if thing.rollout.startswith("stuck") else ""
            parts = (f"{thing.ready}/{thing.want}", "" if stuck else told, image, thing.probe)
            return Card(tuple(part for part in parts if part), stuck, meaning)
        case ServiceView():
            figures = (
                f"{thing.ready}/{thing.endpoints}",
                f"{thing.rate}/s",
                percent(thing.ok_pm),
                latency(thing.p95_us),
            )
            address = thing.external or thing.cluster_ip
            queues = tuple(_queue(look, queue) for queue in thing.queues)
            dead = thing.type != "ExternalName" and not thing.ready
            return Card((thing.type, address, *figures, *queues), "", gloss.NO_ENDPOINTS if dead else meaning)
        case ConfigView():
            return Card((look.t.number("{n} key", "{n} keys", len(thing.keys)),), "", meaning)
        case ClaimView():
            return Card((thing.status, thing.capacity, thing.storage_class, thing.modes), "", meaning)


def _queue(look: Look, queue: QueueView) -> str:
    """How it stands with a queue of messages."""
    return look.t(
        "queue {name}: {ready} wait, {work} in work, oldest {age}s",
        name=clean(queue.name),
        ready=queue.ready,
        work=queue.unacknowledged,
        age=queue.age,
    )


def _node(look: Look, node: NodeView) -> Card:
    cpu, memory = share(node.cpu_used_milli, node.cpu_capacity_milli), size(node.memory_used_bytes)
    asked = share(node.cpu_requested_milli, node.cpu_capacity_milli)
    price = (f"${node.price_micro / 1e6:.3f}/h",) if node.price_micro else ()
    figures = (node.status, zone(look.t, node.zone), f"cpu {load(cpu)} (req {load(asked)})", f"mem {memory}", *price)
    if not node.ready:
        return Card(figures, "", gloss.NODE_DOWN)
    if node.pressure:
        return Card(figures, node.pressure, gloss.PRESSURE)
    return Card(figures, "", gloss.KINDS["Node"] if node.schedulable else gloss.CORDONED)


def rows(look: Look, view: View, ref: Ref | None, about: Ref | None, width: int, height: int) -> list[Strip]:
    """The panel under the board."""
    if ref is None or about is None:
        empty = look.line(width, "raised").add(" " + look.t("Move the cursor with the arrows."), "mute")
        return [empty.strip()]
    known = event_card(view, ref) if ref.kind == "Event" else card(look, view, about)
    head = look.line(width, "raised").add(" ").add(about.kind, "blue").add(f" {about.name}", "text", bold=True)
    for figure in known.figures:
        if cell_len(figure) + 2 <= head.room:
            head.add("  " + figure, "soft")
    body = [(text, known.tone) for text in wrap(clean(known.message), width - 2) if text]
    body += [(text, "soft") for text in wrap(look.t(known.gloss), width - 2) if known.gloss and text]
    if len(body) > height - 1 > 0:
        body = _shared(body, height - 1, known.tone)
    return [head.strip(), *(look.line(width, "raised").add(f" {text}", colour).strip() for text, colour in body)]


def _shared(body: list[tuple[str, str]], room: int, tone: str) -> list[tuple[str, str]]:
    """Where not all fits: the message gives way to the gloss, but keeps its first row."""
    message = [row for row in body if row[1] == tone]
    meaning = [row for row in body if row[1] != tone]
    keep = max(1 if message else 0, room - len(meaning))
    return (message[:keep] + meaning)[:room]
