"""Follows one write of a player's: through the door, to etcd, and on to whatever its controllers made of it.

Nothing of it is told from memory of how it should be: the door's own notes, etcd's journal, Events, the scheduler's
decision, the rules of each machine and the stations of traffic say what happened, when, and where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kubesim_tui.apiserver.notes import Stop
from kubesim_tui.apiserver.request import Record
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.picture import course_of_pods, course_of_work
from kubesim_tui.cluster.picture.followed import Facts, fact
from kubesim_tui.cluster.picture.steps import AHEAD, DONE, FAILED, Step

AUTHORIZATION, VALIDATION, DEFAULTING = "authorization", "validation", "defaulting"
KEPT = 12  # writes that can be chosen


@frozen
class Course:
    """One write, as the API server's trace has it, step by step, up to now."""

    write: Record
    tick: int
    steps: tuple[Step, ...]


def writes(cluster: Cluster, user: str) -> tuple[Record, ...]:
    """The last writes of a user that were noted, the newest first."""
    found = []
    for record in reversed(cluster.server.trace):
        if record.user == user and (record.stops or record.groups):
            found.append(record)
        if len(found) == KEPT:
            break
    return tuple(found)


def course(cluster: Cluster, write: Record) -> Course:
    """Everything that is known of it now."""
    steps = list(_at_the_door(write))
    if write.stored:
        steps += course_of_work.steps(cluster, write)
    pod = next((step.ref for step in steps if step.kind == "pod"), None)
    if pod is not None:
        steps += course_of_pods.steps(cluster, pod, write.revision)
    return Course(write, cluster.engine.tick, tuple(steps))


def _at_the_door(record: Record) -> Iterator[Step]:
    """Authentication, authorization, admission, validation, etcd: as noted, up to where it was refused."""
    tick, notes = record.tick, record.stops
    about = f"{record.resource}/{record.subresource}" if record.subresource else record.resource
    yield Step("request", tick, DONE, (fact("asked", verb=record.verb, about=f"{about} {record.name}"),))
    yield Step("authentication", tick, DONE, (fact("user", name=record.user, groups=", ".join(record.groups)),))
    split = next((n for n, stop in enumerate(notes) if stop.station == VALIDATION), len(notes))
    allowed = [stop for stop in notes if stop.station == AUTHORIZATION]
    parts: tuple[tuple[str, list[Stop]], ...] = (
        (AUTHORIZATION, allowed),
        (DEFAULTING, [stop for stop in notes if stop.station == DEFAULTING]),
        ("mutating", [stop for stop in notes[:split] if stop.station not in (AUTHORIZATION, DEFAULTING)]),
        (VALIDATION, [stop for stop in notes if stop.station == VALIDATION]),
        ("validating", list(notes[split + 1 :])),
    )
    refused = _refused_at(record, passed=split < len(notes))
    over = False
    for kind, stops in parts:
        if kind == refused:
            said = (*_facts(stops), fact("refused", status=record.code, station=record.decided or kind))
            yield Step(kind, tick, FAILED, (*said, fact("text", text=record.message)))
            over = True
        elif stops or over:
            yield Step(kind, None if over else tick, AHEAD if over else DONE, _facts(stops))
    if refused == "etcd":
        yield Step("etcd", tick, FAILED, (fact("text", text=record.message),))
    elif over:
        yield Step("etcd", None, AHEAD)
    else:
        written = fact("stored" if record.stored else "not-stored", revision=record.revision)
        yield Step("etcd", tick, DONE, (written,))


def _refused_at(record: Record, *, passed: bool) -> str:
    """The step that refused it; "" if none did. `passed`: it was valid."""
    if record.code < 400:
        return ""
    if record.decided in (AUTHORIZATION, VALIDATION):
        return record.decided
    if record.decided == "decoding":
        return DEFAULTING
    if record.decided.startswith("admission") or "webhook" in record.decided:
        return "validating" if passed else "mutating"
    return "etcd"


def _facts(stops: list[Stop]) -> Facts:
    found = []
    for stop in stops:
        name = stop.station.removeprefix("admission/")
        if stop.station == AUTHORIZATION:
            found.append(fact("allowed", text=stop.text) if stop.text else fact("master"))
        elif stop.station == VALIDATION:
            found.append(fact("valid"))
        elif stop.station == DEFAULTING and not stop.changed:
            found.append(fact("complete"))
        elif stop.changed:
            found.append(fact("changed", station=name, fields=", ".join(stop.changed)))
        else:
            found.append(fact("passed", station=name))
    return tuple(found)
