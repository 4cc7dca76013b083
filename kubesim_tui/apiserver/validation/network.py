"""Ingress, IngressClass, NetworkPolicy and EndpointSlice."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from kubesim_tui.api import addresses, labels, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import PROTOCOLS, meta_update, special_ip
from kubesim_tui.apiserver.validation.report import Check, JsonMap, Report, items, number, part, text

PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
IN_PATH, AT_END = ("//", "/./", "/../", "%2f", "%2F"), ("/..", "/.")
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
MOST_ENDPOINTS, MOST_ADDRESSES, MOST_PORTS, MOST_HINTS = 1000, 100, 20000, 8


def _meta(r: Report, data: JsonMap, *, namespaced: bool = True) -> None:
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced)


# -- Ingress -----------------------------------------------------------------------------------------------------------


def ingress(r: Report, data: JsonMap) -> None:
    """A new Ingress: its class is named once."""
    _meta(r, data)
    spec, annotations = part(data, "spec"), part(part(data, "metadata"), "annotations")
    _ingress_spec(r, spec)
    given, named = annotations.get(CLASS_ANNOTATION), spec.get("ingressClassName")
    if given is not None and named is not None and given != named:
        said = "must match `ingressClassName` when both are specified"
        r.invalid(f"annotations.{CLASS_ANNOTATION}", given, said)


def _ingress_spec(r: Report, spec: JsonMap) -> None:
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        r.invalid("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified")
    if spec.get("defaultBackend") is not None:
        _backend(r, spec["defaultBackend"], "spec.defaultBackend")
    for at, rule in items(spec, "rules", "spec.rules"):
        _rule(r, rule, at)
    for at, tls in items(spec, "tls", "spec.tls"):
        for i, host in enumerate(tls.get("hosts") or ()):
            _host(r, host, f"{at}.hosts[{i}]")
        if text(tls, "secretName"):
            r.syntax(names.is_dns1123_subdomain, f"{at}.secretName", tls["secretName"])
    if spec.get("ingressClassName") is not None:
        r.syntax(names.is_dns1123_subdomain, "spec.ingressClassName", spec["ingressClassName"])


def _host(r: Report, host: str, path: str) -> None:
    check = names.is_wildcard_dns1123_subdomain if "*" in host else names.is_dns1123_subdomain
    r.syntax(check, path, host)


def _rule(r: Report, rule: JsonMap, path: str) -> None:
    host, http = text(rule, "host"), rule.get("http")
    if host:
        if not addresses.is_valid_legacy_ip(host):
            r.invalid(f"{path}.host", host, "must be a DNS name, not an IP address")
        _host(r, host, f"{path}.host")
    if http is None:
        return
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
            r.required(f"{path}.{name}", f"{name} is required")
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
    _ingress_spec(r, part(new, "spec"))


def ingress_class(r: Report, data: JsonMap) -> None:
    """The name of a controller, and perhaps parameters."""
    _meta(r, data, namespaced=False)
    spec = part(data, "spec")
    controller = text(spec, "controller")
    if len(controller) > 250:
        r.too_long("spec.controller", 250)
    r.syntax(names.is_domain_prefixed_path, "spec.controller", controller)
    parameters = spec.get("parameters")
    if parameters is None:
        return
    _reference(r, parameters, "spec.parameters")
    scope, namespace = text(parameters, "scope"), parameters.get("namespace")
    r.one_of("spec.parameters.scope", scope, ("Cluster", "Namespace"))
    if scope == "Namespace" and namespace is None:
        r.required("spec.parameters.namespace", "`parameters.scope` is set to 'Namespace'")
    elif scope == "Namespace":
        r.syntax(names.is_dns1123_label, "spec.parameters.namespace", namespace)
    elif scope == "Cluster" and namespace is not None:
        r.forbidden("spec.parameters.namespace", "`parameters.scope` is set to 'Cluster'")


def ingress_class_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A class keeps its controller."""
    meta_update(r, new, old)
    now, was = text(part(new, "spec"), "controller"), text(part(old, "spec"), "controller")
    r.immutable("spec.controller", now, was)
    ingress_class(r, new)


# -- NetworkPolicy -----------------------------------------------------------------------------------------------------


