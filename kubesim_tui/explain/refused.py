"""Why a connection is refused: nobody listens, or somebody still sends to a Pod that has stopped."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.explain import writes
from kubesim_tui.explain.behind import no_copies, single
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.container import of_end
from kubesim_tui.explain.evidence import Evidence, replicas
from kubesim_tui.explain.failed import Failed, caller, ends_outside, last
from kubesim_tui.explain.leaving import pushed_out
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.explain.stale import CONTROLLER, PROXY, by_ingress, out_of_date
from kubesim_tui.explain.starting import started_anew, with_its_machine


def refused(evidence: Evidence, failed: Failed) -> Chain:
    """There is an address, and nobody answers on the port."""
    service = last(failed, "Service")
    hop = failed.way[-1] if failed.way else None
    if hop is None or hop[0] != "Pod" or hop == caller(failed):
        return _nobody_there(evidence, failed)
    link = Link(f"Pod {hop[2]} refuses the connection: {failed.detail}", "kubelet", None, hop)
    pod = evidence.pod(hop[1], hop[2])
    if pod is not None and _meant_another(evidence, failed, pod, service):
        return _moved(evidence, failed, hop, service).after(link)
    if failed.detail.startswith("nothing listens"):
        return Chain((link,), "wrong-target-port", service or hop)
    if pod is None or pod.metadata.deletion_timestamp is not None or failed.detail in ("stopping", "exited"):
        return _stopped(evidence, failed, pod, hop, service).after(link)
    broken = pod_not_ready(evidence, pod)
    if broken is not None and broken.cause != "starting":
        return broken.after(link)
    ended = of_end(evidence, pod)
    if ended is not None:
        return ended.after(link)
    unwritten = writes.refused(evidence) if broken is None else None
    if unwritten is not None:
        stays = Link("it still counts as Ready: nobody can write that it is not", "kubelet", None, hop)
        return unwritten.after(link, stays)
    anew = with_its_machine(evidence, pod)
    if anew is not None:
        return anew.after(link)
    owner = subject(evidence.workload(pod))
    return Chain((link,), "no-readiness-probe" if not _has_probe(pod) else "starting", owner)


def _meant_another(evidence: Evidence, failed: Failed, pod: types.Pod, about: Subject | None) -> bool:
    """Whether the address that was asked belonged to another Pod when it was written down: this one has it now."""
    service = evidence.service(about[1], about[2]) if about is not None else None
    selects = service is not None and service.spec is not None and bool(service.spec.selector)
    if service is not None and selects and pod not in evidence.selected(service):
        return True
    address = pod.status.pod_ip if pod.status is not None else ""
    return failed.code == "no-such-pod" and address not in failed.detail.split()


def _moved(evidence: Evidence, failed: Failed, hop: Subject, about: Subject | None) -> Chain:
    """What a Service leads to has other addresses since it was started anew, and who sends has not heard of them."""
    stale = out_of_date(evidence, failed, None, about)
    service = evidence.service(about[1], about[2]) if about is not None else None
    pods = evidence.selected(service) if service is not None else []
    anew = started_anew(evidence, evidence.workload(pods[0]), pods) if pods else None
    return stale or anew or _stopped(evidence, failed, None, hop, about)


def _nobody_there(evidence: Evidence, failed: Failed) -> Chain:
    """A system outside that listens on another port, or an address that nobody has (any more)."""
    outside, asked, service = last(failed, "Outside"), caller(failed), last(failed, "Service")
    about = outside if ends_outside(failed) else asked or service
    link = Link(f"connection refused: {failed.detail}", "network", None, about)
    stale = out_of_date(evidence, failed, None, service) if service is not None and not ends_outside(failed) else None
    if stale is not None:
        return stale.after(link)
    cause = "wrong-target-port" if failed.detail.startswith("nothing listens") else "no-such-address"
    return Chain((link,), cause, about)


def _stopped(evidence: Evidence, failed: Failed, pod: types.Pod | None, hop: Subject, service: Subject | None) -> Chain:
    """A Pod that has stopped answers no more, but somebody still sends to it."""
    if pod is not None and pod.metadata.deletion_timestamp is None:
        broken = pod_not_ready(evidence, pod) or _unheard(evidence, pod)
        if broken is not None and broken.cause not in ("starting", "not-ready"):
            return broken
        ended = of_end(evidence, pod)
        if ended is not None:
            return ended
    why = out_of_date(evidence, failed, pod, service) or pushed_out(evidence, hop)
    if why is not None:
        return why
    owner = _owner(evidence, pod, service)
    if owner is not None and replicas(owner) in (0, 1):
        return no_copies(owner) if replicas(owner) == 0 else single(evidence, owner)
    who, component = ("the ingress controller", CONTROLLER) if by_ingress(failed) else ("this node's kube-proxy", PROXY)
    text = f"Pod {hop[2]} has stopped, and {who} had not heard of it yet"
    return Chain((Link(text, component, None, hop),), "termination-race", subject(owner) if owner is not None else hop)


def _unheard(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a container of which nobody can tell that it has ended: its node's kubelet does not run."""
    node = pod.spec.node_name if pod.spec is not None else ""
    if not node or evidence.world.process_runs(node, "kubelet"):
        return None
    text = f"Pod {pod.metadata.name} still counts as Ready: nobody tells that its container has ended"
    return node_not_ready(evidence, node).after(Link(text, "kubelet", None, subject(pod)))


def _owner(evidence: Evidence, pod: types.Pod | None, service: Subject | None) -> types.Object | None:
    if pod is not None:
        return evidence.workload(pod)
    found = evidence.service(service[1], service[2]) if service else None
    makers = evidence.makers(found) if found is not None else []
    return makers[0] if makers else None


def _has_probe(pod: types.Pod) -> bool:
    return pod.spec is not None and any(c.readiness_probe is not None for c in pod.spec.containers)
