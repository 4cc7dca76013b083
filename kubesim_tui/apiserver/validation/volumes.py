"""Volumes of a Pod and the sources that PersistentVolumes share with them."""

from __future__ import annotations

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import claims, downward, drivers, metadata
from kubesim_tui.apiserver.validation.drivers import ONE_TYPE, SourceRule, needs
from kubesim_tui.apiserver.validation.paths import descending_path, local_path, no_backsteps
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text
from kubesim_tui.apiserver.validation.resources import quantity

MODE = "must be a number between 0 and 0777 (octal), both inclusive"
HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)


def volumes(r: Report, spec: JsonMap, path: str, pod_name: str = "") -> dict[str, JsonMap]:
    """All volumes of a Pod's spec; returns the good ones by name (mounts are checked against them)."""
    found: dict[str, JsonMap] = {}
    made = (
        {f"{pod_name}-{text(v, 'name')}" for v in spec.get("volumes") or () if v.get("ephemeral")} if pod_name else ()
    )
    for at, volume in items(spec, "volumes", path):
        before, name = len(r.errors), text(volume, "name")
        volume_source(r, volume, at, pod_name)
        if not name:
            r.required(f"{at}.name")
        else:
            r.syntax(names.is_dns1123_label, f"{at}.name", name)
        if name in found:
            r.duplicate(f"{at}.name", name)
        if len(r.errors) == before:
            found[name] = volume
        claim = text(part(volume, "persistentVolumeClaim"), "claimName")
        if claim and claim in made:
            said = "must not reference a PVC that gets created for an ephemeral volume"
            r.invalid(f"{at}.persistentVolumeClaim.claimName", claim, said)
    return found


def volume_source(r: Report, volume: JsonMap, path: str, pod_name: str) -> None:
    """Exactly one source, and that one right."""
    types = [name for name in SOURCES if volume.get(name) is not None]
    for i, name in enumerate(types):
        if i:
            r.forbidden(f"{path}.{name}", ONE_TYPE)
        else:
            SOURCES[name](r, volume[name], f"{path}.{'persistentDisk' if name == 'gcePersistentDisk' else name}")
    if "ephemeral" in types[:1] and pod_name and text(volume, "name"):
        claim = f"{pod_name}-{volume['name']}"
        for message in names.is_dns1123_subdomain(claim):
            r.invalid(f"{path}.name", volume["name"], f'PVC name "{claim}": {message}')
    if not types:
        r.required(path, "must specify a volume type")


# -- one rule a source -----------------------------------------------------------------------------------------------


def _mode(r: Report, source: JsonMap, path: str, field: str = "defaultMode") -> None:
    mode = source.get(field)
    if mode is not None and not 0 <= mode <= 0o777:
        r.invalid(f"{path}.{field}", mode, MODE)


def _empty_dir(r: Report, source: JsonMap, path: str) -> None:
    size = quantity(source.get("sizeLimit")) if source.get("sizeLimit") is not None else None
    if size is not None and size.nano < 0:
        r.forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def host_path(r: Report, source: JsonMap, path: str) -> None:
    """A directory or file of the node."""
    if not text(source, "path"):
        r.required(f"{path}.path")
        return
    no_backsteps(r, source["path"], f"{path}.path")
    if source.get("type") is not None and source["type"] not in HOST_PATH_TYPES:
        r.not_supported(f"{path}.type", source["type"], HOST_PATH_TYPES)


def _git_repo(r: Report, source: JsonMap, path: str) -> None:
    needs("repository")(r, source, path)
    descending_path(r, text(source, "directory"), f"{path}.directory")


def _keys(r: Report, source: JsonMap, path: str) -> None:
    for at, item in items(source, "items", f"{path}.items"):
        key_to_path(r, item, at)


def key_to_path(r: Report, item: JsonMap, path: str) -> None:
    """One key of a ConfigMap or Secret as a file."""
    needs("key", "path")(r, item, path)
    local_path(r, text(item, "path"), f"{path}.path")
    _mode(r, item, path, "mode")


def _secret(r: Report, source: JsonMap, path: str) -> None:
    needs("secretName")(r, source, path)
    _mode(r, source, path)
    _keys(r, source, path)


def _config_map(r: Report, source: JsonMap, path: str) -> None:
    needs("name")(r, source, path)
    _mode(r, source, path)
    _keys(r, source, path)


def _downward(r: Report, source: JsonMap, path: str) -> None:
    _mode(r, source, path)
    for item in source.get("items") or ():
        downward_file(r, item, path)


def downward_file(r: Report, item: JsonMap, path: str) -> None:
    """One field of the Pod as a file. (Upstream names the list's path, not the item's.)"""
    needs("path")(r, item, path)
    local_path(r, text(item, "path"), f"{path}.path")
    if item.get("fieldRef") is not None:
        downward.field_ref(r, item["fieldRef"], f"{path}.fieldRef", downward.VOLUME_FIELDS)
        if item.get("resourceFieldRef") is not None:
            r.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
    elif item.get("resourceFieldRef") is not None:
        downward.resource_ref(r, item["resourceFieldRef"], f"{path}.resourceFieldRef", volume=True)
    else:
        r.required(path, "one of fieldRef and resourceFieldRef is required")
    _mode(r, item, path, "mode")


