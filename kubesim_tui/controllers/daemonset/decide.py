"""What one sync of a DaemonSet does: Pods to create and delete on which nodes, and the status. Pure.

As podsShouldBeOnNode in daemon_controller.go and rollingUpdate in update.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from kubesim_tui.api import intstr
from kubesim_tui.api.helpers.conditions import is_pod_available, is_pod_ready
from kubesim_tui.api.types import Node, Pod, PodSpec
from kubesim_tui.controllers.daemonset.pods import DaemonSet, should_run
from kubesim_tui.controllers.history import REVISION_HASH

Nodes = Mapping[str, list[Pod]]


@frozen
class Plan:
    """Nodes that get a Pod, Pods that go, and finished ones among these: (Pod, phase)."""

    create: tuple[str, ...] = ()
    delete: tuple[Pod, ...] = ()
    finished: tuple[Pod, ...] = field(default=())


def is_updated(pod: Pod, revision: str) -> bool:
    """Whether a Pod is of the present template."""
    return pod.metadata.labels.get(REVISION_HASH) == revision


def limits(ds: DaemonSet, desired: int) -> tuple[int, int]:
    """(surge, unavailable) as numbers, both rounded up; both 0: 1 unavailable."""
    surge = intstr.scaled_value(ds.max_surge, desired, round_up=True)
    unavailable = intstr.scaled_value(ds.max_unavailable, desired, round_up=True)
    return (surge, 1) if not surge and not unavailable else (surge, unavailable)


def manage(ds: DaemonSet, spec: PodSpec, nodes: Sequence[Node], pods: Nodes, revision: str, now: int) -> Plan:
    """What must be whatever the template: one Pod where one should be, none where none may be."""
    create: list[str] = []
    delete: list[Pod] = []
    finished: list[Pod] = []
    known = {n.metadata.name for n in nodes}
    for node in nodes:
        name = node.metadata.name
        wanted, may_stay = should_run(spec, node)
        here = pods.get(name, [])
        if wanted and not here:
            create.append(name)
        elif may_stay:
            finished += _finished(here)
            delete += _superfluous(ds, here, revision, now)
        else:
            delete += [p for p in here if p.metadata.deletion_timestamp is None]
    for name, here in pods.items():
        if name not in known:
            delete += [p for p in here if p.spec is not None and not p.spec.node_name and _alive(p)]
    return Plan(tuple(create), tuple(delete), tuple(finished))


def _alive(pod: Pod) -> bool:
    return pod.metadata.deletion_timestamp is None


def _phase(pod: Pod) -> str:
    return pod.status.phase if pod.status is not None else ""


def _finished(here: Sequence[Pod]) -> list[Pod]:
    return [p for p in here if _alive(p) and _phase(p) in ("Failed", "Succeeded")]


def _superfluous(ds: DaemonSet, here: Sequence[Pod], revision: str, now: int) -> list[Pod]:
    """Of several running Pods on a node all but the one that stays (with surge: an old and a new one)."""
    running = [p for p in here if _alive(p) and _phase(p) not in ("Failed", "Succeeded")]
    if not ds.max_surge:
        return running[1:]
    old = [p for p in running if not is_updated(p, revision)]
    new = [p for p in running if is_updated(p, revision)]
    gone = [*old[1:], *new[1:]]
    if old and new and (not is_pod_ready(old[0]) or is_pod_available(new[0], ds.min_ready, now)):
        gone.append(old[0])
    return gone


def update(ds: DaemonSet, spec: PodSpec, nodes: Sequence[Node], pods: Nodes, revision: str, now: int) -> Plan:
    """The step of a rolling update."""
    wanted = [n.metadata.name for n in nodes if should_run(spec, n)[0]]
    surge, unavailable = limits(ds, len(wanted))
    pairs = {name: _pair([p for p in here if _alive(p)], revision) for name, here in sorted(pods.items())}
    if surge:
        return _with_surge(ds, pairs, surge, now)
    return _with_unavailable(ds, pairs, unavailable, now)


Pair = tuple[Pod | None, Pod | None] | None
"""(new, old) Pod of a node; None if there are several of a sort."""


def _pair(here: Sequence[Pod], revision: str) -> Pair:
    new = [p for p in here if is_updated(p, revision)]
    old = [p for p in here if not is_updated(p, revision)]
    if len(new) > 1 or len(old) > 1:
        return None
    return (new[0] if new else None, old[0] if old else None)


def _with_unavailable(ds: DaemonSet, pairs: Mapping[str, Pair], most: int, now: int) -> Plan:
    missing, broken, sound = 0, [], []
    for pair in pairs.values():
        if pair is None or (pair[0] is None) == (pair[1] is None):
            missing += 1
            continue
        new, old = pair
        if new is not None:
            missing += not is_pod_available(new, ds.min_ready, now)
        elif old is not None and not is_pod_available(old, ds.min_ready, now):
            broken.append(old)
            missing += 1
        elif old is not None and missing < most:
            sound.append(old)
    return Plan(delete=(*broken, *sound[: max(0, most - missing)]))


def _with_surge(ds: DaemonSet, pairs: Mapping[str, Pair], most: int, now: int) -> Plan:
    surging, allowed, candidates, gone = 0, [], [], []
    for name, pair in pairs.items():
        if pair is None:
            surging += 1
            continue
        new, old = pair
        if old is None:
            continue
        if new is None and not is_pod_available(old, ds.min_ready, now):
            allowed.append(name)
        elif new is None:
            candidates.append(name)
        elif not is_pod_available(new, ds.min_ready, now):
            surging += 1
        else:
            gone.append(old)
    return Plan((*allowed, *candidates[: max(0, most - surging)]), tuple(gone))


def status(ds: DaemonSet, spec: PodSpec, nodes: Sequence[Node], pods: Nodes, revision: str, now: int) -> dict[str, int]:
    """The counts, as status fields."""
    desired = current = misscheduled = ready = updated = available = 0
    for node in nodes:
        wanted, _ = should_run(spec, node)
        here = pods.get(node.metadata.name, [])
        if not wanted:
            misscheduled += bool(here)
            continue
        desired += 1
        if not here:
            continue
        current += 1
        first = here[0]
        if is_pod_ready(first):
            ready += 1
            available += is_pod_available(first, ds.min_ready, now)
        updated += is_updated(first, revision)
    counts = {
        "currentNumberScheduled": current,
        "numberMisscheduled": misscheduled,
        "desiredNumberScheduled": desired,
        "numberReady": ready,
        "observedGeneration": ds.object.metadata.generation or 0,
    }
    shown = {
        "updatedNumberScheduled": updated,
        "numberAvailable": available,
        "numberUnavailable": desired - available,
    }
    return counts | {k: v for k, v in shown.items() if v}
