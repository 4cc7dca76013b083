"""Why a request finds no way in: no rule, no Service, no port, no controller."""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, last
from kubesim_tui.explain.guarded import not_taken
from kubesim_tui.explain.leaving import deleted, former, with_namespace
from kubesim_tui.explain.stale import CONTROLLER, not_taken_over, out_of_date


def no_route(evidence: Evidence, failed: Failed) -> Chain:
    """No Ingress wants it. If one is for its host, that is the one to look at."""
    host = last(failed, "Outside")
    about: Subject | None = host
    gone = gone_ingress(evidence, host[2]) if host is not None else None
    if gone is not None:
        return gone.after(Link(failed.detail, CONTROLLER, None, host))
    for obj in evidence.etcd.table("ingresses.networking.k8s.io"):
        if isinstance(obj, types.Ingress) and host is not None and host[2] in _hosts(obj):
            about = subject(obj)
            late = not_taken_over(evidence, about)
            if late is not None:
                return late.after(Link(failed.detail, CONTROLLER, None, about))
            refused = not_taken(evidence, obj)
            if refused is not None:
                links = (Link(failed.detail, CONTROLLER, None, about), Link(str(refused), CONTROLLER, None, about))
                return Chain(links, "ingress-refused", about)
            break
    return Chain((Link(failed.detail, CONTROLLER, None, about),), "no-route", about)


def gone_ingress(evidence: Evidence, host: str) -> Chain | None:
    """The chain behind an Ingress that was there a while ago; None if there was none."""
    ingress = former(evidence, "ingresses.networking.k8s.io", lambda obj: host in _hosts(obj))
    if ingress is None or any(host in _hosts(obj) for obj in evidence.etcd.table("ingresses.networking.k8s.io")):
        return None
    about = subject(ingress)
    links = deleted(evidence, "ingresses.networking.k8s.io", about)
    whole = with_namespace(evidence, about[1]) or Chain(links, "no-route", about)
    return whole.after(Link(f"Ingress {about[2]} does not exist", CONTROLLER, None, about))


def unassigned(evidence: Evidence, failed: Failed) -> Chain:
    """An address that leads nowhere: perhaps that of a balancer which went with its Service."""
    host = last(failed, "Outside")
    link = Link(failed.detail, "network", None, host)
    gone = gone_service(evidence, lambda obj: host is not None and host[2] in _addresses(obj))
    return gone.after(link) if gone is not None else Chain((link,), "no-such-address", host)


def gone_service(evidence: Evidence, fits: Callable[[types.Object], bool]) -> Chain | None:
    """The chain behind a Service that was deleted lately; None if there is none that fits."""
    service = former(evidence, "services", fits)
    if service is None:
        return None
    about = subject(service)
    links = deleted(evidence, "services", about)
    whole = with_namespace(evidence, about[1]) or Chain(links, "service-not-found", about)
    return whole.after(Link(f"Service {about[2]} does not exist", "service-controller", None, about))


def _addresses(obj: types.Object) -> list[str]:
    balancer = obj.status.load_balancer if isinstance(obj, types.Service) and obj.status is not None else None
    return [one.ip for one in balancer.ingress] if balancer is not None else []


def _hosts(obj: types.Object) -> list[str]:
    return [rule.host for rule in obj.spec.rules] if isinstance(obj, types.Ingress) and obj.spec is not None else []


def rule_to(evidence: Evidence, ingress: Subject, service: Subject) -> str:
    """` by its rule / (Prefix)`: by which of its paths an Ingress leads to a Service; "" where it is no Ingress."""
    obj = evidence.etcd.get("ingresses.networking.k8s.io", ingress[1:]) if ingress[0] == "Ingress" else None
    if not isinstance(obj, types.Ingress) or obj.spec is None:
        return ""
    found = [
        f"{path.path or '/'} ({path.path_type})"
        for rule in obj.spec.rules
        for path in (rule.http.paths if rule.http else ())
        if path.backend is not None and path.backend.service is not None and path.backend.service.name == service[2]
    ]
    return f" by its rule {' or '.join(found)}, which leads to {service[0]} {service[2]}" if found else ""


def no_service(evidence: Evidence, failed: Failed) -> Chain:
    """An Ingress leads to a Service that does not exist, or to a port that it does not have."""
    service, ingress = last(failed, "Service"), last(failed, "Ingress")
    name = service[2] if service is not None else "?"
    if service is not None and evidence.service(service[1], service[2]) is not None:
        link = Link(f"Service {name} has no such port", CONTROLLER, None, service)
        late = not_taken_over(evidence, ingress)
        if late is not None:
            return late.after(link)
        return Chain((link,), "wrong-service-port", ingress or service)
    link = Link(f"Service {name} does not exist", CONTROLLER, None, service)
    by = evidence.deletion("services", *service[1:]) if service is not None else None
    told = (Link(f"it was deleted by {by.user}", "kube-apiserver", by.tick, service),) if by is not None else ()
    return Chain((link, *told), "service-not-found", ingress or service)


def no_service_port(evidence: Evidence, failed: Failed) -> Chain:
    """A Service is asked on a port that it does not have."""
    service = last(failed, "Service")
    found = evidence.service(service[1], service[2]) if service is not None else None
    ports = [str(p.port) for p in found.spec.ports] if found is not None and found.spec is not None else []
    name = service[2] if service is not None else "?"
    stale = out_of_date(evidence, failed, None, service) if failed.detail.split()[-1] in ports else None
    if stale is not None:
        return stale.after(Link(f"nobody there knows Service {name} yet", "kube-proxy", None, service))
    link = Link(
        f"Service {name} has no {failed.detail}; it has {', '.join(ports) or 'none'}", "kube-proxy", None, service
    )
    return Chain((link,), "wrong-service-port", service)


def no_node_port(evidence: Evidence, failed: Failed) -> Chain:
    """Nothing listens on a port of a node: perhaps the Service that did has gone."""
    node, port = last(failed, "Node"), int(failed.detail.split()[-1])
    link = Link(f"no Service has node {failed.detail}", "kube-proxy", None, node)
    gone = gone_service(evidence, lambda obj: port in _node_ports(obj))
    return gone.after(link) if gone is not None else Chain((link,), "no-node-port", node)


def _node_ports(obj: types.Object) -> list[int | None]:
    return (
        [port.node_port for port in obj.spec.ports] if isinstance(obj, types.Service) and obj.spec is not None else []
    )


def policy_local(_evidence: Evidence, failed: Failed) -> Chain:
    """A Service that keeps traffic on its node, where it has no endpoint."""
    service = last(failed, "Service")
    return Chain((Link(failed.detail, "kube-proxy", None, service),), "policy-local", service)


def by_policy(_evidence: Evidence, failed: Failed) -> Chain:
    """NetworkPolicies drop it. What is to be mended is the policy, or one is to be added."""
    policy = last(failed, "NetworkPolicy")
    return Chain((Link(failed.detail, "network-plugin", None, policy),), "network-policy", policy)


def source_ranges(_evidence: Evidence, failed: Failed) -> Chain:
    """A Service that lets in some addresses only."""
    service = last(failed, "Service")
    return Chain((Link(failed.detail, "kube-proxy", None, service),), "source-ranges", service)
