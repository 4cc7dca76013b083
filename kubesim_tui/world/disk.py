"""Disks and volumes. emptyDir, host path, network disk, a ConfigMap's files, a container's layer: all are volumes.

A `Volume` holds files (text by path), directories, and the records that applications stored. One that lies on a
machine's `Disk` shares its space with the images and all other volumes there. A write for which there is no room
fails with `No space left on device`. Whoever reads a volume registers as a watcher and is told of every change.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Protocol

from attrs import define, evolve, field

from kubesim_tui.world.errors import NO_SPACE, FileError, NoSpace
from kubesim_tui.world.ills import WELL, Ills
from kubesim_tui.world.records import Records
from kubesim_tui.world.replication.journal import Journal


class Watcher(Protocol):
    """Told when the files of a volume have changed."""

    def touched(self, container: str) -> None:
        """The files that this container sees have changed."""
        ...


class Keeper(Protocol):
    """Told when a disk is filling up."""

    def disk_grew(self) -> None:
        """More is in use, and enough of it, or of something that is limited, for somebody to look."""
        ...


BYTES_AN_INODE = 16_384
"""As mkfs.ext4 makes them."""


@define(eq=False, repr=False)
class Disk:
    """The space of one machine's disk. `rubbish` is what nobody of ours has put there: core dumps, old backups …"""

    capacity_bytes: int
    used_bytes: int = 0
    alarm_bytes: int = 1 << 62  # from so much in use on the keeper is told of all that is added
    keeper: Keeper | None = None
    rubbish_bytes: int = 0
    rubbish_inodes: int = 0

    @property
    def free_bytes(self) -> int:
        """What is left, never below 0."""
        return max(0, self.capacity_bytes - self.used_bytes)

    @property
    def inodes(self) -> int:
        """How many files the file system can have."""
        return self.capacity_bytes // BYTES_AN_INODE

    @property
    def has_inodes(self) -> bool:
        """Whether one more file can be made."""
        return not self.rubbish_inodes or self.rubbish_inodes < self.inodes

    def claim(self, count: int) -> None:
        """Use so many bytes more (or fewer)."""
        self.used_bytes += count
        if count > 0 and self.used_bytes >= self.alarm_bytes:
            self.grew()

    def grew(self) -> None:
        """Let somebody look."""
        if self.keeper is not None:
            self.keeper.disk_grew()

    def fill(self, leave_bytes: int, leave_inodes: int | None = None) -> None:
        """Put rubbish there until only so much is left, of bytes or (many small files) of inodes."""
        if leave_inodes is None:
            count = max(0, self.free_bytes - leave_bytes)
            self.rubbish_bytes += count
            self.claim(count)
        else:
            self.rubbish_inodes = max(self.rubbish_inodes, self.inodes - leave_inodes)
            self.grew()

    def clean(self, count: int | None = None) -> None:
        """Take rubbish away again: so many bytes of it, or all of it."""
        freed = self.rubbish_bytes if count is None else min(count, self.rubbish_bytes)
        self.rubbish_bytes -= freed
        self.used_bytes -= freed
        if count is None:
            self.rubbish_inodes = 0


