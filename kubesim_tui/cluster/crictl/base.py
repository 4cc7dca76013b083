"""What a command of crictl has at hand, and how it ends; ids, ages, sizes and tables as crictl writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import frozen

from kubesim_tui.kubectl import tabwriter
from kubesim_tui.world.container import Container
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.runtime import Runtime

UID, NAME, NAMESPACE = "io.kubernetes.pod.uid", "io.kubernetes.pod.name", "io.kubernetes.pod.namespace"
ATTEMPT = "io.kubernetes.pod.attempt"
"""Labels by which the runtime knows whose a sandbox is."""
SHORT = 13
"""So many digits of an id are shown."""


class Failure(Exception):
    """What crictl says when it gives up."""


@frozen
class Call:
    """A command on a machine: its words, its flags ("" for those without a value), the tick, and the machine's time."""

    machine: Machine
    words: Sequence[str]
    flags: Mapping[str, str]
    tick: int
    now: int

    @property
    def runtime(self) -> Runtime:
        """The machine's."""
        return self.machine.runtime

    def time(self, tick: int) -> int:
        """What the machine took for the time in a tick."""
        return self.now - self.tick + tick

    def ago(self, tick: int) -> str:
        """How long that is ago."""
        return f"{human_duration(self.tick - tick)} ago"

    def container(self, id: str) -> Container:
        """The one whose id begins so."""
        found = [c for identity, c in self.runtime.containers.items() if identity.startswith(id)]
        if len(found) > 1:
            raise Failure(f'id "{id}" is ambiguous')
        if not found:
            said = f'an error occurred when try to find container "{id}": not found'
            raise Failure(f"rpc error: code = NotFound desc = {said}")
        return found[0]


Act = Callable[[Call], list[str]]
"""A command: the lines that it prints, or Failure."""


def short(identity: str) -> str:
    """The beginning of an id."""
    return identity.removeprefix("sha256:")[:SHORT]


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns as crictl's tables have them."""
    return tabwriter.align("\n".join("\t".join(row) for row in rows), minimum=20, padding=3).split("\n")


def human_duration(seconds: int) -> str:
    """As docker's units.HumanDuration."""
    minutes, hours = seconds // 60, (seconds + 1800) // 3600
    if seconds < 1:
        return "Less than a second"
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    if minutes < 60:
        return "About a minute" if minutes == 1 else f"{minutes} minutes"
    if hours < 48:
        return "About an hour" if hours == 1 else f"{hours} hours"
    days = hours // 24
    return f"{days} days" if days < 14 else f"{days // 7} weeks" if days < 60 else f"{days // 30} months"


def human_size(size: int) -> str:
    """As docker's units.HumanSizeWithPrecision, with three digits: powers of a thousand."""
    units, power, scaled = ("B", "kB", "MB", "GB", "TB"), 0, size * 1000
    while scaled >= 1_000_000 and power < len(units) - 1:
        scaled, power = scaled // 1000, power + 1
    return f"{scaled / 1000:.3g}{units[power]}"
