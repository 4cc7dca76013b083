"""Which Secrets and ConfigMaps a Pod names (pkg/api/pod: VisitPodSecretNames, VisitPodConfigmapNames).

Names only, as they are written: what a claim or a volume behind them leads to is not followed. Kinds of volumes that
the engine does not read are looked at in their JSON form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubesim_tui.api.types import Container, PodSpec, Volume


def secret_names(spec: PodSpec) -> Iterator[str]:
    """Every Secret: to pull images with, of an environment, of a volume."""
    found = [ref.name for ref in spec.image_pull_secrets]
    for container in _containers(spec):
        found += [e.secret_ref.name for e in container.env_from if e.secret_ref is not None]
        origins = [v.value_from for v in container.env if v.value_from is not None]
        found += [o.secret_key_ref.name for o in origins if o.secret_key_ref is not None]
    for volume in spec.volumes:
        found += _secrets_of(volume)
    return filter(None, found)


def config_map_names(spec: PodSpec) -> Iterator[str]:
    """Every ConfigMap: of an environment, of a volume."""
    found = []
    for container in _containers(spec):
        found += [e.config_map_ref.name for e in container.env_from if e.config_map_ref is not None]
        origins = [v.value_from for v in container.env if v.value_from is not None]
        found += [o.config_map_key_ref.name for o in origins if o.config_map_key_ref is not None]
    for volume in spec.volumes:
        found += [volume.config_map.name] if volume.config_map is not None else []
        sources = volume.projected.sources if volume.projected is not None else ()
        found += [s.config_map.name for s in sources if s.config_map is not None]
    return filter(None, found)


def _containers(spec: PodSpec) -> tuple[Container, ...]:
    return (*spec.init_containers, *spec.containers, *spec.ephemeral_containers)


def _secrets_of(volume: Volume) -> Iterator[str]:
    if volume.secret is not None:
        yield volume.secret.secret_name
    for source in volume.projected.sources if volume.projected is not None else ():
        if source.secret is not None:
            yield source.secret.name
    for plugin in volume.rest.values():
        if isinstance(plugin, Mapping):
            yield str(plugin.get("secretName") or "")  # azureFile
            for ref in (plugin.get("secretRef"), plugin.get("nodePublishSecretRef")):
                if isinstance(ref, Mapping):
                    yield str(ref.get("name") or "")
