"""etcdctl endpoint: how members are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubesim_tui.cluster.etcdctl.base import (
    LATE,
    STORAGE,
    VERSION,
    Act,
    Failure,
    Flags,
    Speaker,
    human,
    member_id,
    rows,
)
from kubesim_tui.cluster.etcdctl.space import alarm

_HEAD = (
    "ENDPOINT", "ID", "VERSION", "STORAGE VERSION", "DB SIZE", "IN USE", "PERCENTAGE NOT IN USE", "QUOTA", "IS LEADER",
    "IS LEARNER", "RAFT TERM", "RAFT INDEX", "RAFT APPLIED INDEX", "ERRORS",
)  # fmt: skip


def _health(of: Speaker, _words: Sequence[str], flags: Flags) -> str:
    took = f"{(of.members.commit_us() + 1_000) / 1000:g}ms" if of.members.heard else ""
    found = [(url, of.members.serves(name)) for name, url in of.asked(flags)]
    if flags.get("w") == "table":
        lines = [(url, str(well).lower(), took if well else "5s", "" if well else LATE) for url, well in found]
        text = rows(("ENDPOINT", "HEALTH", "TOOK", "ERROR"), lines, flags)
    else:
        good, bad = f"is healthy: successfully committed proposal: took = {took}", "is unhealthy: failed to commit"
        text = "\n".join(f"{url} {good if well else f'{bad} proposal: {LATE}'}" for url, well in found)
    if not all(well for _, well in found):
        raise Failure("unhealthy cluster", f"{text}\n")
    return text


def _status(of: Speaker, _words: Sequence[str], flags: Flags) -> str:
    silent = [url for name, url in of.asked(flags) if not _answers(of, name)]
    lines = [_row(of, name, url) for name, url in of.asked(flags) if url not in silent]
    text = rows(_HEAD, lines, flags) if lines else ""
    if silent:
        told = "".join(f"Failed to get the status of endpoint {url} ({LATE})\n" for url in silent)
        raise Failure("", f"{told}{text}")
    return text


def _answers(of: Speaker, member: str) -> bool:
    """A member tells how it is also while nobody leads."""
    process = of.members.processes.get(member)
    return member == of.name or (process is not None and process.runs() and of.members.links.reachable(of.name, member))


def _row(of: Speaker, member: str, url: str) -> tuple[str, ...]:
    used = of.backend.in_use()
    size, revision = of.backend.size(member), of.members.revision(member)
    leads = str(of.members.leader == member).lower()
    errors = [alarm(member)] if of.backend.full else []
    if not of.members.leader:
        errors.append("etcdserver: no leader")
    return (
        url, member_id(member), VERSION, STORAGE, human(size), human(used), f"{100 * (size - used) // size}%",
        human(of.backend.quota), leads, "false", str(of.members.term), str(revision), str(revision), ", ".join(errors),
    )  # fmt: skip


COMMANDS: Mapping[tuple[str, ...], Act] = {("endpoint", "health"): _health, ("endpoint", "status"): _status}
