"""The standard input of a container's first process, held open for who attaches, and the terminal that it may be."""

from __future__ import annotations

from attrs import define

from kubesim_tui.world.config import Config
from kubesim_tui.world.shell.streams import LogOut, Pipe


@define(eq=False, repr=False)
class Console:
    """What is typed, and where the answers go: into the container's log, on a terminal also the errors."""

    input: Pipe
    output: LogOut
    errors: LogOut

    @classmethod
    def of(cls, config: Config) -> Console | None:
        """That of a container which is to be made; None if nobody can type into it."""
        if not config.stdin:
            return None
        output = LogOut("stdout")
        return cls(Pipe(held=True, tty=config.tty), output, output if config.tty else LogOut("stderr"))
