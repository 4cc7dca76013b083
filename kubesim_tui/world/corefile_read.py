"""Reads a Corefile: what the setup of each plugin makes of its words, or says against them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from attrs import frozen

from kubesim_tui.world.corefile import (
    DNS_PORT,
    LONGEST_TTL,
    USUAL_TTL,
    Cache,
    Corefile,
    Forward,
    Hosts,
    Kubernetes,
    Rewrite,
    Server,
    local,
)
from kubesim_tui.world.corefile_parse import Block, CorefileError, Word, checksum, parse
from kubesim_tui.world.units import SECOND_US, duration_us

ONCE = "this plugin can only be used once per Server Block"
LAST_PORT = 65_535
_INTEGER = re.compile(r"[+-]?[0-9]+")
POD_MODES = ("disabled", "verified", "insecure")
_KUBERNETES = (
    "endpoint_pod_names pods namespaces endpoint tls labels namespace_labels fallthrough ttl noendpoints ignore "
    "kubeconfig multicluster startup_timeout apiserver_qps apiserver_burst apiserver_max_inflight"
)
KUBERNETES_OPTIONS = frozenset(_KUBERNETES.split())
CACHE_OPTIONS = ("success", "denial", "prefetch", "serve_stale", "servfail", "disable", "keepttl")
REWRITES = ("exact", "prefix", "suffix", "substring")


@frozen
class Line:
    """A line of a plugin: its first word, its arguments, where it stands."""

    name: str
    arguments: tuple[str, ...]
    place: str  # "/etc/coredns/Corefile:5"

    def wrong(self) -> CorefileError:
        """It has too few or too many arguments."""
        last = (self.name, *self.arguments)[-1]
        return self.said(f"Wrong argument count or unexpected line ending after '{last}'")

    def said(self, text: str) -> CorefileError:
        """Something is wrong with it."""
        return CorefileError(f"{self.place} - Error during parsing: {text}")

    def number(self, at: int) -> int:
        """An argument that is a number."""
        found = _integer(self.arguments[at])
        if found is None:
            raise CorefileError(f'strconv.Atoi: parsing "{self.arguments[at]}": invalid syntax')
        return found

    def duration(self, at: int) -> int:
        """An argument that is a duration, in µs."""
        text = self.arguments[at]
        try:
            return duration_us(text)
        except ValueError:
            raise CorefileError(f'time: invalid duration "{text}"') from None


@lru_cache(maxsize=64)
def _read(path: str, text: str, env: tuple[tuple[str, str], ...], files: tuple[tuple[str, str], ...]) -> Corefile:
    known, there = dict(env), dict(files)
    blocks = parse(path, text, lambda name: known.get(name, ""), lambda pattern: _glob(there, pattern))
    return _meaning(path, text, blocks)


def read(path: str, text: str, env: Mapping[str, str], files: Mapping[str, str]) -> Corefile:
    """A Corefile with the files that it may import. CorefileError in CoreDNS' words."""
    return _read(path, text, tuple(sorted(env.items())), tuple(sorted(files.items())))


def _glob(files: Mapping[str, str], pattern: str) -> Mapping[str, str]:
    start, star, end = pattern.partition("*")
    if not star:
        return {path: text for path, text in files.items() if path == pattern}
    return {
        path: text
        for path, text in files.items()
        if path.startswith(start) and path.endswith(end) and "/" not in path[len(start) : len(path) - len(end)]
    }


def _meaning(path: str, text: str, blocks: tuple[Block, ...]) -> Corefile:
    servers: list[Server] = []
    ports: list[tuple[str, str]] = []
    reload_us = None
    for block in blocks:
        plugins = {name: _lines(path, found) for name, found in block.plugins.items()}
        zones = [_served(key) for key in block.keys]
        if "reload" in plugins:
            reload_us = _part("reload", _reload, plugins["reload"])
        ports += _side_doors(plugins)
        made = _server(plugins, tuple(zone for zone, _ in zones))
        for zone, port in zones:
            if any((one.zone, one.port) == (zone, port) for one in servers):
                raise CorefileError(f"cannot serve dns://{zone}.:{port} - it is already defined")
            servers.append(Server(zone, port, frozenset(plugins), *made))
    return Corefile(text, checksum(blocks), tuple(servers), tuple(dict.fromkeys(ports)), reload_us)


def _integer(text: str) -> int | None:
    """A number as strconv.Atoi reads it; None if it is none."""
    return int(text) if _INTEGER.fullmatch(text) else None


