"""Causes that are consequences: a Pod that has no time, for users or probes, since it waits for somebody else.

A chain that ends at such a Pod goes on to where most of the time of its requests is spent: a call that hangs, a copy
that is away while the others have its work to do. What is measured decides; where nobody is led to the Pod any more
(its probes have failed), whom it would ask is looked at instead.
"""

from __future__ import annotations

from collections.abc import Container

from kubesim_tui.api import types
from kubesim_tui.explain import silence, writes
from kubesim_tui.explain.behind import taken, without_endpoints
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.container import ended_at
from kubesim_tui.explain.evidence import WORKLOADS, Evidence, replicas
from kubesim_tui.explain.failed import Failing
from kubesim_tui.explain.links import late
from kubesim_tui.explain.load import DNS, limited
from kubesim_tui.explain.names import service_of
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.explain.rules import rule
from kubesim_tui.explain.stalled import stalled
from kubesim_tui.explain.webhook import asked_at
from kubesim_tui.explain.work import Calling

BUSY = ("overload", "slow")
FELLED = (
    "not-ready",
    "liveness",
    "crash-loop",
    "oom-killed",
    "pod-died",
    "starting",
    "termination-race",
    "single-replica",
)
"""Ends of Pods that may have been too busy."""
UNACCOUNTED = ("starting", "single-replica")
"""Ends of copies that are new, or to come: unless somebody has taken the old ones away, for another reason."""
LATE = "ingress-sync"
NAME_SERVERS = ("Deployment", "kube-system", "coredns")
DEEPEST = 5
LATELY = 60
"""Ticks for which a probe that was not answered in time may be why a Pod is away."""
IN_VAIN = "context deadline exceeded"


def deeper(evidence: Evidence, chain: Chain, left: int = DEEPEST) -> Chain:
    """The same chain, or one that goes on."""
    if chain.cause == "webhook-down" and left:
        behind = _hook(evidence, chain, left)
        return behind.after(*chain.links) if behind is not None else chain
    if chain.cause == LATE:
        before = _before(evidence, chain)
        return before.after(*chain.links) if before is not None else chain
    if chain.cause in UNACCOUNTED and not any(taken(link) for link in chain.links):
        behind = _until_now(evidence, evidence.workload_of(chain.object), FELLED)
        if behind is not None:
            return behind.after(*chain.links)
    if not left or chain.cause not in (*BUSY, *FELLED):
        return chain
    pods = _pods(evidence, chain)
    if chain.cause in FELLED and not any(_too_busy(evidence, pod) for pod in pods):
        return chain
    about = evidence.workload_of(chain.object)
    found = _waits(evidence, pods, left) or _fewer(evidence, pods)
    if found is None and about == NAME_SERVERS:  # they owe nobody an answer that was asked before
        found = _full(evidence, pods)
    found = found or _lately(evidence, about, chain.cause, pods)
    if found is None and chain.cause in FELLED:
        found = _waits(evidence, pods, left, ended=True)
    if found is None and chain.cause != "overload":
        found = _full(evidence, pods)
    return found.after(*chain.links) if found is not None else chain


def _before(evidence: Evidence, chain: Chain) -> Chain | None:
    """Who has not heard yet that all is well again sends on as he did while it was not: what that was about."""
    return _until_now(evidence, evidence.behind(chain.object), (LATE,))


def _until_now(evidence: Evidence, about: Subject | None, but: Container[str]) -> Chain | None:
    """What was so of a workload until lately."""
    if evidence.memory is None or about is None:
        return None
    found = evidence.memory.lately(evidence, about, evidence.tick - LATELY, but)
    return found[1].after(found[0]) if found is not None else None


def _hook(evidence: Evidence, chain: Chain, left: int) -> Chain | None:
    """Why a webhook does not answer the API server, though its Service is there."""
    for service in asked_at(evidence, chain.object):
        if all(pod_not_ready(evidence, pod) for pod in evidence.selected(service)):
            return deeper(evidence, without_endpoints(evidence, service), left - 1)
        dialled = (evidence.world.dial(address, port) for address, port in evidence.endpoints(service))
        failed = next((found for found in dialled if found is not None), None)
        if failed is not None:
            return deeper(evidence, rule(failed.code)(evidence, failed), left - 1)
    return None


def _lately(evidence: Evidence, about: Subject | None, cause: str, pods: list[types.Pod]) -> Chain | None:
    """What was found out when they were too busy, though it is over."""
    if evidence.memory is None or about is None:
        return None
    ends = [at for pod in pods if (at := ended_at(evidence, pod)) is not None]
    since = max(ends, default=evidence.tick) - LATELY
    for shallow in ((*FELLED, *BUSY), (*FELLED, cause)):
        found = evidence.memory.lately(evidence, about, since, shallow)
        if found is not None:
            return found[1].after(found[0])
    return None


def _full(evidence: Evidence, pods: list[types.Pod]) -> Chain | None:
    """More comes than its copies work off: they have no time left for probes, or no memory for what waits."""
    for pod in pods:
        if evidence.world.crowded(pod.metadata.namespace, pod.metadata.name):
            held = limited(evidence, pod)
            if held is not None:
                return held
            text = f"more requests come to Pod {pod.metadata.name} than it can work off"
            service = evidence.service(*DNS[1:])
            answers = service is not None and pod in evidence.selected(service)
            cause = "dns-overload" if answers else "overload"
            return Chain((Link(text, "kubelet", None, subject(pod)),), cause, subject(evidence.workload(pod)))
    return None


