"""Faults of connections: a kernel has no room for more of them, a program has no port left."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.faults.fault import Fault, Story
from kubesim_tui.faults.options import number

CONNECTIONS: Mapping[str, Fault] = {
    "conntrack-full": Fault(
        "node",
        lambda h, n, o: h.clog_connections(n, number(o.get("leave", 0))),
        lambda h, n, _: h.unclog_connections(n),
        "connections that nobody closes fill the table in which a machine's kernel tracks all of them "
        "(with: leave, room for how many more)",
        {"leave": number},
        story=Story(
            "Each connection through a machine has an entry (nf_conntrack) until 120 s after it was closed; there is "
            "room for 32,768 a processor, at least for 131,072. Without room the first packet of a new connection is "
            "dropped; those that are there go on. Many short connections do the same: their number a second times 120.",
            "Time-outs of new connections through that machine, now and then or all, while Pods are Ready and idle; "
            "the kernel says nf_conntrack: table full, dropping packet.",
            "why; kubectl debug node/… -it --image=busybox --profile=sysadmin -- "
            "sysctl net.netfilter.nf_conntrack_count",
            "A higher conntrack.maxPerCore of kube-proxy (or sysctl -w net.netfilter.nf_conntrack_max from a "
            "privileged Pod); connections that are kept and shared; entry by several machines.",
            ("conntrack-full",),
        ),
    ),
    "port-exhaustion": Fault(
        "pod",
        lambda h, pod, o: h.leak_sockets(pod[0], pod[1], number(o.get("leave", 0))),
        lambda h, pod, _: h.leak_sockets(pod[0], pod[1], None),
        "a program opens a connection for each call, closes none, and has no local port left "
        "(with: leave, how many it still has)",
        {"leave": number},
        story=Story(
            "A program has 28,232 local ports to each destination, and each is taken until 60 s after its connection "
            "was closed; of connections that it never closes, for ever.",
            "Its calls fail at once: cannot assign requested address. The Pod is Ready, its callee well and idle.",
            "kubectl exec … -- wget -qO- http://callee; why",
            "Start the container anew: its sockets go with it. Connections that are kept and shared; more copies of "
            "the caller.",
            ("port-exhaustion",),
        ),
    ),
}
"""Name → row."""
