"""The file in which etcd keeps all revisions: what of it is in use, how large it is, the alarm when that is too much.

Each write adds a revision. The API server has revisions compacted that are older than five minutes, every five minutes:
that makes room in the file for new ones, but only defragmentation makes the file smaller. When it grows beyond the
quota (`--quota-backend-bytes`) the alarm NOSPACE is raised, and nothing is put any more until somebody has compacted,
defragmented and disarmed it. Sizes are worked out when they are asked for, from a few objects of each kind.
"""

from __future__ import annotations

import json
import operator
from typing import Any

from attrs import define, field, frozen

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.etcd import Etcd, Name
from kubesim_tui.kernel.engine import Engine, Key

QUOTA = 2 << 30
COMPACTION = 300
"""Seconds between two compactions by the API server, and the age of what they leave."""
SAMPLED = 4
PROTOBUF_TENTHS = 6
"""Built-in kinds are stored as protobuf, which takes about so many tenths of the bytes of JSON."""
EMPTY_FILE = 20_480


@frozen(eq=False)
class Snapshot:
    """All that was stored at a revision. `size`: of its file, in bytes."""

    revision: int
    tables: dict[str, dict[Name, Object]]
    size: int

    @property
    def keys(self) -> int:
        """How many keys it holds."""
        return sum(len(table) for table in self.tables.values())

    def __deepcopy__(self, _memo: Any) -> Snapshot:
        return self


