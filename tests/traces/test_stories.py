"""Every story of the folder KUBESIM_TRACES (a copy lies in tests/data/traces): ours does what theirs did.

Times are not compared; sizes that followed one another within one second may be merged in ours, so that our sequences
must be subsequences of theirs with the same end. What later releases explain stands in differences.py.
"""

from __future__ import annotations

import json
import os
import pathlib
from functools import lru_cache

import pytest

from kubesim_tui.api.codec import encode_object
from tests.traces import differences
from tests.traces.player import Player
from tests.traces.record import Recording

HERE = pathlib.Path(__file__).parent.parent / "data" / "traces"
FOLDER = pathlib.Path(os.environ.get("KUBESIM_TRACES") or HERE)
TRACES = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
LOST_PODS = ("delete_pods", "evict")
ORDERED = ("StatefulSet", "DaemonSet")


@lru_cache(maxsize=1)
def played(name):
    """One story, played."""
    return Recording(Player(next(t for t in TRACES if t["name"] == name)).play())


def merged(sequence):
    """Without repetitions of the same next to each other."""
    return [s for i, s in enumerate(sequence) if i == 0 or s != sequence[i - 1]]


def is_subsequence(short, long):
    rest = iter(long)
    return all(s in rest for s in short)


@pytest.mark.parametrize("trace", TRACES, ids=[t["name"] for t in TRACES])
def test_story(trace):
    """All that the README of the recordings asks for, in its order."""
    ours = played(trace["name"])
    replies(trace, ours)
    events(trace, ours)
    messages(trace, ours)
    sizes(trace, ours)
    comings_and_goings(trace, ours)
    final_counts(trace, ours)
    final_conditions(trace, ours)
    final_endpoints(trace, ours)


# -- (1) -----------------------------------------------------------------------------------------------------------


def replies(trace, ours):
    """The code of each answer; where it was refused, its message and reason, and the causes."""
    theirs, found = [], []
    for told, made, causes in zip(trace["replies"], ours.player.replies, ours.player.causes, strict=True):
        answers = [(a["code"], a.get("message"), a.get("reason")) for a in told.get("all") or [told]]
        theirs.append((answers, [c for a in told.get("all") or [told] for c in a.get("causes") or ()]))
        found.append((made, causes))
    assert [(a, _plain(c)) for a, c in found] == [(a, _plain(c)) for a, c in theirs]


def _plain(causes):
    return [(c.get("reason"), c.get("message")) for c in causes]


# -- (2), (3) ------------------------------------------------------------------------------------------------------


def rows_of(rows):
    return [(r["object"], r["type"], r["reason"], differences.event_message(r)) for r in rows]


def their_rows(trace):
    return rows_of(trace["observed"]["events"])


def our_rows(trace, ours):
    """Of nodes only if theirs tells of them."""
    nodes = any(r["object"].startswith("Node/") for r in trace["observed"]["events"])
    return rows_of(r for r in ours.events if nodes or not r["object"].startswith("Node/"))


def events(trace, ours):
    """The same set; but sizes that ours does not pass through one by one."""
    found, theirs = set(our_rows(trace, ours)), set(their_rows(trace))
    scaling = {e for e in found | theirs if e[2] == "ScalingReplicaSet"}
    repeated = differences.series(trace["observed"]["events"])
    later = {e for e in found - theirs if (e[0], e[2]) in repeated}
    assert found - scaling - later == theirs - scaling
    assert found & scaling <= theirs


def messages(trace, ours):
    """What is said of each workload comes in the same order."""
    reasons = ("ScalingReplicaSet", "SuccessfulCreate", "SuccessfulDelete")
    found = [r for r in dict.fromkeys(our_rows(trace, ours)) if r[2] in reasons]
    theirs = [r for r in dict.fromkeys(their_rows(trace)) if r[2] in reasons]
    for about in dict.fromkeys(r[0] for r in theirs):
        mine = [r for r in found if r[0] == about]
        assert is_subsequence(mine, [r for r in theirs if r[0] == about])


# -- (4) -----------------------------------------------------------------------------------------------------------


def _sizes(rows):
    found = {}
    for row in rows:
        if row["kind"] == "ReplicaSet" and row["type"] != "DELETED":
            found.setdefault((row["name"], row.get("revision", "")), []).append(row["spec"]["replicas"])
    return found


