"""ConfigMaps and Secrets, who reads them and how, and whose environment is older than their last change."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.api import types
from kubesim_tui.cluster.picture.look import Look, ref, template_of
from kubesim_tui.cluster.view import ConfigView, Ref, WorkloadView

ROOT_CA = "kube-root-ca.crt"


def config_views(
    look: Look, workloads: tuple[WorkloadView, ...], stale: Mapping[Ref, tuple[Ref, ...]]
) -> tuple[ConfigView, ...]:
    """Those that a player may care for. `stale`: Pods that read them, as environment, before they changed."""
    readers: dict[Ref, list[tuple[Ref, str]]] = {}
    for workload in workloads:
        for used in workload.configs:
            mounted = mount_refs(template_of(look.workload(workload.ref)), workload.ref.namespace)
            readers.setdefault(used, []).append((workload.ref, "volume" if used in mounted else "env"))
    found: list[ConfigView] = []
    for obj in (*look.all("configmaps"), *look.all("secrets")):
        if obj.metadata.name != ROOT_CA:
            name = ref(obj)
            found.append(ConfigView(name, _keys(obj), tuple(readers.get(name, ())), stale.get(name, ())))
    return tuple(found)


def _keys(obj: types.Object) -> tuple[tuple[str, str], ...]:
    if isinstance(obj, types.ConfigMap):
        return tuple(sorted(obj.data.items()))
    data = obj.data if isinstance(obj, types.Secret) else {}
    return tuple((key, f"{_size(text)} bytes") for key, text in sorted(data.items()))


def _size(text: str) -> int:
    """Of what a text in base64 stands for."""
    return len(text) * 3 // 4 - text[-2:].count("=")


def mount_refs(spec: types.PodSpec, namespace: str) -> tuple[Ref, ...]:
    """ConfigMaps and Secrets that a Pod mounts."""
    found: list[Ref] = []
    for volume in spec.volumes:
        if volume.config_map is not None:
            found.append(Ref("ConfigMap", namespace, volume.config_map.name))
        if volume.secret is not None:
            found.append(Ref("Secret", namespace, volume.secret.secret_name))
        for source in volume.projected.sources if volume.projected is not None else ():
            if source.config_map is not None:
                found.append(Ref("ConfigMap", namespace, source.config_map.name))
            if source.secret is not None:
                found.append(Ref("Secret", namespace, source.secret.name))
    return tuple(dict.fromkeys(one for one in found if one.name != ROOT_CA))


def config_refs(spec: types.PodSpec, namespace: str) -> tuple[Ref, ...]:
    """ConfigMaps and Secrets that a Pod reads, as environment or as files."""
    found: list[Ref] = []
    for container in (*spec.init_containers, *spec.containers):
        for source in container.env_from:
            if source.config_map_ref is not None:
                found.append(Ref("ConfigMap", namespace, source.config_map_ref.name))
            if source.secret_ref is not None:
                found.append(Ref("Secret", namespace, source.secret_ref.name))
        for variable in container.env:
            origin = variable.value_from
            if origin is not None and origin.config_map_key_ref is not None:
                found.append(Ref("ConfigMap", namespace, origin.config_map_key_ref.name))
            if origin is not None and origin.secret_key_ref is not None:
                found.append(Ref("Secret", namespace, origin.secret_key_ref.name))
    return tuple(dict.fromkeys([*found, *mount_refs(spec, namespace)]))
