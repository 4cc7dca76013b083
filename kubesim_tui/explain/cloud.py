"""What the cloud has to do with it: nodes that wait for it, machines that do not come, addresses that are pending."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.cloud.node import UNINITIALIZED, is_uninitialized
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.plane import idle
from kubesim_tui.explain.writes import LATELY, refused

MANAGER, AUTOSCALER = "cloud-controller-manager", "cluster-autoscaler"
CLOUD: Subject = ("Outside", "", "cloud")
STATUS: Subject = ("ConfigMap", "kube-system", "cluster-autoscaler-status")
_CODES = (("QUOTA_EXCEEDED", "cloud-quota"), ("EXHAUSTED", "sold-out"))
_REFUSALS = (("quota of external addresses is used up", "cloud-quota"), ("is not available", "no-such-address"))
"""Words of the cloud for an address that it does not give → the cause."""


def waits_for_the_cloud(evidence: Evidence) -> Chain | None:
    """Behind a Pod without a node: that a node is there, but unknown to the cloud yet."""
    for node in evidence.etcd.table("nodes"):
        assert isinstance(node, types.Node)
        if is_uninitialized(node):
            about = subject(node)
            link = Link(f"Node {about[2]} waits for the cloud ({UNINITIALIZED})", "cloud-node-controller", None, about)
            behind = _manager(evidence)
            return behind.after(link) if behind is not None else None
    return None


def no_machine(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """Behind a Pod without a node: that no machine comes for it, where machines should."""
    about = subject(pod)
    if evidence.etcd.get("configmaps", STATUS[1:]) is None:
        return None
    if evidence.stopped(AUTOSCALER):
        link = Link(f"no machine is added for Pod {about[2]}", AUTOSCALER, None, about)
        return Chain((link, *idle(evidence, AUTOSCALER)), "autoscaler-down", evidence.component(AUTOSCALER))
    told = evidence.event(about, "NotTriggerScaleUp")
    failed = evidence.event(STATUS, "ScaleUpFailed", "FailedToScaleUpGroup")
    if told is not None:
        link = Link(told.message, AUTOSCALER, evidence.tick_of(told.last_timestamp), about, told.reason)
        if "max node group size reached" in told.message:
            return Chain((link,), "group-full", STATUS)
        if "in backoff" in told.message and failed is not None:
            return _failed(evidence, failed).after(link)
        return None
    if evidence.event(about, "TriggeredScaleUp") is not None and failed is not None:
        return _failed(evidence, failed)
    behind = _api(evidence)
    return behind.after(Link(f"no machine is added for Pod {about[2]}", AUTOSCALER, None, about)) if behind else None


def _failed(evidence: Evidence, told: types.Event) -> Chain:
    """Why an order of machines came to nothing."""
    link = Link(told.message, AUTOSCALER, evidence.tick_of(told.last_timestamp), STATUS, told.reason)
    for code, cause in _CODES:
        if code in told.message:
            return Chain((link,), cause, STATUS)
    behind = _api(evidence)
    return behind.after(link) if behind is not None else Chain((link,), "cloud-down", CLOUD)


def pending_address(evidence: Evidence, service: types.Service) -> Chain | None:
    """Why a Service of type LoadBalancer has no address; None: it has one, or gets it soon."""
    spec, status = service.spec, service.status
    if spec is None or spec.type != "LoadBalancer" or spec.load_balancer_class:
        return None
    if status is not None and status.load_balancer is not None and status.load_balancer.ingress:
        return None
    about = subject(service)
    told = evidence.event(about, "SyncLoadBalancerFailed")
    text = told.message if told is not None else f"Service {about[2]} waits for its address"
    at = evidence.tick_of(told.last_timestamp) if told is not None else None
    link = Link(text, "service-controller", at, about, told.reason if told is not None else "")
    for words, cause in _REFUSALS:
        if words in text:
            return Chain((link,), cause, about)
    behind = _manager(evidence) or refused(evidence) or _without_rights(evidence, about)
    return behind.after(link) if behind is not None else None


def _without_rights(evidence: Evidence, about: Subject) -> Chain | None:
    """The chain behind a controller that may not write what it should."""
    told = evidence.refusal("service-controller")
    if told is None or evidence.tick - told.tick > LATELY:
        return None
    return Chain((Link(told.message, "kube-apiserver", told.tick, about, "Forbidden"),), "forbidden", about)


def _manager(evidence: Evidence) -> Chain | None:
    """Why the cloud's manager does not do what it should."""
    if evidence.stopped(MANAGER):
        return Chain(idle(evidence, MANAGER), "cloud-manager-down", evidence.component(MANAGER))
    return _api(evidence)


def _api(evidence: Evidence) -> Chain | None:
    state = evidence.world.cloud()
    if not state:
        return None
    text = "the API of the cloud does not answer" if state == "down" else "the API of the cloud refuses most questions"
    return Chain((Link(text, "cloud", None, CLOUD),), f"cloud-{state}", CLOUD)
