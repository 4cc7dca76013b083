"""Why the API server refuses what nothing is wrong with: an admission webhook that must be asked does not answer."""

from __future__ import annotations

import re

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.explain.chain import Chain, Link, Subject, subject
from kubesim_tui.explain.evidence import Evidence

CONFIGURATIONS = tuple(
    f"{kind}webhookconfigurations.admissionregistration.k8s.io" for kind in ("mutating", "validating")
)
_CALLED = re.compile(r'failed calling webhook "([^"]+)"')


def unasked(evidence: Evidence, message: str) -> Chain | None:
    """The chain behind a refusal that says that a webhook could not be called; None if it does not say so."""
    called = _CALLED.search(message)
    if called is None:
        return None
    for configuration in (obj for resource in CONFIGURATIONS for obj in evidence.etcd.table(resource)):
        for service in _services(configuration, called[1]):
            about, there = subject(configuration), evidence.service(*service)
            if "x509: " in message:
                text = f"the certificate of its Service {service[1]} is over"
                return Chain((Link(text, "kube-apiserver", None, about),), "certificate-expired", about)
            text = f"its Service {service[1]} " + ("leads to nobody who answers" if there else "does not exist")
            return Chain((Link(text, "kube-apiserver", None, about),), "webhook-down", about)
    return Chain((), "webhook-down", None)


def asked_at(evidence: Evidence, about: Subject | None) -> list[types.Service]:
    """The Services at which the webhooks of a configuration are asked, those that exist."""
    for resource in CONFIGURATIONS:
        for configuration in evidence.etcd.table(resource):
            if subject(configuration) == about:
                found = (evidence.service(*service) for service in _services(configuration, ""))
                return [service for service in found if service is not None]
    return []


def _services(configuration: types.Object, hook: str) -> list[tuple[str, str]]:
    """(namespace, name) of whom a webhook of that name ("": each) is asked at."""
    hooks = encode_object(configuration).get("webhooks") or ()
    asked = [one["clientConfig"].get("service") for one in hooks if hook in ("", one["name"])]
    return [(service["namespace"], service["name"]) for service in asked if service]
