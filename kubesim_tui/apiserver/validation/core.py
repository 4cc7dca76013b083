"""The smaller kinds of the core group (pkg/apis/core/validation)."""

from __future__ import annotations

import base64
import binascii
import json

from kubesim_tui.api import addresses, names
from kubesim_tui.api.quantity import Quantity
from kubesim_tui.apiserver.validation import affinity, metadata, resources
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text

MOST_BYTES = 1024 * 1024
FROZEN = "field is immutable when `immutable` is set"
PROTOCOLS = ("SCTP", "TCP", "UDP")
REDACTED = "<secret contents redacted>"


def _subdomain(r: Report, data: JsonMap, *, namespaced: bool = True) -> None:
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced)


def meta_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """The metadata of a changed object."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))


# -- ConfigMap, Secret -----------------------------------------------------------------------------------------------


def decoded(value: str) -> bytes:
    """Bytes of a base64 text (b"" if it is none: strict decoding has said so)."""
    try:
        return base64.b64decode(value or "", validate=True)
    except (binascii.Error, ValueError):
        return b""


def config_map(r: Report, data: JsonMap) -> None:
    """Keys, and 1 MiB at most."""
    _subdomain(r, data)
    plain, binary = part(data, "data"), part(data, "binaryData")
    for key in sorted(plain):
        r.syntax(names.is_config_map_key, f"data[{key}]", key)
        if key in binary:
            r.invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in sorted(binary):
        r.syntax(names.is_config_map_key, f"binaryData[{key}]", key)
    size = sum(len((v or "").encode()) for v in plain.values()) + sum(len(decoded(v)) for v in binary.values())
    if size > MOST_BYTES:
        r.too_long("", MOST_BYTES)


def config_map_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """An immutable ConfigMap stays as it is."""
    meta_update(r, new, old)
    _frozen(r, new, old, ("data", "binaryData"))
    config_map(r, new)


def _frozen(r: Report, new: JsonMap, old: JsonMap, fields: tuple[str, ...]) -> None:
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        r.forbidden("immutable", FROZEN)
    for name in fields:
        if part(new, name) != part(old, name):
            r.forbidden(name, FROZEN)


def secret(r: Report, data: JsonMap) -> None:
    """Keys, 1 MiB at most, and what each type must hold."""
    _subdomain(r, data)
    found = part(data, "data")
    for key in sorted(found):
        r.syntax(names.is_config_map_key, f"data[{key}]", key)
    if sum(len(decoded(v)) for v in found.values()) > MOST_BYTES:
        r.too_long("data", MOST_BYTES)
    _secret_type(r, data, found)


def _secret_type(r: Report, data: JsonMap, found: JsonMap) -> None:
    kind = text(data, "type")
    if kind == "kubernetes.io/service-account-token":
        key = "kubernetes.io/service-account.name"
        if not part(part(data, "metadata"), "annotations").get(key):
            r.required(f"metadata.annotations[{key}]")
    elif kind in ("kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson"):
        key = ".dockercfg" if kind.endswith("cfg") else ".dockerconfigjson"
        if key not in found:
            r.required(f"data[{key}]")
        else:
            _json(r, decoded(found[key]), f"data[{key}]")
    elif kind == "kubernetes.io/basic-auth":
        if "username" not in found and "password" not in found:
            r.required("data[username]")
            r.required("data[password]")
    elif kind == "kubernetes.io/ssh-auth":
        if not found.get("ssh-privatekey"):
            r.required("data[ssh-privatekey]")
    elif kind == "kubernetes.io/tls":
        for key in ("tls.crt", "tls.key"):
            if key not in found:
                r.required(f"data[{key}]")


def _json(r: Report, content: bytes, path: str) -> None:
    try:
        found = json.loads(content)
    except ValueError:
        said = "unexpected end of JSON input" if not content.strip() else "invalid character in JSON input"
        r.invalid(path, REDACTED, said)
        return
    if not isinstance(found, dict):
        said = "json: cannot unmarshal into Go value of type map[string]interface {}"
        r.invalid(path, REDACTED, said)


def secret_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A Secret keeps its type; an immutable one stays as it is."""
    meta_update(r, new, old)
    r.immutable("type", new.get("type"), old.get("type"))
    _frozen(r, new, old, ("data",))
    secret(r, new)


