"""Faults of Pods and their containers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.faults.fault import Act, Fault, Options, Story
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.options import absolute, number, size

LEAK, FLOOD, CORES = "4Mi", "64Mi", 4


def _pod(act: Callable[[Hand, str, str], bool]) -> Act:
    def strike(hand: Hand, target: Any, _options: Options) -> bool:
        return act(hand, target[0], target[1])

    return strike


def _leak(hand: Hand, target: Any, options: Options) -> bool:
    return hand.leak(target[0], target[1], size(options.get("bytes", LEAK)))


def _flood(hand: Hand, target: Any, options: Options) -> bool:
    path = options.get("path", "")
    return hand.flood(target[0], target[1], size(options.get("bytes", FLOOD)), absolute(path) if path else "")


CONTAINERS: Mapping[str, Fault] = {
    "pod-delete": Fault(
        "pod",
        _pod(lambda h, ns, n: h.delete_pod(ns, n)),
        None,
        "somebody deletes a Pod",
        story=Story(
            "The API server marks the Pod; its kubelet stops the containers while EndpointSlices and then "
            "kube-proxies learn of it.",
            "A new Pod of the same workload. With one copy nobody answers until it is ready; requests that "
            "come between the end of the "
            "process and the last kube-proxy are refused, and what a program had in hand that does not drain is lost.",
            "kubectl get pods -w; kubectl get events; why deployment/NAME",
            "Two copies or more, a readiness probe, and a preStop sleep longer than kube-proxy's lag.",
            ("single-replica", "termination-race", "pod-died"),
        ),
    ),
    "container-kill": Fault(
        "pod",
        _pod(lambda h, ns, n: h.kill_container(ns, n)),
        None,
        "a container is killed",
        story=Story(
            "SIGKILL: what was being served is lost; the kubelet starts the container again, each time later "
            "(10 s doubling to 5 min).",
            "RESTARTS grows, LAST STATE Terminated (Error, 137); connections refused until it is ready again.",
            "kubectl describe pod; kubectl logs --previous",
            "Two copies or more; clients that try again.",
            ("pod-died", "single-replica", "crash-loop"),
        ),
    ),
    "memory-leak": Fault(
        "pod",
        _leak,
        _pod(lambda h, ns, n: h.leak(ns, n, 0)),
        "a container loses memory (with: bytes a second)",
        {"bytes": size},
        story=Story(
            "Its memory grows until its limit (the kernel kills it in its cgroup) or until the node has none "
            "left (the kubelet evicts).",
            "OOMKilled, exit code 137, again and again; without a limit MemoryPressure and evictions of neighbours.",
            "kubectl top pod; kubectl describe pod; kubectl describe node",
            "A memory limit that spares the neighbours, more than one copy, and a release without the leak.",
            ("oom-killed", "evicted"),
        ),
    ),
    "cpu-hog": Fault(
        "pod",
        lambda h, t, o: h.burn(t[0], t[1], number(o.get("cores", CORES)) * 1000),
        _pod(lambda h, ns, n: h.burn(ns, n, 0)),
        "a container uses processors for nothing (with: cores)",
        {"cores": number},
        story=Story(
            "Its program spins: up to its CPU limit, or, without one, whatever requests of others leave it.",
            "Slow answers of its own (throttled at its limit), or of neighbours with small requests on a full machine.",
            "kubectl top pod; kubectl top node",
            "CPU requests that say what each Pod needs; a limit for whoever cannot be trusted.",
            ("cpu-limit", "noisy-neighbour"),
        ),
    ),
    "log-flood": Fault(
        "pod",
        _flood,
        _pod(lambda h, ns, n: h.flood(ns, n, 0, "")),
        "a container writes without end (with: bytes a second; path of a file, instead of its log)",
        {"bytes": size, "path": absolute},
        story=Story(
            "Logs are rotated at 10 MiB and cost little; a file fills the emptyDir's or the container's "
            "limit, or the node's disk.",
            "Evicted: ephemeral local storage usage exceeds …; or DiskPressure on the node, and evictions there.",
            "kubectl describe pod; kubectl describe node; kubectl get events",
            "sizeLimit of emptyDir volumes, ephemeral-storage limits.",
            ("storage-limit", "disk-writer", "evicted"),
        ),
    ),
}
"""Name → row."""
