"""Works out what a request to a program amounts to: the slow half of `Container.plan`, whose results are kept.

The route is chosen as the image's data (or nginx's own configuration) says; then its templates are filled in, files
looked for, calls addressed. Whatever is not fine says why, in one line that `explain` can show.
"""

from __future__ import annotations

import posixpath
import re
from typing import Protocol
from urllib.parse import parse_qsl

from attrs import evolve

from kubesim_tui.world import nginx_site
from kubesim_tui.world.cached import Cache
from kubesim_tui.world.circuit import Breaker
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import Files, absolute
from kubesim_tui.world.image_calls import BreakerAt, CacheAt, CallTo, QueueAt
from kubesim_tui.world.images import ProgramSpec, Route, StoreAt
from kubesim_tui.world.plan import Call, Plan, Refused, Store
from kubesim_tui.world.program import Listen, Program
from kubesim_tui.world.queues import Queueing
from kubesim_tui.world.replication import writes
from kubesim_tui.world.replication.member import Part
from kubesim_tui.world.template import Names, expand, variables
from kubesim_tui.world.units import SECOND_US
from kubesim_tui.world.urls import PORTS, split

WITHOUT_METHODS = frozenset(
    ("amqp", "kafka", "nats", "tcp", "grpc", "redis", "postgres", "mysql", "mongodb", "udp", "dns", "any")
)
PUBLISH, CONSUME = "PUBLISH", "CONSUME"
"""How brokers are asked for what they are there for; the path names the queue."""
_REDIS_BYTES = re.compile(r"(\d+)(b|k|kb|ki|m|mb|mi|g|gb|gi|)")
_REDIS_UNITS = {
    **dict.fromkeys(("", "b"), 1),
    **dict.fromkeys(("kb", "ki"), 1 << 10),
    **dict.fromkeys(("mb", "mi"), 1 << 20),
    **dict.fromkeys(("gb", "gi"), 1 << 30),
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
}
CONNECTIONS = {"grpc": 1}
"""How many connections a client keeps to a host, where the image does not say: of gRPC one, for all of its requests."""
LOOKUP_US = SECOND_US
"""How long a program waits for its cache."""
REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


class Clock(Protocol):
    """The runtime's idea of the time."""

    now: int


class Holder(Protocol):
    """What is needed of the container."""

    @property
    def host(self) -> Clock:
        """Who knows the time."""
        ...

    def get(self, name: str) -> str | None:
        """A variable of its environment."""
        ...

    def files(self) -> Files:
        """Its files."""
        ...


def make(container: Holder, program: Program, listen: Listen, method: str, target: str) -> Plan | Refused:
    """The plan of one request: `target` is path and query."""
    scope = program.scope(container, 0, _known(method, target))
    if program.site is not None:
        return nginx_site.make(container, program, listen.port, target, scope)
    spec = program.spec
    refused = _unauthorised(program, target)
    if refused:
        return Plan(status=401, service_us=1_000, cpu_us=100, why=refused)
    path = target.partition("?")[0] or "/"
    plain = listen.protocol not in ("http", "https")
    route = choose(spec, method, path, listen.name, plain=plain and listen.protocol != "grpc")
    if route is None:
        return _nothing(spec, method, path, plain=plain)
    plan = _of_route(container, program, route, path, scope)
    if (plan.store is None and plan.queue is None) or spec.replication is None:
        return plan
    copies = writes.copies_for(container, program, target)
    refusal = writes.refusal(container, program, plan.store.verb if plan.store is not None else "append", copies)
    if plan.store is None:
        return refusal or plan
    if isinstance(refusal, Plan):  # it can still be asked what it has
        return evolve(refusal, store=evolve(plan.store, verb="read"))
    return refusal or evolve(plan, store=evolve(plan.store, copies=copies))


def choose(spec: ProgramSpec, method: str, path: str, port: str, *, plain: bool) -> Route | None:
    """The route for a request: the longest path that fits, the first of equals."""
    best: Route | None = None
    for route in spec.routes:
        fits = (not route.methods or method in route.methods) and (not route.port or route.port == port)
        covers = (route.path == "/" and not route.exact) if plain else _covers(route, path)
        if fits and covers and (best is None or len(route.path) > len(best.path)):
            best = route
    return best


def _covers(route: Route, path: str) -> bool:
    if route.exact or path == route.path:
        return path == route.path
    return route.path == "/" or path.startswith(route.path.rstrip("/") + "/")


def _known(method: str, target: str) -> dict[str, str]:
    path, _, query = target.partition("?")
    return {"method": method, "path": path, "query": query}


def _nothing(spec: ProgramSpec, method: str, path: str, *, plain: bool) -> Plan:
    """No route: a plain protocol just answers; over HTTP the path is not there, or not for this method."""
    memory = spec.memory.request_bytes
    if plain:
        return Plan(service_us=500, cpu_us=50, memory_bytes=memory)
    known = any(_covers(route, path) for route in spec.routes)
    status = 405 if known else 404
    what = f"{path} does not take {method}" if known else f"{path} does not exist"
    return Plan(status, 500, 0, 100, memory, body=f"{status} {REASONS[status]}\n", why=what)