def _served(key: str) -> tuple[str, str]:
    """`cluster.local:5353` → (`cluster.local`, `5353`)."""
    if key.endswith(":"):
        raise CorefileError(f'expecting data after last colon: "{key}"')
    zone, port = _split(key)
    if not 0 <= port <= LAST_PORT:
        raise CorefileError(f"listen tcp: address {port}: invalid port")
    return zone, str(port)


def _split(key: str) -> tuple[str, int]:
    """(zone, port): what follows the last colon is a port if it is a number, and part of the name if not."""
    name, colon, port = key.removeprefix("dns://").rpartition(":")
    number = _integer(port) if colon else None
    if number is None:
        name, number = f"{name}{colon}{port}", int(DNS_PORT)
    return name.lower().strip("."), number


def _zones(words: Sequence[str], usual: Sequence[str]) -> tuple[str, ...]:
    return tuple(_split(word)[0] for word in words) if words else tuple(usual)


Stanza = tuple[Line, tuple[Line, ...]]
"""A plugin's first line, and those in its braces."""


def _lines(path: str, words: Sequence[Word]) -> list[Stanza]:
    """The stanzas of a plugin that may be written several times."""
    name = words[0].text
    found: list[Stanza] = []
    at = inside = 0
    while at < len(words):
        end = at + 1
        while end < len(words) and words[end].line == words[end - 1].line + words[end - 1].lines:
            end += 1
        texts = [word.text for word in words[at:end]]
        place = f"{words[at].file or path}:{words[at].line}"
        opens, closes = texts[-1] == "{", texts == ["}"]
        line = Line(texts[0], tuple(texts[1 : len(texts) - opens]), place)
        if not inside and texts[0] == name:
            found.append((line, ()))
        elif not closes and inside == 1:
            first, rest = found[-1]
            found[-1] = (first, (*rest, line))
        inside += opens - closes
        at = end
    return found


def _part(plugin: str, make: Callable[..., Any], stanzas: list[Stanza], *more: Any, once: bool = True) -> Any:
    """What a plugin's stanzas mean; what is wrong with them bears its name."""
    try:
        if once and len(stanzas) > 1:
            raise CorefileError(ONCE)
        return make(*stanzas[0], *more) if once else tuple(make(*stanza, *more) for stanza in stanzas)
    except CorefileError as wrong:
        raise CorefileError(f"plugin/{plugin}: {wrong}") from wrong


def _server(plugins: Mapping[str, list[Stanza]], zones: tuple[str, ...]) -> tuple[Any, ...]:
    def one(name: str, make: Callable[..., Any]) -> Any:
        return _part(name, make, plugins[name], zones) if name in plugins else None

    forwards = _part("forward", _forward, plugins["forward"], once=False) if "forward" in plugins else ()
    rewrites = _part("rewrite", _rewrite, plugins["rewrite"], once=False) if "rewrite" in plugins else ()
    rules = tuple(rule for rule in rewrites if rule is not None)
    return one("kubernetes", _kubernetes), one("hosts", _hosts), forwards, one("cache", _cache), rules


def _side_doors(plugins: Mapping[str, list[Stanza]]) -> list[tuple[str, str]]:
    found = []
    for name, usual in (("health", "8080"), ("ready", "8181"), ("prometheus", "9153")):
        for line, _ in plugins.get(name, ()):
            found.append((name, line.arguments[0].rpartition(":")[2] if line.arguments else usual))
    return found


