"""What a container is created with, out of its spec (upstream: generateContainerConfig, GenerateRunContainerOptions).

A ConfigError means CreateContainerConfigError: something that the container refers to is missing or forbidden.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kubesim_tui.api.frozen import Json
from kubesim_tui.api.helpers.qos import BEST_EFFORT, GUARANTEED, pod_qos
from kubesim_tui.api.helpers.selector import matches_set
from kubesim_tui.api.quantity import milli, value
from kubesim_tui.api.types import Container, Pod, Probe, ResourceRequirements, Service
from kubesim_tui.kubelet.env import ConfigError, Source, make_environment
from kubesim_tui.kubelet.events import full_name
from kubesim_tui.kubelet.expansion import expand
from kubesim_tui.world.config import Config, Limits, Mount
from kubesim_tui.world.cpu import shares
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.images import ImageSpec

NO_LIMITS = Limits()
CRITICAL_PRIORITY, NODE_CRITICAL = 2_000_000_000, "system-node-critical"


@frozen(eq=False)
class Mounted:
    """A volume of the Pod that is mounted. One that shows objects is read-only, and followed only as a whole."""

    volume: Volume
    shows_objects: bool = False
    read_only: bool = False


@frozen(eq=False)
class Inputs:
    """All that a configuration needs besides the spec."""

    source: Source
    volumes: Mapping[str, Mounted]
    image: ImageSpec
    services: tuple[Service, ...] = ()  # that may select the Pod
    memory_bytes: int = 0  # of the machine


def make_config(pod: Pod, container: Container, inputs: Inputs, attempt: int = 0) -> Config:
    """The whole configuration. Raises ConfigError."""
    env = make_environment(pod, container, inputs.source)
    user, group, read_only = _security(pod, container, inputs.image)
    return Config(
        name=container.name,
        image=container.image,
        command=tuple(expand(text, env) for text in container.command),
        args=tuple(expand(text, env) for text in container.args),
        env=env,
        mounts=tuple(_mounts(container, inputs.volumes, env)),
        limits=limits_of(pod, container),
        expected_ports=() if inputs.image.known else expected_ports(pod, container, inputs.services),
        user=user,
        group=group,
        read_only_root=read_only,
        privileged=bool((container.security_context or {}).get("privileged")),
        working_dir=container.working_dir,
        storage_limited=is_storage_limited(pod),
        oom_score_adj=oom_score_adj(pod, container, inputs.memory_bytes),
        stdin=bool(container.stdin),
        stdin_once=bool(container.stdin_once),
        tty=bool(container.tty),
        target=str(container.rest.get("targetContainerName") or ""),
        attempt=attempt,
    )


def limits_of(pod: Pod, container: Container) -> Limits:
    """Quota, memory limit and weight: the container's, or else the Pod's as a whole."""
    own, whole = container.resources, pod.spec.resources if pod.spec is not None else None
    if own is None and whole is None:
        return NO_LIMITS
    cpu, memory = _either(own, whole, "limits", "cpu"), _either(own, whole, "limits", "memory")
    asked = _either(own, whole, "requests", "cpu") or cpu
    if not (cpu or memory or asked):
        return NO_LIMITS
    return Limits(milli(cpu) if cpu else None, value(memory) if memory else None, shares(milli(asked) if asked else 0))


def _either(own: ResourceRequirements | None, whole: ResourceRequirements | None, part: str, name: str) -> str:
    found = (getattr(one, part).get(name, "") for one in (own, whole) if one is not None)
    return next(filter(None, found), "")


def is_storage_limited(pod: Pod) -> bool:
    """Whether containers of a Pod have ephemeral-storage limits: then it counts what each of them writes."""
    spec = pod.spec
    assert spec is not None
    containers = (*spec.containers, *spec.init_containers)
    return any(c.resources is not None and "ephemeral-storage" in c.resources.limits for c in containers)


def oom_score_adj(pod: Pod, container: Container, memory_bytes: int) -> int:
    """How readily the kernel kills it (qos.GetContainerOOMScoreAdjust): Guaranteed and node-critical ones hardly, …"""
    spec = pod.spec
    assert spec is not None
    quality = pod_qos(pod)
    node_critical = spec.priority_class_name == NODE_CRITICAL and (spec.priority or 0) >= CRITICAL_PRIORITY
    if quality == GUARANTEED or node_critical:
        return -997
    if quality == BEST_EFFORT:
        return 1000
    asked = container.resources.requests.get("memory") if container.resources is not None else None
    request = value(asked) if asked else 0
    return max(3, min(999, 1000 - 1000 * request // max(1, memory_bytes)))


# -- volumes ---------------------------------------------------------------------------------------------------------


def _mounts(container: Container, volumes: Mapping[str, Mounted], env: Mapping[str, str]) -> list[Mount]:
    found: list[Mount] = []
    for mount in container.volume_mounts:
        mounted = volumes.get(mount.name)
        if mounted is None:
            raise ConfigError(f'cannot find volume "{mount.name}" to mount into container "{container.name}"')
        subpath = expand(mount.sub_path_expr, env) if mount.sub_path_expr else mount.sub_path
        subpath = subpath.strip("/").removeprefix("./")
        volume = mounted.volume
        if subpath and mounted.shows_objects:
            volume = _snapshot(volume, subpath)  # a subPath of a ConfigMap is copied once, and does not follow it
        elif subpath and subpath not in volume.files:
            volume.make_directory(subpath)
        read_only = bool(mount.read_only) or mounted.read_only or mounted.shows_objects
        found.append(Mount(mount.mount_path.rstrip("/") or "/", volume, subpath, read_only))
    return found


def _snapshot(volume: Volume, subpath: str) -> Volume:
    inside = {n: t for n, t in volume.files.items() if n == subpath or n.startswith(subpath + "/")}
    return Volume(f"{volume.id}/{subpath}", files=inside)


# -- ports -----------------------------------------------------------------------------------------------------------


def expected_ports(pod: Pod, container: Container, services: tuple[Service, ...]) -> tuple[int, ...]:
    """Where an image that nobody described is taken to listen: its ports, its probes', those of its Services."""
    found: dict[int, None] = dict.fromkeys(port.container_port for port in container.ports)
    for probe in (container.startup_probe, container.liveness_probe, container.readiness_probe):
        port = probe_port(probe, container)
        if port:
            found[port] = None
    first = pod.spec is not None and pod.spec.containers and pod.spec.containers[0].name == container.name
    for service in services if first else ():
        found.update(dict.fromkeys(_target_ports(pod, service)))
    return tuple(found)


