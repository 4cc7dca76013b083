"""Further names of hosts: aliases, and those with or without `www.` from which users are sent on. Pure.

As getBackendServers: the first Ingress of a host says its aliases; a name that is a host itself is nobody's alias.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from kubesim_tui.api.types import Ingress
from kubesim_tui.network.ingress_upstream import ANNOTATIONS
from kubesim_tui.network.ingress_values import boolean

WWW = "www."
Names = dict[str, str]
"""A name → the host that is meant."""


def names_of(ingresses: Iterable[Ingress], hosts: Container[str]) -> tuple[Names, Names]:
    """The aliases of hosts, and the names from which users are sent to them."""
    aliases: Names = {}
    sent: Names = {}
    named = set()
    for ingress in ingresses:
        notes = ingress.metadata.annotations
        also = [name.strip().lower() for name in notes.get(ANNOTATIONS + "server-alias", "").split(",")]
        both = boolean(notes.get(ANNOTATIONS + "from-to-www-redirect", ""))
        for rule in ingress.spec.rules if ingress.spec else ():
            host = rule.host.lower()
            if any(also) and host not in named:
                named.add(host)
                aliases.update((one, host) for one in also if one and one not in hosts and one not in aliases)
            other = host.removeprefix(WWW) if host.startswith(WWW) else WWW + host
            if both and host and other not in hosts:
                sent.setdefault(other, host)
    return aliases, sent
