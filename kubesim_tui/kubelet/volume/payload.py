"""The files of volumes that are made of objects: configMap, secret, downwardAPI, projected (upstream: pkg/volume/*).

What is missing and not optional is a MountError with upstream's words: `configmap "y" not found`,
`references non-existent secret key: K`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence

from attrs import frozen

from kubesim_tui.api.types import DownwardAPIVolumeFile, KeyToPath, Pod, Volume, VolumeProjection
from kubesim_tui.kubelet.env import Objects, secret_data
from kubesim_tui.kubelet.fieldpath import FieldError, Place, field_value, resource_value

Files = dict[str, str]


class MountError(Exception):
    """A volume cannot be set up; the text is the end of a FailedMount event."""


@frozen(eq=False)
class Source:
    """Where the contents come from."""

    pod: Pod
    objects: Objects
    place: Place


def is_made_of_objects(volume: Volume) -> bool:
    """Whether its files come from the API: such a volume follows its objects."""
    return bool(volume.config_map or volume.secret or volume.projected or volume.downward_api)


def references(volume: Volume) -> list[tuple[str, str]]:
    """The (kind, name) of the ConfigMaps and Secrets that a volume shows."""
    found: list[tuple[str, str]] = []
    if volume.config_map is not None:
        found.append(("ConfigMap", volume.config_map.name))
    if volume.secret is not None:
        found.append(("Secret", volume.secret.secret_name))
    for part in volume.projected.sources if volume.projected is not None else ():
        if part.config_map is not None:
            found.append(("ConfigMap", part.config_map.name))
        if part.secret is not None:
            found.append(("Secret", part.secret.name))
    return found


def make_files(volume: Volume, source: Source) -> Files:
    """The files of a volume. Raises MountError."""
    if volume.config_map is not None:
        config = volume.config_map
        return _config_map(config.name, config.items, config.optional, source)
    if volume.secret is not None:
        secret = volume.secret
        return _secret(secret.secret_name, secret.items, secret.optional, source)
    if volume.downward_api is not None:
        return _downward(volume.downward_api.items, source)
    return _projected(volume.projected.sources if volume.projected is not None else (), source)


def _config_map(name: str, items: Sequence[KeyToPath], optional: bool | None, source: Source) -> Files:
    found = source.objects.config_map(source.pod.metadata.namespace, name)
    if found is None and not optional:
        raise MountError(f'configmap "{name}" not found')
    data = {**found.data, **_binary(found.binary_data)} if found is not None else {}
    return _pick(data, items, optional, "configmap references non-existent config key")


def _secret(name: str, items: Sequence[KeyToPath], optional: bool | None, source: Source) -> Files:
    found = source.objects.secret(source.pod.metadata.namespace, name)
    if found is None and not optional:
        raise MountError(f'secret "{name}" not found')
    data = secret_data(found) if found is not None else {}
    return _pick(data, items, optional, "references non-existent secret key")


def _binary(data: Mapping[str, str]) -> Files:
    return {key: base64.b64decode(value).decode("latin-1") for key, value in data.items()}


def _pick(data: Mapping[str, str], items: Sequence[KeyToPath], optional: bool | None, words: str) -> Files:
    if not items:
        return dict(data)
    files: Files = {}
    for item in items:
        if item.key in data:
            files[item.path] = data[item.key]
        elif not optional:
            raise MountError(f"{words}: {item.key}")
    return files


def _downward(items: Sequence[DownwardAPIVolumeFile], source: Source) -> Files:
    files: Files = {}
    spec = source.pod.spec
    assert spec is not None
    try:
        for item in items:
            if item.field_ref is not None:
                files[item.path] = field_value(source.pod, item.field_ref.field_path, source.place)
            elif item.resource_field_ref is not None:
                ref = item.resource_field_ref
                files[item.path] = resource_value(source.pod, spec.containers[0], ref, source.place)
    except FieldError as wrong:
        raise MountError(str(wrong)) from wrong
    return files


def _projected(parts: Sequence[VolumeProjection], source: Source) -> Files:
    """All sources in one directory; what is wrong with several is said together, as Go's aggregate does."""
    files: Files = {}
    errors: list[str] = []
    for part in parts:
        try:
            files.update(_part(part, source))
        except MountError as wrong:
            errors.append(str(wrong))
    if errors:
        raise MountError(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")
    return files


def _part(part: VolumeProjection, source: Source) -> Files:
    if part.config_map is not None:
        return _config_map(part.config_map.name, part.config_map.items, part.config_map.optional, source)
    if part.secret is not None:
        return _secret(part.secret.name, part.secret.items, part.secret.optional, source)
    if part.downward_api is not None:
        return _downward(part.downward_api.items, source)
    token = part.rest.get("serviceAccountToken")
    return {token["path"]: service_account_token(source.pod)} if token else {}


def service_account_token(pod: Pod) -> str:
    """A token of the Pod's ServiceAccount: in a JWT's form, good for nothing but to be read."""
    meta, spec = pod.metadata, pod.spec
    account = spec.service_account_name if spec is not None and spec.service_account_name else "default"
    claims = {"sub": f"system:serviceaccount:{meta.namespace}:{account}"}
    parts = [_base64({"alg": "RS256"}), _base64(claims), "simulated"]
    return ".".join(parts)


def _base64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")
