"""Ingress and IngressClass (pkg/apis/networking/validation)."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.api import addresses, names
from kubesim_tui.apiserver.validation.core import legacy_ip, meta_update, subdomain
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text

PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
IN_PATH, AT_END = ("//", "/./", "/../", "%2f", "%2F"), ("/..", "/.")
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
NOT_AN_IP = "must be a DNS name, not an IP address"
LONGEST_CONTROLLER = 250


@frozen
class Tolerated:
    """What an update need not mend, the stored object being wrong in this already."""

    secret_names: bool = False
    wildcard_rules: bool = False


NOTHING_TOLERATED = Tolerated()


def ingress(r: Report, data: JsonMap) -> None:
    """A new Ingress: its class is named once."""
    _ingress(r, data, NOTHING_TOLERATED)
    spec, annotations = part(data, "spec"), part(part(data, "metadata"), "annotations")
    given, named = annotations.get(CLASS_ANNOTATION), spec.get("ingressClassName")
    if given is not None and named is not None and given != named:
        said = "must match `ingressClassName` when both are specified"
        r.invalid(f"annotations.{CLASS_ANNOTATION}", given, said)


def _ingress(r: Report, data: JsonMap, tolerated: Tolerated) -> None:
    subdomain(r, data)
    spec = part(data, "spec")
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        r.invalid("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified")
    if spec.get("defaultBackend") is not None:
        _backend(r, spec["defaultBackend"], "spec.defaultBackend")
    for at, rule in items(spec, "rules", "spec.rules"):
        _rule(r, rule, at, tolerated)
    for at, tls in items(spec, "tls", "spec.tls"):
        for i, host in enumerate(tls.get("hosts") or ()):
            _host(r, host, f"{at}.hosts[{i}]")
        if text(tls, "secretName") and not tolerated.secret_names:
            r.syntax(names.is_dns1123_subdomain, f"{at}.secretName", tls["secretName"])
    if spec.get("ingressClassName") is not None:
        r.syntax(names.is_dns1123_subdomain, "spec.ingressClassName", spec["ingressClassName"])


def _host(r: Report, host: str, path: str) -> None:
    check = names.is_wildcard_dns1123_subdomain if "*" in host else names.is_dns1123_subdomain
    r.syntax(check, path, host)


def _rule(r: Report, rule: JsonMap, path: str, tolerated: Tolerated) -> None:
    host = text(rule, "host")
    if host:
        if addresses.parse_ip(host) is not None:
            r.invalid(f"{path}.host", host, NOT_AN_IP)
        _host(r, host, f"{path}.host")
    if rule.get("http") is not None and not (tolerated.wildcard_rules and "*" in host):
        _http(r, rule["http"], path)


def _http(r: Report, http: JsonMap, path: str) -> None:
    if not http.get("paths"):
        r.required(f"{path}.http.paths")
    for at, one in items(http, "paths", f"{path}.http.paths"):
        _path(r, one, at)


def _path(r: Report, data: JsonMap, path: str) -> None:
    value, kind = text(data, "path"), data.get("pathType")
    if kind is None:
        r.required(f"{path}.pathType", "pathType must be specified")
        return
    if kind in ("Exact", "Prefix"):
        if not value.startswith("/"):
            r.invalid(f"{path}.path", value, "must be an absolute path")
        for sequence in IN_PATH:
            if sequence in value:
                r.invalid(f"{path}.path", value, f"must not contain '{sequence}'")
        for suffix in AT_END:
            if value.endswith(suffix):
                r.invalid(f"{path}.path", value, f"cannot end with '{suffix}'")
    elif kind == "ImplementationSpecific":
        if value and not value.startswith("/"):
            r.invalid(f"{path}.path", value, "must be an absolute path")
    else:
        r.not_supported(f"{path}.pathType", kind, PATH_TYPES)
    _backend(r, part(data, "backend"), f"{path}.backend")


def _backend(r: Report, backend: JsonMap, path: str) -> None:
    resource, service = backend.get("resource"), backend.get("service")
    if resource is not None and service is not None:
        r.invalid(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        _reference(r, resource, f"{path}.resource")
    elif service is not None:
        _service_backend(r, service, path)
    else:
        r.invalid(path, "", "resource or service backend is required")


def _reference(r: Report, reference: JsonMap, path: str) -> None:
    """Another object: a group, a kind and a name."""
    if reference.get("apiGroup") is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.apiGroup", reference["apiGroup"])
    for name in ("kind", "name"):
        if not text(reference, name):
            r.required(f"{path}.{name}")
        else:
            r.syntax(names.is_path_segment_name, f"{path}.{name}", reference[name])


def _service_backend(r: Report, service: JsonMap, path: str) -> None:
    if not text(service, "name"):
        r.required(f"{path}.service.name")
    else:
        r.syntax(names.is_dns1123_label, f"{path}.service.name", service["name"])
    port = part(service, "port")
    name, value = text(port, "name"), number(port, "number")
    if name and value:
        r.invalid(path, "", "cannot set both port name & port number")
    elif name:
        r.syntax(names.is_valid_port_name, f"{path}.service.port.name", name)
    elif value:
        for message in names.is_valid_port_num(value):
            r.invalid(f"{path}.service.port.number", value, message)
    else:
        r.required(path, "port name or number is required")


def ingress_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed Ingress."""
    meta_update(r, new, old)
    _ingress(r, new, _tolerated(part(old, "spec")))


