"""The catalogue of faults: what can be done to a cluster, as a table.

Each row names what is struck, how, and how it heals. Planned faults (of a level, or of `--fault NAME@TICK`) become a
list of `Planned`, sorted by tick; jitter and targets are drawn from named streams, so that a seed decides them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from attrs import field, frozen

from kubesim_tui.faults.hand import Hand

Options = Mapping[str, Any]
Act = Callable[[Hand, Any, Options], bool]


@frozen
class FaultSpec:
    """One planned fault: when (with jitter, perhaps again and again), what, to whom."""

    at: int
    do: str
    target: Any = None  # a name, or {"pods": selector, "pick": n}, as faults.catalogue says
    jitter: int = 0
    every: int = 0  # 0: once
    until: int = 0
    lasts: int = 0  # ticks after which it heals; 0: it does not by itself
    options: Options = field(factory=dict)


class Draw(Protocol):
    """A stream of chance."""

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        ...

    def shuffle(self, items: list[Any]) -> None:
        """In place."""
        ...


@frozen
class Fault:
    """One row. `target`: pod, node, workload, outside, registry or traffic."""

    target: str
    strike: Act
    heal: Act | None
    about: str


@frozen
class Planned:
    """One strike (or its healing) at a tick."""

    tick: int
    do: str
    target: Any
    options: Options = field(factory=dict)
    lasts: int = 0
    healing: bool = False

    def heals(self, tick: int) -> tuple[Planned, ...]:
        """The healing that follows, if it lasts only so long."""
        if not self.lasts or self.healing:
            return ()
        return (Planned(tick + self.lasts, self.do, self.target, self.options, 0, True),)


class FaultError(ValueError):
    """A fault or target that does not exist: says what there is."""


def _pod(act: Callable[[Hand, str, str], bool]) -> Act:
    def strike(hand: Hand, target: Any, _options: Options) -> bool:
        return act(hand, target[0], target[1])

    return strike


def _leak(hand: Hand, target: Any, options: Options) -> bool:
    return hand.leak(target[0], target[1], int(options.get("bytes", 4 << 20)))


def _process(start: bool) -> Act:
    def act(hand: Hand, node: Any, options: Options) -> bool:
        name = options.get("process", "kubelet")
        return hand.start_process(node, name) if start else hand.stop_process(node, name)

    return act


def _release(hand: Hand, target: Any, options: Options) -> bool:
    kind, namespace, name = target
    return hand.set_image(kind, namespace, name, str(options["image"]))


FAULTS: Mapping[str, Fault] = {
    "pod-delete": Fault("pod", _pod(lambda h, ns, n: h.delete_pod(ns, n)), None, "somebody deletes a Pod"),
    "container-kill": Fault("pod", _pod(lambda h, ns, n: h.kill_container(ns, n)), None, "a container is killed"),
    "memory-leak": Fault(
        "pod", _leak, _pod(lambda h, ns, n: h.leak(ns, n, 0)), "a container loses memory (with: bytes a second)"
    ),
    "node-crash": Fault(
        "node",
        lambda h, n, o: h.crash(n, gone=bool(o.get("gone")), replaced=bool(o.get("replaced"))),
        lambda h, n, _: h.recover(n),
        "a machine loses power (with gone: for good; with replaced: a fresh one takes its place)",
    ),
    "kubelet-stop": Fault("node", _process(start=False), _process(start=True), "a kubelet stops"),
    "process-stop": Fault("node", _process(start=False), _process(start=True), "a process stops (with: process)"),
    "node-partition": Fault(
        "node", lambda h, n, _: h.isolate(n), lambda h, n, _: h.rejoin(n), "a machine is cut off from the network"
    ),
    "registry-down": Fault(
        "registry",
        lambda h, n, _: h.registry(n, up=False),
        lambda h, n, _: h.registry(n, up=True),
        "no image can be pulled",
    ),
    "outside-down": Fault(
        "outside",
        lambda h, n, _: h.outside(n, up=False),
        lambda h, n, _: h.outside(n, up=True),
        "a system outside the cluster is switched off",
    ),
    "bad-release": Fault("workload", _release, None, "a pipeline sets an image (with: image)"),
    "traffic-spike": Fault(
        "traffic",
        lambda h, n, o: h.rate(n, int(o.get("factor", 5)) * 1000),
        lambda h, n, _: h.rate(n, 1000),
        "users send more (with: factor)",
    ),
}
"""Name → row. Rule 7: each strikes a cause; what follows from it is the cluster's own doing."""


