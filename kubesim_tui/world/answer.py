"""One request, really made: a probe, a curl, a client's query. The thousands of traffic's are only planned.

What a plan calls is asked over the network, one after the other; the time of all of it adds up. Databases keep keys
and values (redis) and answer queries as their image says.
"""

from __future__ import annotations

import re

from kubesim_tui.world.container import Container
from kubesim_tui.world.deciding import decide
from kubesim_tui.world.net import REFUSED, TIMED_OUT, UNKNOWN_HOST, Fetched
from kubesim_tui.world.plan import Call, Plan, Refused
from kubesim_tui.world.program import Program
from kubesim_tui.world.template import expand
from kubesim_tui.world.urls import PORTS, Address, target

DEEPEST = 8
_OWN = ("QUERY", "PING")


def serve(container: Container, port: int, method: str, path: str, body: str, now: int) -> Fetched:
    """The answer of a container to one request on one of its ports; `path` with its query, without the host."""
    program, listen = container.listening(port)
    if program is None or listen is None:
        return Fetched(error=REFUSED, took_us=200)
    wait_us = container.load.wait_us if container.load is not None else 0
    if listen.protocol not in ("http", "https", "any"):
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
    plan = container.plan(program.listens[0].port, method if method not in _OWN else "READ", path)
    if isinstance(plan, Plan) and plan.status == 401 and method != "PING":
        return Fetched(401, plan.why, took_us=took)
    if protocol == "redis":
        return Fetched(200, _redis(container, program, method, body.split("\n") if body else [], path), took_us=took)
    if method == "QUERY":
        return _answered(container, program, body.strip().rstrip(";").strip(), took)
    status = plan.status if isinstance(plan, Plan) else 200
    return Fetched(status, "", took_us=took)


def _answered(container: Container, program: Program, query: str, took: int) -> Fetched:
    scope = program.scope(container, container.host.now, {"query": query})
    for known in program.spec.queries:
        found = re.match(known.match, query, re.IGNORECASE)
        if found is not None:
            text = known.error or known.output
            for number, group in enumerate(found.groups(), 1):
                text = text.replace(f"\\{number}", group or "")
            return Fetched(400 if known.error else 200, expand(text, scope), took_us=took)
    return Fetched(200, "", took_us=took)


def _redis(container: Container, program: Program, command: str, words: list[str], path: str) -> str:
    """The commands of redis that people type."""
    scope = program.scope(container, container.host.now, {})
    password = scope.get("requirepass")
    if password and f"password={password}" not in path:
        return (
            "NOAUTH Authentication required." if "password=" not in path else "WRONGPASS invalid username-password pair"
        )
    values = program.remembered().values
    match command, words:
        case "PING", _:
            return words[0] if words else "PONG"
        case "SET", [key, value, *_]:
            values[key] = value
            return "OK"
        case "GET", [key]:
            return values.get(key, "")
        case "DEL", keys:
            return str(sum(values.pop(key, None) is not None for key in keys))
        case "EXISTS", keys:
            return str(sum(key in values for key in keys))
        case (("INCR" | "DECR"), [key]):
            number = int(values.get(key, "0")) + (1 if command == "INCR" else -1)
            values[key] = str(number)
            return str(number)
        case "KEYS", _:
            return "\n".join(sorted(values))
        case "DBSIZE", _:
            return str(len(values) + sum(len(kept) for kept in program.remembered().records.values()))
        case (("LPUSH" | "RPUSH"), [key, *items]):
            held = values.get(key, "").split("\n") if values.get(key) else []
            held = [*items[::-1], *held] if command == "LPUSH" else [*held, *items]
            values[key] = "\n".join(held)
            return str(len(held))
        case "LLEN", [key]:
            return str(len(values[key].split("\n")) if values.get(key) else 0)
        case "LRANGE", [key, *_]:
            return values.get(key, "")
        case (("FLUSHALL" | "FLUSHDB"), _):
            values.clear()
            program.remembered().records.clear()
            return "OK"
        case ("CONFIG", ["GET", name]):
            return f"{name}\n{scope.get(name.lower()) or ''}"
        case (("SAVE" | "BGSAVE"), _):
            return "OK" if command == "SAVE" else "Background saving started"
        case "INFO", _:
            return (
                f"# Server\r\nredis_version:{container.get('REDIS_VERSION') or '8.2.0'}\r\n# Replication\r\nrole:master"
            )
    if command in ("SET", "GET", "INCR", "DECR", "LPUSH", "RPUSH", "LLEN", "LRANGE"):
        return f"ERR wrong number of arguments for '{command.lower()}' command"
    return f"ERR unknown command '{command}', with args beginning with: {' '.join(repr(word) for word in words)}"