def _tolerated(spec: JsonMap) -> Tolerated:
    """What was stored before it was refused may stay."""
    secrets = (text(tls, "secretName") for tls in spec.get("tls") or ())
    wild = [r for r in spec.get("rules") or () if "*" in text(r, "host") and r.get("http") is not None]
    found = Report()
    for rule in wild:
        _http(found, rule["http"], "")
    return Tolerated(any(s and names.is_dns1123_subdomain(s) for s in secrets), bool(found.errors))


def ingress_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Where it can be reached."""
    meta_update(r, new, old)
    balancer = part(part(new, "status"), "loadBalancer")
    before = part(part(old, "status"), "loadBalancer").get("ingress") or ()
    known = {text(one, "ip") for one in before}
    for at, one in items(balancer, "ingress", "status.loadBalancer.ingress"):
        ip, host = text(one, "ip"), text(one, "hostname")
        if ip:
            legacy_ip(r, ip, f"{at}.ip", known)
        if host:
            r.syntax(names.is_dns1123_subdomain, f"{at}.hostname", host)
            if addresses.parse_ip(host) is not None:
                r.invalid(f"{at}.hostname", host, NOT_AN_IP)


# -- IngressClass ------------------------------------------------------------------------------------------------------


def ingress_class(r: Report, data: JsonMap) -> None:
    """The name of a controller, and perhaps parameters."""
    subdomain(r, data, namespaced=False)
    spec = part(data, "spec")
    controller = text(spec, "controller")
    if len(controller.encode()) > LONGEST_CONTROLLER:
        r.too_long("spec.controller", LONGEST_CONTROLLER)
    r.syntax(names.is_domain_prefixed_path, "spec.controller", controller)
    parameters = spec.get("parameters")
    if parameters is None:
        return
    _parameters(r, parameters, "spec.parameters")


def _parameters(r: Report, parameters: JsonMap, path: str) -> None:
    if parameters.get("apiGroup") is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.apiGroup", parameters["apiGroup"])
    for name in ("kind", "name"):
        if not text(parameters, name):
            r.declared_required(f"{path}.{name}")
        else:
            r.syntax(names.is_path_segment_name, f"{path}.{name}", parameters[name])
    scope, namespace = text(parameters, "scope"), parameters.get("namespace")
    r.one_of(f"{path}.scope", scope, ("Cluster", "Namespace"))
    if scope == "Namespace":
        if namespace is None:
            r.required(f"{path}.namespace", "`parameters.scope` is set to 'Namespace'")
        else:
            r.syntax(names.is_dns1123_label, f"{path}.namespace", namespace)
    elif scope == "Cluster" and namespace is not None:
        r.forbidden(f"{path}.namespace", "`parameters.scope` is set to 'Cluster'")


def ingress_class_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A class keeps its controller."""
    meta_update(r, new, old)
    now, was = text(part(new, "spec"), "controller"), text(part(old, "spec"), "controller")
    r.immutable("spec.controller", now, was)
    ingress_class(r, new)
