"""Why nobody is behind a Service."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.apiserver.request import Record
from kubesim_tui.explain import writes
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import WORKLOADS, Evidence, chosen, replicas
from kubesim_tui.explain.failed import Failed, last
from kubesim_tui.explain.leaving import pushed_out
from kubesim_tui.explain.plane import idle, slow
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.explain.stale import CONTROLLER, by_ingress, not_taken_over
from kubesim_tui.explain.stalled import stalled
from kubesim_tui.explain.starting import selected_others, started_anew
from kubesim_tui.explain.webhook import unasked


def no_endpoints(evidence: Evidence, failed: Failed) -> Chain:
    """A Service without a ready endpoint."""
    about = last(failed, "Service")
    service = evidence.service(about[1], about[2]) if about else None
    if service is None or about is None:
        return Chain((Link("the Service is gone", "kube-proxy", None, about),), "service-not-found", about)
    serves = any(is_pod_ready(p) for p in evidence.selected(service) if p.metadata.deletion_timestamp is None)
    late = not_taken_over(evidence, about) if serves and by_ingress(failed) else None
    if late is not None:
        return late.after(Link(f"it knows no ready endpoint of Service {about[2]}", CONTROLLER, None, about))
    return without_endpoints(evidence, service)


def without_endpoints(evidence: Evidence, service: types.Service) -> Chain:
    """The chain behind a Service that has no ready endpoint."""
    link = Link(
        f"Service {service.metadata.name} has no ready endpoint", "endpointslice-controller", None, subject(service)
    )
    return _behind(evidence, service).after(link)


def _behind(evidence: Evidence, service: types.Service) -> Chain:
    pods = evidence.selected(service)
    if not pods:
        return _no_pods(evidence, service)
    broken = [c for c in (pod_not_ready(evidence, p) for p in pods) if c is not None and c.cause != "starting"]
    if broken:
        return broken[0]
    waits = next((found for pod in pods if (found := stalled(evidence, pod)) is not None), None)
    if waits is not None:  # probes time out now and then
        return waits
    owner = evidence.workload(pods[0])
    if replicas(owner) == 0:
        return no_copies(owner)
    if any(is_pod_ready(pod) for pod in pods):
        unwritten = writes.no_endpoints_written(evidence, subject(service))
        if unwritten is not None:
            return unwritten
    found = started_anew(evidence, owner, pods) or selected_others(evidence, service)
    if found is None and replicas(owner) == 1:
        return single(evidence, owner)
    text = f"all {len(pods)} Pods of {service.metadata.name} are starting or leaving"
    if len(pods) == 1:
        text = f"the only Pod of {service.metadata.name} is starting or leaving"
    link = Link(text, "kubelet", None, subject(owner))
    return found.after(link) if found is not None else Chain((link,), "starting", subject(owner))


CONTROLLERS, SCHEDULER = "system:serviceaccount:kube-system:", "system:kube-scheduler"
LATELY = 60
"""Ticks for which a deletion may still be why a Pod is away."""


def single(evidence: Evidence, owner: types.Object) -> Chain:
    """There is one copy, and it is away; somebody may have deleted it."""
    text = f"{owner.kind} {owner.metadata.name} asks for 1 replica, and it is being replaced"
    chain = Chain((Link(text, _maker(owner), None, subject(owner)),), "single-replica", subject(owner))
    deleted = evidence.deletion_of_copy(owner)
    if deleted is None or evidence.tick - deleted.tick > LATELY:
        return chain
    pushed = pushed_out(evidence, ("Pod", deleted.namespace, deleted.name)) if _tidied(deleted) else None
    return (pushed or leaked(evidence, deleted) or chain).after(_deleted("Pod", deleted))


def _tidied(deleted: Record) -> bool:
    """Whether it was the cluster itself that removed a Pod: one that had ended, to make it anew, or to make room."""
    return deleted.user.startswith(CONTROLLERS) or deleted.user == SCHEDULER


def leaked(evidence: Evidence, deleted: Record) -> Chain | None:
    """The chain behind a deletion by somebody outside who has a ServiceAccount's token; None if it was not he."""
    if not evidence.world.used_outside(deleted.user):
        return None
    namespace, name = deleted.user.split(":")[-2:]
    about: Subject = ("ServiceAccount", namespace, name)
    text = f"requests with the token of {deleted.user} come from outside the cluster"
    return Chain((Link(text, "kube-apiserver", deleted.tick, about),), "secret-leaked", about)


