"""Why a name cannot be looked up: nobody has it, or no server of cluster DNS answers."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from kubesim_tui.api.types import Service
from kubesim_tui.explain import refused, silence
from kubesim_tui.explain.behind import without_endpoints
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, caller, last
from kubesim_tui.explain.load import DNS
from kubesim_tui.explain.pod import pod_not_ready
from kubesim_tui.explain.routes import gone_service
from kubesim_tui.explain.silence import said_by, stale_source
from kubesim_tui.world.ailment import HANGS

COREFILE: Subject = ("ConfigMap", "kube-system", "coredns")
LATE = 5
"""Ticks after which cluster DNS has heard of a Service."""


def no_such_name(evidence: Evidence, failed: Failed) -> Chain:
    """Cluster DNS knows nothing of it; a headless Service without a ready endpoint has no name either."""
    pod = last(failed, "Pod")
    link = Link(f"no such host: {failed.detail}", "coredns", None, pod)
    meant = service_of(failed.detail, pod[1] if pod is not None else "default")
    service = evidence.service(*meant)
    if service is not None and service.spec is not None and service.spec.cluster_ip == "None":
        return without_endpoints(evidence, service).after(link)
    found = evidence.pod(pod[1], pod[2]) if pod is not None else None
    stale = stale_source(evidence, found, failed.detail) if found is not None else None
    if stale is not None:
        return stale.after(link)
    if service is not None and _age(evidence, service) > LATE:
        text = f"Service {service.metadata.name} is there: the servers do not look into the cluster for it"
        return Chain((link, Link(text, "coredns", None, COREFILE)), "dns-config", COREFILE)
    said = gone_service(evidence, lambda obj: subject(obj)[1:] == meant)
    if said is None and found is not None:
        said = said_by(evidence, found, failed.detail)
    return said.after(link) if said is not None else Chain((link,), "dns-name", evidence.workload_of(pod))


def _age(evidence: Evidence, service: Service) -> int:
    return evidence.tick - (evidence.tick_of(service.metadata.creation_timestamp) or 0)


def not_told(_evidence: Evidence, failed: Failed) -> Chain:
    """A server answers that it cannot say: nothing in its Corefile is about the name."""
    name, _, why = failed.detail.partition(": ")
    link = Link(f"{name} cannot be looked up", "coredns", None, last(failed, "Pod") or caller(failed))
    return Chain((link, Link(why, "coredns", None, COREFILE)), "dns-config", COREFILE)


def service_of(name: str, namespace: str) -> tuple[str, str]:
    """(namespace, name) of the Service that a Pod means by a name."""
    parts = name.rstrip(".").split(".")
    if len(parts) > 1 and parts[-1] not in ("svc", "local") and len(parts) == 3:
        parts = parts[1:]  # a Pod's own name below its Service
    return (parts[1] if len(parts) > 1 else namespace), parts[0]


def no_such_host(_evidence: Evidence, failed: Failed) -> Chain:
    """The DNS of the world outside knows nothing of it."""
    about = last(failed, "Outside")
    return Chain((Link(failed.detail, "dns", None, about),), "dns-name", about)


def no_dns(evidence: Evidence, failed: Failed) -> Chain:
    """There is no server, or none that is reached: the chain goes on behind its Service."""
    asked = caller(failed)
    name, _, why = failed.detail.partition(": ")
    link = Link(f"{name} cannot be looked up", "coredns", None, asked)
    service = evidence.service(*DNS[1:])
    if service is None:
        return Chain((link, Link("the Service kube-dns is gone", "kube-proxy", None, DNS)), "service-not-found", DNS)
    if not failed.way or failed.way[-1] == asked:
        return Chain((link, Link(why, "network", None, asked)), "dns-down", asked)
    if failed.code == "dns-down":
        return without_endpoints(evidence, service).after(link)
    return _silent(evidence, failed, why).after(link)


def _silent(evidence: Evidence, failed: Any, why: str) -> Chain:
    """A server that does not answer, as anybody else who does not."""
    if failed.way[-2:-1] and failed.way[-2][0] == "Node":  # of its machine nothing is heard
        return silence.black_hole(evidence, failed)
    if why == HANGS:
        return silence.hangs(evidence, evolve(failed, detail=why))
    server = failed.way[-1]
    pod = evidence.pod(server[1], server[2]) if server[0] == "Pod" else None
    broken = pod_not_ready(evidence, pod) if pod is not None else None
    return broken or refused.refused(evidence, evolve(failed, detail=why))