def known(name: str) -> Fault:
    """A row; FaultError if there is none of that name."""
    if name not in FAULTS:
        raise FaultError(f"there is no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
    return FAULTS[name]


def plan(specs: Iterable[FaultSpec], start: int, draws: Draw) -> list[Planned]:
    """The strikes of a level, from the tick of Go."""
    found: list[Planned] = []
    for spec in specs:
        known(spec.do)
        times = range(spec.at, max(spec.until, spec.at + 1), spec.every) if spec.every else (spec.at,)
        for at in times:
            tick = start + at + (draws.below(2 * spec.jitter + 1) - spec.jitter if spec.jitter else 0)
            found.append(Planned(max(start, tick), spec.do, spec.target, spec.options, spec.lasts))
    return sorted(found, key=lambda p: p.tick)


def strike(hand: Hand, planned: Planned, draws: Draw) -> list[str]:
    """Do it; what was struck, in words for the timeline (nothing if there was nobody to strike)."""
    row = known(planned.do)
    act = row.heal if planned.healing else row.strike
    told = []
    for target, name in targets(hand, row.target, planned.target, draws):
        if act is not None and act(hand, target, planned.options):
            told.append(f"{planned.do} {name}" + (" healed" if planned.healing else ""))
    return told


def targets(hand: Hand, kind: str, target: Any, draws: Draw) -> list[tuple[Any, str]]:
    """Whom a target means now: (what the hand takes, its name)."""
    if kind == "pod":
        return [((ns, name), name) for ns, name, _ in _pods(hand, target, draws)]
    if kind == "node":
        return [(name, name) for name in _nodes(hand, target, draws)]
    if kind == "workload":
        word, _, name = str(target["object"] if isinstance(target, Mapping) else target).partition("/")
        namespace = target.get("namespace", "default") if isinstance(target, Mapping) else "default"
        return [((word, namespace, name), name)]
    return [(target or "", str(target or "all"))]


def _pods(hand: Hand, target: Any, draws: Draw) -> list[tuple[str, str, str]]:
    if isinstance(target, str):
        namespace, _, name = target.rpartition("/")
        return [(namespace or "default", name, "")]
    found = hand.pods(target.get("namespace", "default"), target["pods"])
    draws.shuffle(found)
    return found[: int(target.get("pick", 1))]


def _nodes(hand: Hand, target: Any, draws: Draw) -> list[str]:
    """A name; or the node with the most of some Pods (ties drawn); or any."""
    if isinstance(target, str):
        return [target]
    if target is None:
        names = hand.nodes()
        draws.shuffle(names)
        return names[:1]
    count: dict[str, int] = {}
    for _, _, node in hand.pods(target.get("namespace", "default"), target["nodes"]):
        count[node] = count.get(node, 0) + 1
    names = sorted(count)
    draws.shuffle(names)
    names.sort(key=lambda n: -count[n])
    return names[: int(target.get("pick", 1))]


def parse(text: str) -> Planned:
    """`node-crash@60`, `node-crash:node-b@60` … from a command line; FaultError if it is not so."""
    what, at, tick = text.rpartition("@")
    name, _, target = what.partition(":")
    if not at or not tick.isdigit():
        raise FaultError(f"{text!r} is not a fault; write NAME@TICK or NAME:TARGET@TICK, as node-crash@60")
    row = known(name)
    if row.target == "pod" and not target:
        raise FaultError(f"{name} needs a target: {name}:NAMESPACE/POD@{tick}")
    return Planned(int(tick), name, target or None)