# -- ServiceAccount, Namespace, Node -----------------------------------------------------------------------------------


def service_account(r: Report, data: JsonMap) -> None:
    """Only metadata count."""
    _subdomain(r, data)


def service_account_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Only metadata count."""
    meta_update(r, new, old)
    service_account(r, new)


def namespace(r: Report, data: JsonMap) -> None:
    """Its name is a label: it becomes a part of DNS names."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_label, namespaced=False)
    for finalizer in part(data, "spec").get("finalizers") or ():
        r.syntax(names.is_qualified_name, "spec.finalizers", finalizer)
        metadata.kube_finalizer(r, finalizer, "spec.finalizers")


def namespace_status(r: Report, new: JsonMap, _old: JsonMap) -> None:
    """Active, or Terminating when it is being deleted."""
    phase = text(part(new, "status"), "phase")
    deleted = part(new, "metadata").get("deletionTimestamp") is not None
    if not deleted and phase != "Active":
        r.invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty")
    if deleted and phase != "Terminating":
        r.invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")


def node(r: Report, data: JsonMap) -> None:
    """Taints, amounts and address ranges."""
    _subdomain(r, data, namespaced=False)
    spec = part(data, "spec")
    taints(r, spec, "metadata.taints")
    _node_resources(r, data)
    ranges = spec.get("podCIDRs") or []
    for i, value in enumerate(ranges):
        r.syntax(addresses.is_valid_cidr, f"spec.podCIDRs[{i}]", value)
    if len(ranges) > 2 or (len(ranges) == 2 and (":" in ranges[0]) == (":" in ranges[1])):
        r.invalid("spec.podCIDRs", ranges, "may specify no more than one CIDR for each IP family")


def taints(r: Report, spec: JsonMap, path: str) -> None:
    """Keys, values and effects; one taint a key and effect."""
    seen: set[tuple[str, str]] = set()
    for at, taint in items(spec, "taints", path):
        key, value, effect = text(taint, "key"), text(taint, "value"), text(taint, "effect")
        r.syntax(names.is_qualified_name, f"{at}.key", key)
        wrong = names.is_label_value(value)
        if wrong:
            r.invalid(f"{at}.value", value, ";".join(wrong))
        if not effect:
            r.required(f"{at}.effect")
        else:
            affinity.taint_effect(r, effect, f"{at}.effect")
        if (key, effect) in seen:
            r.duplicate(at, taint, "taints must be unique by key and effect pair")
        seen.add((key, effect))


def _node_resources(r: Report, data: JsonMap) -> None:
    for kind in ("capacity", "allocatable"):
        found = part(part(data, "status"), kind)
        for name in sorted(found):
            resources.resource_quantity(r, name, found[name], f"status.{kind}.{name}")


