"""Why an application answers with an error."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.explain import storage
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, last
from kubesim_tui.explain.silence import sources, value_of

REVISION = "deployment.kubernetes.io/revision"


def answered(evidence: Evidence, failed: Failed) -> Chain:
    """The last hop has answered, and not well."""
    hop, service = last(failed, "Pod"), last(failed, "Service")
    where = failed.way[-1] if failed.way else None
    name = f"Pod {hop[2]}" if hop is not None and hop == where else (where[2] if where else "somebody")
    text = f"{name} answers {failed.reason}" + (f": {failed.detail}" if failed.detail else "")
    link = Link(text, "kubelet" if hop == where else "network", None, where)
    pod = evidence.pod(hop[1], hop[2]) if hop is not None else None
    if failed.detail.startswith("password authentication failed"):
        return Chain((link,), "wrong-password", _asking(evidence, failed) or where)
    if any(words in failed.detail for words in storage.REFUSALS):
        return storage.failing(evidence, pod).after(link)
    if "No space left on device" in failed.detail:
        return Chain((link,), "disk-full", where)
    if pod is not None and failed.detail.startswith("env ") and failed.detail.endswith(" is empty"):
        return _empty(evidence, pod, failed.detail.split()[1]).after(link)
    if failed.reason == "404":
        return Chain((link,), "answer-404", service or where)
    return _release(evidence, pod).after(link) if pod is not None else Chain((link,), "app-error", where)


def _asking(evidence: Evidence, failed: Failed) -> Subject | None:
    pods = [hop for hop in failed.way[:-1] if hop[0] == "Pod"]
    return evidence.workload_of(pods[-1]) if pods else None


def _empty(evidence: Evidence, pod: types.Pod, variable: str) -> Chain:
    """Where a variable that is empty should have come from."""
    for name, source, key in sources(pod):
        if name == variable:
            there = value_of(evidence, source, key)
            text = f"{source[0]} {source[2]} has no key {key}" if there is None else f"{source[2]} has an empty {key}"
            return Chain((Link(text, "etcd", None, source),), "env-empty", source)
    owner = subject(evidence.workload(pod))
    text = f"{owner[0]} {owner[2]} does not set {variable}"
    return Chain((Link(text, "etcd", None, owner),), "env-empty", owner)


def _release(evidence: Evidence, pod: types.Pod) -> Chain:
    """Whether the Pod's version is newer than one that was well."""
    owner = evidence.workload(pod)
    image = pod.spec.containers[0].image if pod.spec and pod.spec.containers else ""
    above = controller_of(pod)
    mine = evidence.etcd.get("replicasets.apps", (pod.metadata.namespace, above.name)) if above else None
    revision = mine.metadata.annotations.get(REVISION, "") if mine is not None else ""
    if mine is not None and revision.isdigit() and int(revision) > 1:
        text = f"{owner.kind} {owner.metadata.name} rolled out {image}, revision {revision}"
        at = evidence.tick_of(mine.metadata.creation_timestamp)
        link = Link(text, "deployment-controller", at, subject(owner), "ScalingReplicaSet")
        return Chain((link,), "bad-release", subject(owner))
    return Chain((), "app-error", subject(owner))