def _reload(line: Line, _inside: tuple[Line, ...]) -> tuple[int, int]:
    if len(line.arguments) > 2:
        raise line.wrong()
    given = [line.duration(at) for at in range(len(line.arguments))]
    period, jitter = [*given, *(30 * SECOND_US, 15 * SECOND_US)[len(given) :]]
    if period < 2 * SECOND_US:
        raise CorefileError("interval value must be greater or equal to 2s")
    if jitter and jitter < SECOND_US:
        raise CorefileError("jitter value must be 0 or greater or equal to 1s")
    return period, min(jitter, period // 2)


def _kubernetes(line: Line, inside: tuple[Line, ...], zones: tuple[str, ...]) -> Kubernetes:
    own, ttl, pods = _zones(line.arguments, zones), USUAL_TTL, "disabled"
    falls: tuple[str, ...] = ()
    if all(zone.endswith(".arpa") for zone in own):
        raise CorefileError("non-reverse zone name must be used")
    for one in inside:
        if one.name not in KUBERNETES_OPTIONS:
            raise one.said(f"unknown property '{one.name}'")
        if one.name == "ttl":
            if not one.arguments:
                raise one.wrong()
            ttl = one.number(0)
            if not 0 <= ttl <= LONGEST_TTL:
                raise one.said(f"ttl must be in range [0, {LONGEST_TTL}]: {ttl}")
        elif one.name == "pods":
            if len(one.arguments) != 1:
                raise one.wrong()
            (pods,) = one.arguments
            if pods not in POD_MODES:
                said = f"wrong value for pods: {pods},  must be one of: disabled, verified, insecure"
                raise CorefileError(said)
        elif one.name == "fallthrough":
            falls = _zones(one.arguments, ("",))
    return Kubernetes(own, ttl, pods, falls)


def _hosts(line: Line, inside: tuple[Line, ...], zones: tuple[str, ...]) -> Hosts:
    names: dict[str, str] = {}
    falls: tuple[str, ...] = ()
    for one in inside:
        if one.name == "fallthrough":
            falls = _zones(one.arguments, ("",))
        elif _is_address(one.name):
            for name in one.arguments:
                names.setdefault(name.lower().rstrip("."), one.name)
    return Hosts(_zones(line.arguments[1:], zones), names, falls)


def _is_address(text: str) -> bool:
    """Of other lines, and of IPv6, nothing is kept."""
    try:
        return bool(IPv4Address(text))
    except AddressValueError:
        return False


def _forward(line: Line, inside: tuple[Line, ...]) -> Forward:
    if len(line.arguments) < 2:
        raise line.wrong()
    excepts: tuple[str, ...] = ()
    for one in inside:
        if one.name == "except":
            if not one.arguments:
                raise one.wrong()
            excepts += _zones(one.arguments, ())
    zone, *to = line.arguments
    return Forward(_split(zone)[0], tuple(_address(one) for one in to), excepts)


def _address(text: str) -> str:
    """Where `dns://10.0.0.1:53` is; a file of servers by its path."""
    if text.startswith("/"):
        return text
    address = text.rpartition("://")[2]
    host, colon, port = address.rpartition(":")
    found = host if colon and port.isdecimal() else address
    if not local(found) and not all(part.isdecimal() for part in found.split(".")) and ":" not in found:
        raise CorefileError(f'not an IP address or file: "{found}"')
    return found


def _cache(line: Line, inside: tuple[Line, ...], zones: tuple[str, ...]) -> Cache:
    words = line.arguments
    ttl = _integer(words[0]) if words else None
    if ttl is not None and ttl <= 0:
        raise CorefileError(f"cache TTL can not be zero or negative: {ttl}")
    own = _zones(words[1:] if ttl is not None else words, zones)
    kept = {"success": [ttl or LONGEST_TTL, USUAL_TTL], "denial": [ttl or LONGEST_TTL // 2, USUAL_TTL]}
    never: dict[str, tuple[str, ...]] = {"success": (), "denial": ()}
    for one in inside:
        if one.name not in CACHE_OPTIONS or (one.name in ("success", "denial", "disable") and not one.arguments):
            raise one.wrong()
        if one.name in kept:
            for at in range(1, len(one.arguments[:3])):
                kept[one.name][at - 1] = one.number(at)
        elif one.name == "disable":
            if one.arguments[0] not in never:
                raise CorefileError('cache type for disable must be "success" or "denial"')
            never[one.arguments[0]] = _zones(one.arguments[1:], ("",))
    (success, least), (denial, least_denial) = kept["success"], kept["denial"]
    return Cache(own, success, denial, least, least_denial, never["success"], never["denial"])


def _rewrite(line: Line, inside: tuple[Line, ...]) -> Rewrite | None:
    """A rule about names; None of one that is about something else, or a regular expression."""
    words = list(line.arguments)
    stop = not words or words[0] != "continue"
    words = words[1:] if words[:1] in (["stop"], ["continue"]) else words
    if not words and inside:
        words = [inside[0].name, *inside[0].arguments]
    if not words:
        raise line.wrong()
    if words[0] != "name":
        return None
    kind, rest = (words[1], words[2:]) if words[1:2] and words[1] in (*REWRITES, "regex") else ("exact", words[1:])
    if len(rest) < 2:
        raise CorefileError("name rewrite expects at least 2 arguments")
    if kind == "regex":
        return None
    old, new = (word.lower() for word in rest[:2])
    if kind in ("exact", "suffix"):
        old, new = old.rstrip("."), new.rstrip(".")
    return Rewrite(kind, old, new, stop)
