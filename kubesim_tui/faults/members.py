"""Faults of the control plane's members, each stopped wherever it runs, and of a whole zone."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.faults.fault import Fault, Story
from kubesim_tui.faults.hand import Hand

SERVER, SCHEDULER = "kube-apiserver", "kube-scheduler"
MANAGER, CLOUD = "kube-controller-manager", "cloud-controller-manager"


def _down(process: str, about: str, story: Story) -> Fault:
    """A process is stopped on all machines that have it."""

    def strike(hand: Hand, _target: object, _options: object) -> bool:
        return hand.everywhere(process, runs=False)

    def heal(hand: Hand, _target: object, _options: object) -> bool:
        return hand.everywhere(process, runs=True)

    return Fault("plane", strike, heal, about, story=story)


MEMBERS: Mapping[str, Fault] = {
    "apiserver-down": _down(
        SERVER,
        "the API servers are stopped",
        Story(
            "Nobody hears or tells anything: kubelets run their Pods on and restart containers, rules and names stay "
            "as they are. What dies is not replaced, who is not ready stays an endpoint, no Node becomes NotReady.",
            "The connection to the server … was refused - did you specify the right host or port?",
            "kubectl get --raw /readyz; ssh control-plane crictl ps -a",
            "Three control-plane machines behind a balancer; applications that do not need the API to serve.",
            ("apiserver-down",),
        ),
    ),
    "scheduler-down": _down(
        SCHEDULER,
        "the schedulers are stopped",
        Story(
            "Pods that are bound run on. New ones are made and get no node.",
            "Pending without any Event.",
            "kubectl get pods -n kube-system; of several machines kubectl get leases -n kube-system",
            "A stand-by on another control-plane machine; copies enough to wait.",
            ("scheduler-down",),
        ),
    ),
    "controller-manager-down": _down(
        MANAGER,
        "the controller managers are stopped",
        Story(
            "Nothing is made, replaced or tidied up: no Pods for a Deployment, no endpoints for a Service, no NotReady "
            "for a silent Node.",
            "Fewer Pods than asked for, old endpoints, a rollout that does nothing.",
            "kubectl get pods -n kube-system; of several machines kubectl get leases -n kube-system",
            "A stand-by on another control-plane machine; copies enough to wait.",
            ("controller-manager-down",),
        ),
    ),
    "cloud-controller-down": _down(
        CLOUD,
        "the cloud controller managers are stopped",
        Story(
            "Nobody speaks to the cloud: new Services of type LoadBalancer get no address, balancers do not follow "
            "their nodes, new nodes keep their taint uninitialized, machines that are gone keep their Node.",
            "EXTERNAL-IP <pending>; had untolerated taint {node.cloudprovider.kubernetes.io/uninitialized: true}.",
            "kubectl get services; kubectl get pods -n kube-system",
            "A stand-by on another control-plane machine; what is there works on meanwhile.",
            ("cloud-manager-down",),
        ),
    ),
    "etcd-quorum-lost": Fault(
        "plane",
        lambda h, _n, _o: h.stop_quorum(),
        lambda h, _n, _o: h.everywhere("etcd", runs=True),
        "so many members of etcd are stopped that no majority is left",
        story=Story(
            "Without a leader nothing can be written or read for sure. API servers answer what they have in their "
            "caches, then nothing; running Pods, rules and names go on as they are.",
            "etcdserver: request timed out; or the connection is refused where the member beside a server is stopped.",
            "kubectl get --raw /readyz?verbose; ssh control-plane crictl ps -a; ssh … etcdctl endpoint status",
            "Members on several machines and zones, an odd number of them; snapshots, and practice in restoring them.",
            ("etcd-down",),
        ),
    ),
    "zone-outage": Fault(
        "node",
        lambda h, n, _: h.zone_power(n, on=False),
        lambda h, n, _: h.zone_power(n, on=True),
        "the zone of a machine loses its power",
        story=Story(
            "All machines of the zone are silent at once, those of the control plane among them. For 50 s their Nodes "
            "count as Ready; where a whole zone is away Pods are evicted more slowly, and of a cluster that is away as "
            "a whole not at all.",
            "Time-outs for the share of requests that goes there; NotReady Nodes of one zone; Pods that find no room.",
            "kubectl get nodes -L topology.kubernetes.io/zone; kubectl get pods -o wide",
            "Copies spread over zones with room in each for the load of another; etcd members in three zones.",
            ("node-down", "single-replica", "no-free-node"),
        ),
    ),
}
"""Name → row."""
