"""etcdctl member and move-leader: who votes, and who leads.

Each vote counts for the majority, also that of a member which is not there. Who replaces a lost member therefore
removes it first, and adds the new one then; etcd refuses what could cost the majority (--strict-reconfig-check).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from kubesim_tui.cluster.etcdctl.base import ENDPOINT, Act, Failure, Flags, Speaker, cluster_id, member_id, rows

PEERS = 2380


def _list(of: Speaker, _words: Sequence[str], flags: Flags) -> str:
    head = ("ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER")
    return rows(head, [_line(of, name) for name in sorted(of.members.voters)], flags)


def _line(of: Speaker, name: str) -> tuple[str, ...]:
    if name in of.members.unstarted:
        return (member_id(name), "unstarted", "", of.members.unstarted[name], "", "false")
    return (member_id(name), "started", name, of.url(name, PEERS), of.url(name), "false")


def _add(of: Speaker, words: Sequence[str], flags: Flags) -> str:
    of.serving()
    if len(words) != 1 or not words[0]:
        raise Failure("member name not provided" if not words else "too many arguments")
    name, url = words[0], flags.get("peer-urls", "")
    if not url:
        raise Failure("member peer urls not provided")
    host = urlsplit(url).hostname or ""
    there = next((known for known, address in of.addresses.items() if address == host), name)
    if there in of.members.voters or url in of.members.unstarted.values():
        raise Failure("etcdserver: Peer URLs already exists")
    if said := of.members.add(there, url):
        raise Failure(said)
    peers = ",".join(f"{n}={of.members.unstarted.get(n) or of.url(n, PEERS)}" for n in of.members.voters if n != there)
    return (
        f"Member {member_id(there)} added to cluster {cluster_id(of.members.voters)}\n\n"
        f'ETCD_NAME="{name}"\nETCD_INITIAL_CLUSTER="{peers},{name}={url}"\n'
        f'ETCD_INITIAL_ADVERTISE_PEER_URLS="{url}"\nETCD_INITIAL_CLUSTER_STATE="existing"'
    )


def _remove(of: Speaker, words: Sequence[str], _flags: Flags) -> str:
    of.serving()
    if len(words) != 1:
        raise Failure("member ID is not provided")
    name, founded = _named(of, words[0]), cluster_id(of.members.voters)
    if said := of.members.remove(name):
        raise Failure(said)
    return f"Member {member_id(name)} removed from cluster {founded}"


def _move(of: Speaker, words: Sequence[str], _flags: Flags) -> str:
    if len(words) != 1:
        raise Failure("move-leader command needs 1 argument")
    if of.members.leader != of.name:
        raise Failure(f"no leader endpoint given at [{ENDPOINT}]")
    target = _named(of, words[0])
    if not of.members.move(target):
        raise Failure("etcdserver: bad leader transferee")
    return f"Leadership transferred from {member_id(of.name)} to {member_id(target)}"


def _named(of: Speaker, word: str) -> str:
    """The member of an id."""
    try:
        wanted = f"{int(word, 16):016x}"
    except ValueError as wrong:
        said = f'bad member ID arg (strconv.ParseUint: parsing "{word}": invalid syntax), expecting ID in Hex'
        raise Failure(said) from wrong
    found = next((name for name in of.members.voters if member_id(name) == wanted), None)
    if found is None:
        raise Failure("etcdserver: member not found")
    return found


COMMANDS: Mapping[tuple[str, ...], Act] = {
    ("member", "list"): _list,
    ("member", "add"): _add,
    ("member", "remove"): _remove,
    ("move-leader",): _move,
}