def _of_route(container: Holder, program: Program, route: Route, path: str, scope: Names) -> Plan:
    files = container.files()
    lacking = _lacking(program, route, files, scope)
    plan = Plan(
        status=route.otherwise if lacking else _status(container, program, route, scope),
        service_us=route.service_us,
        scv_pm=route.scv_pm,
        cpu_us=route.cpu_us,
        memory_bytes=route.memory_bytes or program.spec.memory.request_bytes,
        headers=tuple((name, expand(value, scope)) for name, value in route.headers.items()),
        size_bytes=max(route.size_bytes, len(route.body)),
        decides=() if lacking else route.decides,
        why=lacking,
    )
    if lacking:
        return plan
    if route.redirect:
        return evolve(
            plan,
            status=plan.status if 300 <= plan.status < 400 else 302,
            headers=(*plan.headers, ("Location", expand(route.redirect, scope))),
        )
    if route.files:
        root = expand(program.spec.root, scope)
        return serve_file(plan, files, root, path, (program.spec.index,), listing=program.spec.listing)
    return _with_calls(program, route, plan, files, scope, path)


def _with_calls(program: Program, route: Route, plan: Plan, files: Files, scope: Names, path: str) -> Plan:
    calls = []
    for to in route.calls:
        call, why = address(to, scope)
        if call is not None:
            if call.cache is not None and call.cache.host:
                calls.append(lookup(call.cache))
            calls.append(call)
        elif to.failure:
            return evolve(plan, status=to.failure, calls=tuple(calls), why=why, service_us=min(plan.service_us, 1_000))
    store = _store(program, route.store, scope) if route.store else None
    if store is not None:
        volume, _ = files.volume(store.directory)
        refused = volume.refuses(store.record_bytes) if store.verb == "append" else volume.ills.refusal(write=False)
        if refused and not store.memory:
            return evolve(plan, status=500, calls=tuple(calls), why=f"{store.directory}: {refused}")
        if not store.memory:
            plan = evolve(plan, service_us=plan.service_us + volume.ills.delay_us)
    why = plan.why or (f"the image answers {plan.status}" if plan.status >= 400 else "")
    body = _body(route.body, files, scope)
    queue = queueing(program, route.queue, path, scope) if route.queue is not None and not why else None
    if queue is not None and queue.directory:
        volume, _ = files.volume(queue.directory)
        plan = evolve(plan, service_us=plan.service_us + volume.ills.delay_us)
    return evolve(plan, calls=tuple(calls), store=store, queue=queue, body=body, why=why)