def node_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A node keeps its address range and provider id once it has them."""
    meta_update(r, new, old)
    _node_resources(r, new)
    spec, before = part(new, "spec"), part(old, "spec")
    if before.get("podCIDRs") and before["podCIDRs"] != spec.get("podCIDRs"):
        r.forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')
    if text(before, "providerID") and text(before, "providerID") != text(spec, "providerID"):
        r.forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid')
    taints(r, spec, "metadata.taints")


# -- Endpoints ---------------------------------------------------------------------------------------------------------


def endpoints(r: Report, data: JsonMap) -> None:
    """Addresses and ports."""
    _subdomain(r, data)
    for at, subset in items(data, "subsets", "subsets"):
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            r.required(at, "must specify `addresses` or `notReadyAddresses`")
        for kind in ("addresses", "notReadyAddresses"):
            for address_at, address in items(subset, kind, f"{at}.{kind}"):
                _endpoint_address(r, address, address_at)
        many = len(subset.get("ports") or ()) > 1
        for port_at, port in items(subset, "ports", f"{at}.ports"):
            endpoint_port(r, port, port_at, name_required=many)


def _endpoint_address(r: Report, address: JsonMap, path: str) -> None:
    r.syntax(addresses.is_valid_legacy_ip, f"{path}.ip", text(address, "ip"))
    if text(address, "hostname"):
        r.syntax(names.is_dns1123_label, f"{path}.hostname", address["hostname"])
    if address.get("nodeName") is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.nodeName", address["nodeName"])
    special_ip(r, text(address, "ip"), f"{path}.ip")


def special_ip(r: Report, value: str, path: str) -> None:
    """Addresses that no endpoint can have."""
    wrong = addresses.is_valid_legacy_ip(value)
    if wrong:
        return
    if value in ("0.0.0.0", "::"):
        r.invalid(path, value, f"may not be unspecified ({value})")
    if value.startswith("127.") or value == "::1":
        r.invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if value.startswith("169.254.") or value.lower().startswith("fe80:"):
        r.invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if value.startswith("224.0.0.") or value.lower().startswith("ff02:"):
        r.invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")


def endpoint_port(r: Report, port: JsonMap, path: str, *, name_required: bool) -> None:
    """A port by number, with a name where there are several."""
    if text(port, "name"):
        r.syntax(names.is_dns1123_label, f"{path}.name", port["name"])
    elif name_required:
        r.required(f"{path}.name")
    for message in names.is_valid_port_num(number(port, "port")):
        r.invalid(f"{path}.port", number(port, "port"), message)
    r.one_of(f"{path}.protocol", text(port, "protocol"), PROTOCOLS)
    if port.get("appProtocol") is not None:
        r.syntax(names.is_qualified_name, f"{path}.appProtocol", port["appProtocol"])


def endpoints_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Changed Endpoints."""
    meta_update(r, new, old)
    endpoints(r, new)


# -- LimitRange --------------------------------------------------------------------------------------------------------

LISTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
LIMIT_TYPES = ("Container", "PersistentVolumeClaim", "Pod")


def limit_range(r: Report, data: JsonMap) -> None:
    """Names of resources, and min ≤ defaultRequest ≤ default ≤ max."""
    _subdomain(r, data)
    seen: set[str] = set()
    for at, item in items(part(data, "spec"), "limits", "spec.limits"):
        kind = text(item, "type")
        wrong = names.is_qualified_name(kind)
        for message in wrong:
            r.invalid(f"{at}.type", kind, message)
        if not wrong and "/" not in kind and kind not in LIMIT_TYPES:
            r.invalid(f"{at}.type", kind, "must be a standard limit type or fully qualified")
        if kind in seen:
            r.duplicate(f"{at}.type", kind)
        seen.add(kind)
        _limit_item(r, item, at, kind)


def _limit_item(r: Report, item: JsonMap, path: str, kind: str) -> None:
    rule = resources.container_resource_name if kind in ("Pod", "Container") else resources.resource_name
    found: dict[str, dict[str, Quantity]] = {}
    for name in LISTS:
        given = part(item, name)
        if kind == "Pod" and name in ("default", "defaultRequest"):
            if given:
                r.forbidden(f"{path}.{name}", "may not be specified when `type` is 'Pod'")
            continue
        for resource in sorted(given):
            rule(r, resource, f"{path}.{name}[{resource}]")
            amount = resources.quantity(given[resource])
            if amount is not None:
                found.setdefault(resource, {})[name] = amount
    if kind == "PersistentVolumeClaim" and not {"min", "max"} & set(found.get("storage", {})):
        said = "either minimum or maximum storage value is required, but neither was provided"
        r.required(f"{path}.limits", said)
    for resource in sorted(found):
        _limit_order(r, resource, found[resource], path)


ORDER = (
    ("min", "max", "min", "min value {0} is greater than max value {1}"),
    ("min", "defaultRequest", "defaultRequest", "min value {0} is greater than default request value {1}"),
    ("defaultRequest", "max", "defaultRequest", "default request value {0} is greater than max value {1}"),
    (
        "defaultRequest",
        "default",
        "defaultRequest",
        "default request value {0} is greater than default limit value {1}",
    ),
    ("min", "default", "default", "min value {0} is greater than default value {1}"),
    ("default", "max", "default", "default value {0} is greater than max value {1}"),
)
"""(smaller, larger, the field that is blamed, what is said)."""


