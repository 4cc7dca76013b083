"""A request's stops in words: what each is called, what decided there, and why it failed."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.cluster.picture.followed import Fact, Stop
from kubesim_tui.tui.i18n import N_, Texts

KINDS: Mapping[str, tuple[str, str]] = {
    "user": (N_("user"), "pink"),
    "balancer": (N_("cloud balancer"), "orange"),
    "ingress": (N_("Ingress"), "cyan"),
    "node": (N_("node port"), "blue"),
    "dns": (N_("DNS"), "yellow"),
    "service": (N_("Service"), "violet"),
    "rule": (N_("kube-proxy rule"), "violet"),
    "link": (N_("link"), "soft"),
    "pod": (N_("Pod"), "green"),
    "outside": (N_("outside"), "orange"),
    "answer": (N_("answer"), "pink"),
}
"""What a stop is called, and its colour."""

SENTENCES: Mapping[str, str] = {
    "asks": N_("{method} {url}"),
    "timeout": N_("The user waits {ms} ms at most."),
    "answered": N_("Answer: {status}, after {ms} ms."),
    "routed": N_("A rule for host {host} and this path sends it to Service {service}."),
    "canary": N_("A canary, Ingress {ingress}, takes {weight} of {total} of these; it got this one."),
    "tried": N_("Try {n} of the ingress controller; it asks the next Pod."),
    "balanced": N_("The cloud's balancer sends to nodes that pass its health check; here to {machine}."),
    "dns-service": N_("{name} is {addresses}: the address of a Service, which no machine has."),
    "dns-pods": N_("{name} is {addresses}: addresses of Pods, for the Service is headless."),
    "dns-address": N_("{name} is {addresses}."),
    "dns-alias": N_("{name} is another name of {alias}, outside the cluster."),
    "dns-none": N_("DNS knows no name {host}."),
    "dns-silent": N_("DNS gave no answer about {host}."),
    "rule": N_("The rules on {machine} know {n} endpoints for {address}."),
    "local": N_("The policy is Local: only endpoints on this node count."),
    "affinity": N_("Session affinity: a caller keeps its endpoint for {seconds} s."),
    "leaving": N_("No endpoint is ready: those that still serve while they end are used."),
    "stale": N_("kube-proxy on {machine} hears nothing: its rules stand still."),
    "no-rule": N_("No rule of {machine} is about it: the address is a Pod's own."),
    "chosen": N_("It chose {address}."),
    "link": N_("From {a} to {b} and back."),
    "works": N_("{image} worked on it for {ms} ms, its calls not counted; it takes {servers} at a time."),
    "throttled": N_("Its limit of {milli} thousandths of a core slows it down."),
    "waited": N_("It waited {ms} ms for its turn; {n} more are queued."),
    "passes": N_("What it called failed, so it answers {status} itself."),
    "failed": N_("Here it fails: {reason}."),
    "code-no-endpoints": N_("The Service has no endpoint that is ready."),
    "code-no-service": N_("No Service of that name is known there."),
    "code-no-service-port": N_("The Service has no such port."),
    "code-no-route": N_("No Ingress has a rule for this host and path."),
    "code-redirect": N_("The Ingress sends everybody elsewhere."),
    "code-too-large": N_("The request is larger than nginx lets through."),
    "code-denied": N_("nginx lets nobody in: an annotation of the Ingress cannot be followed."),
    "code-source-range": N_("nginx does not let this address in."),
    "code-unauthorized": N_("nginx asks who it is, and the request does not say."),
    "code-no-leave": N_("Who is asked whether somebody may come in does not answer well."),
    "code-rate-limit": N_("More comes from this address than the Ingress lets through."),
    "code-connection-limit": N_("From this address as many requests are there at once as the Ingress lets in."),
    "code-wrong-protocol": N_("nginx and the Pod speak different protocols, HTTP and HTTPS."),
    "code-default-backend": N_("An error was thrown away for a page of the default backend, which is not there."),
    "code-certificate": N_("The certificate that the host shows is not believed."),
    "code-no-node-port": N_("No rule of the node has this port."),
    "code-policy-local": N_("The node has no endpoint of its own, and the policy is Local."),
    "code-policy": N_("A NetworkPolicy lets nothing through, and says nothing."),
    "code-source-ranges": N_("The balancer does not let this source in."),
    "code-refused": N_("Nobody listens there: connection refused."),
    "code-no-such-pod": N_("Nobody has this address any more."),
    "code-no-such-address": N_("Nobody has this address."),
    "code-black-hole": N_("Packets vanish; somebody waits until it is too long."),
    "code-node-unreachable": N_("The node cannot be reached."),
    "code-no-healthy-node": N_("No node passes the balancer's health check."),
    "code-answer": N_("The application itself answers so."),
    "code-hangs": N_("The process is there, and never answers."),
    "code-overload": N_("Servers and queue are full."),
    "code-slow": N_("It took longer than somebody was ready to wait."),
    "code-pod-died": N_("The Pod died while it worked on it."),
    "code-disk-full": N_("No space is left for the record."),
    "code-dns": N_("The name does not exist."),
    "code-unassigned": N_("Nobody has this address."),
    "code-dns-outside": N_("No public DNS knows the name."),
    "code-dns-down": N_("DNS does not answer."),
    "code-dns-failed": N_("DNS cannot say whether the name exists."),
}
"""What a fact says. `detail` is Kubernetes' or the application's own word and stays as it is."""


def sentence(t: Texts, fact: Fact) -> str:
    """A fact as a sentence; "" of a code that only the explanation knows."""
    code, values = fact
    if code == "detail":
        return dict(values)["text"]
    known = SENTENCES.get(code)
    return t(known, **dict(values)) if known else ""


def gist(t: Texts, stop: Stop) -> str:
    """A stop in a few words: what decided there, where it has something to decide; else its name."""
    facts = {code: dict(values) for code, values in stop.facts}
    if "chosen" in facts:
        return f"{facts.get('rule', {}).get('address', stop.name)} → {facts['chosen']['address']}"
    if stop.kind == "dns":
        answer = next(iter(facts.values()), {})
        return f"{stop.name} = {answer.get('addresses') or answer.get('alias') or t('no answer')}"
    if "link" in facts:
        return f"{facts['link']['a']} → {facts['link']['b']}"
    return stop.name
