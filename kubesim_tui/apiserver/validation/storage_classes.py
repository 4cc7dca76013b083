"""The kinds of storage.k8s.io/v1 (pkg/apis/storage/validation)."""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.api import fielderror, labels, names
from kubesim_tui.apiserver.validation import volumes
from kubesim_tui.apiserver.validation.core import meta_update, subdomain
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, same, text
from kubesim_tui.apiserver.validation.resources import quantity

BINDING = ("Immediate", "WaitForFirstConsumer")
GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
LIFECYCLES = ("Persistent", "Ephemeral")
MOST_PARAMETERS, LARGEST = 512, 256 * 1024
LONGEST_NODE_ID, LONGEST_DRIVER, LONGEST_ERROR = 256, 63, 1024
SHORTEST_TOKEN, LONGEST_TOKEN, SHORTEST_PERIOD = 600, 1 << 32, 10


# -- StorageClass, VolumeAttributesClass -------------------------------------------------------------------------------


def storage_class(r: Report, data: JsonMap) -> None:
    """A provisioner, and how its volumes live."""
    subdomain(r, data, namespaced=False)
    _provisioner(r, text(data, "provisioner"), "provisioner", r.declared_required)
    _parameters(r, part(data, "parameters"))
    if text(data, "reclaimPolicy") not in ("", "Delete", "Retain"):
        r.not_supported("reclaimPolicy", data["reclaimPolicy"], ("Delete", "Retain"))
    r.one_of("volumeBindingMode", text(data, "volumeBindingMode"), BINDING)
    seen: list[dict[str, set[str]]] = [{} for _ in data.get("allowedTopologies") or ()]  # upstream's list begins so
    for at, term in items(data, "allowedTopologies", "allowedTopologies"):
        found = _topology(r, term, at)
        for _ in range(seen.count(found)):
            r.duplicate(f"{at}.matchLabelExpressions", "")
        seen.append(found)


def _provisioner(r: Report, name: str, path: str, missing: Callable[[str], None]) -> None:
    if not name:
        missing(path)
    else:
        r.syntax(names.is_qualified_name, path, name.lower())


def _parameters(r: Report, parameters: JsonMap) -> None:
    if len(parameters) > MOST_PARAMETERS:
        r.too_long("parameters", MOST_PARAMETERS)
        return
    if "" in parameters:
        r.invalid("parameters", "", "field can not be empty.")
    if _size(parameters) > LARGEST:
        r.too_long("parameters", LARGEST)


def _size(words: JsonMap) -> int:
    return sum(len(key.encode()) + len((value or "").encode()) for key, value in words.items())


def _topology(r: Report, term: JsonMap, path: str) -> dict[str, set[str]]:
    """One term: keys with their values, each once."""
    found: dict[str, set[str]] = {}
    for at, one in items(term, "matchLabelExpressions", f"{path}.matchLabelExpressions"):
        key, values = text(one, "key"), one.get("values") or []
        if not values:
            r.required(f"{at}.values")
        for i, value in enumerate(values):
            if value in values[:i]:
                r.duplicate(f"{at}.values[{i}]", value)
        r.syntax(names.is_qualified_name, f"{at}.key", key)
        if key in found:
            r.duplicate(f"{at}.key", key)
        found[key] = set(values)
    return found


def storage_class_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A class cannot be changed, but for where its volumes may be."""
    meta_update(r, new, old)
    storage_class(r, new)
    for name in ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"):
        r.declared_immutable(name, new.get(name), old.get(name))


def attributes_class(r: Report, data: JsonMap) -> None:
    """A driver, and parameters for it."""
    subdomain(r, data, namespaced=False)
    _provisioner(r, text(data, "driverName"), "driverName", r.required)
    _parameters(r, part(data, "parameters"))
    if not data.get("parameters"):
        r.required("parameters", "must contain at least one key/value pair")


def attributes_class_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A class cannot be changed."""
    meta_update(r, new, old)
    for name in ("driverName", "parameters"):
        if not same(new.get(name), old.get(name)):
            r.forbidden(name, f"updates to {name} are forbidden.")
    attributes_class(r, new)


# -- VolumeAttachment --------------------------------------------------------------------------------------------------


def volume_attachment(r: Report, data: JsonMap) -> None:
    """An attacher, a node and a volume. (What stands in an inline volume is not looked at: docs/FIDELITY.md.)"""
    subdomain(r, data, namespaced=False)
    spec = part(data, "spec")
    _attacher(r, text(spec, "attacher"), "spec.attacher")
    _attached(r, part(spec, "source"), "spec.source")
    r.syntax(names.is_dns1123_subdomain, "spec.nodeName", text(spec, "nodeName"))
    _attachment_status(r, part(data, "status"))
    volume = part(spec, "source").get("persistentVolumeName")
    if volume is not None:
        r.syntax(names.is_dns1123_subdomain, "spec.source.persistentVolumeName", volume)


def _attacher(r: Report, name: str, path: str) -> None:
    """The name of a driver, as its type says it."""
    if not name:
        r.declared_required(path)
        return
    r.declared += [fielderror.invalid(path, name, said) for said in names.is_dns1123_subdomain(name.lower())]
    if len(name) > LONGEST_DRIVER:
        r.declared.append(fielderror.too_long(path, LONGEST_DRIVER, "characters"))