def queueing(program: Program, at: QueueAt, path: str, scope: Names) -> Queueing:
    """What a request does to the queue that its path names."""
    data = program.spec.data
    durable = expand(at.durable, scope) in ("true", "yes")
    directory = expand(at.directory or (data.directory if data else "/data"), scope) if durable else ""
    held = at.memory_bytes if at.memory_bytes is not None else 0 if durable else at.message_bytes
    declared = dict(parse_qsl(scope.get("query") or ""))  # by who publishes
    asked = (expand(at.limit, scope), declared.get("x-max-length", ""))
    limits = [int(text) for text in asked if text.isdecimal() and int(text)]
    room = redis_bytes(expand(at.room, scope))
    if room and held:
        limits.append(max(0, room - program.memory_bytes_at_rest) // held)
    return Queueing(
        at.verb,
        path.strip("/"),
        posixpath.normpath(directory) if directory else "",
        min(limits, default=None),
        declared.get("x-overflow") or expand(at.overflow, scope),
        at.message_bytes,
        held,
        at.transient and not durable,
    )


def redis_bytes(text: str) -> int:
    """`100mb` as redis writes it, or a size as Kubernetes does; 0 for what is none."""
    found = _REDIS_BYTES.fullmatch(text.strip().lower())
    return int(found[1]) * _REDIS_UNITS[found[2]] if found is not None else 0


def address(to: CallTo, scope: Names) -> tuple[Call | None, str]:
    """Where a call goes; None and the reason when its address is empty."""
    where = expand(to.to, scope).strip()
    parts = split(where)
    if not parts.host:
        names = variables(to.to)
        return None, f"env {names[0]} is empty" if names else "a call has no address"
    protocol = to.protocol or parts.scheme or "http"
    port = expand(to.port, scope)
    number = int(port) if port.isdecimal() else parts.port or PORTS.get(protocol, 80)
    plain = protocol in WITHOUT_METHODS
    path = expand(to.path, scope) or parts.path or ("" if plain else "/")
    if plain and parts.user:
        path = f"{path or '/'}?user={parts.user}&password={parts.password}"
    method = to.method or ("READ" if plain else "GET")
    if to.queue:
        asked = [f"{name}={expand(str(value), scope)}" for name, value in to.arguments.items()]
        query = "&".join([*filter(None, [path.partition("?")[2]]), *asked])
        method, path = PUBLISH, f"/{expand(to.queue, scope)}{'?' if query else ''}{query}"
    connections = to.connections if to.connections is not None else CONNECTIONS.get(protocol, 0)
    kept = (to.keepalive, connections if to.keepalive else 0, to.renew_us)
    spared = (_breaker(to.breaker), _cache(to.cache, scope))
    return Call(parts.host, number, protocol, method, path, to.timeout_us, to.failure, *kept, *spared), ""


def lookup(cache: Cache) -> Call:
    """The question to whoever keeps answers, before others are asked; a caller does without if there is none."""
    return Call(cache.host, cache.port, cache.protocol, "READ", "", LOOKUP_US, 0)


def _breaker(at: BreakerAt | None) -> Breaker | None:
    if at is None:
        return None
    return Breaker(at.failures, at.least, max(1, at.window_us // SECOND_US), max(1, at.opens_us // SECOND_US))


def _cache(at: CacheAt | None, scope: Names) -> Cache | None:
    """Where answers are kept; an address that is empty means that none are."""
    where = expand(at.at, scope).strip() if at is not None else ""
    if at is None or (at.at and not where):
        return None
    parts = split(where) if where else None
    protocol = (parts.scheme if parts is not None else "") or "redis"
    port = (parts.port if parts is not None else 0) or PORTS.get(protocol, 80)
    return Cache(at.keys, max(1, at.ttl_us // SECOND_US), parts.host if parts is not None else "", port, protocol)


def serve_file(plan: Plan, files: Files, root: str, path: str, index: tuple[str, ...], *, listing: bool) -> Plan:
    """A static file below a root, an index for a directory."""
    place = absolute(path.lstrip("/"), root)
    if files.is_directory(place):
        if not path.endswith("/"):
            return evolve(plan, status=301, headers=(*plan.headers, ("Location", path + "/")))
        page = next(
            (f"{place.rstrip('/')}/{name}" for name in index if files.is_file(f"{place.rstrip('/')}/{name}")), ""
        )
        if not page and listing:
            return evolve(plan, body="".join(f"{name}\n" for name in files.names(place)))
        if not page:
            return failed(plan, 403, f"{place} has no {index[0] if index else 'index'}")
        place = page
    try:
        return evolve(plan, body=files.read(place))
    except FileError:
        return failed(plan, 404, f"file {place} does not exist")


def failed(plan: Plan, status: int, why: str) -> Plan:
    """The plan of a request that ends in an error page."""
    return evolve(plan, status=status, why=why, body=f"{status} {REASONS.get(status, 'Error')}\n")


def _status(container: Holder, program: Program, route: Route, scope: Names) -> int:
    later = route.after_us and container.host.now >= program.since + route.after_us // SECOND_US
    text = expand(route.then if later else route.status, scope)
    return int(text) if text.isdecimal() else 500


def _lacking(program: Program, route: Route, files: Files, scope: Names) -> str:
    file = expand(route.requires.get("file", ""), scope)
    if file and not files.exists(file):
        return f"file {file} does not exist"
    missing = expand(route.requires.get("missing", ""), scope)
    if missing and files.exists(missing):
        return f"file {missing} exists"
    if route.requires.get("leader") and program.member is not None and program.member.part is Part.LOOKING:
        return "it has no leader"
    name = route.requires.get("env", "")
    return f"env {name} is empty" if name and not scope.get(name) else ""


def _body(text: str, files: Files, scope: Names) -> str:
    return expand(text, Names(_FileText(files), scope)) if "${" in text else text


class _FileText:
    """`file:PATH` in a body."""

    __slots__ = ("_files",)

    def __init__(self, files: Files) -> None:
        self._files = files

    def get(self, name: str) -> str | None:
        kind, _, path = name.partition(":")
        if kind != "file":
            return None
        return self._files.read(path) if self._files.is_file(path) else ""


def _store(program: Program, at: StoreAt, scope: Names) -> Store:
    data = program.spec.data
    directory = expand(at.directory or (data.directory if data else "/data"), scope)
    return Store(posixpath.normpath(directory), at.verb, at.record_bytes, bool(data and data.snapshot))


def _unauthorised(program: Program, target: str) -> str:
    """A database that knows a password refuses another one (or none, when the caller says who it is)."""
    data = program.spec.data
    if data is None or not data.remembers or program.memory is None or "password=" not in target:
        return ""
    query = dict(part.partition("=")[::2] for part in target.partition("?")[2].split("&"))
    known = program.memory.values
    if not known.get("password"):
        return ""
    user = known.get("user", "")
    if query.get("password") == known.get("password") and query.get("user", user) in ("", user):
        return ""
    return f'password authentication failed for user "{query.get("user", "")}"'
