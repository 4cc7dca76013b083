"""What etcd's members of the control plane answer to etcdctl and etcdutl, which run inside their Pods.

`Maintenance` speaks for the member of one machine. A snapshot is a file with a mark of what it holds; a member that
starts on a directory which was made of one has what was stored then, and nothing that was written since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.raft import Members
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.net import Fetched

VERSION = "3.6.5"
DATA = "/var/lib/etcd"
DATABASE, FRESH = "member/snap/db", "\n"
MARK = "etcd snapshot "
ENDPOINT = "127.0.0.1:2379"
UNKNOWN = "Error: unknown command"
_PLACES = {"services": "services/specs", "endpoints": "services/endpoints", "nodes": "minions", "ingresses": "ingress"}
_HEAD = (
    "ENDPOINT", "ID", "VERSION", "STORAGE VERSION", "DB SIZE", "IN USE", "PERCENTAGE NOT IN USE", "QUOTA", "IS LEADER",
    "IS LEARNER", "RAFT TERM", "RAFT INDEX", "RAFT APPLIED INDEX", "ERRORS",
)  # fmt: skip


class Failure(Exception):
    """What etcdctl says after `Error: `."""


class Maintainers:
    """Those of all members; they hear when one has started."""

    def __init__(self, machines: Sequence[Machine], members: Members) -> None:
        self.members = members
        self.all = {machine.name: Maintenance(machine, members) for machine in machines}
        self._ran = dict.fromkeys(self.all, True)
        for name, one in self.all.items():
            one.machine.runtime.speakers[f"etcd-{name}_kube-system"] = one

    def look(self) -> None:
        """Processes may have started or stopped."""
        before = [name for name, ran in self._ran.items() if ran]
        self._ran = {name: self.members.processes[name].runs() for name in self.all}
        for name, runs in self._ran.items():
            if runs and name not in before:
                self.all[name].start(alone=not before)
                before.append(name)


class Maintenance:
    """Speaks for one member."""

    def __init__(self, machine: Machine, members: Members) -> None:
        self.machine, self.members, self.backend = machine, members, members.backend

    @property
    def directory(self) -> Volume:
        """Where the member keeps its data."""
        return self.machine.volume(DATA)

    def answer(self, question: str, flags: Mapping[str, str]) -> Fetched:
        """The output of a command (etcdctl's words without its flags), or what it says on standard error."""
        words = question.split()
        for begin, act in _COMMANDS.items():
            if words[: len(begin)] == list(begin):
                try:
                    return Fetched(200, act(self, words[len(begin) :], flags))
                except Failure as wrong:
                    return Fetched(500, f"Error: {wrong}")
        return Fetched(500, f'{UNKNOWN} "{" ".join(words)}" for "etcdctl"')

    @property
    def _alarm(self) -> str:
        return f"memberID:{int(member_id(self.machine.name), 16)} alarm:NOSPACE"

    # -- how it is ---------------------------------------------------------------------------------------------

    def _serving(self) -> None:
        if not self.members.serves(self.machine.name):
            raise Failure("context deadline exceeded")

    def _health(self, _words: list[str], _flags: Mapping[str, str]) -> str:
        try:
            self._serving()
        except Failure as wrong:
            raise Failure(f"unhealthy cluster\n{ENDPOINT} is unhealthy: failed to commit proposal: {wrong}") from wrong
        took = self.members.commit_us() + 1_000
        return f"{ENDPOINT} is healthy: successfully committed proposal: took = {took / 1000:g}ms"

    def _status(self, _words: list[str], flags: Mapping[str, str]) -> str:
        member, used = self.machine.name, self.backend.in_use()
        size, revision = self.backend.size(member), self.members.revision(member)
        leads = str(self.members.leader == member).lower()
        errors = self._alarm if self.backend.full else ""
        row = (
            ENDPOINT, member_id(member), VERSION, "3.6.0", human(size), human(used), f"{100 * (size - used) // size}%",
            human(self.backend.quota), leads, "false", str(self.members.term), str(revision), str(revision), errors,
        )  # fmt: skip
        return table(_HEAD, [row]) if flags.get("w") == "table" else ", ".join(row)

    def _list(self, _words: list[str], flags: Mapping[str, str]) -> str:
        rows = [
            (member_id(name), "started", name, f"https://{name}:2380", f"https://{name}:2379", "false")
            for name in sorted(self.members.processes)
        ]
        head = ("ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER")
        return table(head, rows) if flags.get("w") == "table" else "\n".join(", ".join(row) for row in rows)

    # -- its space ---------------------------------------------------------------------------------------------

    def _alarms(self, _words: list[str], _flags: Mapping[str, str]) -> str:
        self._serving()
        return self._alarm if self.backend.full else ""

    def _disarm(self, words: list[str], flags: Mapping[str, str]) -> str:
        told = self._alarms(words, flags)
        self.backend.disarm()
        return told

    def _compact(self, words: list[str], _flags: Mapping[str, str]) -> str:
        self._serving()
        if len(words) != 1 or not words[0].isdecimal():
            raise Failure("compaction command needs 1 argument")
        revision = int(words[0])
        if revision > self.members.etcd.revision:
            raise Failure("etcdserver: mvcc: required revision is a future revision")
        if revision < self.members.etcd.revision:
            return f"compacted revision {revision}"  # the API server needs what is younger: little is gained
        self.backend.compact()
        return f"compacted revision {revision}"

    def _defrag(self, _words: list[str], _flags: Mapping[str, str]) -> str:
        self.backend.defragment(self.machine.name)
        return f"Finished defragmenting etcd member[{ENDPOINT}]"

    # -- what is stored ----------------------------------------------------------------------------------------

    def _get(self, words: list[str], flags: Mapping[str, str]) -> str:
        self._serving()
        if not words:
            raise Failure("get command needs one argument as key and an optional argument as range_end")
        matches = str.startswith if "prefix" in flags else str.__eq__
        found = [(key, obj) for key, obj in self._keys() if matches(key, words[0])]
        if "count-only" in flags:
            return str(len(found))
        if "keys-only" in flags:
            return "\n".join(f"{key}\n" for key, _ in found)
        return "\n".join(f"{key}\n{json.dumps(encode_object(obj), separators=(',', ':'))}" for key, obj in found)

    def _keys(self) -> list[tuple[str, Object]]:
        tables = self.members.etcd.tables.items()
        return sorted((key_of(name, key, obj), obj) for name, table in tables for key, obj in table.objects.items())

    # -- snapshots ---------------------------------------------------------------------------------------------

    def _save(self, words: list[str], _flags: Mapping[str, str]) -> str:
        """The text of the file; the tool writes it."""
        self._serving()
        if len(words) != 1:
            raise Failure("snapshot save expects one argument")
        mark, _ = self.backend.save()
        return f"{MARK}{mark}\n"

    def _saved(self, words: list[str], _flags: Mapping[str, str]) -> str:
        found = self.backend.snapshots.get(words[0] if words else "")
        if found is None:
            raise Failure("snapshot file integrity check failed")
        return f"{words[0]}, {found.revision}, {found.keys}, {human(found.size)}"

    def start(self, *, alone: bool) -> None:
        """The member starts: on a directory that was made of a snapshot it has what that holds, if none has more."""
        told = self.directory.files.get(DATABASE) or ""
        if told.startswith(MARK):
            if alone and self.backend.restore(told[len(MARK) :].strip()):
                self.members.restored()
            self.directory.write(DATABASE, FRESH)


_COMMANDS: Mapping[tuple[str, ...], Callable[[Maintenance, list[str], Mapping[str, str]], str]] = {
    ("endpoint", "health"): Maintenance._health,
    ("endpoint", "status"): Maintenance._status,
    ("member", "list"): Maintenance._list,
    ("alarm", "list"): Maintenance._alarms,
    ("alarm", "disarm"): Maintenance._disarm,
    ("compact",): Maintenance._compact,
    ("compaction",): Maintenance._compact,
    ("defrag",): Maintenance._defrag,
    ("get",): Maintenance._get,
    ("snapshot", "save"): Maintenance._save,
    ("snapshot", "status"): Maintenance._saved,
}


def member_id(name: str) -> str:
    """The hexadecimal id of a member."""
    return blake2b(name.encode(), digest_size=8).hexdigest()


def key_of(resource: str, key: Name, obj: Object) -> str:
    """The key under which the API server stores an object."""
    plural, _, group = resource.partition(".")
    own = group if isinstance(obj, Unstructured) and "." in group and not group.endswith(".k8s.io") else ""
    place = f"{own}/{plural}" if own else _PLACES.get(plural, plural)
    return "/".join(("/registry", place, *(part for part in key if part)))


def human(size: int) -> str:
    """As etcdctl writes bytes: powers of a thousand, two digits."""
    units, power = ("B", "kB", "MB", "GB", "TB"), 0
    tenths = size * 10
    while tenths >= 10_000 and power < len(units) - 1:
        tenths, power = tenths // 1000, power + 1
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest} {units[power]}" if power and whole < 10 else f"{whole} {units[power]}"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """As etcdctl draws one: the head in the middle, numbers to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"

    def line(row: tuple[str, ...], *, middle: bool = False) -> str:
        cells = [f" {c.center(w) if middle else c.rjust(w)} " for c, w in zip(row, widths, strict=True)]
        return "|" + "|".join(cells) + "|"

    return "\n".join([rule, line(head, middle=True), rule, *(line(row) for row in rows), rule])