def _attachment_status(r: Report, status: JsonMap) -> None:
    if _size(part(status, "attachmentMetadata")) > LARGEST:
        r.too_long("status.attachmentMetadata", LARGEST)
    for name in ("attachError", "detachError"):
        error = part(status, name)
        if len(text(error, "message").encode()) > LONGEST_ERROR:
            r.too_long(f"status.{name}.message", LONGEST_ERROR)
        code = error.get("errorCode")
        if code is not None and code < 0:
            r.invalid(f"status.{name}.errorCode", code, f"must be between 0 and {2**31 - 1}, inclusive")


def _attached(r: Report, source: JsonMap, path: str) -> None:
    inline, volume = source.get("inlineVolumeSpec"), source.get("persistentVolumeName")
    said = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
    if inline is None and volume is None:
        r.required(path, said)
    elif inline is not None and volume is not None:
        r.forbidden(path, said)
    elif volume == "":
        r.required(f"{path}.persistentVolumeName", "must specify non empty persistentVolumeName")


def volume_attachment_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """An attachment is for one volume and node."""
    meta_update(r, new, old)
    volume_attachment(r, new)
    r.declared_immutable("spec", part(new, "spec"), part(old, "spec"))


# -- CSI ---------------------------------------------------------------------------------------------------------------


def csi_node(r: Report, data: JsonMap) -> None:
    """The drivers of a node."""
    subdomain(r, data, namespaced=False)
    seen: set[str] = set()
    for at, driver in items(part(data, "spec"), "drivers", "spec.drivers"):
        name, node = text(driver, "name"), text(driver, "nodeID")
        volumes.csi_driver_name(r, name, f"{at}.name")
        if not node:
            r.required(f"{at}.nodeID")
        if len(node) > LONGEST_NODE_ID:
            r.invalid(f"{at}.nodeID", node, f"must be {LONGEST_NODE_ID} characters or less")
        r.not_negative(f"{at}.allocatable.count", part(driver, "allocatable").get("count"))
        if name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)
        keys = driver.get("topologyKeys") or []
        for i, key in enumerate(keys):
            if not key:
                r.required(at)
            if key in keys[:i]:
                r.duplicate(at, key)
            r.syntax(names.is_qualified_name, at, key)


def csi_node_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A driver stays as it is, but for how much it can attach."""
    meta_update(r, new, old)
    csi_node(r, new)
    before = {text(driver, "name"): driver for driver in part(old, "spec").get("drivers") or ()}
    for driver in part(new, "spec").get("drivers") or ():
        if (was := before.get(text(driver, "name"))) is not None:
            now, then = ({k: v for k, v in d.items() if k != "allocatable"} for d in (driver, was))
            r.immutable("spec.drivers", now, then)


def csi_driver(r: Report, data: JsonMap) -> None:
    """What a driver asks of Kubernetes."""
    subdomain(r, data, namespaced=False)
    _csi_driver_spec(r, part(data, "spec"))


def _csi_driver_spec(r: Report, spec: JsonMap) -> None:
    if spec.get("fsGroupPolicy") is not None and spec["fsGroupPolicy"] not in GROUP_POLICIES:
        r.not_supported("spec.fsGroupPolicy", spec["fsGroupPolicy"], GROUP_POLICIES)
    seen: set[str] = set()
    for at, request in items(spec, "tokenRequests", "spec.tokenRequests"):
        audience, seconds = text(request, "audience"), request.get("expirationSeconds")
        if audience in seen:
            r.duplicate(f"{at}.audience", audience)
            continue
        seen.add(audience)
        if seconds is not None and seconds < SHORTEST_TOKEN:
            r.invalid(f"{at}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
        if seconds is not None and seconds > LONGEST_TOKEN:
            r.invalid(f"{at}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in LIFECYCLES:
            r.not_supported("spec.volumeLifecycleModes", mode, LIFECYCLES)
    period = spec.get("nodeAllocatableUpdatePeriodSeconds")
    if period is not None and period < SHORTEST_PERIOD:
        said = f"must be greater than or equal to {SHORTEST_PERIOD} seconds"
        r.invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, said)
    in_secrets = spec.get("serviceAccountTokenInSecrets")
    if in_secrets is not None and not spec.get("tokenRequests"):
        said = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
        r.invalid("spec.serviceAccountTokenInSecrets", in_secrets, said)


def csi_driver_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Whether volumes are attached, and how they live, does not change."""
    meta_update(r, new, old)
    spec, before = part(new, "spec"), part(old, "spec")
    _csi_driver_spec(r, spec)
    r.immutable("spec.attachedRequired", spec.get("attachRequired"), before.get("attachRequired"))
    r.immutable("spec.volumeLifecycleModes", spec.get("volumeLifecycleModes"), before.get("volumeLifecycleModes"))


def storage_capacity(r: Report, data: JsonMap, *, any_value: bool = False) -> None:
    """How much of a class there is in a part of the cluster."""
    subdomain(r, data)
    r.add(labels.validate_object(data.get("nodeTopology"), "nodeTopology", any_value=any_value))
    r.syntax(names.is_dns1123_subdomain, "storageClassName", text(data, "storageClassName"))
    amount = quantity(data["capacity"]) if data.get("capacity") is not None else None
    if amount is not None and amount.nano < 0:
        r.invalid("capacity", str(amount), "must be greater than or equal to 0")


def storage_capacity_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """What was asked for does not change. A selector that was wrong before may stay."""
    meta_update(r, new, old)
    storage_capacity(r, new, any_value=bool(labels.validate_object(old.get("nodeTopology"), "")))
    for name in ("nodeTopology", "storageClassName"):
        r.immutable(name, new.get(name), old.get(name))