@define(eq=False)
class Backend:
    """See the module. A worker of the engine: it looks when a flood is about to fill the file. Times are ticks."""

    engine: Engine
    etcd: Etcd
    members: tuple[str, ...]
    quota: int = QUOTA
    full: bool = False  # the alarm NOSPACE
    flood: int = 0  # bytes a second that somebody writes over and over
    strange: dict[str, str] = field(factory=dict)  # keys of others than the API server, and what they hold
    snapshots: dict[str, Snapshot] = field(factory=dict)  # by the hash that their files bear
    files: dict[str, int] = field(factory=dict)  # member → the largest that its file has been since it was made small
    _since: int = 0  # when the flood began, or began to be let in again
    _flooded: list[tuple[int, int, int]] = field(factory=list)  # (from, to, bytes a second) of what is over
    _compacted: int = 0
    _means: dict[str, tuple[list[Object], int]] = field(factory=dict)  # what was looked at, and what came out
    name: str = "etcd-backend"
    order: int = 0
    phase: str = "timers"

    def runs(self) -> bool:
        """A file is there, whoever runs."""
        return True

    # -- sizes -------------------------------------------------------------------------------------------------

    def live(self) -> int:
        """Bytes of the newest revisions of all that is there."""
        return sum(len(table) * self._mean(name) for name, table in self.etcd.tables.items() if len(table))

    def size_of(self, resource: str, namespace: str = "") -> tuple[int, int]:
        """Bytes of all objects of a kind (of a namespace): as they are stored, and as JSON."""
        table = self.etcd.table(resource)
        stored = self._mean(resource) * (len(table.by_namespace.get(namespace, ())) if namespace else len(table))
        custom = isinstance(next(iter(table.objects.values()), None), Unstructured)
        return stored, stored if custom else stored * 10 // PROTOBUF_TENTHS

    def in_use(self) -> int:
        """Bytes of all revisions that are not compacted."""
        now, kept = self.engine.clock.tick, self._kept_since()
        history = sum(count * self._mean(name) for name, count in self.etcd.written(kept).items())
        floods = [*self._flooded, *([(self._since, now, self.flood)] if self.flood and not self.full else [])]
        flooded = sum(max(0, end - max(begin, kept)) * rate for begin, end, rate in floods)
        return EMPTY_FILE + self.live() + history + flooded

    def size(self, member: str) -> int:
        """Bytes of a member's file."""
        found = self.files[member] = max(self.files.get(member, 0), self.in_use())
        return found

    def _kept_since(self) -> int:
        return max(self._compacted, self.engine.clock.tick // COMPACTION * COMPACTION - COMPACTION)

    def _mean(self, resource: str) -> int:
        """The mean size of the objects of a kind, from a few of them."""
        objects = list(self.etcd.table(resource).objects.values())
        if not objects:
            return 0
        some = objects[:: max(1, len(objects) // SAMPLED)][:SAMPLED]
        known = self._means.get(resource)
        if known is not None and len(known[0]) == len(some) and all(map(operator.is_, known[0], some)):
            return known[1]
        total = sum(len(json.dumps(encode_object(obj), separators=(",", ":"))) for obj in some)
        tenths = 10 if isinstance(some[0], Unstructured) else PROTOBUF_TENTHS
        mean = total * tenths // (10 * len(some))
        self._means[resource] = some, mean
        return mean

    # -- who fills it ------------------------------------------------------------------------------------------

    def begin_flood(self, rate: int) -> bool:
        """Somebody writes so many bytes a second over and over (0: no more); False if it is as it was."""
        if rate == self.flood:
            return False
        self._end_flood()
        self.flood, self._since = rate, self.engine.clock.tick
        self._look_later()
        return True

    def _end_flood(self) -> None:
        if self.flood and not self.full:
            kept = self._kept_since()
            self._flooded = [one for one in self._flooded if one[1] > kept]
            self._flooded.append((self._since, self.engine.clock.tick, self.flood))

    def _look_later(self) -> None:
        """The flood is looked at when it may have filled the file."""
        if self.flood and not self.full:
            wait = max(1, -(-(self.quota - self.in_use()) // self.flood))
            self.engine.at(self.engine.clock.tick + min(wait, COMPACTION), self.phase, self, "look")

    def reconcile(self, _key: Key) -> None:
        """Whether the file is full now."""
        if not self.flood or self.full:
            return
        if self.in_use() >= self.quota:
            self._end_flood()
            self._raise()
        else:
            self._look_later()

    def _raise(self) -> None:
        self.full = True
        self._measure()

    def _measure(self) -> None:
        for member in self.members:
            self.size(member)

    # -- maintenance -------------------------------------------------------------------------------------------

    def compact(self) -> None:
        """Old revisions are given up, all but the newest of each key."""
        self._measure()
        self._compacted = self.engine.clock.tick
        self._flooded.clear()
        self._since = self._compacted

    def defragment(self, member: str) -> None:
        """A member's file is written anew, without holes."""
        self.files[member] = self.in_use()

    def disarm(self) -> bool:
        """The alarm is taken back; True if there was one. A file that is still too large raises it again."""
        was, self.full = self.full, False
        if was and any(size >= self.quota for size in self.files.values()):
            self._raise()
        elif was:
            self._since = self.engine.clock.tick
            self._look_later()
        return was

    # -- snapshots ---------------------------------------------------------------------------------------------

    def save(self) -> tuple[str, Snapshot]:
        """All that is stored now, and the hash by which it is known."""
        tables = {name: dict(table.objects) for name, table in self.etcd.tables.items() if len(table)}
        made = Snapshot(self.etcd.revision, tables, self.in_use())
        mark = f"{(self.etcd.revision * 2_654_435_761 + made.keys) & 0xFFFFFFFF:08x}"
        self.snapshots[mark] = made
        return mark, made

    def restore(self, mark: str) -> bool:
        """Everything is as a snapshot has it; what was written since is gone. False if nobody knows that snapshot.

        As with `--bump-revision`: revisions go on from where they are, so that whoever watches hears of it.
        """
        found = self.snapshots.get(mark)
        if found is None:
            return False
        for name in sorted(self.etcd.tables):
            wanted, there = found.tables.get(name, {}), self.etcd.table(name).objects
            for key in [key for key in there if key not in wanted]:
                self.etcd.delete(name, key)
            for key, obj in wanted.items():
                if there.get(key) is not obj:
                    self.etcd.put(name, key, obj)
        self.full, self.files = False, {}
        self._flooded.clear()
        self._compacted = self._since = self.engine.clock.tick
        return True
