"""Reads nginx's configuration: on which ports it listens, and what it does with a path.

Understood: include, http, server, listen, server_name, root, index, autoindex, location (prefix, =, ^~, ~, ~*), return,
proxy_pass, upstream, alias, try_files, stub_status, deny all, gzip and the like as no-ops. A name that nginx does not
know is an error in its own words, as is a block that is not closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from attrs import field, frozen

from kubesim_tui.kernel.regex import RegexError, compiled
from kubesim_tui.world.nginx_parse import ConfigError, Directive, Reader, documents, parse
from kubesim_tui.world.shared import Shared

__all__ = ["ConfigError", "Location", "Server", "Site", "read"]


@frozen(eq=False, repr=False)
class Location(Shared):
    """What happens to some paths. `modifier` is "", "=", "^~", "~" or "~*"."""

    modifier: str = ""
    path: str = "/"
    root: str = "/etc/nginx/html"
    alias: str = ""
    index: tuple[str, ...] = ("index.html",)
    autoindex: bool = False
    status: int = 0  # of a `return`
    text: str = ""
    proxy: str = ""
    try_files: tuple[str, ...] = ()
    denied: bool = False
    stub_status: bool = False


@frozen(eq=False, repr=False)
class Server(Shared):
    """One server block."""

    ports: tuple[tuple[int, bool], ...]  # (port, ssl)
    names: tuple[str, ...]
    locations: tuple[Location, ...]
    base: Location


@frozen(eq=False, repr=False)
class Site(Shared):
    """A whole configuration."""

    servers: tuple[Server, ...] = ()
    upstreams: dict[str, tuple[str, ...]] = field(factory=dict)
    daemon: bool = True

    def locate(self, port: int, path: str, host: str = "") -> Location | None:
        """The location for a path on a port; None if no server listens there."""
        servers = [s for s in self.servers if any(p == port for p, _ in s.ports)]
        if not servers:
            return None
        server = next((s for s in servers if host and host in s.names), servers[0])
        return _choose(server, path)


def _choose(server: Server, path: str) -> Location:
    """nginx's order: exact, the longest prefix if it is ^~, the first regular expression, the longest prefix."""
    best: Location | None = None
    for location in server.locations:
        if location.modifier == "=" and location.path == path:
            return location
        longer = best is None or len(location.path) > len(best.path)
        if location.modifier in ("", "^~") and path.startswith(location.path) and longer:
            best = location
    if best is None or best.modifier != "^~":
        for location in server.locations:
            folded = location.modifier == "~*"
            if location.modifier in ("~", "~*") and _search(location.path, path, folded=folded):
                return location
    return best or server.base


def _search(pattern: str, path: str, *, folded: bool) -> bool:
    try:
        return compiled(pattern, folded=folded).matches(path)
    except RegexError:
        return False


def read(file: str, files: Reader) -> Site:
    """Read a configuration file with all that it includes. Raises ConfigError."""
    return _site(file, tuple(documents(file, files, {}).items()))


@lru_cache(maxsize=256)
def _site(file: str, documents: tuple[tuple[str, str], ...]) -> Site:
    """(Pure: replicas with the same files share one Site.)"""
    texts = dict(documents)
    top = parse(file, texts)
    daemon = not any(d.name == "daemon" and d.arguments[:1] == ("off",) for d in top)
    http = [d for d in top if d.name == "http"]
    inside = [inner for d in http for inner in d.block or ()]
    base = _apply(Location(), inside)
    upstreams = {
        d.arguments[0]: tuple(s.arguments[0] for s in d.block or () if s.name == "server")
        for d in inside
        if d.name == "upstream" and d.arguments
    }
    return Site(tuple(_server(d, base) for d in inside if d.name == "server"), upstreams, daemon)


def _server(directive: Directive, outer: Location) -> Server:
    block = directive.block or ()
    base = _apply(outer, block)
    listens = [d.arguments for d in block if d.name == "listen"] or [("80",)]
    ports = {_port(arguments): "ssl" in arguments for arguments in listens if arguments}
    names = tuple(name for d in block if d.name == "server_name" for name in d.arguments)
    return Server(tuple(ports.items()), names, tuple(_locations(block, base)), base)


def _port(arguments: tuple[str, ...]) -> int:
    text = arguments[0].rpartition(":")[2]
    return int(text) if text.isdecimal() else 80


def _locations(block: tuple[Directive, ...], base: Location) -> Iterator[Location]:
    for directive in block:
        if directive.name == "location" and directive.block is not None and directive.arguments:
            modifier, path = ("", *directive.arguments)[-2:]
            inner = _apply(base, directive.block, modifier=modifier, path=path)
            yield inner
            yield from _locations(directive.block, inner)


def _apply(base: Location, block: tuple[Directive, ...] | list[Directive], **more: str) -> Location:
    """A location with the directives of a block laid over what it inherits."""
    values: dict[str, object] = {name: getattr(base, name) for name in ("root", "index", "autoindex", "status", "text")}
    values.update(more)
    for directive in block:
        arguments = directive.arguments
        first = arguments[0] if arguments else ""
        match directive.name:
            case "root" | "alias":
                values[directive.name] = first
            case "proxy_pass":
                values["proxy"] = first
            case "index" | "try_files":
                values[directive.name] = arguments
            case "autoindex":
                values["autoindex"] = first == "on"
            case "stub_status":
                values["stub_status"] = True
            case "deny" if first == "all":
                values["denied"] = True
            case "return":
                values["status"], values["text"] = _return(arguments)
    return Location(**values)  # type: ignore[arg-type]


def _return(arguments: tuple[str, ...]) -> tuple[int, str]:
    first = arguments[0] if arguments else "200"
    if not first.isdecimal():
        return 302, first
    return int(first), arguments[1] if len(arguments) > 1 else ""
