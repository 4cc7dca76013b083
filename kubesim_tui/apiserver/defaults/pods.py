"""Defaults of Pods and of everything that holds a Pod's spec (pkg/apis/core/v1/defaults.go)."""

from __future__ import annotations

from kubesim_tui.apiserver.defaults import podlevel
from kubesim_tui.apiserver.defaults.base import JsonMap, copy_missing, each, fill, fill_zero, part, some
from kubesim_tui.apiserver.defaults.image import pull_policy

CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
DEFAULT_MODE = 0o644


def pod(data: JsonMap) -> None:
    """A Pod itself: what a template gets, and requests copied from limits, service links, host ports."""
    spec = part(data, "spec")
    pod_spec(spec)
    for name in ("containers", "initContainers"):
        for container in each(spec, name):
            _requests_from_limits(container)
    podlevel.pod_resources(spec)
    fill(spec, enableServiceLinks=True)
    if spec.get("hostNetwork"):
        for name in ("containers", "initContainers"):
            for container in each(spec, name):
                _host_ports(container)


def pod_template(template: JsonMap) -> None:
    """The template of a workload."""
    part(template, "metadata")
    pod_spec(part(template, "spec"))


def pod_spec(spec: JsonMap) -> None:
    """What every PodSpec gets, in a Pod or in a template."""
    fill_zero(spec, restartPolicy="Always", dnsPolicy="ClusterFirst", schedulerName="default-scheduler")
    fill(spec, terminationGracePeriodSeconds=30, securityContext={})
    _service_account(spec)
    for name in CONTAINERS:
        for one in each(spec, name):
            container(one)
    for one in each(spec, "volumes"):
        volume(one)


def _service_account(spec: JsonMap) -> None:
    """`serviceAccount` is the old name of `serviceAccountName`; the server answers with both."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def container(data: JsonMap) -> None:
    """A container of any sort."""
    fill_zero(data, imagePullPolicy=pull_policy(data.get("image") or ""))
    fill_zero(data, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")
    fill(data, resources={})
    for port in each(data, "ports"):
        fill_zero(port, protocol="TCP")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if data.get(name) is not None:
            probe(data[name])
    for hook in ("postStart", "preStop"):
        http_get(some(some(data, "lifecycle"), hook).get("httpGet"))
    for variable in each(data, "env"):
        _env_source(some(variable, "valueFrom"))


def _env_source(source: JsonMap) -> None:
    if source.get("fieldRef") is not None:
        fill_zero(source["fieldRef"], apiVersion="v1")
    if source.get("resourceFieldRef") is not None:
        fill(source["resourceFieldRef"], divisor="0")
    if source.get("fileKeyRef") is not None:
        fill(source["fileKeyRef"], optional=False)


def probe(data: JsonMap) -> None:
    """A probe of any sort (initialDelaySeconds stays 0, which is not written)."""
    fill_zero(data, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    http_get(data.get("httpGet"))
    if data.get("grpc") is not None:
        fill(data["grpc"], service="")


def http_get(data: JsonMap | None) -> None:
    """An httpGet action, if there is one."""
    if data is not None:
        fill_zero(data, path="/", scheme="HTTP")


def _requests_from_limits(container: JsonMap) -> None:
    limits = some(some(container, "resources"), "limits")
    if limits:
        copy_missing(part(container["resources"], "requests"), limits)


def _host_ports(container: JsonMap) -> None:
    """With host networking every container port is a host port."""
    for port in each(container, "ports"):
        fill_zero(port, hostPort=port.get("containerPort") or 0)


SOURCES: dict[str, JsonMap] = {
    "secret": {"defaultMode": DEFAULT_MODE},
    "configMap": {"defaultMode": DEFAULT_MODE},
    "downwardAPI": {"defaultMode": DEFAULT_MODE},
    "projected": {"defaultMode": DEFAULT_MODE},
    "hostPath": {"type": ""},
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "readOnly": False, "kind": "Shared"},
}
"""Per kind of volume, what a nil pointer becomes."""
ZERO_SOURCES: dict[str, JsonMap] = {
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}
"""Per kind of volume, what a zero value becomes."""


def volume_source(data: JsonMap) -> None:
    """The sources that Pods' volumes and PersistentVolumes share."""
    for name, source in data.items():
        if isinstance(source, dict):
            if name in SOURCES:
                fill(source, **SOURCES[name])
            elif name in ZERO_SOURCES:
                fill_zero(source, **ZERO_SOURCES[name])


def volume(data: JsonMap) -> None:
    """A volume of a Pod; one without a source is an emptyDir."""
    if not any(value is not None for name, value in data.items() if name != "name"):
        data["emptyDir"] = {}
    volume_source(data)
    _downward_items(some(data, "downwardAPI"))
    for source in each(some(data, "projected"), "sources"):
        _downward_items(some(source, "downwardAPI"))
        if source.get("serviceAccountToken") is not None:
            fill(source["serviceAccountToken"], expirationSeconds=3600)
    template = some(data, "ephemeral").get("volumeClaimTemplate")
    if template is not None:
        fill(part(template, "spec"), volumeMode="Filesystem")
        part(template["spec"], "resources")
    if data.get("image") is not None:
        fill_zero(data["image"], pullPolicy=pull_policy(data["image"].get("reference") or ""))


def _downward_items(source: JsonMap) -> None:
    for item in each(source, "items"):
        _env_source(item)