def _pods(evidence: Evidence, chain: Chain) -> list[types.Pod]:
    """All copies of what a chain ends at."""
    about = evidence.workload_of(chain.object)
    if about is None:
        return []
    if about[0] == "Service":
        service = evidence.service(about[1], about[2])
        return evidence.selected(service) if service is not None else []
    found = (pod for pod in evidence.etcd.table("pods").in_namespace(about[1]) if isinstance(pod, types.Pod))
    return [pod for pod in found if subject(evidence.workload(pod)) == about]


def _too_busy(evidence: Evidence, pod: types.Pod) -> bool:
    """Whether a Pod did not answer a probe in time, or held more requests than it had memory for; or may have."""
    if evidence.world.crowded(pod.metadata.namespace, pod.metadata.name):
        return True
    ended = evidence.world.work_at_its_end(pod.metadata.namespace, pod.metadata.name)
    if ended is not None and ended.full:
        return True
    for told in evidence.events(subject(pod), "Unhealthy"):
        at = evidence.tick_of(told.last_timestamp)
        if at is not None and IN_VAIN in told.message and evidence.tick - at <= LATELY:
            return True
    return writes.refused(evidence) is not None  # nobody can write down that a probe has failed


# -- whom it waits for ---------------------------------------------------------------------------------------------


def _waits(evidence: Evidence, pods: list[types.Pod], left: int, *, ended: bool = False) -> Chain | None:
    """The chain behind what copies wait for most, or waited for when they ended; None if that is nobody else."""
    seen: list[tuple[int, types.Pod, Calling]] = []
    look = evidence.world.work_at_its_end if ended else evidence.world.work
    for pod in pods:
        work = look(pod.metadata.namespace, pod.metadata.name)
        if work is None:
            continue
        for call in work.calls:
            if not work.measured or call.waits_us * 2 >= call.of_us or call.failing_pm > 500:
                seen.append((call.waits_us, pod, call))
    for _, pod, call in sorted(seen, key=lambda one: -one[0]):
        found = _called(evidence, pod, call, left)
        if found is not None:
            return found
    return None


def _called(evidence: Evidence, pod: types.Pod, call: Calling, left: int) -> Chain | None:
    """The chain behind a call that takes long."""
    name, fail = pod.metadata.name, call.fail
    link = Link(f"requests in Pod {name} wait for {call.host}", "kubelet", None, subject(pod))
    if fail is not None:
        told = Failing(fail.reason, fail.code, (subject(pod), *fail.way), fail.detail)
        return deeper(evidence, rule(fail.code)(evidence, told), left - 1).after(link)
    silent = _silent(evidence, pod, call)
    found = deeper(evidence, silent, left - 1) if silent is not None else _busy(evidence, pod, call, left - 1)
    return found.after(link) if found is not None else None


def _busy(evidence: Evidence, pod: types.Pod, call: Calling, left: int) -> Chain | None:
    """Whoever is asked and answers late, since it waits in turn, or has too much to do."""
    service = evidence.service(*service_of(call.host, pod.metadata.namespace))
    if service is None or left <= 0:
        return None
    asked = evidence.selected(service)
    found = _waits(evidence, asked, left)
    if found is None and asked:
        found = _until_now(evidence, subject(evidence.workload(asked[0])), (*FELLED, *BUSY))
    return found or _full(evidence, asked)


def _silent(evidence: Evidence, pod: types.Pod, call: Calling) -> Chain | None:
    """Whoever is asked that cannot answer."""
    here = subject(pod)
    service = evidence.service(*service_of(call.host, pod.metadata.namespace))
    if service is None:
        if evidence.world.outside_up(call.host) is not False:
            return None
        return silence.outside_down(evidence, Failing("", "black-hole", (here, ("Outside", "", call.host)), call.host))
    dns = evidence.service(*DNS[1:])
    for asked in (dns, service):
        if asked is not None and all(pod_not_ready(evidence, pod) for pod in evidence.selected(asked)):
            return without_endpoints(evidence, asked)
    pods = evidence.selected(service)
    held = next((found for pod in pods if (found := stalled(evidence, pod)) is not None), None)
    return held or late(evidence, Failing("", "slow", (here, subject(service)), f"{call.host} answers late"), pods)


# -- who is away ---------------------------------------------------------------------------------------------------


def _fewer(evidence: Evidence, pods: list[types.Pod]) -> Chain | None:
    """The chain behind a copy that is away, so that the others have more to do."""
    for pod in pods:
        broken = pod_not_ready(evidence, pod)
        if broken is not None and broken.cause not in (*BUSY, *FELLED):
            owner = evidence.workload(pod)
            count = sum(pod_not_ready(evidence, other) is None for other in pods)
            text = f"{count} of {replicas(owner) or len(pods)} copies of {owner.metadata.name} have all the work"
            return broken.after(Link(text, _component(owner), None, subject(owner)))
    return None


def _component(owner: types.Object) -> str:
    return f"{owner.kind.lower()}-controller" if owner.kind in WORKLOADS else "kubelet"
