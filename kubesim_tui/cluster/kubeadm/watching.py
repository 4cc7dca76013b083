"""A command of kubeadm that goes on, as the prompt sees it: its lines as they come, and its questions."""

from __future__ import annotations

from attrs import define

from kubesim_tui.apiserver.client import Client
from kubesim_tui.cluster.kubeadm.running import INTERRUPTED, Run
from kubesim_tui.kubectl.result import Poll


@define(eq=False)
class Watching:
    """A conversation with a command. `read`: so many of its lines were seen."""

    run: Run
    read: int = 0

    @property
    def typing(self) -> bool:
        """Whether it waits for an answer."""
        return bool(self.run.asks) and self.run.answer is None

    @property
    def prompt(self) -> str:
        """Its question."""
        return self.run.asks

    def poll(self, _client: Client, _now: int) -> Poll:
        """What is new."""
        lines = self.run.lines[self.read :]
        self.read += len(lines)
        out, err = ([text for wrong, text in lines if wrong is which] for which in (False, True))
        return Poll(tuple(out), tuple(err), self.run.done, self.run.code)

    def interrupt(self) -> Poll:
        """Ctrl-C ends it where it stands."""
        self.run.end(INTERRUPTED)
        return Poll(done=True, code=INTERRUPTED)

    def interrupted(self, _client: Client, _now: int) -> Poll:
        """As above: it runs nothing else."""
        return self.interrupt()

    def typed(self, text: str, client: Client, now: int) -> Poll:
        """The answer; it goes on with the next tick."""
        self.run.answer = text
        return self.poll(client, now)

    def closed(self, client: Client, now: int) -> Poll:
        """Nobody answers."""
        return self.typed("", client, now)
