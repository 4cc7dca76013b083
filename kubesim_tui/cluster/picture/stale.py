"""Which running Pods still have an environment from before their ConfigMap or Secret changed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import NamedTuple

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.cluster.picture.look import Look, ref
from kubesim_tui.cluster.view import Ref
from kubesim_tui.world.world import World


class Source(NamedTuple):
    """From where a container has a variable; of a whole ConfigMap the key is "" and the variable its prefix."""

    container: str
    variable: str
    kind: str
    name: str
    key: str


def stale_readers(look: Look, world: World) -> dict[Ref, tuple[Ref, ...]]:
    """ConfigMap or Secret → the Pods that read it, as environment, when it still said something else."""
    known: dict[int, list[Source]] = {}  # replicas share their spec
    reading: list[tuple[types.Pod, list[Source]]] = []
    for pod in look.objects.values():
        sources = known.get(id(pod.spec))
        if sources is None:
            sources = known[id(pod.spec)] = sources_of(pod.spec) if pod.spec is not None else []
        if sources:
            reading.append((pod, sources))
    if not reading:
        return {}
    has, data = environments(world), Data(look.etcd)
    found: dict[Ref, dict[Ref, None]] = {}
    for pod, sources in reading:
        for source in sources:
            env = has.get((pod.metadata.namespace, pod.metadata.name, source.container))
            about = Ref(source.kind, pod.metadata.namespace, source.name)
            if env is not None and _differs(source, env, data.of(about)):
                found.setdefault(about, {})[ref(pod)] = None
    return {about: tuple(pods) for about, pods in found.items()}


def sources_of(spec: types.PodSpec) -> list[Source]:
    """All that its containers have from ConfigMaps and Secrets."""
    found: list[Source] = []
    for container in spec.containers:
        for variable in container.env:
            origin = variable.value_from
            if origin is not None and origin.config_map_key_ref is not None:
                at = origin.config_map_key_ref
                found.append(Source(container.name, variable.name, "ConfigMap", at.name, at.key))
            elif origin is not None and origin.secret_key_ref is not None:
                secret = origin.secret_key_ref
                found.append(Source(container.name, variable.name, "Secret", secret.name, secret.key))
        for bulk in container.env_from:
            if bulk.config_map_ref is not None:
                found.append(Source(container.name, bulk.prefix, "ConfigMap", bulk.config_map_ref.name, ""))
            if bulk.secret_ref is not None:
                found.append(Source(container.name, bulk.prefix, "Secret", bulk.secret_ref.name, ""))
    return found


def _differs(source: Source, env: Mapping[str, str], now: Mapping[str, str] | None) -> bool:
    if now is None:
        return False
    if not source.key:
        return any(env.get(source.variable + key, value) != value for key, value in now.items())
    return source.variable in env and source.key in now and now[source.key] != env[source.variable]


def environments(world: World) -> dict[tuple[str, str, str], Mapping[str, str]]:
    """What every running container has in its environment, by (namespace, Pod, container)."""
    found: dict[tuple[str, str, str], Mapping[str, str]] = {}
    for machine in world.machines.values():
        for container in machine.runtime.containers.values():
            labels = container.sandbox.labels
            if container.exit_code is None and POD in labels:
                found[labels.get(NAMESPACE, ""), labels[POD], container.config.name] = container.config.env
    return found


class Data:
    """What ConfigMaps and Secrets say now, each read once."""

    def __init__(self, etcd: Etcd) -> None:
        self._etcd = etcd
        self._known: dict[Ref, Mapping[str, str] | None] = {}

    def of(self, about: Ref) -> Mapping[str, str] | None:
        """Its keys and values in plain text; None if it is not there."""
        if about not in self._known:
            self._known[about] = self._read(about)
        return self._known[about]

    def _read(self, about: Ref) -> Mapping[str, str] | None:
        key = (about.namespace, about.name)
        if about.kind == "ConfigMap":
            found = self._etcd.get("configmaps", key)
            return found.data if isinstance(found, types.ConfigMap) else None
        secret = self._etcd.get("secrets", key)
        if not isinstance(secret, types.Secret):
            return None
        return {k: base64.b64decode(v).decode("utf-8", "replace") for k, v in secret.data.items()}
