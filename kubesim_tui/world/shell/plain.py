"""A system on which the shell's own tools are all that runs: a person's machine, or the system of a machine itself."""

from __future__ import annotations

from collections.abc import Container

from kubesim_tui.world.files import Files
from kubesim_tui.world.net import REFUSED, Fetched, Headers, Resolved


class Plain:
    """Implements shell.system.System. `tools`: those that are there."""

    domain = ""
    user, group, gnu, known, memory_limit, cpu_milli = 0, 0, True, True, 0, 1000

    def __init__(self, hostname: str, ip: str, tools: Container[str], files: Files, epoch: int, tick: int) -> None:
        self.hostname, self.ip, self.epoch, self.tick = hostname, ip, epoch, tick
        self._tools, self._files = tools, files

    def files(self) -> Files:
        """Its disk."""
        return self._files

    def log(self, stream: str, text: str) -> None:
        """Nothing is logged."""

    def has_tool(self, name: str) -> bool:
        """Some are there."""
        return name in self._tools

    def has_program(self, argv: tuple[str, ...]) -> bool:  # noqa: ARG002
        """No others."""
        return False

    def reads(self, argv: tuple[str, ...]) -> bool:  # noqa: ARG002
        """There are none."""
        return False

    def says(self, argv: tuple[str, ...], env: dict[str, str], pid: int, stdin: str) -> list[str]:  # noqa: ARG002
        """Nothing: it has none."""
        return []

    def launch(self, argv: tuple[str, ...], env: dict[str, str], pid: int, stdin: str) -> None:
        """Nothing is."""

    def programs(self) -> list[tuple[int, str]]:
        """None."""
        return []

    def signal_program(self, name: str, signal: str) -> int:  # noqa: ARG002
        """None."""
        return 0

    def signal_first(self, signal: str) -> None:
        """None."""

    def sysctl(self, _name: str) -> int | None:
        """None."""
        return None

    def set_sysctl(self, _name: str, _value: int) -> bool:
        """None."""
        return False

    def fetch(self, url: str, method: str, body: str, timeout_us: int, headers: Headers = ()) -> Fetched:  # noqa: ARG002
        """Nobody listens."""
        return Fetched(error=REFUSED)

    def resolve(self, name: str) -> Resolved:
        """Only itself."""
        return Resolved(name, (self.ip,) if name == self.hostname else (), "127.0.0.53")
