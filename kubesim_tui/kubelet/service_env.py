"""The environment variables that Services give to containers (upstream: pkg/kubelet/envvars)."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.api.types import Service


def from_services(services: Iterable[Service]) -> dict[str, str]:
    """`WEB_SERVICE_HOST`, `WEB_SERVICE_PORT`, `WEB_PORT_80_TCP_ADDR` … of Services that have an address."""
    env: dict[str, str] = {}
    for service in sorted(services, key=lambda s: (s.metadata.namespace, s.metadata.name)):
        spec = service.spec
        if spec is None or spec.cluster_ip in ("", "None") or not spec.ports:
            continue
        name = variable(service.metadata.name)
        env[f"{name}_SERVICE_HOST"] = spec.cluster_ip
        env[f"{name}_SERVICE_PORT"] = str(spec.ports[0].port)
        for port in spec.ports:
            if port.name:
                env[f"{name}_SERVICE_PORT_{variable(port.name)}"] = str(port.port)
        _links(env, name, service)
    return env


def _links(env: dict[str, str], name: str, service: Service) -> None:
    """The variables of Docker's links."""
    assert service.spec is not None
    ip = service.spec.cluster_ip
    for number, port in enumerate(service.spec.ports):
        protocol = port.protocol or "TCP"
        url = f"{protocol.lower()}://{ip}:{port.port}"
        if number == 0:
            env[f"{name}_PORT"] = url
        prefix = f"{name}_PORT_{port.port}_{protocol.upper()}"
        env[prefix] = url
        env[f"{prefix}_PROTO"] = protocol.lower()
        env[f"{prefix}_PORT"] = str(port.port)
        env[f"{prefix}_ADDR"] = ip


def variable(name: str) -> str:
    """`my-svc` → `MY_SVC`."""
    return name.upper().replace("-", "_")