@define(eq=False, repr=False)
class Volume:
    """A tree of files. Paths have no leading slash; "" is the root. A directory is an entry whose text is None."""

    id: str
    capacity_bytes: int | None = None  # None: as much as its disk has
    disk: Disk | None = None
    files: dict[str, str | None] = field(factory=dict)
    padding: dict[str, int] = field(factory=dict)  # bytes of a file beyond its text (dd, fallocate)
    records: dict[tuple[str, str], Records] = field(factory=dict)  # (directory, store) → numbers
    queues: dict[tuple[str, str], Any] = field(factory=dict)  # (directory, name) → world.queues.Queue
    journals: dict[str, Journal] = field(factory=dict)  # directory → what a replicated database knows of itself
    used_bytes: int = 0
    version: int = 0  # grows when files change, or when it becomes full or has room again
    watchers: dict[str, Watcher] = field(factory=dict)
    limited: bool = False  # somebody has to look whenever it grows
    ills: Ills = WELL

    # -- reading

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there, made as such or implied by what lies in it."""
        if path == "" or self.files.get(path, "") is None:
            return True
        return any(name.startswith(path + "/") for name in self.files)

    def names(self, path: str) -> list[str]:
        """The sorted names in a directory."""
        start = len(path) + 1 if path else 0
        prefix = path + "/" if path else ""
        return sorted({name[start:].split("/", 1)[0] for name in self.files if name.startswith(prefix)} - {""})

    def is_empty(self, path: str = "") -> bool:
        """Whether nothing lies under a directory, neither files nor records."""
        below = path + "/" if path else ""
        return not any(name.startswith(below) for name in self.files) and not any(
            kept for (at, _), kept in self.records.items() if at == path or at.startswith(below)
        )

    @property
    def free_bytes(self) -> int:
        """How much more fits."""
        own = None if self.capacity_bytes is None else max(0, self.capacity_bytes - self.used_bytes)
        shared = None if self.disk is None else self.disk.free_bytes
        known = [room for room in (own, shared) if room is not None]
        return min(known) if known else 1 << 60

    @property
    def is_full(self) -> bool:
        """Whether not one byte more fits."""
        return self.free_bytes == 0

    # -- writing

    def refuses(self, count: int) -> str:
        """What the kernel says to so many bytes more; "" if it takes them."""
        return self.ills.refusal(write=True) or (NO_SPACE if self.free_bytes < count else "")

    def write(self, path: str, text: str) -> None:
        """Make the file's content `text`, with the directories above it. Raises NoSpace."""
        old = self.files.get(path)
        if old is None and self.disk is not None and not self.disk.has_inodes:
            raise NoSpace
        self._claim(_size(text) - _size(old) - self.padding.get(path, 0))
        self.padding.pop(path, None)
        self.files[path] = text
        self._changed()

    def grow(self, path: str, count: int) -> int:
        """Add so many bytes of no interest to a file, or as many as fit; returns how many did."""
        fits = min(count, self.free_bytes)
        self.files.setdefault(path, "")
        self.padding[path] = self.padding.get(path, 0) + fits
        self._claim(fits)
        self._changed()
        return fits

    def size(self, path: str) -> int:
        """The bytes of a file."""
        return _size(self.files.get(path)) + self.padding.get(path, 0)

    def make_directory(self, path: str) -> None:
        """Make a directory, if it is not there."""
        if path and not self.is_directory(path):
            self.files[path] = None
            self._changed()

    def remove(self, path: str) -> None:
        """Remove a file, or a directory with all that is in it, records too. Raises FileError if it is not there."""
        below = path + "/" if path else ""
        names = [name for name in self.files if name == path or name.startswith(below)]
        stores = [key for key in self.records if key[0] == path or key[0].startswith(below)]
        if not names and not stores:
            raise FileError("No such file or directory")
        for name in names:
            self._claim(-_size(self.files.pop(name)) - self.padding.pop(name, 0))
        for key in stores:
            del self.records[key]
        for at in [at for at in self.journals if at == path or at.startswith(below)]:
            del self.journals[at]
        self._end_queues(path)
        self._changed()

    def replace(self, files: dict[str, str]) -> None:
        """Make these the only files, at once (a ConfigMap's volume that follows its object). Nothing if they are so."""
        if files != self.files:
            before = sum(map(_size, self.files.values())) + sum(self.padding.values())
            self._claim(sum(map(_size, files.values())) - before)
            self.files, self.padding = dict(files), {}
            self._changed()

    def append(self, directory: str, store: str, first: int, last: int, tick: int, record_bytes: int = 512) -> int:
        """Store the records first … last of a store; returns how many found room (from `first` on)."""
        if self.ills.refusal(write=True):
            return 0
        fits = min(last - first + 1, self.free_bytes // record_bytes) if record_bytes else last - first + 1
        if fits > 0:
            self.records_of(directory, store).add(first, first + fits - 1, tick)
            self._claim(fits * record_bytes)
        return fits

    def hold(self, n: int, each_bytes: int) -> int:
        """Take up room for so many things of a size more (or fewer); how many found room."""
        if n > 0:
            n = 0 if self.ills.refusal(write=True) else min(n, self.free_bytes // each_bytes) if each_bytes else n
        self._claim(n * each_bytes)
        return n

    def records_of(self, directory: str, store: str) -> Records:
        """The records of a store in a directory (an empty set of them, if there are none yet)."""
        key = (directory, store)
        found = self.records.get(key)
        if found is None:
            found = self.records[key] = Records()
        return found

    def replace_records(self, directory: str, store: str, records: Records, record_bytes: int = 512) -> None:
        """Let a directory have just these records of a store. Raises NoSpace."""
        self._claim((len(records) - len(self.records_of(directory, store))) * record_bytes)
        self.records[directory, store] = records

    def lost(self, store: str, acknowledged: Records, directory: str | None = None) -> Records:
        """Of the acknowledged records of a store, those that this volume does not hold (or not in a directory)."""
        missing = acknowledged
        for (at, name), kept in sorted(self.records.items()):
            if name == store and directory in (None, at):
                missing = kept.missing(missing)
        return missing

    def copy(self, id: str, capacity_bytes: int | None) -> Volume:
        """Another volume with all that is on this one now."""
        return Volume(
            id,
            capacity_bytes,
            files=dict(self.files),
            padding=dict(self.padding),
            records=deepcopy(self.records),
            used_bytes=self.used_bytes,
        )

    # -- faults

    def fill(self, leave_bytes: int = 0) -> None:
        """Fill it with rubbish until only so much is left."""
        self._claim(max(0, self.free_bytes - leave_bytes))
        self._changed()

    def free(self, count: int) -> None:
        """Take so many bytes of rubbish away again."""
        self._claim(-min(count, self.used_bytes))
        self._changed()

    def enlarge(self, capacity_bytes: int) -> None:
        """It holds more from now on."""
        self.capacity_bytes = max(capacity_bytes, self.capacity_bytes or 0)
        self._changed()

    def space_changed(self) -> None:
        """The room on its disk has changed from outside: it may be full now, or have room again."""
        self._changed()

    def slow_down(self, delay_us: int) -> None:
        """Each read and write takes so much longer (0 heals it)."""
        self.ills = evolve(self.ills, delay_us=delay_us)
        self._changed()

    def fail(self) -> None:
        """Its device fails, and the kernel makes its file system read-only."""
        self.ills = evolve(self.ills, fails=True, read_only=True)
        self._changed()

    def repair(self) -> None:
        """Its device works again; its file system waits for being mounted anew."""
        self.ills = evolve(self.ills, fails=False)
        self._changed()

    def mounted(self) -> bool:
        """It is mounted for one more Pod: anew, if nobody has it. False if its device cannot be read."""
        if self.ills.read_only and not self.ills.fails and not self.watchers:
            self.ills = evolve(self.ills, read_only=False)
        return not self.ills.fails

    def release(self) -> None:
        """Give its space back to the disk (the volume is deleted)."""
        self._end_queues("")
        self._claim(-self.used_bytes)

    def _end_queues(self, path: str) -> None:
        for at in [at for at in self.queues if not path or at[0] == path or at[0].startswith(path + "/")]:
            self.queues.pop(at).end("disk-gone")

    def _claim(self, count: int) -> None:
        was_full = self.is_full
        if count > self.free_bytes:
            raise NoSpace
        self.used_bytes += count
        if self.disk is not None:
            self.disk.claim(count)
            if self.limited and count > 0:
                self.disk.grew()
        if self.is_full is not was_full:
            self._changed()

    def _changed(self) -> None:
        self.version += 1
        for container, watcher in list(self.watchers.items()):
            watcher.touched(container)


def _size(text: str | None) -> int:
    if not text:
        return 0
    return len(text) if text.isascii() else len(text.encode())
