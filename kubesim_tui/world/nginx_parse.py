"""Reads nginx's configuration files into directives. What nginx does not know is an error in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from attrs import frozen

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


@frozen(eq=False, repr=False)
class Directive(Shared):
    """One directive: `name arguments;` or `name arguments { block }`."""

    name: str
    arguments: tuple[str, ...]
    block: tuple[Directive, ...] | None
    file: str
    line: int


def documents(file: str, files: Reader, found: dict[str, str]) -> dict[str, str]:
    """All files that a configuration consists of, by path. What cannot be read is left out (parsing will miss it)."""
    if file not in found and files.is_file(file):
        found[file] = files.read(file)
        for include in _INCLUDE.finditer(found[file]):
            for path in _included(include[1].strip("\"'"), files):
                documents(path, files, found)
    return found


def parse(file: str, texts: Texts) -> tuple[Directive, ...]:
    """The directives of a file, with those of the files that it includes in their places. Raises ConfigError."""
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
        return tuple(d for path in _matching(words[1], texts) for d in parse(path, texts))
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
