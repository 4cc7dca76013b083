"""Volume sources that a storage system or a cloud stands behind, shared by Pods and PersistentVolumes.

Upstream has in-tree drivers of them no more, but still checks what they are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation.report import JsonMap, Report, number, part, text

SourceRule = Callable[[Report, JsonMap, str], None]
ONE_TYPE = "may not specify more than 1 volume type"
FORMAT = "must be valid format"
_IQN = re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$")
_EUI, _NAA = re.compile(r"^eui.[A-Za-z0-9]{16}$"), re.compile(r"^naa.[A-Za-z0-9]{32}$")


def needs(*fields: str) -> SourceRule:
    """A source of which only some fields must be there."""
    return _Needs(fields)


class _Needs:
    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields

    def __call__(self, r: Report, source: JsonMap, path: str) -> None:
        for field in self.fields:
            if not source.get(field):
                r.required(f"{path}.{field}")


def nfs(r: Report, source: JsonMap, path: str) -> None:
    """A server's directory."""
    needs("server", "path")(r, source, path)
    if not text(source, "path").startswith("/"):
        r.invalid(f"{path}.path", text(source, "path"), "must be an absolute path")


def iscsi(r: Report, source: JsonMap, path: str) -> None:
    """A target, its name and a unit."""
    iscsi_target(r, source, path)
    iscsi_rest(r, source, path, f"{FORMAT} starting with iqn, eui, or naa")


def iscsi_target(r: Report, source: JsonMap, path: str) -> None:
    """Where the target is reached."""
    needs("targetPortal")(r, source, path)


def iscsi_rest(r: Report, source: JsonMap, path: str, unknown: str) -> None:
    """The target's name, the unit, and who asks; `unknown` is said of a name of no known kind."""
    if not text(source, "iqn"):
        r.required(f"{path}.iqn")
    else:
        _initiator(r, source["iqn"], f"{path}.iqn", unknown)
    if not 0 <= number(source, "lun") <= 255:
        r.invalid(f"{path}.lun", source["lun"], "must be between 0 and 255, inclusive")
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        r.required(f"{path}.secretRef")
    if source.get("initiatorName") is not None:
        _initiator(r, source["initiatorName"], f"{path}.initiatorname", unknown)


def _initiator(r: Report, value: str, path: str, unknown: str) -> None:
    kind = value[:3]
    if kind not in ("iqn", "eui", "naa"):
        r.invalid(path, value, unknown)
    elif not {"iqn": _IQN, "eui": _EUI, "naa": _NAA}[kind].search(value):
        r.invalid(path, value, FORMAT)


def fibre_channel(r: Report, source: JsonMap, path: str) -> None:
    """World-wide names or ids, not both."""
    wwns, wwids = source.get("targetWWNs") or [], source.get("wwids") or []
    if not wwns and not wwids:
        r.required(f"{path}.targetWWNs", "must specify either targetWWNs or wwids, but not both")
    if wwns and wwids:
        r.invalid(f"{path}.targetWWNs", wwns, "targetWWNs and wwids can not be specified simultaneously")
    if wwns and source.get("lun") is None:
        r.required(f"{path}.lun", "lun is required if targetWWNs is specified")
    elif wwns and not 0 <= source["lun"] <= 255:
        r.invalid(f"{path}.lun", source["lun"], "must be between 0 and 255, inclusive")


def flex_volume(r: Report, source: JsonMap, path: str) -> None:
    """A driver of the node's own."""
    needs("driver")(r, source, path)
    for key in sorted(part(source, "options")):
        namespace = "." + key.split("/", 1)[0].lower()
        if namespace.endswith((".kubernetes.io", ".k8s.io")):
            r.invalid(f"{path}.options[{key}]", key, "kubernetes.io and k8s.io namespaces are reserved")


def flocker(r: Report, source: JsonMap, path: str) -> None:
    """A data set by name or id."""
    name, uuid = text(source, "datasetName"), text(source, "datasetUUID")
    if not name and not uuid:
        r.required(path, "one of datasetName and datasetUUID is required")
    if name and uuid:
        r.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in name:
        r.invalid(f"{path}.datasetName", name, "must not contain '/'")


def cinder(r: Report, source: JsonMap, path: str) -> None:
    """A volume of OpenStack, perhaps with a Secret."""
    needs("volumeID")(r, source, path)
    _named_secret(r, source, path)


def _named_secret(r: Report, source: JsonMap, path: str) -> None:
    if source.get("secretRef") is not None:
        needs("name")(r, source["secretRef"], f"{path}.secretRef")


def quobyte(r: Report, source: JsonMap, path: str) -> None:
    """A volume in registries that are told by host and port."""
    registry, tenant = text(source, "registry"), text(source, "tenant")
    pairs = "must be a host:port pair or multiple pairs separated by commas"
    if not registry:
        r.required(f"{path}.registry", pairs)
    elif len(tenant.encode()) > 64:
        r.required(f"{path}.tenant", "must be a UUID and may not exceed a length of 64 characters")
    else:
        for pair in registry.split(","):
            if not _HOST_PORT.fullmatch(pair):
                r.invalid(f"{path}.registry", registry, pairs)
    needs("volume")(r, source, path)


_HOST_PORT = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]*")
"""What Go's net.SplitHostPort takes apart: one colon, or a host in brackets before it; both may be empty."""


def storage_os(r: Report, source: JsonMap, path: str) -> None:
    """A volume of StorageOS, perhaps with a Secret."""
    storage_os_names(r, source, path)
    _named_secret(r, source, path)


def storage_os_names(r: Report, source: JsonMap, path: str) -> None:
    """The volume's name and its namespace within StorageOS."""
    needs("volumeName")(r, source, path)
    for name in ("volumeName", "volumeNamespace"):
        if text(source, name):
            r.syntax(names.is_dns1123_label, f"{path}.{name}", source[name])


MANAGED = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
BLOB = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"


def azure_disk(r: Report, source: JsonMap, path: str) -> None:
    """A disk of Azure, whose address is of the form that its kind has."""
    needs("diskName", "diskURI")(r, source, path)
    if source.get("cachingMode") is not None:
        r.one_of(f"{path}.cachingMode", source["cachingMode"], ("None", "ReadOnly", "ReadWrite"), required=False)
    kind, address = source.get("kind"), text(source, "diskURI")
    if kind is None:
        return
    r.one_of(f"{path}.kind", kind, ("Dedicated", "Managed", "Shared"), required=False)
    if kind == "Managed" and not address.startswith("/subscriptions/"):
        r.not_supported(f"{path}.diskURI", address, (MANAGED,))
    if kind != "Managed" and not address.startswith("https://"):
        r.not_supported(f"{path}.diskURI", address, (BLOB,))