def _limit_order(r: Report, resource: str, found: dict[str, Quantity], path: str) -> None:
    for low, high, blamed, said in ORDER:
        if low in found and high in found and found[low].cmp(found[high]) > 0:
            value = found["max"] if (low, high) == ("default", "max") else found[low]
            shown = value if blamed in (low, "default") else found[blamed]
            r.invalid(f"{path}.{blamed}[{resource}]", str(shown), said.format(found[low], found[high]))
    ratio = found.get("maxLimitRequestRatio")
    if ratio is not None and ratio.nano < 10**9:
        r.invalid(f"{path}.maxLimitRequestRatio[{resource}]", str(ratio), f"ratio {ratio} is less than 1")
    if ratio is not None and "min" in found and "max" in found and found["min"].nano:
        most = found["max"].nano / found["min"].nano
        if ratio.nano / 10**9 > most:
            said = f"ratio {ratio} is greater than max/min = {most:.6f}"
            r.invalid(f"{path}.maxLimitRequestRatio[{resource}]", str(ratio), said)


def limit_range_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed LimitRange."""
    meta_update(r, new, old)
    limit_range(r, new)


# -- ResourceQuota -----------------------------------------------------------------------------------------------------

SCOPES = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity")
SCOPES_MORE = ("VolumeAttributesClass",)
POD_COMPUTE = ("pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
CONFLICTS = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))


def resource_quota(r: Report, data: JsonMap) -> None:
    """Names, amounts and scopes."""
    _subdomain(r, data)
    _quota_spec(r, part(data, "spec"))


def _quota_spec(r: Report, spec: JsonMap) -> None:
    hard = part(spec, "hard")
    for name in sorted(hard):
        resources.quota_resource_name(r, name, f"spec.hard[{name}]")
        resources.resource_quantity(r, name, hard[name], f"spec.hard[{name}]")
    scopes = spec.get("scopes") or []
    for scope in scopes:
        if scope not in SCOPES and scope not in SCOPES_MORE:
            r.invalid("spec.scopes", scopes, "unsupported scope")
        _scope_fits(r, scope, hard, "spec.scopes", scopes)
    for pair in CONFLICTS:
        if set(pair) <= set(scopes):
            r.invalid("spec.scopes", scopes, "conflicting scopes")
    _scope_selector(r, spec, hard)


def _scope_fits(r: Report, scope: str, hard: JsonMap, path: str, shown: object) -> None:
    for name in sorted(hard):
        fits = name == "pods" if scope == "BestEffort" else name in POD_COMPUTE
        if scope == "VolumeAttributesClass":
            fits = name in ("persistentvolumeclaims", "requests.storage")
        if name in resources.QUOTA and not fits and scope in (*SCOPES, *SCOPES_MORE):
            r.invalid(path, shown, "unsupported scope applied to resource")


def _scope_selector(r: Report, spec: JsonMap, hard: JsonMap) -> None:
    selector = spec.get("scopeSelector")
    path = "spec.scopeSelector.matchExpressions"
    for requirement in part(spec, "scopeSelector").get("matchExpressions") or ():
        scope, operator = text(requirement, "scopeName"), text(requirement, "operator")
        values = requirement.get("values") or []
        if scope not in SCOPES and scope not in SCOPES_MORE:
            r.invalid(f"{path}.scopeName", scope, "unsupported scope")
        _scope_fits(r, scope, hard, path, selector)
        if scope in SCOPES and scope != "PriorityClass" and operator != "Exists":
            said = (
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating,"
                " ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or"
                " ResourceQuotaScopeCrossNamespacePodAffinity"
            )
            r.invalid(f"{path}.operator", operator, said)
        if operator in ("In", "NotIn"):
            if not values:
                said = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                r.required(f"{path}.values", said)
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                said = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                r.invalid(f"{path}.values", values, said)
        else:
            r.invalid(f"{path}.operator", operator, "not a valid selector operator")


def resource_quota_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A quota keeps its scopes."""
    meta_update(r, new, old)
    _quota_spec(r, part(new, "spec"))
    now, was = part(new, "spec").get("scopes") or [], part(old, "spec").get("scopes") or []
    if set(now) != set(was):
        r.invalid("spec.scopes", now, "field is immutable")