def _target_ports(pod: Pod, service: Service) -> list[int]:
    spec = service.spec
    if spec is None or not spec.selector or not matches_set(spec.selector, pod.metadata.labels):
        return []
    targets = [port.target_port if port.target_port else port.port for port in spec.ports]
    return [port for port in targets if isinstance(port, int)]


def probe_port(probe: Probe | None, container: Container) -> int:
    """The port that a probe asks, 0 if it asks none."""
    if probe is None:
        return 0
    if probe.http_get is not None:
        return port_number(probe.http_get.port, container) or 0
    if probe.tcp_socket is not None:
        return port_number(probe.tcp_socket.port, container) or 0
    return probe.grpc.port if probe.grpc is not None else 0


def port_number(port: int | str | None, container: Container) -> int | None:
    """The number of a port given as number or name; None if the container has no such name."""
    if isinstance(port, int):
        return port
    if port and port.isdecimal():
        return int(port)
    return next((p.container_port for p in container.ports if p.name and p.name == port), None)


# -- security --------------------------------------------------------------------------------------------------------


def _security(pod: Pod, container: Container, image: ImageSpec) -> tuple[int | None, int | None, bool]:
    """(user, group, whether its root is read-only). What breaks runAsNonRoot is refused."""
    whole: Json = pod.spec.rest.get("securityContext") if pod.spec is not None else None
    own: Json = container.security_context
    if not whole and not own:
        return None, None, False
    context = {**(whole or {}), **(own or {})}
    user = context.get("runAsUser")
    if context.get("runAsNonRoot"):
        where = f'(pod: "{full_name(pod)}", container: {container.name})'
        if user == 0:
            raise ConfigError(f"container's runAsUser breaks non-root policy {where}")
        if user is None and image.user_name:
            said = f"image has non-numeric user ({image.user_name}), cannot verify user is non-root"
            raise ConfigError(f"container has runAsNonRoot and {said} {where}")
        if user is None and image.known and image.user == 0:
            raise ConfigError(f"container has runAsNonRoot and image will run as root {where}")
    return user, context.get("runAsGroup"), bool(context.get("readOnlyRootFilesystem"))
