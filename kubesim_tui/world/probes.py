"""Probes, with the texts that a kubelet puts after `Readiness probe failed: `.

A result is `steady` if it holds until the container's `probe_generation` changes: then nobody needs to probe again.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kubesim_tui.world.answer import serve
from kubesim_tui.world.container import Container
from kubesim_tui.world.net import REFUSED, TIMED_OUT
from kubesim_tui.world.plan import Plan, Refused
from kubesim_tui.world.shared import Shared

_SECOND_US = 1_000_000
_HOPS = 10
LATE = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"


@frozen
class ProbeResult(Shared):
    """Whether it succeeded, what a kubelet says, how long it took, and whether it will be the same next time."""

    success: bool
    output: str = ""
    took_us: int = 0
    steady: bool = True


def http_probe(
    container: Container,
    port: int,
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    now: int = 0,
    *,
    scheme: str = "HTTP",
    timeout_us: int = _SECOND_US,
    host: str = "",
) -> ProbeResult:
    """GET a path: 200 … 399 is success. Redirects within the host are followed; no image looks at the headers."""
    del headers
    place = path if path.startswith("/") else f"/{path}"
    url = f"{scheme.lower()}://{host or container.sandbox.ip}:{port}{place}"
    if _unheard(container, timeout_us):
        return ProbeResult(False, f'Get "{url}": {LATE}', timeout_us)
    plan = _followed(container, port, place)
    _, listen = container.listening(port)
    if isinstance(plan, Refused) and plan.error == TIMED_OUT:
        return ProbeResult(False, f'Get "{url}": {LATE}', timeout_us)
    if isinstance(plan, Refused) or listen is None:
        return ProbeResult(False, f'Get "{url}": dial tcp {host or container.sandbox.ip}:{port}: connect: {REFUSED}')
    if listen.protocol not in ("http", "https", "any"):
        return ProbeResult(False, f'Get "{url}": EOF', 500)
    if scheme.upper() == "HTTPS" and listen.protocol == "http":
        return ProbeResult(False, f'Get "{url}": http: server gave HTTP response to HTTPS client', 500)
    if scheme.upper() == "HTTP" and listen.protocol == "https":
        return ProbeResult(False, "HTTP probe failed with statuscode: 400", 500)
    status, took, steady = _status(container, port, place, plan, now)
    if took > timeout_us:
        return ProbeResult(False, f'Get "{url}": {LATE}', timeout_us, steady)
    if 200 <= status < 400:
        return ProbeResult(True, "", took, steady)
    return ProbeResult(False, f"HTTP probe failed with statuscode: {status}", took, steady)


def _followed(container: Container, port: int, path: str) -> Plan | Refused:
    plan = container.plan(port, "GET", path)
    for _ in range(_HOPS):
        target = dict(plan.headers).get("Location", "") if isinstance(plan, Plan) and 300 <= plan.status < 400 else ""
        if not target.startswith("/"):
            break
        plan = container.plan(port, "GET", target)
    return plan


def _status(container: Container, port: int, path: str, plan: Plan, now: int) -> tuple[int, int, bool]:
    """(status, time, steady): a health page that asks others is asked for real."""
    if plan.calls:
        fetched = serve(container, port, "GET", path, "", now)
        return fetched.status, fetched.took_us, False
    return plan.status, _wait(container) + plan.service_us, True


def _wait(container: Container) -> int:
    return container.load.wait_us if container.load is not None else 0


def _unheard(container: Container, timeout_us: int) -> bool:
    """Whether the network of its Pod keeps a probe from being answered in time."""
    netem = container.sandbox.netem
    return netem is not None and netem.outlasts(timeout_us)


def tcp_probe(
    container: Container, port: int, now: int = 0, host: str = "", *, timeout_us: int = _SECOND_US
) -> ProbeResult:
    """Connect to a port."""
    del now
    if _unheard(container, timeout_us):
        return ProbeResult(False, f"dial tcp {host or container.sandbox.ip}:{port}: i/o timeout", timeout_us)
    if container.listening(port)[1] is None:
        return ProbeResult(False, f"dial tcp {host or container.sandbox.ip}:{port}: connect: {REFUSED}")
    return ProbeResult(True, "", 200)


def grpc_probe(
    container: Container, port: int, service: str = "", now: int = 0, *, timeout_us: int = _SECOND_US
) -> ProbeResult:
    """Ask the health service of gRPC. (A probe's time does not matter where nothing is called.)"""
    del now
    address = f"{container.sandbox.ip}:{port}"
    _, listen = container.listening(port)
    if listen is None or _unheard(container, timeout_us):
        late = f"{timeout_us // _SECOND_US}s: context deadline exceeded"
        return ProbeResult(False, f'timeout: failed to connect service "{address}" within {late}', timeout_us)
    if listen.protocol not in ("grpc", "any"):
        unknown = "this server does not implement the grpc health protocol (grpc.health.v1.Health)"
        return ProbeResult(False, f"error: {unknown}: unknown service grpc.health.v1.Health", 500)
    plan = container.plan(port, "GET", f"/grpc.health.v1.Health/{service}")
    took = _wait(container) + (plan.service_us if isinstance(plan, Plan) else 0)
    if took > timeout_us or isinstance(plan, Refused):
        return ProbeResult(
            False, f"timeout: health rpc did not complete within {timeout_us // _SECOND_US}s", timeout_us
        )
    if isinstance(plan, Plan) and plan.status >= 400:
        return ProbeResult(False, 'service unhealthy (responded with "NOT_SERVING")', took)
    return ProbeResult(True, "", took)
