"""What a request to nginx amounts to, by its configuration: a file, a fixed answer, or a call to what lies behind.

The costs are those of the image's first route (a file) and second one (a proxied request), if it has one.
"""

from __future__ import annotations

from typing import Protocol

from attrs import evolve

from kubesim_tui.world.files import Files, absolute
from kubesim_tui.world.nginx_conf import Location, Site
from kubesim_tui.world.plan import Call, Plan
from kubesim_tui.world.program import Program
from kubesim_tui.world.template import Names, expand
from kubesim_tui.world.urls import split

PROXY_TIMEOUT_US = 60_000_000


class Holder(Protocol):
    """What is needed of the container."""

    def files(self) -> Files:
        """Its files."""
        ...


def make(container: Holder, program: Program, port: int, target: str, scope: Names) -> Plan:
    """The plan of one request."""
    site = program.site
    path = target.partition("?")[0] or "/"
    location = site.locate(port, path) if site is not None else None
    if site is None or location is None:
        return page(program, 404, scope, "no server listens here")
    if location.denied:
        return page(program, 403, scope, f"location {location.path} is denied")
    if location.status:
        return _returned(program, location, path, scope)
    if location.stub_status:
        return evolve(_cost(program, 0), body="Active connections: 1 \n")
    if location.proxy:
        return _proxied(program, site, location, target)
    return _file(program, location, container.files(), path, scope)


def page(program: Program, status: int, scope: Names, why: str) -> Plan:
    """An error page of nginx."""
    names = {403: "Forbidden", 404: "Not Found", 500: "Internal Server Error", 502: "Bad Gateway"}
    title = f"{status} {names.get(status, 'Error')}"
    version = scope.get("NGINX_VERSION") or "1.29.0"
    body = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        f"<hr><center>nginx/{version}</center>\r\n</body>\r\n</html>\r\n"
    )
    return evolve(_cost(program, 0), status=status, body=body, why=why)


def _cost(program: Program, number: int) -> Plan:
    routes = program.spec.routes
    if not routes:
        return Plan(service_us=500, cpu_us=100, memory_bytes=program.spec.memory.request_bytes)
    route = routes[min(number, len(routes) - 1)]
    memory = route.memory_bytes or program.spec.memory.request_bytes
    return Plan(service_us=route.service_us, scv_pm=route.scv_pm, cpu_us=route.cpu_us, memory_bytes=memory)


def _returned(program: Program, location: Location, path: str, scope: Names) -> Plan:
    plan = _cost(program, 0)
    status = 200 if location.status == 444 else location.status
    text = (
        location.text.replace("$request_uri", path)
        .replace("$uri", path)
        .replace("$hostname", scope.get("HOSTNAME") or "")
    )
    if 300 <= status < 400:
        return evolve(plan, status=status, headers=(("Location", text),))
    if status >= 400 and not text:
        return page(program, status, scope, f"location {location.path} returns {status}")
    why = f"location {location.path} returns {status}" if status >= 400 else ""
    return evolve(plan, status=status, body=expand(text, scope), why=why)


def _proxied(program: Program, site: Site, location: Location, target: str) -> Plan:
    plan = _cost(program, 1)
    parts = split(location.proxy)
    members = site.upstreams.get(parts.host)
    if members is not None:
        if not members:
            return evolve(plan, status=502, why=f'no servers are inside upstream "{parts.host}"')
        first = split(members[0])
        host, port = first.host, first.port or 80
    else:
        host, port = parts.host, parts.port or 80
    path = parts.path + target[len(location.path) :] if parts.path and location.modifier in ("", "^~") else target
    call = Call(host, port, parts.scheme or "http", "GET", path or "/", PROXY_TIMEOUT_US, 502)
    return evolve(plan, calls=(call,))


def _file(program: Program, location: Location, files: Files, path: str, scope: Names) -> Plan:
    for attempt in location.try_files[:-1]:
        candidate = attempt.replace("$uri", path)
        found = _served(program, location, files, candidate, scope)
        if found.status < 400:
            return found
    if location.try_files:
        last = location.try_files[-1]
        if last.startswith("="):
            return page(program, int(last[1:]), scope, f"no file for {path}")
        path = last.replace("$uri", path)
    return _served(program, location, files, path, scope)


def _served(program: Program, location: Location, files: Files, path: str, scope: Names) -> Plan:
    base, rest = (location.alias, path[len(location.path) :]) if location.alias else (location.root, path)
    place = absolute(rest.lstrip("/"), base)
    plan = _cost(program, 0)
    if not files.is_directory(place):
        if files.is_file(place):
            return evolve(plan, body=files.read(place))
        return page(program, 404, scope, f"file {place} does not exist")
    if not path.endswith("/"):
        return evolve(plan, status=301, headers=(("Location", path + "/"),))
    for name in location.index:
        if files.is_file(f"{place.rstrip('/')}/{name}"):
            return evolve(plan, body=files.read(f"{place.rstrip('/')}/{name}"))
    if location.autoindex:
        return evolve(plan, body="".join(f"{name}\n" for name in files.names(place)))
    return page(program, 403, scope, f'directory index of "{place.rstrip("/")}/" is forbidden')
