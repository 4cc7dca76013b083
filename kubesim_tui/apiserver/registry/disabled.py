"""Fields of Pods behind features that are off in Kubernetes 1.37: dropped before anybody looks at them.

As pkg/api/pod/util.go does it (dropDisabledFields), in Pods and in everything that holds a Pod's template. Since
nothing with such a field is ever stored, no change can keep one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubesim_tui.api.helpers.pod_templates import TEMPLATES
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.validation.walk import every_container

JsonMap = dict[str, Any]
POD_FIELDS = ("schedulingGroup", "evictionResponders")  # GenericWorkload, EvictionRequestAPI
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
FILES = ("secret", "configMap", "downwardAPI", "projected")
INIT_ANNOTATIONS = tuple(
    f"pod.{level}.kubernetes.io/init-{what}"
    for what in ("containers", "container-statuses")
    for level in ("beta", "alpha")
)
"""How init containers were written before they had a field."""


def drop(resource: Resource, data: JsonMap) -> None:
    """Drop what is off from the Pods of an object."""
    if resource.group_resource not in TEMPLATES and resource.group_resource != "pods":
        return
    pod: Any = data
    for name in TEMPLATES.get(resource.group_resource, ()):
        pod = pod.get(name) or {}
    for name in INIT_ANNOTATIONS:
        _without((pod.get("metadata") or {}).get("annotations"), name)
    spec = pod.get("spec") or {}
    for name in POD_FIELDS:
        _without(spec, name)
    for _, container in every_container(spec, ""):
        _container(container)
    for volume in spec.get("volumes") or ():
        _volume(volume)


def _without(data: JsonMap | None, name: str) -> None:
    if data:
        data.pop(name, None)


def _container(container: JsonMap) -> None:
    """VolumeBindMountOptions, H2CContainerProbe, GRPCContainerProbeTLS, ContainerStopSignals."""
    for mount in container.get("volumeMounts") or ():
        _without(mount, "bindMountOptions")
    for name in PROBES:
        probe = container.get(name) or {}
        _without(probe.get("httpGet"), "protocol")
        _without(probe.get("grpc"), "mode")
    lifecycle = container.get("lifecycle")
    if lifecycle is None:
        return
    for name in ("postStart", "preStop"):
        _without((lifecycle.get(name) or {}).get("httpGet"), "protocol")
    if lifecycle.pop("stopSignal", None) is not None and not lifecycle:
        del container["lifecycle"]


def _volume(volume: JsonMap) -> None:
    """EmptyDirVolumeMode, AtomicWriteVolumeUserFields."""
    _without(volume.get("emptyDir"), "mode")
    for name in FILES:
        _without(volume.get(name), "defaultUser")
    for source in _sources(volume):
        _without(source, "user")
        for item in source.get("items") or ():
            _without(item, "user")


def _sources(volume: JsonMap) -> Iterator[JsonMap]:
    """What files are made from, in a volume and in its projections."""
    for name in FILES:
        if volume.get(name):
            yield volume[name]
    for projection in (volume.get("projected") or {}).get("sources") or ():
        yield from (source for source in projection.values() if isinstance(source, dict))
