"""Faults by others: strangers who mean no good, and neighbours who take what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.fault import Act, Fault, Options, Story
from kubesim_tui.faults.hand import Hand, ObjectAt
from kubesim_tui.faults.options import positive, text

CONNECTIONS, CORES, REQUEST = 1000, 8, "1500m"
STRESS = "polinux/stress:1.0.4"


def _besiege(hand: Hand, target: ObjectAt, options: Options) -> bool:
    return hand.besiege(target[1], target[2], positive(options.get("connections", CONNECTIONS)))


def _leak(*, leaked: bool) -> Act:
    def act(hand: Hand, target: ObjectAt, _options: Options) -> bool:
        return hand.leak_token(target[1], target[2], leaked=leaked)

    return act


def _noisy(node: str) -> ObjectAt:
    return "pod", "default", f"noisy-{node}"


def _move_in(hand: Hand, node: Any, options: Options) -> bool:
    cores, request = positive(options.get("cores", CORES)), text(options.get("request", REQUEST))
    container = {"name": "noisy", "image": STRESS, "args": ["stress", "--cpu", str(cores)]}
    requests = {"resources": {"requests": {"cpu": request}}}
    spec = {"nodeName": node, "terminationGracePeriodSeconds": 0, "containers": [{**container, **requests}]}
    return node in hand.nodes() and hand.put_object(_noisy(node), {"spec": spec})


STRANGERS: Mapping[str, Fault] = {
    "slow-loris": Fault(
        "service",
        _besiege,
        lambda h, t, _: h.besiege(t[1], t[2], 0),
        "strangers open connections to a Service and never send a whole request (with: connections)",
        {"connections": positive},
        story=Story(
            "Each connection keeps a thread or a process of a Pod busy for ever; programs that wait for events have "
            "room for as many as they may open. All that come to the Service are shared out evenly among its Pods, and "
            "a connection that is lost is made again.",
            "Full queues, 503 and time-outs while processors idle; probes time out, and restarts help for seconds.",
            "kubectl top pod (little is used); why",
            "Servers that end slow requests or keep nobody for them; something in front that takes whole requests "
            "only; more copies meanwhile.",
            ("slow-loris", "not-ready", "liveness"),
        ),
    ),
    "secret-leaked": Fault(
        "account",
        _leak(leaked=True),
        _leak(leaked=False),
        "the token of a ServiceAccount falls into the hands of somebody outside",
        story=Story(
            "Every 15 s he reads the Secrets of its namespace and deletes one of its Pods, as far as RBAC lets him. "
            "The token is good as long as the account is the same.",
            "Pods that go without a reason, deleted by a ServiceAccount; 403 of an account that never asked for that.",
            "kubectl auth can-i --list --as=system:serviceaccount:NS:NAME; the audit log; why",
            "Roles that allow no more than is needed; automountServiceAccountToken: false; delete the account and make "
            "it anew.",
            ("secret-leaked",),
        ),
    ),
    "noisy-neighbour": Fault(
        "node",
        _move_in,
        lambda h, n, _: h.delete_object(_noisy(n)),
        "a Pod that uses processors without end moves to a machine (with: cores; request, what it asks for of CPU)",
        {"cores": positive, "request": text},
        story=Story(
            "Processors are shared out by what was requested (cpu.shares): who requested little gets little as soon as "
            "somebody with a large request wants all of it.",
            "Late answers and full queues of Pods with small CPU requests there; all is Ready, until probes time out.",
            "kubectl top pod; kubectl top node; kubectl describe node",
            "CPU requests that say what each Pod needs; limits for whoever cannot be trusted; a node of its own.",
            ("noisy-neighbour",),
        ),
    ),
}
"""Name → row."""
