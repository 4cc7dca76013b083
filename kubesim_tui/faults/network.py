"""Faults of what machines need of one another and of their helpers: links, names, rules, the runtime, the cloud."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.faults.fault import Act, Fault, Options, Story
from kubesim_tui.faults.hand import Hand
from kubesim_tui.faults.options import number, positive, text

NOTICE, LOOKUPS = 120, 2_000
DNS, PROXY = ("deployment", "kube-system", "coredns"), "kube-proxy"


def _link(*, up: bool) -> Act:
    def act(hand: Hand, node: str, options: Options) -> bool:
        return hand.link(node, text(options["to"]), up=up)

    return act


NETWORK: Mapping[str, Fault] = {
    "ip-exhaustion": Fault(
        "node",
        lambda h, n, o: h.leak_addresses(n, number(o.get("leave", 0))),
        lambda h, n, _: h.sweep_addresses(n),
        "a machine runs out of addresses for Pods: its network plug-in never gave back what dead Pods had "
        "(with: leave, how many stay free)",
        {"leave": number},
        story=Story(
            "Each node has a range of its own (podCIDR) and its plug-in notes in files which addresses are taken. "
            "Files that nobody removes take addresses for ever; the scheduler knows nothing of it. A range that is too "
            "small for maxPods ends in the same way.",
            "Pods stay at ContainerCreating on that node, with FailedCreatePodSandBox: no IP addresses available in "
            "range set; those that run go on. The scheduler sends even more there, since the node looks empty.",
            "kubectl describe pod; kubectl get pods -o wide; kubectl describe node",
            "Cordon the node and delete what hangs there; a reboot or a new machine clears the files. Ranges larger "
            "than maxPods, and a watch on addresses that are left.",
            ("no-addresses",),
        ),
    ),
    "link-cut": Fault(
        "node",
        _link(up=False),
        _link(up=True),
        "two machines no longer reach each other (with: to, the other one)",
        {"to": text},
        ("to",),
        story=Story(
            "Both still reach everybody else, so both stay Ready; only what goes from one to the other is lost.",
            "Time-outs for some requests, depending on where they enter and whom they ask.",
            "kubectl get pods -o wide; why",
            "Clients that try again elsewhere; drain one of the two.",
            ("network-partition",),
        ),
    ),
    "zone-partition": Fault(
        "node",
        lambda h, n, _: h.zone_links(n, up=False),
        lambda h, n, _: h.zone_links(n, up=True),
        "the zone of a machine is cut off from the other zones",
        story=Story(
            "Machines of the zone reach one another, and no other machine of the cluster. Who does not reach the "
            "control plane becomes NotReady after 50 s, and 300 s later its Pods are evicted.",
            "Time-outs for the share of requests that goes there; then a zone of NotReady nodes.",
            "kubectl get nodes -L topology.kubernetes.io/zone; kubectl get pods -o wide",
            "Copies spread over zones, with room in each for the load of another.",
            ("network-partition", "single-replica"),
        ),
    ),
    "dns-down": Fault(
        "dns",
        lambda h, _n, _o: h.patch_object(DNS, {"spec": {"replicas": 0}}),
        lambda h, _n, _o: h.restore_object(DNS),
        "somebody scales cluster DNS to zero",
        story=Story(
            "Deployment coredns has no Pod, Service kube-dns no endpoint: kube-proxy's rules refuse each query. "
            "Answers that somebody keeps are good for 30 s more.",
            "Users reach the cluster, and all Pods are Ready; calls between Services fail with no such host, at once.",
            "kubectl get deployment,pods -n kube-system; kubectl exec … -- nslookup kubernetes",
            "kubectl -n kube-system scale deployment coredns --replicas=2. A rule of RBAC or of admission that keeps "
            "everybody away from kube-system.",
            ("scaled-to-zero",),
        ),
    ),
    "dns-overload": Fault(
        "pod",
        lambda h, pod, o: h.look_up(pod[0], pod[1], positive(o.get("times", LOOKUPS))),
        lambda h, pod, _: h.look_up(pod[0], pod[1], 0),
        "a program keeps no connection any more and looks names up all the time: cluster DNS is overloaded "
        "(with: times, so many lookups with each call)",
        {"times": positive},
        story=Story(
            "With ndots:5 each lookup of a name goes through the search path of its Pod: of a name outside it is eight "
            "questions. CoreDNS answers some 17,000 a second and processor, and each question that waits takes memory "
            "of its 170Mi.",
            "Late answers and failures of whoever opens connections, also of applications that have nothing to do with "
            "it; coredns uses whole processors and is OOMKilled, and what is left of it gets the questions of all.",
            "kubectl -n kube-system get pods; kubectl -n kube-system top pods; why",
            "Start the program anew. Connections that are kept; a dot at the end of names outside, or dnsConfig with "
            "ndots:2; more copies of coredns, on other machines, and more memory for them.",
            ("dns-overload", "oom-killed"),
        ),
    ),
    "kube-proxy-stale": Fault(
        "node",
        lambda h, n, _: h.stop_process(n, PROXY),
        lambda h, n, _: h.start_process(n, PROXY),
        "the kube-proxy of a machine stops, and its rules stand still",
        story=Story(
            "What was programmed stays in force: as long as no Pod changes nobody notices.",
            "After Pods were replaced, failures of what enters at or is asked from this machine only.",
            "kubectl get pods -n kube-system -o wide; why",
            "A watch on kube-proxy; start it again, and the rules follow at once.",
            ("stale-rules",),
        ),
    ),
    "runtime-hang": Fault(
        "node",
        lambda h, n, _: h.freeze(n, h.runtime(n), thaw=False),
        lambda h, n, _: h.freeze(n, h.runtime(n), thaw=True),
        "the container runtime of a machine hangs",
        story=Story(
            "Containers go on running and serving; nobody starts, stops or enters one. The kubelet says that the "
            "runtime is down after 30 s, and that PLEG is not healthy after three minutes.",
            "NotReady with reason KubeletNotReady; its Pods leave the Services, and are evicted 300 s later.",
            "kubectl describe node",
            "Copies on several nodes; a watch on the runtime, which is started again.",
            ("runtime-down", "single-replica"),
        ),
    ),
    "spot-reclaim": Fault(
        "node",
        lambda h, n, o: h.reclaim(n, positive(o.get("seconds", NOTICE))),
        None,
        f"the cloud takes an instance back, with a notice of {NOTICE} s (with: seconds)",
        {"seconds": positive},
        story=Story(
            "The cloud gives notice, and nothing in Kubernetes hears it: then the machine is shut down and is gone "
            "for good. Its Node is deleted when it is no longer Ready.",
            "Time-outs from the end of the notice until the Node is known to be away.",
            "kubectl get nodes; kubectl get pods -o wide",
            "Drain the machine while there is time (a termination handler does); copies on several nodes.",
            ("node-down", "node-shutdown", "single-replica"),
        ),
    ),
}
"""Name → row."""
