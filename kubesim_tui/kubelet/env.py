"""The environment of a container (upstream: makeEnvironmentVariables in kubelet_pods.go).

Order: envFrom, then env (which may refer to what stands before it and to Services), then the variables of Services
that nothing has overridden. What is missing and not optional is a ConfigError in the kubelet's words; the container
then waits with CreateContainerConfigError.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from kubesim_tui.api.types import ConfigMap, Container, EnvFromSource, EnvVar, EnvVarSource, Pod, Secret
from kubesim_tui.kubelet.expansion import expand
from kubesim_tui.kubelet.fieldpath import FieldError, Place, field_value, resource_value


class ConfigError(Exception):
    """A container cannot be configured; the text becomes the message of its waiting state."""


class Objects(Protocol):
    """Where the kubelet finds what Pods refer to."""

    def config_map(self, namespace: str, name: str) -> ConfigMap | None:
        """A ConfigMap, None if there is none."""
        ...

    def secret(self, namespace: str, name: str) -> Secret | None:
        """A Secret, None if there is none."""
        ...


@frozen(eq=False)
class Source:
    """Where values come from."""

    objects: Objects
    place: Place
    services: Mapping[str, str]  # the variables of Services


def make_environment(pod: Pod, container: Container, source: Source) -> Mapping[str, str]:
    """All variables that the kubelet sets. Raises ConfigError."""
    if not container.env and not container.env_from:
        return source.services
    env: dict[str, str] = {}
    for origin in container.env_from:
        env.update(_from(pod.metadata.namespace, origin, source.objects))
    for variable in container.env:
        value = _value(pod, container, variable, env, source)
        if value is not None:
            env[variable.name] = value
    for name, value in source.services.items():
        env.setdefault(name, value)
    return env


def _from(namespace: str, origin: EnvFromSource, objects: Objects) -> dict[str, str]:
    data: Mapping[str, str] = {}
    if origin.config_map_ref is not None:
        found = objects.config_map(namespace, origin.config_map_ref.name)
        if found is None and not origin.config_map_ref.optional:
            raise ConfigError(f'configmap "{origin.config_map_ref.name}" not found')
        data = found.data if found is not None else {}
    elif origin.secret_ref is not None:
        secret = objects.secret(namespace, origin.secret_ref.name)
        if secret is None and not origin.secret_ref.optional:
            raise ConfigError(f'secret "{origin.secret_ref.name}" not found')
        data = secret_data(secret) if secret is not None else {}
    return {origin.prefix + key: data[key] for key in sorted(data) if "=" not in key}


def _value(pod: Pod, container: Container, variable: EnvVar, env: Mapping[str, str], source: Source) -> str | None:
    """The value of one variable; None if it is optional and not there."""
    origin = variable.value_from
    if origin is None:
        return expand(variable.value, env, source.services)
    try:
        if origin.field_ref is not None:
            return field_value(pod, origin.field_ref.field_path, source.place)
        if origin.resource_field_ref is not None:
            return resource_value(pod, container, origin.resource_field_ref, source.place)
    except FieldError as wrong:
        raise ConfigError(str(wrong)) from wrong
    return _key(pod.metadata.namespace, origin, source.objects)


def _key(namespace: str, origin: EnvVarSource, objects: Objects) -> str | None:
    ref = origin.config_map_key_ref
    if ref is not None:
        config = objects.config_map(namespace, ref.name)
        return _pick(namespace, "ConfigMap", ref.name, ref.key, ref.optional, config.data if config else None)
    secret_ref = origin.secret_key_ref
    if secret_ref is not None:
        secret = objects.secret(namespace, secret_ref.name)
        data = secret_data(secret) if secret else None
        return _pick(namespace, "Secret", secret_ref.name, secret_ref.key, secret_ref.optional, data)
    return ""


def _pick(
    namespace: str, kind: str, name: str, key: str, optional: bool | None, data: Mapping[str, str] | None
) -> str | None:
    if data is not None and key in data:
        return data[key]
    if optional:
        return None
    if data is None:
        raise ConfigError(f'{kind.lower()} "{name}" not found')
    raise ConfigError(f"couldn't find key {key} in {kind} {namespace}/{name}")


def secret_data(secret: Secret) -> dict[str, str]:
    """The decoded data of a Secret (what is not UTF-8 is kept as Latin-1)."""
    return {key: _decode(value) for key, value in secret.data.items()}


def _decode(value: str) -> str:
    try:
        raw = base64.b64decode(value, validate=False)
    except (binascii.Error, ValueError):
        return value
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
