"""Faults of packets: links that lose them or are narrow, and what is wrong with the network of a single Pod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.fault import Fault, Options, Story
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.options import MACHINE, links, percent, positive

DELAY_MS, MBIT, LOSS = 3_000, 1, 20
PODS_OWN = (
    "It is in the Pod's own network namespace (tc netem, as Chaos Mesh does it), and gone with the Pod. Probes of the "
    "kubelet go the same way."
)


def _slow(hand: Hand, node: Any, options: Options) -> bool:
    """Each round trip takes longer; or the link is narrow; or both."""
    narrowed = "mbit" in options and hand.narrow_links(node, positive(options["mbit"]) * 125_000)
    delayed = ("ms" in options or not narrowed) and hand.delay_links(node, positive(options.get("ms", DELAY_MS)) * 1000)
    return narrowed or delayed


def _quick(hand: Hand, node: Any, _options: Options) -> bool:
    return hand.narrow_links(node, 0) and hand.delay_links(node, 0)


def _lose(hand: Hand, node: Any, options: Options) -> bool:
    return hand.lose_packets(node, percent(options.get("percent", LOSS)) * 10, options.get("of", MACHINE))


def _well(hand: Hand, pod: Any, _options: Options) -> bool:
    return hand.shape_pod(pod[0], pod[1], 0, 0)


LINKS: Mapping[str, Fault] = {
    "node-slow-nic": Fault(
        "node",
        _slow,
        _quick,
        "the network card of a machine is slow (with: ms, how much longer each round trip takes; mbit, how many Mbit/s "
        "it still carries)",
        {"ms": positive, "mbit": positive},
        story=Story(
            "Every connection from and to the machine takes so much longer, or waits for the bytes before it; on the "
            "machine itself all is well, so probes succeed and it stays Ready. From 10 s on requests to the API server "
            "find nobody who waits for them, and the Node becomes NotReady.",
            "Time-outs or late answers for the share of requests that goes there, and nothing that is NotReady.",
            "kubectl get pods -o wide; why",
            "Drain the machine; copies spread over nodes; clients that try again elsewhere.",
            ("slow-link",),
        ),
    ),
    "link-loss": Fault(
        "node",
        _lose,
        lambda h, n, o: h.lose_packets(n, 0, o.get("of", MACHINE)),
        f"packets are lost on the way (with: percent, {LOSS} if it is not said; of: machine, zone, which is between "
        "the zone of the machine and the others, or users, all who come from outside)",
        {"percent": percent, "of": links},
        story=Story(
            "TCP sends again what was lost: the opening of a connection after 1 and 3 s, everything else after 200, "
            "600, 1400 ms. From 85 % on hardly anything gets across: then the machine counts as cut off.",
            "A share of answers that come whole seconds later, and some time-outs; all Pods are Ready.",
            "why; kubectl get pods -o wide",
            "Drain the machine; connections that are kept; time-outs longer than 3 s, and clients that try again.",
            ("link-loss", "network-partition"),
        ),
    ),
    "pod-delay": Fault(
        "pod",
        lambda h, pod, o: h.shape_pod(pod[0], pod[1], positive(o.get("ms", DELAY_MS)) * 1000, 0),
        _well,
        "each round trip of a Pod takes longer (with: ms)",
        {"ms": positive},
        story=Story(
            f"{PODS_OWN} Where it is longer than half of their time-out, the Pod is no longer Ready.",
            "Late answers of one copy, and of what asks through it; or a copy that is not Ready though it runs.",
            "kubectl describe pod; why",
            "Delete the Pod; readiness probes with a time-out like the users'; clients that try again.",
            ("pod-network", "single-replica", "liveness"),
        ),
    ),
    "pod-loss": Fault(
        "pod",
        lambda h, pod, o: h.shape_pod(pod[0], pod[1], 0, percent(o.get("percent", LOSS)) * 10),
        _well,
        "packets of a Pod are lost (with: percent)",
        {"percent": percent},
        story=Story(
            f"{PODS_OWN} What is lost is sent again after 200, 600, 1400 ms, the opening of a connection after 1 "
            "and 3 s.",
            "Whole seconds for a share of the answers of one copy, and time-outs.",
            "why; kubectl get pods -o wide",
            "Delete the Pod; several copies; clients that try again.",
            ("pod-network", "single-replica"),
        ),
    ),
    "pod-partition": Fault(
        "pod",
        lambda h, pod, _: h.shape_pod(pod[0], pod[1], 0, 1000),
        _well,
        "a Pod is cut off from the network",
        story=Story(
            f"{PODS_OWN} So it leaves its Service after three failed probes; where it has none, or they are commands, "
            "it goes on getting its share of requests.",
            "Time-outs for the share of one copy until it is not Ready; restarts, where a liveness probe is asked.",
            "kubectl get pods; kubectl describe pod; why",
            "Delete the Pod; readiness probes over the network; several copies.",
            ("pod-network", "single-replica", "liveness"),
        ),
    ),
}
"""Name → row."""
