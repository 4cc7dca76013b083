"""Faults of the control plane's store and doors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.fault import Fault, Options, Story
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.options import positive, size, text

FACTOR, RATE, NAMESPACE, FLOOD = 10_000, 2000, "default", "200Mi"


def _flood(hand: Hand, target: Any, options: Options) -> bool:
    rate = positive(options.get("rate", RATE))
    return hand.flood_api(target[1], target[2], text(options.get("namespace", NAMESPACE)), rate)


def _calm(hand: Hand, target: Any, options: Options) -> bool:
    return hand.flood_api(target[1], target[2], text(options.get("namespace", NAMESPACE)), 0)


PLANE: Mapping[str, Fault] = {
    "etcd-full": Fault(
        "etcd",
        lambda h, _n, o: h.flood_etcd(size(o.get("bytes", FLOOD))),
        lambda h, _n, _o: h.flood_etcd(0),
        "a client writes large objects over and over, and etcd's database outgrows its quota (with: bytes a second)",
        {"bytes": size},
        story=Story(
            "Each write is a revision that is kept for five minutes at least. At 2 GiB etcd raises the alarm NOSPACE: "
            "nothing is put any more, reads and plain deletions go on. Deleting alone does not help: only compaction, "
            "defragmentation and disarming the alarm do, and they do not last while the client goes on.",
            "Error from server: etcdserver: mvcc: database space exceeded; nothing is replaced, no status changes, and "
            "Events tell nothing, since they cannot be written either.",
            "kubectl exec -n kube-system etcd-… -- etcdctl endpoint status -w table; … etcdctl alarm list",
            "Automatic compaction and defragmentation; fewer Events and large objects; an alert at 80 % of the quota.",
            ("etcd-full",),
        ),
    ),
    "etcd-slow": Fault(
        "etcd",
        lambda h, _n, o: h.slow_etcd(positive(o.get("factor", FACTOR))),
        lambda h, _n, _o: h.slow_etcd(1),
        "the disk of etcd's leader becomes slow (with: factor)",
        {"factor": positive},
        story=Story(
            "A write waits until a majority has it on disk: with one member its fsync decides. Of several members a "
            "leader that is slow loses the lead to one that is not.",
            "etcdserver: request timed out; late bindings and replacements, or none; running Pods serve on.",
            "kubectl get --raw /readyz?verbose; kubectl get events",
            "Fast disks that etcd shares with nobody; three members; an alert on the time of fsync.",
            ("etcd-slow",),
        ),
    ),
    "api-flood": Fault(
        "account",
        _flood,
        _calm,
        "a client asks the API server without end, as a ServiceAccount (with: rate; namespace that it asks about)",
        {"rate": positive, "namespace": text},
        story=Story(
            "Priority and fairness fills the queues of its flow alone. An account of an own namespace is a flow of its "
            "own and harms only itself; accounts of kube-system are told apart by the namespace that they ask about, "
            "so that controllers share the queues of a greedy agent there.",
            "429 TooManyRequests: the server has received too many requests and has asked us to try again later; "
            "controllers that hardly replace anything, endpoints that are old.",
            "kubectl get --raw /debug/api_priority_and_fairness/dump_priority_levels; kubectl get flowschemas",
            "Clients that watch instead of polling; agents outside of kube-system; a FlowSchema for the greedy one.",
            ("api-overload", "single-replica"),
        ),
    ),
}
"""Name → row."""
