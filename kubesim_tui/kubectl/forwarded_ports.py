"""The ports that `port-forward` is given: `8080`, `8080:80`, `:80`, `8080:http`; a Service's mean their targets."""

from __future__ import annotations

import re

from attrs import frozen

from kubesim_tui.api.types import Pod, Service, ServicePort
from kubesim_tui.kubectl.fail import error

LARGEST = 65535


@frozen
class Port:
    """One port. local 0: any that is free."""

    local: int
    remote: int


def read(text: str) -> Port:
    """A pair of numbers. Fail as client-go's parsePorts."""
    local, remote = split(text)
    found = Port(_number("local", local or "0"), _number("remote", remote))
    if not found.remote:
        raise error("remote port must be > 0")
    return found


def split(text: str) -> tuple[str, str]:
    """(local, remote) of what was typed."""
    parts = text.split(":")
    return (parts[0], parts[1]) if len(parts) == 2 else (parts[0], parts[0])


def _number(what: str, text: str) -> int:
    if not re.fullmatch(r"\d+", text):
        raise error(f"error parsing {what} port '{text}': strconv.ParseUint: parsing \"{text}\": invalid syntax")
    if int(text) > LARGEST:
        raise error(f"error parsing {what} port '{text}': strconv.ParseUint: parsing \"{text}\": value out of range")
    return int(text)


def named_in_pod(text: str, pod: Pod) -> str:
    """The same with numbers for the names of a Pod's ports. Fail for a name that none has, and for UDP."""
    local, remote = split(text)
    ports = [p for c in (pod.spec.containers if pod.spec is not None else ()) for p in c.ports]
    number = remote
    if not re.fullmatch(r"-?\d+", remote):
        found = next((p.container_port for p in ports if p.name and p.name == remote), None)
        if found is None:
            raise error(f"Pod '{pod.metadata.name}' does not have a named port '{remote}'")
        number = str(found)
    _not_udp({p.container_port: p.protocol for p in sorted(ports, key=_tcp_last)}, number, remote)
    return number if local == remote else f"{local}:{number}"


def named_in_service(text: str, service: Service, pod: Pod) -> str:
    """The same with the ports of the Pod that a Service's ports lead to."""
    local, remote = split(text)
    ports = service.spec.ports if service.spec is not None else ()
    number = remote
    if not re.fullmatch(r"-?\d+", remote):
        named = next((p for p in ports if p.name and p.name == remote), None)
        if named is None:
            raise error(f"Service '{service.metadata.name}' does not have a named port '{remote}'")
        number = str(named.port)
        local = number if local == remote else local
    _not_udp({p.port: p.protocol for p in sorted(ports, key=_tcp_last)}, number, remote)
    found = next((p for p in ports if str(p.port) == number), None)
    if found is None:
        raise error(f"Service {service.metadata.name} does not have a service port {number}")
    target = str(_target(found, service, pod))
    return target if local == target else f"{local}:{target}"


def _target(port: ServicePort, service: Service, pod: Pod) -> int:
    """The container's port behind one of a Service."""
    if service.spec is not None and service.spec.cluster_ip == "None":
        return port.port
    wanted = port.target_port
    if isinstance(wanted, int):
        return wanted or port.port
    if not wanted:
        return port.port
    for container in pod.spec.containers if pod.spec is not None else ():
        for one in container.ports:
            if one.name == wanted:
                return one.container_port
    raise error(f"Pod '{pod.metadata.name}' does not have a named port '{wanted}'")


def _tcp_last(port: object) -> bool:
    return getattr(port, "protocol", "") != "UDP"


def _not_udp(protocols: dict[int, str], number: str, remote: str) -> None:
    if protocols.get(int(number)) == "UDP":
        raise error(f"UDP protocol is not supported for {remote}")
