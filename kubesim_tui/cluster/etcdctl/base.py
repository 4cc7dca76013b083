"""Who answers, and how etcdctl writes things: ids, bytes, tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b

from attrs import frozen

from kubesim_tui.api.releases import ETCD
from kubesim_tui.apiserver.backend import Backend
from kubesim_tui.apiserver.raft import Members
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.machine import Machine

VERSION = ETCD.partition("-")[0]
STORAGE = "3.7.0"
DATA = "/var/lib/etcd"
ENDPOINT = "127.0.0.1:2379"
LATE = "context deadline exceeded"
Flags = Mapping[str, str]


class Failure(Exception):
    """What etcdctl says after `Error: `, if anything; `shown`: what it has said before."""

    def __init__(self, said: str, shown: str = "") -> None:
        super().__init__(said)
        self.shown = shown


@frozen(eq=False)
class Speaker:
    """The member of one machine; `addresses` of all."""

    machine: Machine
    members: Members
    addresses: Mapping[str, str]

    @property
    def name(self) -> str:
        """That of the member: its machine's."""
        return self.machine.name

    @property
    def backend(self) -> Backend:
        """The file of all members."""
        return self.members.backend

    @property
    def directory(self) -> Volume:
        """Where the member keeps its data."""
        return self.machine.volume(DATA)

    def serving(self) -> None:
        """Failure if it does not hear the leader."""
        if not self.members.serves(self.name):
            raise Failure(LATE)

    def url(self, member: str, port: int = 2379) -> str:
        """Where a member is asked."""
        return f"https://{self.addresses.get(member, member)}:{port}"

    def asked(self, flags: Flags) -> list[tuple[str, str]]:
        """(member, endpoint) of those that a command is about."""
        if "cluster" not in flags:
            return [(self.name, ENDPOINT)]
        if not self.members.serves(self.name):
            raise Failure(f"failed to fetch endpoints from etcd cluster member list: {LATE}")
        return [(name, self.url(name)) for name in self.members.voters]


Act = Callable[[Speaker, Sequence[str], Flags], str]
"""A command: what it prints of its words and flags, or Failure."""


def member_id(name: str) -> str:
    """The hexadecimal id of a member."""
    return blake2b(name.encode(), digest_size=8).hexdigest()


def cluster_id(voters: Sequence[str]) -> str:
    """That of the cluster that one member founded."""
    return member_id(f"cluster of {voters[0]}")


def human(size: int) -> str:
    """As etcdctl writes bytes: powers of a thousand, two digits."""
    units, power = ("B", "kB", "MB", "GB", "TB"), 0
    tenths = size * 10
    while tenths >= 10_000 and power < len(units) - 1:
        tenths, power = tenths // 1000, power + 1
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest} {units[power]}" if power and whole < 10 else f"{whole} {units[power]}"


def rows(head: tuple[str, ...], lines: Sequence[tuple[str, ...]], flags: Flags) -> str:
    """Lines of fields, or a table (`-w table`)."""
    return _table(head, lines) if flags.get("w") == "table" else "\n".join(", ".join(line) for line in lines)


def _table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    """As etcdctl draws one: the head in the middle, numbers to the right."""
    widths = [max(len(row[i]) for row in (head, *lines)) for i in range(len(head))]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"

    def line(row: tuple[str, ...], *, middle: bool = False) -> str:
        cells = [f" {c.center(w) if middle else c.rjust(w)} " for c, w in zip(row, widths, strict=True)]
        return "|" + "|".join(cells) + "|"

    return "\n".join([rule, line(head, middle=True), rule, *(line(row) for row in lines), rule])
