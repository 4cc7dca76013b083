"""Reads nginx's configuration: on which ports it listens, and what it does with a path.

Understood: include, http, server, listen, server_name, root, index, autoindex, location (prefix, =, ^~, ~, ~*), return,
proxy_pass, upstream, alias, try_files, stub_status, deny all, gzip and the like as no-ops. A name that nginx does not
know is an error in its own words, as is a block that is not closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Protocol

from attrs import field, frozen

from kubesim_tui.world.shared import Shared

_TOKEN = re.compile(
    r"""#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([{};])|((?:\\.|\$\{[^}]*\}|[^\s{};"'])+)|(\n)"""
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCKS = _words(
    """
    events http server location upstream types map geo if limit_except stream mail split_clients
    """
)
_SIMPLE = _words(
    """
    user worker_processes error_log pid include worker_connections default_type log_format access_log sendfile
    tcp_nopush tcp_nodelay keepalive_timeout keepalive_requests gzip gzip_types listen server_name root index
    autoindex return proxy_pass alias try_files stub_status deny allow daemon error_page add_header rewrite set
    internal expires charset etag resolver server worker_rlimit_nofile use multi_accept client_max_body_size
    client_body_timeout client_header_timeout send_timeout large_client_header_buffers types_hash_max_size
    server_tokens server_names_hash_bucket_size map_hash_bucket_size keepalive least_conn ip_hash zone load_module
    env pcre_jit limit_req limit_req_zone limit_conn limit_conn_zone auth_basic auth_basic_user_file
    if_modified_since port_in_redirect absolute_redirect gzip_vary gzip_proxied gzip_comp_level gzip_min_length
    gzip_http_version gzip_disable http2 real_ip_header set_real_ip_from mirror satisfy sub_filter sub_filter_once
    break proxy_redirect directio aio open_file_cache output_buffers postpone_output reset_timedout_connection
    lingering_close merge_slashes underscores_in_headers ignore_invalid_headers worker_priority
    worker_shutdown_timeout thread_pool max_ranges
    """
)
_TABLES = ("types", "map", "geo", "split_clients")
_FAMILIES = (
    "proxy_",
    "ssl_",
    "fastcgi_",
    "uwsgi_",
    "grpc_",
    "client_",
    "gzip_",
    "open_file_",
    "http2_",
    "auth_",
    "js_",
)


_INCLUDE = re.compile(r"^\s*include\s+([^;\s]+)\s*;", re.MULTILINE)
Texts = Mapping[str, str]


class ConfigError(ValueError):
    """What nginx says after `[emerg]`."""


class Reader(Protocol):
    """Where included files come from."""

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        ...

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        ...

    def names(self, path: str) -> list[str]:
        """The names in a directory."""
        ...

    def read(self, path: str) -> str:
        """The text of a file."""
        ...


@frozen(eq=False)
class Directive(Shared):
    """One directive: `name arguments;` or `name arguments { block }`."""

    name: str
    arguments: tuple[str, ...]
    block: tuple[Directive, ...] | None
    file: str
    line: int


@frozen(eq=False)
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


@frozen(eq=False)
class Server(Shared):
    """One server block."""

    ports: tuple[tuple[int, bool], ...]  # (port, ssl)
    names: tuple[str, ...]
    locations: tuple[Location, ...]
    base: Location


@frozen(eq=False)
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
            flags = re.IGNORECASE if location.modifier == "~*" else 0
            if location.modifier in ("~", "~*") and _search(location.path, path, flags):
                return location
    return best or server.base


def _search(pattern: str, path: str, flags: int) -> bool:
    try:
        return re.search(pattern, path, flags) is not None
    except re.error:
        return False


def read(file: str, files: Reader) -> Site:
    """Read a configuration file with all that it includes. Raises ConfigError."""
    return _site(file, tuple(_documents(file, files, {}).items()))


def _documents(file: str, files: Reader, found: dict[str, str]) -> dict[str, str]:
    """All files that a configuration consists of, by path. What cannot be read is left out (parsing will miss it)."""
    if file not in found and files.is_file(file):
        found[file] = files.read(file)
        for include in _INCLUDE.finditer(found[file]):
            for path in _included(include[1].strip("\"'"), files):
                _documents(path, files, found)
    return found


@lru_cache(maxsize=256)
def _site(file: str, documents: tuple[tuple[str, str], ...]) -> Site:
    """(Pure: replicas with the same files share one Site.)"""
    texts = dict(documents)
    top = _parse(file, texts)
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


