"""Why nobody answers at all: a machine or a system outside is away, or a link is cut."""

from __future__ import annotations

from base64 import b64decode

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, caller, ends_outside, last
from kubesim_tui.explain.node import node_not_ready


def black_hole(evidence: Evidence, failed: Failed) -> Chain:
    """Packets went to a machine from which nothing comes back."""
    if ends_outside(failed):
        return outside_down(evidence, failed)
    pod, node = last(failed, "Pod"), last(failed, "Node")
    asked = failed.way[-1] if failed.way else None
    links = (Link(f"no answer from Pod {pod[2]}", "network", None, pod),) if pod is not None and asked == pod else ()
    found = evidence.pod(pod[1], pod[2]) if pod is not None else None
    name = node[2] if node is not None else (found.spec.node_name if found is not None and found.spec else "")
    if not name:
        name = evidence.world.keeper("ingress-nginx-controller")
    if node is not None and failed.way == (node,):  # not even its rules were asked
        links = (Link(f"all come in by a port of node {name}, and by no other node", "users", None, node),)
    return node_not_ready(evidence, name).after(*links, *_one_basket(evidence, last(failed, "Service"), name))


def hangs(evidence: Evidence, failed: Failed) -> Chain:
    """A program has taken the connection, and says nothing."""
    pod = last(failed, "Pod")
    about = pod or (failed.way[-1] if failed.way else None)
    link = Link(f"{about[2] if about else 'somebody'} accepts connections, and {failed.detail}", "kubelet", None, about)
    return Chain((link,), "hangs", evidence.workload_of(about))


def _one_basket(evidence: Evidence, about: Subject | None, node: str) -> tuple[Link, ...]:
    """Where all that a Service could send to was on the machine that is away: that it was so."""
    service = evidence.service(about[1], about[2]) if about is not None else None
    pods = evidence.selected(service) if service is not None else []
    if len(pods) < 2 or any(pod.spec is None or pod.spec.node_name != node for pod in pods):
        return ()
    owner = evidence.workload(pods[0])
    text = f"all {len(pods)} Pods of {owner.kind} {owner.metadata.name} are on node {node}"
    return (Link(text, "kube-scheduler", None, subject(owner)),)


def no_healthy_node(evidence: Evidence, failed: Failed) -> Chain:
    """A balancer has no node to send to."""
    service = last(failed, "Service")
    if service is not None and evidence.world.balancer_lost(service[1], service[2]):
        text = f"the balancer of Service {service[2]} passes nothing on"
        return Chain((Link(text, "cloud", None, service),), "balancer-down", service)
    link = Link("no node answers the balancer's health checks", "cloud-controller-manager", None, service)
    node = last(failed, "Node")
    if node is None:
        return Chain((link,), "node-down", service)
    if evidence.world.powered(node[2]) and not evidence.world.process_runs(node[2], "kube-proxy"):
        text = f"kube-proxy on {node[2]}, whom they ask, does not run"
        return Chain((link, Link(text, "machine", None, node)), "stale-rules", node)
    return node_not_ready(evidence, node[2]).after(link)


def outside_down(evidence: Evidence, failed: Failed) -> Chain:
    """A system outside is silent: perhaps nobody should be asking it any more."""
    outside = last(failed, "Outside")
    name = outside[2] if outside is not None else failed.detail
    link = Link(f"{name} does not answer", "network", None, outside)
    asked = caller(failed)
    pod = evidence.pod(asked[1], asked[2]) if asked is not None else None
    stale = stale_source(evidence, pod, name) if pod is not None else None
    return stale.after(link) if stale is not None else Chain((link,), "outside-down", outside)


def stale_source(evidence: Evidence, pod: types.Pod, name: str) -> Chain | None:
    """The ConfigMap or Secret from which a Pod once read a name that is no longer in it; None if that is not it."""
    has = evidence.world.environment(pod.metadata.namespace, pod.metadata.name)
    for variable, source, key in sources(pod):
        if name not in has.get(variable, ""):
            continue
        now = value_of(evidence, source, key)
        if now is not None and now != has[variable]:
            first = Link(f"the process has {variable}={_shown(source, has[variable])}", "kubelet", None, subject(pod))
            then = Link(f"{source[0]} {source[2]} says {key}: {_shown(source, now)}", "etcd", None, source)
            return Chain((first, then), "stale-env", source)
    return None


def said_by(evidence: Evidence, pod: types.Pod, name: str) -> Chain | None:
    """The ConfigMap or Secret in which a Pod has read a name that nobody has; None if it is from neither."""
    has = evidence.world.environment(pod.metadata.namespace, pod.metadata.name)
    for variable, source, key in sources(pod):
        if name in has.get(variable, ""):
            text = f"{source[0]} {source[2]} says {key}: {_shown(source, has[variable])}"
            return Chain((Link(text, "etcd", None, source),), "dns-name", source)
    return None


def _shown(source: Subject, text: str) -> str:
    return "***" if source[0] == "Secret" else text


def sources(pod: types.Pod) -> list[tuple[str, Subject, str]]:
    """(variable, ConfigMap or Secret, key) of all that its containers have from there one by one."""
    found: list[tuple[str, Subject, str]] = []
    namespace = pod.metadata.namespace
    for container in pod.spec.containers if pod.spec is not None else ():
        for variable in container.env:
            origin = variable.value_from
            if origin is not None and origin.config_map_key_ref is not None:
                at = origin.config_map_key_ref
                found.append((variable.name, ("ConfigMap", namespace, at.name), at.key))
            elif origin is not None and origin.secret_key_ref is not None:
                secret = origin.secret_key_ref
                found.append((variable.name, ("Secret", namespace, secret.name), secret.key))
    return found


def value_of(evidence: Evidence, source: Subject, key: str) -> str | None:
    """What a ConfigMap or Secret says now; None if it or the key is not there."""
    if source[0] == "ConfigMap":
        config = evidence.etcd.get("configmaps", source[1:])
        return config.data.get(key) if isinstance(config, types.ConfigMap) else None
    secret = evidence.etcd.get("secrets", source[1:])
    text = secret.data.get(key) if isinstance(secret, types.Secret) else None
    return b64decode(text).decode("utf-8", "replace") if text is not None else None
