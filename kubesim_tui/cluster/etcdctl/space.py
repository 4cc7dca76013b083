"""etcdctl's words about the file: alarms, compaction, defragmentation, snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubesim_tui.cluster.etcdctl.base import STORAGE, Act, Failure, Flags, Speaker, human, member_id, rows

MARK = "etcd snapshot "


def alarm(member: str) -> str:
    """The alarm of a full database, as a member raises it."""
    return f"memberID:{int(member_id(member), 16)} alarm:NOSPACE"


def _alarms(of: Speaker, _words: Sequence[str], _flags: Flags) -> str:
    of.serving()
    return alarm(of.name) if of.backend.full else ""


def _disarm(of: Speaker, words: Sequence[str], flags: Flags) -> str:
    told = _alarms(of, words, flags)
    of.backend.disarm()
    return told


def _compact(of: Speaker, words: Sequence[str], _flags: Flags) -> str:
    of.serving()
    if len(words) != 1 or not words[0].isdecimal():
        raise Failure("compaction command needs 1 argument")
    revision, newest = int(words[0]), of.members.etcd.revision
    if revision > newest:
        raise Failure("etcdserver: mvcc: required revision is a future revision")
    if revision == newest:  # the API server needs what is younger than another one: little is gained
        of.backend.compact()
    return f"compacted revision {revision}"


def _defrag(of: Speaker, _words: Sequence[str], flags: Flags) -> str:
    told = []
    for name, url in of.asked(flags):
        of.backend.defragment(name)
        told.append(f"Finished defragmenting etcd member[{url}]")
    return "\n".join(told)


def _save(of: Speaker, words: Sequence[str], _flags: Flags) -> str:
    """The text of the file; the tool writes it."""
    of.serving()
    if len(words) != 1:
        raise Failure("snapshot save expects one argument")
    mark, _ = of.backend.save()
    return f"{MARK}{mark}\n"


def _saved(of: Speaker, words: Sequence[str], flags: Flags) -> str:
    found = of.backend.snapshots.get(words[0] if words else "")
    if found is None:
        raise Failure("snapshot file integrity check failed")
    line = (words[0], str(found.revision), str(found.keys), human(found.size), STORAGE)
    return rows(("HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE", "VERSION"), [line], flags)


COMMANDS: Mapping[tuple[str, ...], Act] = {
    ("alarm", "list"): _alarms,
    ("alarm", "disarm"): _disarm,
    ("compact",): _compact,
    ("compaction",): _compact,
    ("defrag",): _defrag,
    ("snapshot", "save"): _save,
    ("snapshot", "status"): _saved,
}
