"""Faults of machines and of the processes on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.fault import Act, Fault, Options, Story
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.options import amount, flag, number, positive, slowable, text

BOOT, CRAWL = 30, 100
AWAY = (
    "For 50 s the Node counts as Ready; then its Pods leave the EndpointSlices, and 300 s later they are "
    "evicted and made anew "
    "elsewhere."
)


def _fill(hand: Hand, node: Any, options: Options) -> bool:
    return hand.fill_disk(node, amount(options.get("leave", 0)), inodes=flag(options.get("inodes", False)))


def _crash(hand: Hand, node: Any, options: Options) -> bool:
    return hand.crash(node, gone=flag(options.get("gone", False)), replaced=flag(options.get("replaced", False)))


def _process(*, start: bool) -> Act:
    def act(hand: Hand, node: Any, options: Options) -> bool:
        name = options.get("process", "kubelet")
        if start:
            return hand.start_process(node, name)
        return hand.stop_process(node, name, graceful=flag(options.get("graceful", False)))

    return act


MACHINES: Mapping[str, Fault] = {
    "disk-full": Fault(
        "node",
        _fill,
        lambda h, n, _: h.clean_disk(n),
        "the disk of a machine fills up (with leave: so much stays free; with inodes: with very many small files)",
        {"leave": amount, "inodes": flag},
        story=Story(
            "The kubelet sees nodefs below its threshold, removes unused images and dead containers, then "
            "evicts Pods by rank.",
            "DiskPressure, a taint that keeps new Pods away, Evicted Pods; writes fail with No space left on device.",
            "kubectl describe node; kubectl get pods -o wide",
            "Copies on several nodes; limits for what Pods write.",
            ("node-disk-full", "evicted"),
        ),
    ),
    "node-crash": Fault(
        "node",
        _crash,
        lambda h, n, _: h.recover(n),
        "a machine loses power (with gone: for good; with replaced: a fresh one takes its place)",
        {"gone": flag, "replaced": flag},
        story=Story(
            f"The machine is silent. {AWAY}",
            "Time-outs for the share of requests that goes there; NotReady; Terminating Pods that cannot end; "
            "a volume that stays attached for six minutes.",
            "kubectl get nodes; kubectl get pods -o wide; kubectl get volumeattachments",
            "Copies spread over nodes; time-outs and second tries in clients.",
            ("node-down", "single-replica"),
        ),
    ),
    "node-shutdown": Fault(
        "node",
        lambda h, n, _: h.shut_down(n, -1),
        lambda h, n, _: h.recover(n),
        "a machine is shut down in an orderly way, as its kubelet's shutdownGracePeriod allows",
        story=Story(
            "With a grace period the kubelet says NotReady and stops Pods by priority before the power goes; "
            "without one it just goes.",
            "Pods Completed or Failed with reason Terminated; then as a crash.",
            "kubectl describe node; kubectl get pods -o wide",
            "shutdownGracePeriod for kubelets; copies on several nodes; drain before switching off.",
            ("node-shutdown", "node-down"),
        ),
    ),
    "node-reboot": Fault(
        "node",
        lambda h, n, o: h.shut_down(n, number(o.get("seconds", BOOT))),
        None,
        "a machine is rebooted (with: seconds that it takes to come back)",
        {"seconds": number},
        story=Story(
            "As a shutdown, but it comes back: the same Pods start again on it (RESTARTS grows), if they "
            "were not evicted before.",
            "Rebooted Event; time-outs until it is back or counts as NotReady.",
            "kubectl describe node; kubectl get pods",
            "Drain before; copies on several nodes.",
            ("node-down", "node-shutdown", "pod-died"),
        ),
    ),
    "upgrade-wave": Fault(
        "fleet",
        lambda h, _n, o: h.upgrade(h.nodes(), number(o.get("seconds", BOOT)), number(o.get("ms", 0)) * 1000),
        lambda h, _n, _o: h.stop_upgrade(),
        "all nodes are drained and rebooted into a new kernel, one after the other (with: seconds that a boot takes; "
        "ms, how much longer round trips take with it: a regression)",
        {"seconds": number, "ms": number},
        story=Story(
            "As kubectl drain does, Pods are evicted, and an eviction that a PodDisruptionBudget forbids is asked for "
            "again every 5 s: a budget that allows none stops the wave at its first node, cordoned. A regression comes "
            "with each node that has been updated.",
            "Cordoned Nodes, Pods that move; single copies are away for a while; what still enters at a node that "
            "reboots, or is with a Pod that stops, is lost; with ms late answers from ever more nodes.",
            "kubectl get nodes -o wide; kubectl get poddisruptionbudgets; kubectl get pods -o wide",
            "Two copies and budgets that allow one disruption; a pause after the first node, and a look.",
            ("single-replica", "slow-link", "node-shutdown", "node-down", "termination-race", "pod-died"),
        ),
    ),
    "kubelet-stop": Fault(
        "node",
        _process(start=False),
        _process(start=True),
        "a kubelet stops",
        story=Story(
            f"Containers go on running and serving; nobody renews the lease, probes or restarts. {AWAY}",
            "NotReady though all is well; then Pods in Unknown ready state and copies elsewhere.",
            "kubectl get nodes; kubectl describe node",
            "Copies on several nodes; a watch on kubelets.",
            ("kubelet-stopped", "single-replica"),
        ),
    ),
    "process-stop": Fault(
        "node",
        _process(start=False),
        _process(start=True),
        "a process stops (with: process; with graceful: it is told before, and may give up what it holds)",
        {"process": text, "graceful": flag},
        story=Story(
            "What the process does is no longer done; what it has programmed stays (kube-proxy's rules, "
            "running containers).",
            "Scheduler: Pending without an Event. Controller manager: nothing is replaced. kube-proxy: old "
            "rules. "
            "API server, etcd: no answers, and running Pods go on.",
            "kubectl get pods -n kube-system; of several machines kubectl get leases -n kube-system",
            "A stand-by on another control-plane machine.",
            (
                "scheduler-down",
                "controller-manager-down",
                "apiserver-down",
                "etcd-down",
                "stale-rules",
                "kubelet-stopped",
                "runtime-down",
            ),
        ),
    ),
    "process-slow": Fault(
        "node",
        lambda h, n, o: h.slow_process(n, o["process"], positive(o.get("factor", CRAWL))),
        lambda h, n, o: h.slow_process(n, o["process"], 1),
        "a process gets less done (with: process, factor); etcd: its disk is slow",
        {"process": slowable, "factor": positive},
        ("process",),
        story=Story(
            "All that the process works on takes so many times as long.",
            "Late bindings, late replacements, late names; of etcd: slow writes.",
            "kubectl get events --sort-by=.lastTimestamp",
            "Room for the control plane; fast disks for etcd.",
            ("process-slow", "etcd-slow"),
        ),
    ),
    "node-partition": Fault(
        "node",
        lambda h, n, _: h.isolate(n),
        lambda h, n, _: h.rejoin(n),
        "a machine is cut off from the network",
        story=Story(
            f"A zombie: its Pods run and nobody reaches them, nor they anybody. {AWAY} When it is back, those "
            "are stopped.",
            "Time-outs for its share of requests; NotReady; later two sets of Pods, one of them unseen.",
            "kubectl get nodes; kubectl get pods -o wide",
            "Copies spread over nodes and zones; a quorum for whatever must not run twice.",
            ("network-partition", "single-replica"),
        ),
    ),
}
"""Name → row."""
