"""By which addresses a member knows the others, as its image's data say: a list, or one name a number."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.world.images import Replication
from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying
from kubesim_tui.world.template import Names, expand
from kubesim_tui.world.urls import split

_ORDINAL = re.compile(r"^(.*)-(\d+)$")
MOST = 99


def scope_of(node: Any, program: Program) -> Names:
    """What templates may use: options and environment, and the parts of the member's own name."""
    hostname = node.sandbox.hostname
    found = _ORDINAL.match(hostname)
    base, ordinal = (found[1], found[2]) if found else (hostname, "0")
    told = "" if copying.in_memory(program) else copying.journal(node, program).members
    own = {"told": told, "base": base, "ordinal": ordinal, "myid": str(int(ordinal) + 1), "domain": node.sandbox.domain}
    return program.scope(node, node.host.now, own)


def addresses(node: Any, program: Program, spec: Replication) -> list[str]:
    """`host:port` of every member, itself included, in order; of a replica, that of its primary."""
    scope = scope_of(node, program)
    port = expand(spec.port, scope)
    count = expand(spec.count, scope)
    if spec.kind == "primary-replica":
        texts = [":".join(_primary(node, program, expand(spec.primary, scope)).split()[:2])]
    elif count:
        number = min(int(count), MOST) if count.isdecimal() else 0
        texts = [expand(spec.members, Names({"i": str(i)}, scope)) for i in range(number)]
    else:
        texts = re.split(r"[,\s]+", expand(spec.members, scope).strip())
    found = (_address(text, port) for text in texts if text)
    return list(dict.fromkeys(found))


def _primary(node: Any, program: Program, configured: str) -> str:
    """Whom a replica copies: as it was told last, in this life or before, else as it is configured."""
    if program.told is not None:
        return program.told
    told = None if copying.in_memory(program) else copying.journal(node, program).primary
    return configured if told is None else told


def _address(text: str, port: str) -> str:
    """`name=http://host:2380`, `host:port`, `host`."""
    place = split(text.rpartition("=")[2])
    return f"{place.host.rstrip('.')}:{place.port or port}"


def is_own(node: Any, address: str) -> bool:
    """Whether an address is the member's own: by its name or its IP."""
    host = address.rpartition(":")[0]
    sandbox = node.sandbox
    return (
        host in (sandbox.ip, sandbox.hostname, "localhost", "127.0.0.1") or host.partition(".")[0] == sandbox.hostname
    )
