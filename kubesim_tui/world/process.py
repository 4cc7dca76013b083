"""A process on a machine: kubelet, containerd, etcd … as the operating system sees it.

Only whether it runs is kept here; what it *does* is the component of that name, which asks `works` before it acts.
A restarted process has lost its memory: `starts` counts, so that its component can notice. One that runs in a
container works only while that container does (`gone` otherwise), whatever else keeps it from running.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import define


class Running(StrEnum):
    """The state of a process."""

    RUNNING = "running"
    STOPPED = "stopped"
    PAUSED = "paused"  # SIGSTOP: it holds its memory and its ports, and does nothing


@define(eq=False, repr=False)
class Process:
    """One process. `slow` divides its speed (1: as it should be); `version` grows with every change.

    `release` is that of its program, where anybody asks; `failure`: what it said last, if it cannot begin with it.
    """

    name: str
    state: Running = Running.RUNNING
    slow: int = 1
    starts: int = 1
    version: int = 0
    gone: bool = False  # it runs in a container, and that does not run
    release: str = ""
    failure: str = ""

    @property
    def works(self) -> bool:
        """Whether it can do anything now."""
        return self.state is Running.RUNNING and not self.gone

    @property
    def shown(self) -> Running:
        """How it looks from outside: one that its container has left is stopped."""
        return Running.STOPPED if self.gone else self.state

    def start(self) -> None:
        """Start it if it is stopped, with an empty memory."""
        if self.state is Running.STOPPED:
            self.starts += 1
            self._become(Running.RUNNING)

    def stop(self) -> None:
        """Stop it; its memory is lost."""
        self._become(Running.STOPPED)

    def restart(self) -> None:
        """Stop it and start it again at once."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze it (SIGSTOP)."""
        if self.state is Running.RUNNING:
            self._become(Running.PAUSED)

    def resume(self) -> None:
        """Let a frozen process go on, with its memory (SIGCONT)."""
        if self.state is Running.PAUSED:
            self._become(Running.RUNNING)

    def leave(self, failure: str = "", release: str = "") -> bool:
        """Its container (of a release) has ended, and it with it, with these last words; whether that is news."""
        news, self.gone, self.failure = not self.gone, True, failure
        self.release = release or self.release
        self.version += news
        return news

    def come(self, release: str = "") -> bool:
        """Its container runs; whether that is news."""
        self.release, self.failure = release or self.release, ""
        if not self.gone:
            return False
        self.gone = False
        self.starts += 1
        self.version += 1
        return True

    def slow_down(self, factor: int) -> None:
        """Make it `factor` times slower than it should be; 1 heals it."""
        if factor < 1:
            raise ValueError(f"a process is slowed by 1 or more, not {factor}")
        self.slow = factor
        self.version += 1

    def _become(self, state: Running) -> None:
        if self.state is not state:
            self.state = state
            self.version += 1
