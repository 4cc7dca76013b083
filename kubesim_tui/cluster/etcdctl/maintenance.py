"""The members as their clients meet them: `Maintenance` answers for one, `Maintainers` hear when one has started.

A snapshot is a file with a mark of what it holds; a member that starts on a directory which was made of one has what
was stored then, and nothing that was written since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubesim_tui.apiserver.raft import Members
from kubesim_tui.cluster.etcdctl import health, keys, membership, space
from kubesim_tui.cluster.etcdctl.base import Act, Failure, Flags, Speaker
from kubesim_tui.cluster.etcdctl.space import MARK
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.net import Fetched

DATABASE, FRESH = "member/snap/db", "\n"
COMMANDS: Mapping[tuple[str, ...], Act] = {**health.COMMANDS, **space.COMMANDS, **keys.COMMANDS, **membership.COMMANDS}


class Maintainers:
    """Those of all members; they hear when one has started."""

    def __init__(self, machines: Sequence[Machine], members: Members, addresses: Mapping[str, str]) -> None:
        self.members = members
        self.all = {machine.name: Maintenance(Speaker(machine, members, addresses)) for machine in machines}
        self._ran = dict.fromkeys(self.all, True)
        for machine in machines:
            machine.runtime.speakers[f"etcd-{machine.name}_kube-system"] = self.all[machine.name]

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

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker

    def answer(self, question: str, flags: Flags) -> Fetched:
        """The output of a command (etcdctl's words without its flags), or what it says on standard error."""
        words = question.split(" ")
        for begin, act in COMMANDS.items():
            if words[: len(begin)] == list(begin):
                try:
                    return Fetched(200, act(self.speaker, words[len(begin) :], flags))
                except Failure as wrong:
                    return Fetched(500, wrong.shown + (f"Error: {wrong}" if str(wrong) else ""))
        return Fetched(500, f'Error: unknown command "{question}" for "etcdctl"')

    def start(self, *, alone: bool) -> None:
        """The member starts: on a directory that was made of a snapshot it has what that holds, if none has more."""
        directory, members = self.speaker.directory, self.speaker.members
        told = directory.files.get(DATABASE) or ""
        if told.startswith(MARK):
            if alone and members.backend.restore(told[len(MARK) :].strip()):
                members.restored()
            directory.write(DATABASE, FRESH)