def sizes(trace, ours):
    """The wanted size of each ReplicaSet."""
    found, theirs = _sizes(ours.workloads), _sizes(trace["observed"]["workloads"])
    assert sorted(found) == sorted(theirs)
    for key, wanted in found.items():
        assert is_subsequence(merged(wanted), merged(theirs[key])), key
        assert wanted[-1] == theirs[key][-1], key


def _steps(rows, names):
    """(Pod, what became of it) whenever that is new; Pods of a DaemonSet have one name."""
    out, seen = [], {}
    for row in rows:
        name = row["name"]
        if not names(name):
            continue
        state = "gone" if row["type"] == "DELETED" else "stopping" if row["deleting"] else "there"
        if "<id>" in name:
            if state != "there" or (row["phase"], row["bound"]) == ("Pending", False):
                out.append((name, state))
        elif seen.get(name) != state:
            out.append((name, state))
        seen[name] = state
    return out


def comings_and_goings(trace, ours):
    """The order in which Pods of StatefulSets (and of DaemonSets, whose Pods go by one name) come and go."""
    kinds = {r["kind"]: r["name"] for r in trace["observed"]["workloads"]}
    if "StatefulSet" in kinds:
        owner = f"{kinds['StatefulSet']}-"

        def is_named(name):
            return name.startswith(owner) and "<" not in name

        assert _steps(ours.pods, is_named) == _steps(trace["observed"]["pods"], is_named)
    if "DaemonSet" in kinds:
        pods = f"{kinds['DaemonSet']}-<id>"
        mine, theirs = (_steps(rows, lambda n: n == pods) for rows in (ours.pods, trace["observed"]["pods"]))
        assert merged(_without_there_twice(mine)) == merged(_without_there_twice(theirs))


def _without_there_twice(steps):
    """A deleted Pod is seen to stop once; face changes of the same Pod are not told apart by name."""
    return [s for s in steps if s[1] != "stopping"]


# -- (5) -----------------------------------------------------------------------------------------------------------


def final_counts(trace, ours):
    """The last counts of each workload that is there at the end (of ReplicaSets: by revision)."""
    lost = any(verb in step for step in trace["steps"] for verb in LOST_PODS)
    theirs = {}
    for row in trace["observed"]["workloads"]:
        key = (row["kind"], row["name"], row.get("revision", "") if row["kind"] == "ReplicaSet" else "")
        theirs.pop(key, None)
        if row["type"] != "DELETED":
            theirs[key] = differences.counts(row["kind"], row.get("status") or {}, lost_pods=lost)
    found = {}
    for obj in ours.final:
        data = encode_object(obj)
        revision = (data["metadata"].get("annotations") or {}).get("deployment.kubernetes.io/revision", "")
        key = (obj.kind, ours.name(obj.metadata.name), revision if obj.kind == "ReplicaSet" else "")
        found[key] = differences.counts(obj.kind, data.get("status") or {}, lost_pods=lost)
    kinds = {key[0] for key in theirs}
    told = {k: v for k, v in theirs.items() if k in found or k[0] != "ReplicaSet"}
    assert {k: v for k, v in found.items() if k[0] in kinds} == told


def final_conditions(trace, ours):
    """Ours were among theirs, and the last ones are the same."""
    theirs = [c for row in trace["observed"]["conditions"] if (c := differences.condition(row)) is not None]
    found = [c for row in ours.conditions if (c := differences.condition(row)) is not None]
    kinds = {c["kind"] for c in theirs}
    found = [c for c in found if c["kind"] in kinds]
    assert [c for c in found if c not in theirs] == []
    assert _last(found) == _last(theirs)


def _last(rows):
    return {(c["kind"], c["name"], c["type"]): tuple(c.values()) for c in rows}


def final_endpoints(trace, ours):
    """How many addresses of each Service are ready, and how many are not."""
    theirs = {}
    for row in trace["observed"]["endpoints"]:
        ready, rest = (row.get(k) or [] for k in ("ready", "notReady"))
        theirs[row["name"]] = tuple(n if isinstance(n, int) else len(n) for n in (ready, rest))
    assert {k: v for k, v in ours.endpoints.items() if k in theirs} == theirs
