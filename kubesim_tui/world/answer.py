"""One request, really made: a probe, a curl, a client's query. The thousands of traffic's are only planned.

What a plan calls is asked over the network, one after the other; the time of all of it adds up. Databases keep keys
and values (redis.py) and answer queries as their image says (query.py).
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from kubesim_tui.world import query, redis
from kubesim_tui.world.container import Container
from kubesim_tui.world.deciding import decide
from kubesim_tui.world.net import REFUSED, TIMED_OUT, UNKNOWN_HOST, Fetched
from kubesim_tui.world.plan import Call, Plan, Refused
from kubesim_tui.world.program import Program
from kubesim_tui.world.urls import PORTS, Address, target

DEEPEST = 8
_OWN = ("QUERY", "PING")


def serve(container: Container, port: int, method: str, path: str, body: str, now: int) -> Fetched:
    """The answer of a container to one request on one of its ports; `path` with its query, without the host."""
    program, listen = container.listening(port)
    if program is None or listen is None:
        return Fetched(error=REFUSED, took_us=200)
    speaker = container.host.speakers.get(container.sandbox.name) if method == "QUERY" else None
    if speaker is not None:
        return speaker.answer(body, dict(parse_qsl(path.partition("?")[2], keep_blank_values=True)))
    wait_us = container.load.wait_us if container.load is not None else 0
    if listen.protocol not in ("http", "https", "any") or (method == "QUERY" and program.spec.queries):
        return _query(container, program, listen.protocol, method, path, body, wait_us)
    plan = container.plan(port, method, path or "/")
    if isinstance(plan, Refused):
        return Fetched(error=plan.error, took_us=200)
    container.access(now, method, path.partition("?")[0] or "/", plan.status)
    return _carried_out(container, plan, wait_us, body)


def _carried_out(container: Container, plan: Plan, wait_us: int, body: str) -> Fetched:
    took = wait_us + plan.service_us
    for call in plan.calls:
        fetched = _call(container, call, body)
        took += fetched.took_us
        if not fetched.ok and call.failure:
            return Fetched(call.failure, f"{call.host}: {fetched.error or fetched.status}\n", took_us=took)
        if fetched.ok and call.protocol == "http" and not plan.body:
            plan_body = fetched.body
            return Fetched(plan.status, plan_body, took_us=took, headers=plan.headers)
    decided = decide(plan.decides, body) if plan.decides else None
    if decided is not None:
        return Fetched(*decided, took_us=took, headers=plan.headers)
    return Fetched(plan.status, plan.body, took_us=took, headers=plan.headers)


def _call(container: Container, call: Call, body: str) -> Fetched:
    host = container.host
    if host.net is None or host.depth >= DEEPEST:
        return Fetched(error=UNKNOWN_HOST if host.net is None else TIMED_OUT)
    host.depth += 1
    url = f"{call.protocol}://{call.host}:{call.port}{call.path}"
    fetched = host.net.fetch(host.machine, container.id, url, call.method, body, call.timeout_us)
    host.depth -= 1
    return fetched


def local(container: Container, address: Address, method: str, body: str, now: int) -> Fetched:
    """Ask a port of the container's own Pod."""
    port = address.port or PORTS.get(address.scheme, 80)
    other = container.host.neighbour(container.sandbox, port)
    if other is None:
        return Fetched(error=REFUSED, took_us=50)
    return serve(other, port, method, target(address), body, now)


def _query(
    container: Container, program: Program, protocol: str, method: str, path: str, body: str, wait_us: int
) -> Fetched:
    took = wait_us + 500
    plan = container.plan(program.listens[0].port, method if method not in _OWN else "PING", path)
    if isinstance(plan, Refused):
        return Fetched(error=plan.error, took_us=took)
    if plan.status == 401 and method != "PING":
        return Fetched(401, plan.why, took_us=took)
    if protocol == "redis":
        return Fetched(
            200, redis.answer(container, program, method, body.split("\n") if body else [], path), took_us=took
        )
    if method == "QUERY":
        return query.answer(container, program, body.strip().rstrip(";").strip(), took)
    return Fetched(plan.status, "", took_us=took)
