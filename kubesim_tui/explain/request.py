"""Why a request failed: from the answer that the user saw to what is behind it.

`failed_request` is asked in the tick in which it fails, while the cluster is still in the state that made it fail. The
failure's `code` says at which station of its way it ended; from there the objects tell the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from kubesim_tui.api import types
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence, replicas
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pod import pod_not_ready

REVISION = "deployment.kubernetes.io/revision"


class Failed(Protocol):
    """What traffic knows of a failure (traffic.way.Fail)."""

    @property
    def reason(self) -> str:
        """What the user saw: 503, timed out …"""
        ...

    @property
    def code(self) -> str:
        """Where it ended."""
        ...

    @property
    def way(self) -> tuple[Subject, ...]:
        """From the user to there."""
        ...

    @property
    def detail(self) -> str:
        """In words."""
        ...


def failed_request(evidence: Evidence, stream: str, failed: Failed) -> Chain:
    """The chain behind a failed request of a stream of users."""
    head = Link(f"{stream}: {failed.reason}", "users", evidence.tick)
    hops = [_hop(hop) for hop in failed.way[:-1] if hop[0] in ("Ingress", "Service", "Pod")]
    rule = RULES.get(failed.code, _unknown)
    return rule(evidence, failed).after(head, *hops).seen_at(evidence.tick)


def _hop(hop: Subject) -> Link:
    kind, _, name = hop
    component = {"Ingress": "ingress-nginx-controller", "Service": "kube-proxy", "Pod": "kubelet"}[kind]
    return Link(f"{kind} {name}", component, None, hop)


def _last(failed: Failed, kind: str) -> Subject | None:
    return next((hop for hop in reversed(failed.way) if hop[0] == kind), None)


def _unknown(evidence: Evidence, failed: Failed) -> Chain:
    where = failed.way[-1] if failed.way else None
    return Chain((Link(f"{failed.code}: {failed.detail}", "", evidence.tick, where),), "unknown", where)


# -- Services without anybody behind them --------------------------------------------------------------------------


def _no_endpoints(evidence: Evidence, failed: Failed) -> Chain:
    about = _last(failed, "Service")
    service = evidence.service(about[1], about[2]) if about else None
    if service is None or about is None:
        return Chain((Link("the Service is gone", "kube-proxy", evidence.tick, about),), "service-not-found", about)
    link = Link(f"Service {about[2]} has no ready endpoint", "endpointslice-controller", evidence.tick, about)
    return _behind(evidence, service).after(link)


def _behind(evidence: Evidence, service: types.Service) -> Chain:
    """Why nobody is behind a Service."""
    pods = evidence.selected(service)
    if not pods:
        return _no_pods(evidence, service)
    owners = {subject(o): o for o in (evidence.workload(p) for p in pods)}
    owner = next(iter(owners.values()))
    broken = [c for c in (pod_not_ready(evidence, p) for p in pods) if c is not None and c.cause != "starting"]
    if broken:
        return broken[0]
    if replicas(owner) == 1:
        return _single(owner)
    head = Link(f"all {len(pods)} Pods of {service.metadata.name} are starting or leaving", "kubelet", evidence.tick)
    return Chain((head,), "starting", subject(owner))


def _single(owner: types.Object) -> Chain:
    text = f"{owner.kind} {owner.metadata.name} asks for 1 replica, and it is being replaced"
    return Chain((Link(text, "replicaset-controller", None, subject(owner)),), "single-replica", subject(owner))


def _no_pods(evidence: Evidence, service: types.Service) -> Chain:
    about = subject(service)
    makers = evidence.makers(service)
    if not makers:
        chosen = ",".join(f"{k}={v}" for k, v in sorted((service.spec.selector if service.spec else {}).items()))
        link = Link(f"its selector {chosen or '(none)'} matches no Pod and no template", "endpointslice-controller")
        return Chain((link,), "selector-mismatch", about)
    owner = makers[0]
    if replicas(owner) == 0:
        link = Link(f"{owner.kind} {owner.metadata.name} asks for 0 replicas", "deployment-controller", None)
        return Chain((link,), "scaled-to-zero", subject(owner))
    told = evidence.event(subject(owner), "FailedCreate")
    if told is not None:
        link = Link(told.message, "replicaset-controller", evidence.tick_of(told.last_timestamp), subject(owner))
        return Chain((link,), "not-created", subject(owner))
    return _single(owner) if replicas(owner) == 1 else Chain((), "starting", subject(owner))


# -- Pods that refuse ----------------------------------------------------------------------------------------------


def _refused(evidence: Evidence, failed: Failed) -> Chain:
    hop = _last(failed, "Pod")
    outside = _last(failed, "Outside")
    if hop is None or (outside is not None and failed.way[-1] == outside):
        return _outside(evidence, failed)
    link = Link(f"Pod {hop[2]} refuses the connection: {failed.detail}", "kubelet", evidence.tick, hop)
    pod = evidence.pod(hop[1], hop[2])
    service = _last(failed, "Service")
    if failed.detail.startswith("nothing listens"):
        return Chain((link,), "wrong-target-port", service or hop)
    if pod is None or pod.metadata.deletion_timestamp is not None or failed.detail in ("stopping", "exited"):
        return _leaving(evidence, pod, hop, service).after(link)
    broken = pod_not_ready(evidence, pod)
    if broken is not None and broken.cause != "starting":
        return broken.after(link)
    owner = evidence.workload(pod)
    return Chain((link,), "no-readiness-probe" if not _has_probe(pod) else "starting", subject(owner))


def _leaving(evidence: Evidence, pod: types.Pod | None, hop: Subject, service: Subject | None) -> Chain:
    """A Pod that stops answers no more, but somebody still sends to it."""
    owner = evidence.workload(pod) if pod is not None else None
    if pod is not None and pod.metadata.deletion_timestamp is None:
        broken = pod_not_ready(evidence, pod)
        if broken is not None and broken.cause not in ("starting", "not-ready"):
            return broken
    if owner is not None and replicas(owner) == 1:
        return _single(owner)
    found = evidence.service(service[1], service[2]) if service else None
    about = subject(owner) if owner is not None else None
    if about is None and found is not None:
        makers = evidence.makers(found)
        about = subject(makers[0]) if makers else None
        if makers and replicas(makers[0]) == 1:
            return _single(makers[0])
    text = f"Pod {hop[2]} has stopped, and this node's kube-proxy had not heard of it yet"
    return Chain((Link(text, "kube-proxy", evidence.tick, hop),), "termination-race", about or hop)


def _has_probe(pod: types.Pod) -> bool:
    return pod.spec is not None and any(c.readiness_probe is not None for c in pod.spec.containers)


# -- silence -------------------------------------------------------------------------------------------------------


def _black_hole(evidence: Evidence, failed: Failed) -> Chain:
    pod, outside = _last(failed, "Pod"), _last(failed, "Outside")
    if outside is not None and failed.way[-1] == outside:
        return _outside(evidence, failed)
    node = _last(failed, "Node")
    found = evidence.pod(pod[1], pod[2]) if pod is not None else None
    name = node[2] if node is not None else (found.spec.node_name if found is not None and found.spec else "")
    links = (Link(f"no answer from Pod {pod[2]}", "network", evidence.tick, pod),) if pod is not None else ()
    return node_not_ready(evidence, name).after(*links) if name else _unknown(evidence, failed)


def _outside(evidence: Evidence, failed: Failed) -> Chain:
    """A system outside is silent: perhaps nobody should be asking it any more."""
    outside = _last(failed, "Outside")
    name = outside[2] if outside is not None else failed.detail
    link = Link(f"{name} does not answer", "network", evidence.tick, outside)
    caller = _last(failed, "Pod")
    pod = evidence.pod(caller[1], caller[2]) if caller is not None else None
    stale = stale_source(evidence, pod, name) if pod is not None else None
    if stale is not None:
        return stale.after(link)
    return Chain((link,), "outside-down", outside)


def stale_source(evidence: Evidence, pod: types.Pod, name: str) -> Chain | None:
    """The ConfigMap from which a Pod once read a name that is no longer in it; None if that is not the reason."""
    has = evidence.world.environment(pod.metadata.namespace, pod.metadata.name)
    for container in pod.spec.containers if pod.spec else ():
        for variable in container.env:
            source = variable.value_from
            key = source.config_map_key_ref if source else None
            if key is None or name not in has.get(variable.name, ""):
                continue
            found = evidence.etcd.get("configmaps", (pod.metadata.namespace, key.name))
            if isinstance(found, types.ConfigMap) and found.data.get(key.key) != has.get(variable.name):
                about: Subject = ("ConfigMap", pod.metadata.namespace, key.name)
                first = Link(f"the process has {variable.name}={has[variable.name]}", "kubelet", None, subject(pod))
                now = Link(f"ConfigMap {key.name} says {key.key}: {found.data.get(key.key)}", "etcd", None, about)
                return Chain((first, now), "stale-env", about)
    return None


# -- answers that are errors ---------------------------------------------------------------------------------------


def _answer(evidence: Evidence, failed: Failed) -> Chain:
    hop, service = _last(failed, "Pod"), _last(failed, "Service")
    pod = evidence.pod(hop[1], hop[2]) if hop is not None else None
    text = f"Pod {hop[2]} answers {failed.reason}" if hop else f"the answer is {failed.reason}"
    link = Link(text + (f": {failed.detail}" if failed.detail else ""), "kubelet", evidence.tick, hop)
    if failed.reason == "404":
        return Chain((link,), "answer-404", service or hop)
    if failed.detail.startswith("env ") and "empty" in failed.detail:
        return Chain((link,), "env-empty", subject(evidence.workload(pod)) if pod else hop)
    if pod is None:
        return Chain((link,), "app-error", hop)
    return _release(evidence, pod).after(link)


def _release(evidence: Evidence, pod: types.Pod) -> Chain:
    """Whether the Pod's version is newer than one that was well."""
    owner = evidence.workload(pod)
    image = pod.spec.containers[0].image if pod.spec and pod.spec.containers else ""
    above = controller_of(pod)
    mine = evidence.etcd.get("replicasets.apps", (pod.metadata.namespace, above.name)) if above else None
    if mine is not None and int(mine.metadata.annotations.get(REVISION, "1")) > 1:
        text = f"{owner.kind} {owner.metadata.name} rolled out {image}, revision {mine.metadata.annotations[REVISION]}"
        at = evidence.tick_of(mine.metadata.creation_timestamp)
        link = Link(text, "deployment-controller", at, subject(owner), "ScalingReplicaSet")
        return Chain((link,), "bad-release", subject(owner))
    return Chain((), "app-error", subject(owner))


