"""Why messages wait in a queue, or are lost: nobody takes them, who does cannot work, or there are too few."""

from __future__ import annotations

from collections.abc import Collection

from attrs import frozen

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.container import of_end
from kubesim_tui.explain.evidence import Evidence, replicas
from kubesim_tui.explain.failed import Failing
from kubesim_tui.explain.load import limited, slow
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.explain.rules import rule
from kubesim_tui.explain.work import Backlog

PATIENCE = 10
"""Ticks for which a message may wait."""


def kept_waiting(evidence: Evidence, about: Subject, pods: Collection[types.Pod]) -> Chain | None:
    """The chain behind messages that wait too long, or are lost, where these Pods keep or take them; None: all well."""
    mine = {about, *(subject(pod) for pod in pods)}
    for one in evidence.world.backlogs():
        owners = {evidence.workload_of(hop) for hop in (*one.workers, *one.keepers)}
        if mine & {one.broker, *one.workers, *one.keepers, *owners}:
            chain = _waits(evidence, one) if one.age >= PATIENCE else _lost(evidence, one)
            if chain is not None:
                return chain
    return None


# -- they wait -----------------------------------------------------------------------------------------------------


def _waits(evidence: Evidence, one: Backlog) -> Chain:
    text = f"{one.waiting} messages wait in queue {one.name}, the oldest for {one.age} s"
    head = Link(text, "broker", evidence.tick, one.broker)
    for look in (_cannot_take, _not_there, _held_back, _called):
        found = look(evidence, one)
        if found is not None:
            return found.after(head)
    owner = _owner(evidence, one)
    text = f"{one.came} messages come in a minute, and {one.done} are worked on"
    return Chain((head, Link(text, "broker", None, owner)), "too-few-consumers", owner)


def _owner(evidence: Evidence, one: Backlog) -> Subject:
    """The workload whose Pods take the messages."""
    return evidence.workload_of(one.workers[0] if one.workers else one.broker) or one.broker


def _cannot_take(evidence: Evidence, one: Backlog) -> Chain | None:
    """Who takes them does not get at them, or cannot do what they need."""
    if one.failing is None:
        return None
    who = next((hop for hop in one.failing.way if hop[0] == "Pod"), one.broker)
    link = Link(f"Pod {who[2]} cannot work on them: {one.failing.reason}", "broker", None, who)
    found = rule(one.failing.code)(evidence, one.failing)
    return Chain((link, *found.links), found.cause, evidence.workload_of(found.object))


def _not_there(evidence: Evidence, one: Backlog) -> Chain | None:
    """Nobody takes them, or who did is not well."""
    if one.connected:
        return None
    owner = _owner(evidence, one)
    for pod in evidence.etcd.table("pods").in_namespace(owner[1]):
        if isinstance(pod, types.Pod) and one.workers and subject(evidence.workload(pod)) == owner:
            broken = pod_not_ready(evidence, pod)
            if broken is not None:
                return broken
    made = next((obj for obj in evidence.tops(owner[1]) if subject(obj) == owner), None)
    if one.workers and made is not None and replicas(made) == 0:
        text = f"{owner[0]} {owner[2]}, which takes them, asks for 0 replicas"
        return Chain((Link(text, "kube-apiserver", None, owner),), "scaled-to-zero", owner)
    return Chain((Link("nobody takes messages from it", "broker", None, owner),), "no-consumers", owner)


def _held_back(evidence: Evidence, one: Backlog) -> Chain | None:
    """Who takes them could work faster."""
    pods = (evidence.pod(hop[1], hop[2]) for hop in one.workers)
    return next((held for pod in pods if pod is not None and (held := limited(evidence, pod)) is not None), None)


def _called(evidence: Evidence, one: Backlog) -> Chain | None:
    """Most of the time of a message goes to what its worker calls."""
    if one.slowest is None or one.slowest.waits_us * 2 < one.slowest.of_us:
        return None
    spent = one.slowest
    text = f"of {spent.of_us // 1000} ms for a message {spent.waits_us // 1000} go to {spent.way[-1][2]}"
    worker = one.workers[0] if one.workers else one.broker
    behind = slow(evidence, Failing("slow", "slow", (worker, *spent.way), text))
    return Chain(behind.links, behind.cause, behind.object)


# -- they are lost -------------------------------------------------------------------------------------------------


@frozen
class _Loss:
    """What is said of messages that were lost, and the cause."""

    text: str
    cause: str


LOSSES = {
    "consumer-died": _Loss("with a worker that ended, and that had not to acknowledge them", "lost-with-worker"),
    "broker-died": _Loss("with the broker that ended, which had them in its memory", "lost-with-broker"),
    "disk-gone": _Loss("with the volume on which they lay", "data-on-emptydir"),
    "no-consumers": _Loss("since nobody was connected to take them, and the broker keeps none", "no-consumers"),
    "maxlen": _Loss("since the queue holds no more, and drops the oldest", "queue-limit"),
}


def _lost(evidence: Evidence, one: Backlog) -> Chain | None:
    for why, n in one.lost:
        loss = LOSSES.get(why)
        if loss is None:
            continue
        of_worker = why == "consumer-died"
        hops = one.workers if of_worker else one.keepers
        text = f"{n} messages of queue {one.name} were lost {loss.text}"
        head = Link(text, "broker", evidence.tick, one.broker)
        ends = [end for hop in hops if (end := _end(evidence, hop)) is not None]
        owner = evidence.workload_of(hops[0] if hops else one.broker)
        return Chain((head, *(ends[0].links if ends else ())), loss.cause, owner)
    return None


def _end(evidence: Evidence, hop: Subject) -> Chain | None:
    pod = evidence.pod(hop[1], hop[2])
    return of_end(evidence, pod) if pod is not None else None
