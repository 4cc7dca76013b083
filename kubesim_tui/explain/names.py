"""Why a name cannot be looked up."""

from __future__ import annotations

from kubesim_tui.explain.behind import without_endpoints
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, last
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.silence import stale_source


def no_such_name(evidence: Evidence, failed: Failed) -> Chain:
    """Cluster DNS knows nothing of it; a headless Service without a ready endpoint has no name either."""
    pod = last(failed, "Pod")
    link = Link(f"no such host: {failed.detail}", "coredns", None, pod)
    service = evidence.service(*_service(failed.detail, pod[1] if pod is not None else "default"))
    if service is not None and service.spec is not None and service.spec.cluster_ip == "None":
        return without_endpoints(evidence, service).after(link)
    found = evidence.pod(pod[1], pod[2]) if pod is not None else None
    stale = stale_source(evidence, found, failed.detail) if found is not None else None
    if stale is not None:
        return stale.after(link)
    return Chain((link,), "dns-name", evidence.workload_of(pod))


def _service(name: str, namespace: str) -> tuple[str, str]:
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
    """Cluster DNS does not answer."""
    asked = last(failed, "Pod")
    pod = evidence.pod(asked[1], asked[2]) if asked is not None else None
    link = Link(f"{failed.detail} cannot be looked up", "coredns", None, asked)
    about: Subject = evidence.component("coredns")
    if evidence.stopped("coredns"):
        return Chain((link, Link("coredns does not run", "machine", None, about)), "dns-down", about)
    node = pod.spec.node_name if pod is not None and pod.spec else evidence.world.keeper("coredns")
    return node_not_ready(evidence, node).after(link)
