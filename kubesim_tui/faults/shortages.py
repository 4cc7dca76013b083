"""Faults of what a machine has for everybody: something that is no Pod takes its memory or its processes."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.faults.fault import Fault, Story
from kubesim_tui.faults.options import amount, number

LEFT = "50Mi"

SHORTAGES: Mapping[str, Fault] = {
    "memory-pressure": Fault(
        "node",
        lambda h, n, o: h.hog_memory(n, amount(o.get("leave", LEFT)), amount(o.get("bytes", 0))),
        lambda h, n, _: h.end_outsiders(n),
        "a process in no Pod eats the memory of a machine (with: leave, what stays free; bytes, what more a second)",
        {"leave": amount, "bytes": amount},
        story=Story(
            "Below 100Mi of memory.available the kubelet says MemoryPressure and evicts one Pod after the other: first "
            "those that use more than they request, then by priority. Where memory goes faster the kernel kills, by "
            "oom_score_adj: BestEffort first.",
            "MemoryPressure, the taint node.kubernetes.io/memory-pressure, Evicted Pods, new BestEffort Pods refused; "
            "or OOMKilled containers and SystemOOM.",
            "kubectl describe node; kubectl top node; kubectl get pods -o wide",
            "Memory requests that cover what Pods use; systemReserved for what else runs; copies on several nodes.",
            ("node-memory", "evicted", "oom-killed"),
        ),
    ),
    "pid-exhaustion": Fault(
        "node",
        lambda h, n, o: h.fork(n, number(o.get("leave", 0))),
        lambda h, n, _: h.end_outsiders(n),
        "a process in no Pod forks until its machine can make no more (with leave: so many are left)",
        {"leave": number},
        story=Story(
            "What runs goes on; no container starts, and nothing is executed in one. A kubelet with a threshold for "
            "pid.available says PIDPressure and evicts; by default there is none.",
            "Containers that do not start: resource temporarily unavailable; exec fails; with a threshold PIDPressure, "
            "the taint node.kubernetes.io/pid-pressure and Evicted Pods.",
            "kubectl describe pod; kubectl describe node",
            "evictionHard with pid.available, podPidsLimit, systemReserved pid; copies on several nodes.",
            ("node-pids", "evicted", "crash-loop"),
        ),
    ),
}
"""Name → row."""