def _deleted(kind: str, by: Record) -> Link:
    text = f"{kind} {by.name} was {'evicted' if by.subresource == 'eviction' else 'deleted'} by {by.user}"
    return Link(text, "kube-apiserver", by.tick, (kind, by.namespace, by.name))


def taken(link: Link) -> bool:
    """Whether a link tells that somebody has deleted or evicted something."""
    return " was deleted by " in link.text or " was evicted by " in link.text


def _no_pods(evidence: Evidence, service: types.Service) -> Chain:
    about = subject(service)
    makers = evidence.makers(service)
    former = evidence.former_maker(service) if not makers else None
    if former is not None:
        return _gone(evidence, former)
    if not makers:
        text = f"its selector {chosen(service)} matches no Pod and no template"
        return Chain((Link(text, "endpointslice-controller", None, about),), "selector-mismatch", about)
    owner = makers[0]
    return no_copies(owner) if replicas(owner) == 0 else not_made(evidence, owner)


def no_copies(owner: types.Object) -> Chain:
    """The chain behind a workload that nobody wants any Pod of."""
    text = f"{owner.kind} {owner.metadata.name} asks for 0 replicas"
    return Chain((Link(text, _maker(owner), None, subject(owner)),), "scaled-to-zero", subject(owner))


def _gone(evidence: Evidence, former: types.Object) -> Chain:
    """What made the Pods was deleted, and they went with it."""
    kind, namespace, name = about = subject(former)
    by = evidence.deletion(WORKLOADS[kind], namespace, name)
    link = _deleted(kind, by) if by is not None else Link(f"{kind} {name} was deleted", "kube-apiserver", None, about)
    return Chain((link,), "workload-deleted", about)


def not_made(evidence: Evidence, owner: types.Object) -> Chain:
    """The chain behind a workload that has not the Pods that it wants."""
    for obj in evidence.owned(owner):
        told = evidence.event(subject(obj), "FailedCreate")
        made = evidence.event(subject(obj), "SuccessfulCreate")
        if told is not None and (made is None or (made.last_timestamp or 0) < (told.last_timestamp or 0)):
            at = evidence.tick_of(told.last_timestamp)
            link = Link(told.message, "replicaset-controller", at, subject(obj), "FailedCreate")
            hook = unasked(evidence, told.message)
            return hook.after(link) if hook is not None else Chain((link,), "not-created", subject(owner))
    unwritten = writes.refused(evidence)
    if unwritten is not None:
        text = f"{owner.kind} {owner.metadata.name} has no Pod, and what is asked of the API server is refused"
        return unwritten.after(Link(text, _maker(owner), None, subject(owner)))
    refusal = evidence.refusal(_maker(owner), f"{owner.kind.lower()}-controller")
    if refusal is not None and evidence.tick - refusal.tick <= LATELY:
        link = Link(refusal.message, "kube-apiserver", refusal.tick, subject(owner), "Forbidden")
        return Chain((link,), "forbidden", subject(owner))
    if evidence.stopped("kube-controller-manager"):
        process: Subject = evidence.component("kube-controller-manager")
        text = f"{owner.kind} {owner.metadata.name} has no Pod, and nobody makes one"
        links = (Link(text, _maker(owner), None, subject(owner)), *idle(evidence, "kube-controller-manager"))
        return Chain(links, "controller-manager-down", process)
    if replicas(owner) == 1:
        return single(evidence, owner)
    text = f"the Pods of {owner.kind} {owner.metadata.name} are being made"
    link = Link(text, _maker(owner), None, subject(owner))
    return slow(evidence, "kube-controller-manager", Chain((link,), "starting", subject(owner)))


def _maker(owner: types.Object) -> str:
    return "replicaset-controller" if owner.kind == "Deployment" else f"{owner.kind.lower()}-controller"
