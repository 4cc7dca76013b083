"""Asking a container: httpGet, tcpSocket, grpc and exec, with the words that follow `Readiness probe failed: `."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from kubesim_tui.api.types import Container as Spec
from kubesim_tui.api.types import Probe
from kubesim_tui.kubelet.container_config import port_number
from kubesim_tui.world.container import Container
from kubesim_tui.world.probes import ProbeResult, grpc_probe, http_probe, tcp_probe

SECOND_US = 1_000_000


@frozen
class ProbeError(Exception):
    """The probe itself could not be made: its result is thrown away."""

    text: str


class Exec(Protocol):
    """Running a command in a container, ahead of time."""

    def exec(self, container: str, command: tuple[str, ...], now: int, timeout_us: int) -> ProbeResult:
        """What a probe with this command finds. ProbeError if the command cannot be run."""
        ...


def ask(probe: Probe, spec: Spec, container: Container, runtime: Exec, now: int) -> ProbeResult:
    """Make a probe. Raises ProbeError."""
    timeout_us = (probe.timeout_seconds or 1) * SECOND_US
    if probe.exec is not None:
        return runtime.exec(container.id, probe.exec.command, now, timeout_us)
    if probe.http_get is not None:
        http = probe.http_get
        port = _port(http.port, spec)
        headers = {header.name: header.value for header in http.http_headers}
        target = _target(container, port)
        found = http_probe(
            target,
            port,
            http.path or "/",
            headers,
            now,
            scheme=http.scheme or "HTTP",
            timeout_us=timeout_us,
            host=http.host,
        )
        return _own(found, target, container)
    if probe.tcp_socket is not None:
        port = _port(probe.tcp_socket.port, spec)
        target = _target(container, port)
        return _own(tcp_probe(target, port, now, probe.tcp_socket.host, timeout_us=timeout_us), target, container)
    if probe.grpc is not None:
        target = _target(container, probe.grpc.port)
        found = grpc_probe(target, probe.grpc.port, probe.grpc.service or "", now, timeout_us=timeout_us)
        return _own(found, target, container)
    raise ProbeError("missing probe handler")


def _port(port: int | str | None, spec: Spec) -> int:
    number = port_number(port, spec)
    if number is None:
        raise ProbeError(f"couldn't find port: {port} for container {spec.name}")
    return number


def _target(container: Container, port: int) -> Container:
    """Who answers on a port of the Pod: the container itself, or another one beside it."""
    if container.listening(port)[1] is not None:
        return container
    return container.host.neighbour(container.sandbox, port) or container


def _own(found: ProbeResult, target: Container, container: Container) -> ProbeResult:
    """What another container answers is not settled by this one's generation."""
    return found if target is container else ProbeResult(found.success, found.output, found.took_us, False)
