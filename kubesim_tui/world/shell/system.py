"""What a shell needs of the container around it. A passing object: tasks do not keep it."""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.world.files import Files
from kubesim_tui.world.net import Fetched, Headers, Resolved


class System(Protocol):
    """Files, log, network, clock, and the programs of the image."""

    epoch: int
    tick: int
    hostname: str
    domain: str  # "" if it has none
    ip: str
    user: int
    group: int
    gnu: bool  # its tools speak as GNU's do, not as busybox's
    known: bool  # false: nobody described the image; whatever it is asked to run, it can
    memory_limit: int
    cpu_milli: int

    def files(self) -> Files:
        """The files of the container."""
        ...

    def log(self, stream: str, text: str) -> None:
        """Write a line into the container's log."""
        ...

    def has_tool(self, name: str) -> bool:
        """Whether a program that the shell knows is in this image."""
        ...

    def has_program(self, argv: tuple[str, ...]) -> bool:
        """Whether the image's data describe this program."""
        ...

    def reads(self, argv: tuple[str, ...]) -> bool:
        """Whether a program of the image takes all of its standard input before it begins."""
        ...

    def says(self, argv: tuple[str, ...], env: dict[str, str], pid: int, stdin: str) -> list[str]:
        """What a program of the image prints that does nothing else."""
        ...

    def launch(self, argv: tuple[str, ...], env: dict[str, str], pid: int, stdin: str) -> None:
        """Start a program of the image for a task; Tasks.program_ended tells its end."""
        ...

    def programs(self) -> list[tuple[int, str]]:
        """The running programs: (pid of its task, or 1; command line)."""
        ...

    def signal_program(self, name: str, signal: str) -> int:
        """Send a signal to the running programs of a name; returns how many there are ("0" only counts)."""
        ...

    def signal_first(self, signal: str) -> None:
        """Send a signal to the container's first process."""
        ...

    def sysctl(self, name: str, /) -> int | None:
        """A setting of the machine's kernel; None for one that it does not have."""
        ...

    def set_sysctl(self, name: str, value: int, /) -> bool:
        """Change one; False where this container may not."""
        ...

    def fetch(self, url: str, method: str, body: str, timeout_us: int, headers: Headers = ()) -> Fetched:
        """Ask an address; localhost is this Pod."""
        ...

    def resolve(self, name: str) -> Resolved:
        """Look up a name."""
        ...
