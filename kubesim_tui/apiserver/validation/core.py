"""The smaller kinds of the core group (pkg/apis/core/validation)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address

from kubesim_tui.api import addresses, names
from kubesim_tui.api.yamlgo import jsonfaults
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, same, text

MOST_BYTES = 1024 * 1024
FROZEN = "field is immutable when `immutable` is set"
PROTOCOLS = ("SCTP", "TCP", "UDP")
REDACTED = "<secret contents redacted>"
GO_WORDS = {list: "array", str: "string", bool: "bool"}


def subdomain(r: Report, data: JsonMap, *, namespaced: bool = True) -> None:
    """Metadata of a kind whose names are DNS subdomains."""
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
    subdomain(r, data)
    plain, binary = part(data, "data"), part(data, "binaryData")
    for key in sorted(plain):
        r.syntax(names.is_config_map_key, f"data[{key}]", key)
        if key in binary:
            r.invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in sorted(binary):
        r.syntax(names.is_config_map_key, f"binaryData[{key}]", key)
    size = sum(len((v or "").encode()) for v in plain.values()) + sum(len(decoded(v)) for v in binary.values())
    if size > MOST_BYTES:
        r.too_long("[]", MOST_BYTES)  # the object as a whole: a path without a name


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
    subdomain(r, data)
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
    """An object in JSON; null will do, as it does for Go."""
    plain = content.decode(errors="replace")
    try:
        found = json.loads(plain)
    except (ValueError, RecursionError):
        r.invalid(path, REDACTED, _json_fault(plain))
        return
    if found is not None and not isinstance(found, dict):
        word = GO_WORDS.get(type(found), "number")
        said = f"json: cannot unmarshal {word} into Go value of type map[string]interface {{}}"
        r.invalid(path, REDACTED, said)


def _json_fault(plain: str) -> str:
    try:
        jsonfaults.explain(plain, 0)
    except jsonfaults.JsonProblem as wrong:
        return str(wrong) if wrong.syntax else "unexpected end of JSON input"


def secret_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A Secret keeps its type; an immutable one stays as it is."""
    meta_update(r, new, old)
    r.immutable("type", new.get("type"), old.get("type"))
    _frozen(r, new, old, ("data",))
    secret(r, new)


# -- ServiceAccount, Namespace -----------------------------------------------------------------------------------


def service_account(r: Report, data: JsonMap) -> None:
    """Only metadata count."""
    subdomain(r, data)


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


def namespace_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed namespace."""
    meta_update(r, new, old)
    namespace(r, new)


def namespace_finalize(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Who holds a namespace that is being deleted."""
    meta_update(r, new, old)
    for i, finalizer in enumerate(part(new, "spec").get("finalizers") or ()):
        r.syntax(names.is_qualified_name, f"spec.finalizers[{i}]", finalizer)
        metadata.kube_finalizer(r, finalizer, f"spec.finalizers[{i}]")


def namespace_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Active, or Terminating when it is being deleted."""
    meta_update(r, new, old)
    phase = text(part(new, "status"), "phase")
    deleted = part(new, "metadata").get("deletionTimestamp") is not None
    if not deleted and phase != "Active":
        r.invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty")
    if deleted and phase != "Terminating":
        r.invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")


# -- Endpoints ---------------------------------------------------------------------------------------------------------


def endpoints(r: Report, data: JsonMap) -> None:
    """Addresses and ports."""
    subdomain(r, data)
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
    legacy_ip(r, text(address, "ip"), f"{path}.ip")
    if text(address, "hostname"):
        r.syntax(names.is_dns1123_label, f"{path}.hostname", address["hostname"])
    if address.get("nodeName") is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.nodeName", address["nodeName"])
    special_ip(r, text(address, "ip"), f"{path}.ip")


def legacy_ip(r: Report, value: str, path: str, known: Collection[str] = ()) -> bool:
    """An address of an old field, unless it was stored as it is; False if it is refused."""
    wrong = addresses.is_valid_legacy_ip(value) if value not in known else []
    for message in wrong:
        r.invalid(path, value, message)
    return not wrong


def special_ip(r: Report, value: str, path: str) -> None:
    """Addresses that no endpoint can have."""
    ip = addresses.parse_ip(value)
    if ip is None:
        r.invalid(path, value, "must be a valid IP address")
        return
    if ip.is_unspecified:
        r.invalid(path, value, f"may not be unspecified ({value})")
    if ip.is_loopback:
        r.invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if ip.is_link_local:
        r.invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if _is_link_local_multicast(ip):
        r.invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")


def _is_link_local_multicast(ip: IPv4Address | IPv6Address) -> bool:
    """What Go calls so: of IPv6 the scope counts, whatever the flags, so that it is more than ff02::/16."""
    packed = ip.packed
    return packed[:3] == bytes([224, 0, 0]) if ip.version == 4 else packed[0] == 0xFF and packed[1] & 0x0F == 2


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
    """Changed Endpoints; what stays in the subsets stays whatever it is."""
    meta_update(r, new, old)
    endpoints(r, {**new, "subsets": []} if same(new.get("subsets"), old.get("subsets")) else new)
