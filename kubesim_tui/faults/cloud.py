"""Faults of the cloud: of its API, of what it has to give, of its balancers."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.faults.fault import Fault, Story
from kubesim_tui.faults.options import positive

PATIENCE = 10

CLOUD: Mapping[str, Fault] = {
    "cloud-down": Fault(
        "cloud",
        lambda h, _n, _o: h.cloud(up=False),
        lambda h, _n, _o: h.cloud(up=True),
        "the API of the cloud does not answer",
        story=Story(
            "What is there goes on working: machines, disks, balancers. Nothing can be made, changed or given back, "
            "and nobody learns which machines are gone.",
            "Services wait for their address in <pending>, with SyncLoadBalancerFailed; new nodes keep the taint "
            "uninitialized; no machine is added for Pods without room.",
            "kubectl describe service; kubectl describe node; kubectl get pods",
            "Room in the cluster for what may come; ways in that exist already.",
            ("cloud-down",),
        ),
    ),
    "cloud-throttled": Fault(
        "cloud",
        lambda h, _n, o: h.throttle_cloud(positive(o.get("patience", PATIENCE))),
        lambda h, _n, _o: h.throttle_cloud(1),
        f"the API of the cloud answers one question in {PATIENCE} (with: patience)",
        {"patience": positive},
        story=Story(
            "The account asks too much. Whoever is refused asks again, later each time.",
            "RequestLimitExceeded in Events; balancers and machines come late.",
            "kubectl describe service; kubectl get events -n kube-system",
            "Fewer questions: no tool that asks the cloud in a loop; patience.",
            ("cloud-throttled",),
        ),
    ),
    "sold-out": Fault(
        "node",
        lambda h, n, _: h.sell_out(n, back=False),
        lambda h, n, _: h.sell_out(n, back=True),
        "the zone of a machine has no more machines to give",
        story=Story(
            "Orders of machines come back with an error; the group rests for five minutes, then twice as long.",
            "Pods stay Pending; ScaleUpFailed, then NotTriggerScaleUp: in backoff after failed scale-up.",
            "kubectl describe pod; kubectl get configmap cluster-autoscaler-status -n kube-system -o yaml",
            "Groups in several zones, and of several types.",
            ("sold-out", "unschedulable"),
        ),
    ),
    "cloud-quota": Fault(
        "cloud",
        lambda h, _n, _o: h.cap_cloud(lift=False),
        lambda h, _n, _o: h.cap_cloud(lift=True),
        "the account of the cloud has used up its quota of processors",
        story=Story(
            "Orders of machines come back with QUOTA_EXCEEDED, in every zone.",
            "Pods stay Pending; ScaleUpFailed, then NotTriggerScaleUp: in backoff after failed scale-up.",
            "kubectl describe pod; kubectl get events -n kube-system",
            "A quota with room for the worst day; a watch on how much of it is used.",
            ("cloud-quota", "unschedulable"),
        ),
    ),
    "balancer-lost": Fault(
        "service",
        lambda h, n, _: h.balancer(n, up=False),
        lambda h, n, _: h.balancer(n, up=True),
        "the balancer of a Service passes nothing on",
        story=Story(
            "All is well in the cluster, and nobody hears of it: the way in is cut before the first machine.",
            "Time-outs for all that comes by this address; node ports and other balancers work.",
            "kubectl get service; curl of a node port",
            "A second way in, known to the users; delete the Service and make it anew: it gets another balancer.",
            ("balancer-down",),
        ),
    ),
}
"""Name → row."""