def _parse(file: str, texts: Texts) -> tuple[Directive, ...]:
    if file not in texts:
        raise ConfigError(f'open() "{file}" failed (2: No such file or directory)')
    tokens = list(_tokens(texts[file]))
    found, end = _block(tokens, 0, file, texts, top=True)
    if end < len(tokens):
        raise ConfigError(f'unexpected "}}" in {file}:{tokens[end][1]}')
    return found


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """(token, line); quoted ones lose their quotes and can never be a brace or a semicolon."""
    line = 1
    for found in _TOKEN.finditer(text):
        quoted = found[1] if found[1] is not None else found[2]
        if quoted is not None:
            yield "'" + quoted.replace('\\"', '"').replace("\\'", "'").replace("\\n", "\n"), line
        elif found[3] or found[4]:
            yield found[3] or found[4], line
        line += found[0].count("\n")


def _block(
    tokens: list[tuple[str, int]], at: int, file: str, texts: Texts, *, top: bool, inside: str = ""
) -> tuple[tuple[Directive, ...], int]:
    """The directives up to the closing brace (or the end, at the top)."""
    found: list[Directive] = []
    words: list[str] = []
    line = 0
    while at < len(tokens):
        token, line = tokens[at]
        at += 1
        if token == ";":
            found.extend(_simple(words, file, line, texts, inside))
            words = []
        elif token == "{":
            _known(words, file, line, block=True)
            inner, at = _block(tokens, at, file, texts, top=False, inside=words[0])
            found.append(Directive(words[0], tuple(words[1:]), inner, file, line))
            words = []
        elif token == "}":
            if words:
                raise ConfigError(f'unexpected "}}" in {file}:{line}')
            return tuple(found), at - 1 if top else at
        else:
            words.append(token.removeprefix("'"))
    if words or not top:
        what = 'expecting ";" or "}"' if words else 'expecting "}"'
        raise ConfigError(f"unexpected end of file, {what} in {file}:{line}")
    return tuple(found), at


def _simple(words: list[str], file: str, line: int, texts: Texts, inside: str) -> tuple[Directive, ...]:
    if not words:
        raise ConfigError(f'unexpected ";" in {file}:{line}')
    if words[0] == "include" and len(words) == 2:
        return tuple(d for path in _matching(words[1], texts) for d in _parse(path, texts))
    if inside not in _TABLES:
        _known(words, file, line, block=False)
    return (Directive(words[0], tuple(words[1:]), None, file, line),)


def _known(words: list[str], file: str, line: int, *, block: bool) -> None:
    name = words[0] if words else ""
    if name not in _SIMPLE and name not in _BLOCKS and not name.startswith(_FAMILIES):
        raise ConfigError(f'unknown directive "{name}" in {file}:{line}')
    if block and name not in _BLOCKS:
        raise ConfigError(f'directive "{name}" has no opening "{{" in {file}:{line}')


def _absolute(pattern: str) -> tuple[str, re.Pattern[str]]:
    """(directory, pattern of the name) of an include."""
    path = pattern if pattern.startswith("/") else f"/etc/nginx/{pattern}"
    directory, _, name = path.rpartition("/")
    return directory, re.compile(re.escape(name).replace(r"\*", ".*"))


def _included(pattern: str, files: Reader) -> list[str]:
    """The files that an include means."""
    directory, name = _absolute(pattern)
    names = files.names(directory) if files.is_directory(directory) else []
    return [f"{directory}/{one}" for one in names if name.fullmatch(one) and files.is_file(f"{directory}/{one}")]


def _matching(pattern: str, texts: Texts) -> list[str]:
    """The same among those that were read; a name without a star has to be there."""
    directory, name = _absolute(pattern)
    found = sorted(p for p in texts if p.rpartition("/")[0] == directory and name.fullmatch(p.rpartition("/")[2]))
    return found if found or "*" in pattern else [f"{directory}/{pattern.rpartition('/')[2]}"]


def _server(directive: Directive, outer: Location) -> Server:
    block = directive.block or ()
    base = _apply(outer, block)
    listens = [d.arguments for d in block if d.name == "listen"] or [("80",)]
    ports = {_port(arguments): "ssl" in arguments for arguments in listens if arguments}
    names = tuple(name for d in block if d.name == "server_name" for name in d.arguments)
    return Server(tuple(ports.items()), names, tuple(_locations(block, base)), base)


def _port(arguments: tuple[str, ...]) -> int:
    text = arguments[0].rpartition(":")[2]
    return int(text) if text.isdigit() else 80


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
    if not first.isdigit():
        return 302, first
    return int(first), arguments[1] if len(arguments) > 1 else ""