def _projected(r: Report, source: JsonMap, path: str) -> None:
    _mode(r, source, path)
    seen: set[str] = set()
    for at, one in items(source, "sources", f"{path}.sources"):
        types = [name for name in PROJECTIONS if one.get(name) is not None]
        for name in types:
            PROJECTIONS[name](r, one[name], f"{at}.{name}")
            _unique_paths(r, name, one[name], path, seen)
        if len(types) > 1:
            r.forbidden(at, "may not specify more than 1 volume type per source")


def _unique_paths(r: Report, kind: str, source: JsonMap, path: str, seen: set[str]) -> None:
    files = source.get("items") or () if kind != "serviceAccountToken" else ()
    for item in files:
        file = text(item, "path")
        if file and file in seen:
            r.invalid(path, text(source, "name") or file, "conflicting duplicate paths")
        seen.add(file)


def _projected_token(r: Report, source: JsonMap, path: str) -> None:
    seconds = source.get("expirationSeconds")
    if seconds is not None and seconds < 600:
        r.invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds is not None and seconds > 1 << 32:
        r.invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    volume = path.rsplit(".sources", 1)[0]
    if not text(source, "path"):
        r.required(f"{volume}.path")
    else:
        local_path(r, source["path"], f"{volume}.path")


def _projected_keys(r: Report, source: JsonMap, path: str) -> None:
    needs("name")(r, source, path)
    _keys(r, source, path)


def _projected_downward(r: Report, source: JsonMap, path: str) -> None:
    for item in source.get("items") or ():
        downward_file(r, item, path)


def _trust_bundle(r: Report, source: JsonMap, path: str) -> None:
    name, signer = source.get("name"), source.get("signerName")
    if name is not None and signer is not None:
        r.invalid(path, source, "only one of name and signerName may be used")
    elif name is None and signer is None:
        r.required(path, "either name or signerName must be specified")
    if not text(source, "path"):
        r.required(f"{path}.path")
    local_path(r, text(source, "path"), f"{path}.path")


PROJECTIONS: dict[str, SourceRule] = {
    "secret": _projected_keys,
    "configMap": _projected_keys,
    "downwardAPI": _projected_downward,
    "serviceAccountToken": _projected_token,
    "clusterTrustBundle": _trust_bundle,
    "podCertificate": needs("signerName", "keyType"),
}


def partitioned(field: str) -> SourceRule:
    """A cloud's disk with an id and perhaps a partition."""
    return _Disk(field)


class _Disk:
    def __init__(self, field: str) -> None:
        self.field = field

    def __call__(self, r: Report, source: JsonMap, path: str) -> None:
        if not source.get(self.field):
            r.required(f"{path}.{self.field}")
        if not 0 <= number(source, "partition") <= 255:
            r.invalid(f"{path}.partition", source["partition"], "must be between 1 and 255, inclusive")


def _csi(r: Report, source: JsonMap, path: str) -> None:
    csi_driver_name(r, text(source, "driver"), f"{path}.driver")
    secret = source.get("nodePublishSecretRef")
    if secret is not None and not text(secret, "name"):
        r.required(f"{path}.nodePublishSecretRef.name")
    elif secret is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.name", secret["name"])


def csi_driver_name(r: Report, name: str, path: str) -> None:
    """The name of a CSI driver."""
    if not name:
        r.required(path)
        return
    if len(name.encode()) > 63:
        r.too_long(path, 63)
    for message in names.is_dns1123_subdomain(name.lower()):
        r.invalid(path, name, message)


def _ephemeral(r: Report, source: JsonMap, path: str) -> None:
    template = source.get("volumeClaimTemplate")
    if template is None:
        r.required(f"{path}.volumeClaimTemplate")
        return
    metadata.template_meta(r, part(template, "metadata"), f"{path}.volumeClaimTemplate.metadata")
    claims.claim_spec(r, part(template, "spec"), f"{path}.volumeClaimTemplate.spec")


def _image(r: Report, source: JsonMap, path: str) -> None:
    needs("reference")(r, source, path)
    r.one_of(f"{path}.pullPolicy", text(source, "pullPolicy"), ("Always", "IfNotPresent", "Never"))


SOURCES: dict[str, SourceRule] = {
    "emptyDir": _empty_dir,
    "hostPath": host_path,
    "gitRepo": _git_repo,
    "gcePersistentDisk": partitioned("pdName"),
    "awsElasticBlockStore": partitioned("volumeID"),
    "secret": _secret,
    "nfs": drivers.nfs,
    "iscsi": drivers.iscsi,
    "glusterfs": needs("endpoints", "path"),
    "flocker": drivers.flocker,
    "persistentVolumeClaim": needs("claimName"),
    "rbd": needs("monitors", "image"),
    "cinder": drivers.cinder,
    "cephfs": needs("monitors"),
    "quobyte": drivers.quobyte,
    "downwardAPI": _downward,
    "fc": drivers.fibre_channel,
    "flexVolume": drivers.flex_volume,
    "configMap": _config_map,
    "azureFile": needs("secretName", "shareName"),
    "vsphereVolume": needs("volumePath"),
    "photonPersistentDisk": needs("pdID"),
    "portworxVolume": needs("volumeID"),
    "azureDisk": drivers.azure_disk,
    "storageos": drivers.storage_os,
    "projected": _projected,
    "scaleIO": needs("gateway", "system", "volumeName"),
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
"""In upstream's order: the first one given is the volume's type."""
