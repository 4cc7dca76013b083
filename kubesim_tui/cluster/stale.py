"""Which running Pods still have an environment from before their ConfigMap or Secret changed."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.fabric import NAMESPACE, POD
from kubesim_tui.cluster.view import Ref
from kubesim_tui.world.world import World


def environments(world: World) -> dict[tuple[str, str, str], Mapping[str, str]]:
    """What every running container has in its environment, by (namespace, Pod, container)."""
    found: dict[tuple[str, str, str], Mapping[str, str]] = {}
    for machine in world.machines.values():
        for container in machine.runtime.containers.values():
            if container.exit_code is None and POD in container.sandbox.labels:
                labels = container.sandbox.labels
                found[labels.get(NAMESPACE, ""), labels[POD], container.config.name] = container.config.env
    return found


def stale(etcd: Etcd, world: World) -> dict[Ref, tuple[Ref, ...]]:
    """ConfigMap or Secret → the Pods that read it, as environment, when it still said something else."""
    has = environments(world)
    found: dict[Ref, dict[Ref, None]] = {}
    for pod in sorted(etcd.table("pods"), key=lambda p: (p.metadata.namespace, p.metadata.name)):
        assert isinstance(pod, types.Pod)
        meta = pod.metadata
        for container in pod.spec.containers if pod.spec is not None else ():
            env = has.get((meta.namespace, meta.name, container.name))
            if env is None:
                continue
            for source in _differs(etcd, meta.namespace, container, env):
                found.setdefault(source, {})[Ref("Pod", meta.namespace, meta.name)] = None
    return {source: tuple(pods) for source, pods in found.items()}


def _differs(etcd: Etcd, namespace: str, container: types.Container, env: Mapping[str, str]) -> list[Ref]:
    found: list[Ref] = []
    for variable in container.env:
        source = variable.value_from
        if source is None or variable.name not in env:
            continue
        if source.config_map_key_ref is not None:
            ref, key = Ref("ConfigMap", namespace, source.config_map_key_ref.name), source.config_map_key_ref.key
        elif source.secret_key_ref is not None:
            ref, key = Ref("Secret", namespace, source.secret_key_ref.name), source.secret_key_ref.key
        else:
            continue
        now = _data(etcd, ref)
        if now is not None and key in now and now[key] != env[variable.name]:
            found.append(ref)
    for bulk in container.env_from:
        name = bulk.config_map_ref.name if bulk.config_map_ref else bulk.secret_ref.name if bulk.secret_ref else ""
        ref = Ref("ConfigMap" if bulk.config_map_ref else "Secret", namespace, name)
        now = _data(etcd, ref)
        if now is not None and any(env.get(bulk.prefix + k, v) != v for k, v in now.items()):
            found.append(ref)
    return found


def _data(etcd: Etcd, ref: Ref) -> Mapping[str, str] | None:
    if ref.kind == "ConfigMap":
        found = etcd.get("configmaps", (ref.namespace, ref.name))
        return found.data if isinstance(found, types.ConfigMap) else None
    secret = etcd.get("secrets", (ref.namespace, ref.name))
    if not isinstance(secret, types.Secret):
        return None
    return {k: base64.b64decode(v).decode("utf-8", "replace") for k, v in secret.data.items()}