def network_policy(r: Report, data: JsonMap) -> None:
    """Whom it chooses, and what they may speak with."""
    _meta(r, data)
    spec = part(data, "spec")
    r.add(labels.validate_object(spec.get("podSelector"), "spec.podSelector"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for at, rule in items(spec, direction, f"spec.{direction}"):
            for port_at, port in items(rule, "ports", f"{at}.ports"):
                _policy_port(r, port, port_at)
            for peer_at, peer in items(rule, peers, f"{at}.{peers}"):
                _peer(r, peer, peer_at)
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        r.invalid("spec.policyTypes", types, "may not specify more than two policyTypes")
        return
    for i, kind in enumerate(types):
        if kind not in ("Ingress", "Egress"):
            r.not_supported(f"spec.policyTypes[{i}]", kind, ("Ingress", "Egress"))


def _policy_port(r: Report, port: JsonMap, path: str) -> None:
    if port.get("protocol") is not None and port["protocol"] not in PROTOCOLS:
        r.not_supported(f"{path}.protocol", port["protocol"], ("TCP", "UDP", "SCTP"))
    value, end = port.get("port"), port.get("endPort")
    if value is None:
        if end is not None:
            r.invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified")
    elif isinstance(value, str):
        if end is not None:
            r.invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric")
        r.syntax(names.is_valid_port_name, f"{path}.port", value)
    else:
        for message in names.is_valid_port_num(value):
            r.invalid(f"{path}.port", value, message)
        if end is not None and end < value:
            r.invalid(f"{path}.endPort", value, "must be greater than or equal to `port`")
        for message in names.is_valid_port_num(end) if end is not None else ():
            r.invalid(f"{path}.endPort", end, message)


def _peer(r: Report, peer: JsonMap, path: str) -> None:
    given = [n for n in ("podSelector", "namespaceSelector", "ipBlock") if peer.get(n) is not None]
    for name in given[:2]:
        if name != "ipBlock":
            r.add(labels.validate_object(peer[name], f"{path}.{name}"))
    if "ipBlock" in given:
        _ip_block(r, peer["ipBlock"], f"{path}.ipBlock")
    if not given:
        r.required(path, "must specify a peer")
    elif len(given) > 1 and "ipBlock" in given:
        r.forbidden(path, "may not specify both ipBlock and another peer")


def _ip_block(r: Report, block: JsonMap, path: str) -> None:
    cidr = text(block, "cidr")
    if not cidr:
        r.required(f"{path}.cidr")
        return
    wrong = addresses.is_valid_legacy_cidr(cidr)
    for message in wrong:
        r.invalid(f"{path}.cidr", cidr, message)
    for i, inner in enumerate(block.get("except") or ()):
        bad = addresses.is_valid_legacy_cidr(inner)
        for message in bad:
            r.invalid(f"{path}.except[{i}]", inner, message)
        if not wrong and not bad and not _strict_subset(inner, cidr):
            r.invalid(f"{path}.except[{i}]", inner, "must be a strict subset of `cidr`")


def _strict_subset(inner: str, outer: str) -> bool:
    small, large = ip_network(inner, strict=False), ip_network(outer, strict=False)
    if small.version != large.version or small.prefixlen <= large.prefixlen:
        return False
    return int(large.network_address) <= int(small.network_address) <= int(large.broadcast_address)


def network_policy_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed NetworkPolicy."""
    meta_update(r, new, old)
    network_policy(r, new)


# -- EndpointSlice -----------------------------------------------------------------------------------------------------


def endpoint_slice(r: Report, data: JsonMap) -> None:
    """Addresses of one family, and ports with different names."""
    _meta(r, data)
    kind = text(data, "addressType")
    r.one_of("addressType", kind, ("FQDN", "IPv4", "IPv6"))
    found = data.get("endpoints") or []
    if len(found) > MOST_ENDPOINTS:
        r.too_many("endpoints", len(found), MOST_ENDPOINTS)
    else:
        for at, endpoint in items(data, "endpoints", "endpoints"):
            _endpoint(r, endpoint, at, kind)
    _slice_ports(r, data)


def _endpoint(r: Report, endpoint: JsonMap, path: str, kind: str) -> None:
    found = endpoint.get("addresses") or []
    if not found:
        r.required(f"{path}.addresses", "must contain at least 1 address")
    if len(found) > MOST_ADDRESSES:
        r.too_many(f"{path}.addresses", len(found), MOST_ADDRESSES)
    for i, address in enumerate(found):
        _address(r, address, f"{path}.addresses", i, kind)
    if endpoint.get("hostname") is not None:
        r.syntax(names.is_dns1123_label, f"{path}.hostname", endpoint["hostname"])
    if endpoint.get("nodeName") is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.nodeName", endpoint["nodeName"])
    hints, at = part(endpoint, "hints"), f"{path}.hints"
    if _hints(r, hints, "forZones", names.is_label_value, at):
        _hints(r, hints, "forNodes", names.is_dns1123_subdomain, at)


def _hints(r: Report, hints: JsonMap, field: str, rule: Check, path: str) -> bool:
    """For whom an endpoint is meant, each named once; False if there are too many."""
    given = [text(one, "name") for one in hints.get(field) or ()]
    if len(given) > MOST_HINTS:
        r.too_many(f"{path}.{field}", len(given), MOST_HINTS)
        return False
    for i, name in enumerate(given):
        if name in given[:i]:
            r.duplicate(f"{path}.{field}[{i}].name", name)
        r.syntax(rule, f"{path}.{field}[{i}].name", name)
    return True


def _address(r: Report, address: str, path: str, i: int, kind: str) -> None:
    """An address of the slice's type. (Of the wrong family: upstream names the list, not the item.)"""
    at = f"{path}[{i}]"
    if kind == "FQDN":
        r.syntax(names.is_fully_qualified_domain_name, at, address)
        return
    wrong = addresses.is_valid_ip(address) if kind == "IPv6" else addresses.is_valid_legacy_ip(address)
    for message in wrong:
        r.invalid(at, address, message)
    if wrong or kind not in ("IPv4", "IPv6"):
        return
    if ip_address(address).version != int(kind[-1]):
        r.invalid(path, address, f"must be an {kind} address")
    special_ip(r, address, at)


def _slice_ports(r: Report, data: JsonMap) -> None:
    if len(data.get("ports") or ()) > MOST_PORTS:
        r.too_many("ports", len(data["ports"]), MOST_PORTS)
        return
    seen: set[str] = set()
    for at, port in items(data, "ports", "ports"):
        name = text(port, "name")
        if name:
            r.syntax(names.is_dns1123_label, f"{at}.name", name)
        if name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)
        r.one_of(f"{at}.protocol", text(port, "protocol"), PROTOCOLS)
        if port.get("appProtocol") is not None:
            r.syntax(names.is_qualified_name, f"{at}.appProtocol", port["appProtocol"])


def endpoint_slice_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A slice keeps its address type."""
    meta_update(r, new, old)
    endpoint_slice(r, new)
    r.immutable("addressType", new.get("addressType"), old.get("addressType"))