# -- the rest ------------------------------------------------------------------------------------------------------


def _simple(cause: str, component: str, kind: str) -> Callable[[Evidence, Failed], Chain]:
    def rule(evidence: Evidence, failed: Failed) -> Chain:
        about = _last(failed, kind)
        return Chain((Link(failed.detail or cause, component, evidence.tick, about),), cause, about)

    return rule


def _of_workload(cause: str) -> Callable[[Evidence, Failed], Chain]:
    def rule(evidence: Evidence, failed: Failed) -> Chain:
        hop = _last(failed, "Pod")
        pod = evidence.pod(hop[1], hop[2]) if hop is not None else None
        about = subject(evidence.workload(pod)) if pod is not None else hop
        return Chain((Link(failed.detail or cause, "kubelet", evidence.tick, hop),), cause, about)

    return rule


def _no_service(evidence: Evidence, failed: Failed) -> Chain:
    service, ingress = _last(failed, "Service"), _last(failed, "Ingress")
    if service is not None and evidence.service(service[1], service[2]) is not None:
        text = f"Service {service[2]} has no such port"
        link = Link(text, "ingress-nginx-controller", evidence.tick, service)
        return Chain((link,), "wrong-service-port", ingress or service)
    text = f"Service {service[2] if service else '?'} does not exist"
    link = Link(text, "ingress-nginx-controller", evidence.tick, service)
    return Chain((link,), "service-not-found", ingress or service)


