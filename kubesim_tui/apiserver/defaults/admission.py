"""Defaults of what extends the API: webhooks, policies, custom resource definitions, API services."""

from __future__ import annotations

from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, each, fill, fill_zero, part, some

HTTPS = 443


def _webhook(hook: JsonMap) -> None:
    fill(
        hook, failurePolicy="Fail", matchPolicy="Equivalent", namespaceSelector={}, objectSelector={}, timeoutSeconds=10
    )
    for rule in each(hook, "rules"):
        fill(rule, scope="*")
    service = some(hook, "clientConfig").get("service")
    if service is not None:
        fill(service, port=HTTPS)


def validating_webhooks(data: JsonMap) -> None:
    """A failing webhook refuses; it has ten seconds."""
    for hook in each(data, "webhooks"):
        _webhook(hook)


def mutating_webhooks(data: JsonMap) -> None:
    """The same, and none is called twice."""
    for hook in each(data, "webhooks"):
        _webhook(hook)
        fill(hook, reinvocationPolicy="Never")


def _match(resources: JsonMap) -> None:
    fill(resources, matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})
    for name in ("resourceRules", "excludeResourceRules"):
        for rule in each(resources, name):
            fill(rule, scope="*")


def policy(data: JsonMap) -> None:
    """A policy that cannot be evaluated refuses."""
    spec = part(data, "spec")
    fill(spec, failurePolicy="Fail")
    if spec.get("matchConstraints") is not None:
        _match(spec["matchConstraints"])


def policy_binding(data: JsonMap) -> None:
    """Its matching rules as a policy's."""
    resources = part(data, "spec").get("matchResources")
    if resources is not None:
        _match(resources)


def custom_resource_definition(data: JsonMap) -> None:
    """Names follow the kind; versions are not converted."""
    spec = part(data, "spec")
    names = part(spec, "names")
    kind = names.get("kind") or ""
    if kind:
        fill_zero(names, singular=kind.lower(), listKind=f"{kind}List")
    fill(spec, conversion={"strategy": "None"})
    service = some(some(some(spec, "conversion"), "webhook"), "clientConfig").get("service")
    if service is not None:
        fill(service, port=HTTPS)


def api_service(data: JsonMap) -> None:
    """An aggregated API listens on 443."""
    service = part(data, "spec").get("service")
    if service is not None:
        fill(service, port=HTTPS)


DEFAULTERS: dict[str, Defaulter] = {
    "admissionregistration.v1.ValidatingWebhookConfiguration": validating_webhooks,
    "admissionregistration.v1.MutatingWebhookConfiguration": mutating_webhooks,
    "admissionregistration.v1.ValidatingAdmissionPolicy": policy,
    "admissionregistration.v1.ValidatingAdmissionPolicyBinding": policy_binding,
    "admissionregistration.v1.MutatingAdmissionPolicy": policy,
    "admissionregistration.v1.MutatingAdmissionPolicyBinding": policy_binding,
    "apiextensions.v1.CustomResourceDefinition": custom_resource_definition,
    "apiregistration.v1.APIService": api_service,
}
