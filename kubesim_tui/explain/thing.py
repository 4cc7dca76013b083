"""Why a thing is not well, whatever it is: a rule a kind, each looking at what that kind shows of itself.

What is wrong with Pods is told by explain.pod; here is what stands above them, beside them and around them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.explain import behind, routes
from kubesim_tui.explain.backlog import kept_waiting
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.cloud import pending_address
from kubesim_tui.explain.deeper import deeper
from kubesim_tui.explain.evidence import WORKLOADS, Evidence, replicas
from kubesim_tui.explain.failed import Failing
from kubesim_tui.explain.leaving import with_namespace
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.explain.stale import CONTROLLER
from kubesim_tui.explain.touched import by_whom
from kubesim_tui.explain.volume import claim_not_bound

Looks = Callable[[Evidence, Any], Chain | None]


def thing_not_well(evidence: Evidence, about: Subject) -> Chain | None:
    """The chain behind an object that is not well; None if it is, or if nothing is known of its kind."""
    kind, namespace, name = about
    if kind == "Node":
        return _seen(evidence, _node(evidence, name))
    whole = with_namespace(evidence, name if kind == "Namespace" else namespace)
    if whole is not None:
        return _seen(evidence, whole)
    resource = scheme.named(kind)
    found = evidence.etcd.get(resource.group_resource, (namespace, name)) if resource is not None else None
    look = KINDS.get(kind)
    return _seen(evidence, look(evidence, found)) if look is not None and found is not None else None


def _seen(evidence: Evidence, chain: Chain | None) -> Chain | None:
    return by_whom(evidence, deeper(evidence, chain)).seen_at(evidence.tick) if chain is not None else None


# -- nodes ---------------------------------------------------------------------------------------------------------


def _node(evidence: Evidence, name: str) -> Chain | None:
    if evidence.node_ready(name) is False or not evidence.world.powered(name):
        return node_not_ready(evidence, name)
    node = evidence.etcd.get("nodes", ("", name))
    about: Subject = ("Node", "", name)
    conditions = node.status.conditions if isinstance(node, types.Node) and node.status is not None else ()
    for condition in conditions:
        if condition.type != "Ready" and condition.status == "True":
            at, text = evidence.tick_of(condition.last_transition_time), f"{condition.type}: {condition.message}"
            causes = {"DiskPressure": "node-disk-full", "MemoryPressure": "node-memory", "PIDPressure": "node-pids"}
            link = Link(f"node {name} shows {text}", "kubelet", at, about, condition.reason)
            return Chain((link,), causes.get(condition.type, "network-partition"), about)
    if isinstance(node, types.Node) and node.spec is not None and node.spec.unschedulable:
        text = f"node {name} is cordoned: its Pods stay, and no new one comes"
        return Chain((Link(text, "kube-scheduler", None, about),), "cordoned", about)
    return None


# -- what makes Pods -----------------------------------------------------------------------------------------------


def _workload(evidence: Evidence, owner: types.Object) -> Chain | None:
    """Its Pods; that they are too few, or none; a rollout that does not go on."""
    about = subject(owner)
    pods = _pods_of(evidence, about)
    broken = [chain for pod in pods if (chain := pod_not_ready(evidence, pod)) is not None]
    found = next((chain for chain in broken if chain.cause != "starting"), None)
    wanted = replicas(owner)
    if found is None and wanted == 0:
        found = behind.no_copies(owner)
    if found is None and wanted is not None and len(pods) < wanted:
        found = behind.not_made(evidence, owner)
    stuck = _rollout(owner)
    if found is None and stuck is None:
        return kept_waiting(evidence, about, pods)
    if found is not None or stuck is None or stuck.cause != "not-ready":
        return stuck if found is None else (found if stuck is None else found.after(*stuck.links))
    return broken[0].after(*stuck.links) if broken else None


def _pods_of(evidence: Evidence, about: Subject) -> list[types.Pod]:
    """All that it stands above, the newest first: those of a rollout that is stuck."""
    found = [pod for pod in evidence.etcd.table("pods").in_namespace(about[1]) if isinstance(pod, types.Pod)]
    mine = [pod for pod in found if about in (subject(evidence.workload(pod)), _owner(pod))]
    return sorted(mine, key=lambda pod: (-(pod.metadata.creation_timestamp or 0), pod.metadata.name))


def _owner(pod: types.Pod) -> Subject | None:
    ref = controller_of(pod)
    return (ref.kind, pod.metadata.namespace, ref.name) if ref is not None else None


def _rollout(owner: types.Object) -> Chain | None:
    """A rollout that has stopped, or is held; None if none is."""
    data, about = encode_object(owner), subject(owner)
    told = _condition(data, "Progressing")
    if told.get("status") == "False":
        link = Link(told.get("message", ""), "deployment-controller", None, about, told.get("reason", ""))
        return Chain((link,), "not-ready", about)
    if data.get("spec", {}).get("paused"):
        text = f"the rollout of {owner.metadata.name} is paused"
        return Chain((Link(text, "deployment-controller", None, about),), "rollout-paused", about)
    return None


def _condition(data: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    conditions = data.get("status", {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == kind), {})


def _job(evidence: Evidence, job: types.Object) -> Chain | None:
    """It has failed, is held, or its Pods cannot do their work."""
    data, about = encode_object(job), subject(job)
    failed = _condition(data, "Failed")
    pods = _pods_of(evidence, about)
    if failed.get("status") == "True":
        link = Link(f"Job {about[2]}: {failed.get('message', '')}", "job-controller", None, about, failed["reason"])
        ends = [chain for pod in pods if (chain := pod_not_ready(evidence, pod)) is not None]
        return Chain((link, *(ends[0].links if ends else ())), "job-failed", about)
    if data["spec"].get("suspend"):
        text = f"Job {about[2]} is suspended"
        return Chain((Link(text, "job-controller", None, about, "Suspended"),), "suspended", about)
    broken = (chain for pod in pods if (chain := pod_not_ready(evidence, pod)) is not None)
    return next(broken, None)


def _cron_job(_evidence: Evidence, cron: types.Object) -> Chain | None:
    about = subject(cron)
    if not encode_object(cron)["spec"].get("suspend"):
        return None
    return Chain((Link(f"CronJob {about[2]} is suspended", "cronjob-controller", None, about),), "suspended", about)


# -- what leads to Pods --------------------------------------------------------------------------------------------


def _service(evidence: Evidence, service: types.Service) -> Chain | None:
    """It has no address yet, or nobody ready is behind it."""
    waiting = pending_address(evidence, service)
    if waiting is not None:
        return waiting
    if service.spec is None or not service.spec.selector:
        return None
    pods = evidence.selected(service)
    stays = [pod for pod in pods if pod.metadata.deletion_timestamp is None]
    well = any(pod_not_ready(evidence, pod) is None for pod in stays)
    return kept_waiting(evidence, subject(service), pods) if well else behind.without_endpoints(evidence, service)


def _ingress(evidence: Evidence, ingress: types.Ingress) -> Chain | None:
    """The first of its backends that is not there, or has nobody behind it."""
    head = subject(ingress)
    for rule in ingress.spec.rules if ingress.spec is not None else ():
        for path in rule.http.paths if rule.http else ():
            named = path.backend.service if path.backend is not None else None
            if named is None:
                continue
            about: Subject = ("Service", head[1], named.name)
            service = evidence.service(*about[1:])
            if service is None:
                return routes.no_service(evidence, Failing("503", "no-service", (head, about), ""))
            found = _service(evidence, service)
            if found is not None:
                link = f"Ingress {head[2]}{routes.rule_to(evidence, head, about)}"
                return found.after(Link(link, CONTROLLER, None, head))
    return None


# -- beside them ---------------------------------------------------------------------------------------------------


def _autoscaler(evidence: Evidence, scaler: types.Object) -> Chain | None:
    """It cannot tell how many there should be, or may not make as many."""
    data, about = encode_object(scaler), subject(scaler)
    for kind, status in (("ScalingActive", "False"), ("AbleToScale", "False")):
        told = _condition(data, kind)
        if told.get("status") == status and told.get("reason") != "ScalingDisabled":
            text = f"HorizontalPodAutoscaler {about[2]}: {told.get('message', '')}"
            link = Link(text, "horizontal-pod-autoscaler", None, about, told.get("reason", ""))
            return Chain((link,), "no-metrics", about)
    target = data["spec"]["scaleTargetRef"]
    found = evidence.etcd.get(WORKLOADS.get(target["kind"], "?"), (about[1], target["name"]))
    return _workload(evidence, found) if found is not None else None


def _budget(_evidence: Evidence, budget: types.Object) -> Chain | None:
    """It lets no Pod go, so that nobody can drain their nodes."""
    status, about = encode_object(budget).get("status", {}), subject(budget)
    if status.get("disruptionsAllowed", 0) or not status.get("expectedPods"):
        return None
    text = (
        f"PodDisruptionBudget {about[2]} lets no Pod go: {status.get('currentHealthy', 0)} are healthy, "
        f"and {status.get('desiredHealthy', 0)} have to be"
    )
    return Chain((Link(text, "disruption-controller", None, about),), "budget", about)


KINDS: Mapping[str, Looks] = {
    "Pod": pod_not_ready,
    **dict.fromkeys(WORKLOADS, _workload),
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Ingress": _ingress,
    "PersistentVolumeClaim": claim_not_bound,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _budget,
}
"""Kind → the rule that looks at it; Nodes and Namespaces have their own."""