RULES: Mapping[str, Callable[[Evidence, Failed], Chain]] = {
    "no-endpoints": _no_endpoints,
    "no-service": _no_service,
    "no-service-port": _simple("wrong-service-port", "kube-proxy", "Service"),
    "refused": _refused,
    "no-such-pod": _refused,
    "no-such-address": _refused,
    "black-hole": _black_hole,
    "node-unreachable": _black_hole,
    "ingress-unreachable": _black_hole,
    "answer": _answer,
    "overload": _of_workload("overload"),
    "slow": _of_workload("slow"),
    "pod-died": _of_workload("pod-died"),
    "disk-full": _of_workload("disk-full"),
    "dns": _simple("dns-name", "coredns", "Pod"),
    "dns-outside": _simple("dns-name", "dns", "Ingress"),
    "dns-down": _simple("dns-down", "coredns", "Pod"),
    "no-route": _simple("no-route", "ingress-nginx-controller", "Ingress"),
    "no-ingress-controller": _simple("no-ingress-controller", "ingress-nginx-controller", "Ingress"),
    "ingress-down": _simple("no-ingress-controller", "ingress-nginx-controller", "Node"),
    "no-node-port": _simple("no-node-port", "kube-proxy", "Node"),
    "policy-local": _simple("policy-local", "kube-proxy", "Service"),
}
"""Code of a failure → the rule that follows it."""
