"""The kinds of storage.k8s.io/v1 (pkg/apis/storage/validation)."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation import metadata, volumes
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, same, text
from kubesim_tui.apiserver.validation.resources import quantity

BINDING = ("Immediate", "WaitForFirstConsumer")
GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
LIFECYCLES = ("Persistent", "Ephemeral")
MOST_PARAMETERS, LARGEST, LONGEST_NODE_ID = 512, 256 * 1024, 256
SHORTEST_TOKEN, LONGEST_TOKEN, SHORTEST_PERIOD = 600, 1 << 32, 10


def _name(r: Report, data: JsonMap, *, namespaced: bool = False) -> None:
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced)


# -- StorageClass, VolumeAttributesClass -------------------------------------------------------------------------------


def storage_class(r: Report, data: JsonMap) -> None:
    """A provisioner, and how its volumes live."""
    _name(r, data)
    _provisioner(r, text(data, "provisioner"), "provisioner")
    _parameters(r, part(data, "parameters"))
    if data.get("reclaimPolicy") is not None and data["reclaimPolicy"] not in ("Delete", "Retain"):
        r.not_supported("reclaimPolicy", data["reclaimPolicy"], ("Delete", "Retain"))
    r.one_of("volumeBindingMode", text(data, "volumeBindingMode"), BINDING)
    seen: list[dict[str, set[str]]] = []
    for at, term in items(data, "allowedTopologies", "allowedTopologies"):
        found = _topology(r, term, at)
        if found in seen:
            r.duplicate(f"{at}.matchLabelExpressions", "")
        seen.append(found)


def _provisioner(r: Report, name: str, path: str) -> None:
    if not name:
        r.required(path)
    for message in names.is_qualified_name(name.lower()) if name else ():
        r.invalid(path, name, message)


def _parameters(r: Report, parameters: JsonMap) -> None:
    if len(parameters) > MOST_PARAMETERS:
        r.too_long("parameters", MOST_PARAMETERS)
        return
    if "" in parameters:
        r.invalid("parameters", "", "field can not be empty.")
    if sum(len(key) + len(value) for key, value in parameters.items()) > LARGEST:
        r.too_long("parameters", LARGEST)


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
    """A class cannot be changed."""
    meta_update(r, new, old)
    _kept(r, new, old, "parameters", "provisioner", "reclaimPolicy")
    r.immutable("volumeBindingMode", new.get("volumeBindingMode"), old.get("volumeBindingMode"))


def _kept(r: Report, new: JsonMap, old: JsonMap, *fields: str) -> None:
    for name in fields:
        if not same(new.get(name), old.get(name)):
            r.forbidden(name, f"updates to {name} are forbidden.")


def attributes_class(r: Report, data: JsonMap) -> None:
    """A driver, and parameters for it."""
    _name(r, data)
    _provisioner(r, text(data, "driverName"), "driverName")
    _parameters(r, part(data, "parameters"))
    if not data.get("parameters"):
        r.required("parameters", "must contain at least one key/value pair")


def attributes_class_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A class cannot be changed."""
    meta_update(r, new, old)
    _kept(r, new, old, "driverName", "parameters")
    attributes_class(r, new)


# -- VolumeAttachment --------------------------------------------------------------------------------------------------


def volume_attachment(r: Report, data: JsonMap) -> None:
    """An attacher, a node and a volume."""
    _name(r, data)
    spec = part(data, "spec")
    if not text(spec, "attacher"):
        r.required("spec.attacher")
    _attached(r, part(spec, "source"), "spec.source")
    r.syntax(names.is_dns1123_subdomain, "spec.nodeName", text(spec, "nodeName"))
    volumes.csi_driver_name(r, text(spec, "attacher"), "spec.attacher")
    volume = part(spec, "source").get("persistentVolumeName")
    if volume is not None:
        r.syntax(names.is_dns1123_subdomain, "spec.source.persistentVolumeName", volume)


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
    if not same(part(new, "spec"), part(old, "spec")):
        r.invalid("spec", part(new, "spec"), "field is immutable")


# -- CSI ---------------------------------------------------------------------------------------------------------------


def csi_node(r: Report, data: JsonMap) -> None:
    """The drivers of a node."""
    _name(r, data)
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
    csi_node(r, new)
    before = {text(driver, "name"): driver for driver in part(old, "spec").get("drivers") or ()}
    for driver in part(new, "spec").get("drivers") or ():
        if (was := before.get(text(driver, "name"))) is not None:
            now, then = ({k: v for k, v in d.items() if k != "allocatable"} for d in (driver, was))
            r.immutable("spec.drivers", now, then)


def csi_driver(r: Report, data: JsonMap) -> None:
    """What a driver asks of Kubernetes."""
    _name(r, data)
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


def csi_driver_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Whether volumes are attached, and how they live, does not change."""
    meta_update(r, new, old)
    spec, before = part(new, "spec"), part(old, "spec")
    _csi_driver_spec(r, spec)
    r.immutable("spec.attachedRequired", spec.get("attachRequired"), before.get("attachRequired"))
    r.immutable("spec.volumeLifecycleModes", spec.get("volumeLifecycleModes"), before.get("volumeLifecycleModes"))


def storage_capacity(r: Report, data: JsonMap) -> None:
    """How much of a class there is in a part of the cluster."""
    _name(r, data, namespaced=True)
    r.add(labels.validate_object(data.get("nodeTopology"), "nodeTopology"))
    r.syntax(names.is_dns1123_subdomain, "storageClassName", text(data, "storageClassName"))
    amount = quantity(data["capacity"]) if data.get("capacity") is not None else None
    if amount is not None and amount.nano < 0:
        r.invalid("capacity", str(amount), "must be greater than or equal to 0")


def storage_capacity_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """What was asked for does not change."""
    meta_update(r, new, old)
    for name in ("nodeTopology", "storageClassName"):
        r.immutable(name, new.get(name), old.get(name))
