"""A running program of an image: a small table of states, its settings, and what it keeps in memory.

STARTING (preparing, waiting for others, filling a data directory) → SERVING → STOPPING → GONE. Settings are computed
from arguments and environment when they are asked for, not kept: ten thousand replicas hold nothing but a reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from attrs import define, field, frozen

from kubesim_tui.world.corefile import Corefile
from kubesim_tui.world.images import Option, ProgramSpec
from kubesim_tui.world.nginx_conf import Site
from kubesim_tui.world.queues import Queue
from kubesim_tui.world.records import Records
from kubesim_tui.world.replication.member import Member
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.template import Lookup, Names, clock_text, expand


class Phase(IntEnum):
    """Where a program is in its life."""

    STARTING = 0
    SERVING = 1
    STOPPING = 2
    GONE = 3


@frozen(repr=False)
class Listen(Shared):
    """A port on which a program listens."""

    port: int
    protocol: str
    name: str = ""


@define(eq=False, repr=False)
class Memory:
    """What a program holds in its memory, lost when it dies: a store's records, keys and values, passwords read.

    Of queues that lie on a volume it knows where.
    """

    records: dict[str, Records]
    values: dict[str, str]
    queues: dict[str, Queue] = field(factory=dict)

    @property
    def queued_bytes(self) -> int:
        """What the messages of its queues take."""
        return sum(queue.kept * queue.memory_bytes for queue in self.queues.values())


@define(eq=False, repr=False)
class Program:
    """One running program. `env` is None where it is that of its container."""

    spec: ProgramSpec
    argv: tuple[str, ...]
    since: int
    env: Mapping[str, str] | None = None
    phase: Phase = Phase.STARTING
    listens: tuple[Listen, ...] = ()
    site: Site | None = None
    corefile: Corefile | None = None
    directives: Mapping[str, str] | None = None  # out of its configuration file
    memory: Memory | None = None
    task: int = 0  # the pid of the shell's task that waits for it, 0 if it is the container's first process
    session: str = ""  # the exec whose task that is, "" for the container's own script
    background: bool = False
    code: int = 0  # the exit code on its way out
    waited: int = 0  # how many of the things that it waits for have answered
    stdin: str = ""  # all that it was given, if it reads that before it begins
    extra_bytes: int = 0  # of memory, by its arguments
    busy_us: int = 0  # of the processor in a second, by its arguments
    member: Member | None = None  # of a replicated database
    told: str | None = None  # by hand: the address of the primary that it copies ("": it is one)

    @property
    def memory_bytes_at_rest(self) -> int:
        """What it holds when nothing is asked of it, and nothing lies in its queues."""
        return self.spec.memory.base_bytes + self.extra_bytes

    @property
    def memory_bytes(self) -> int:
        """What it holds but for requests."""
        held = self.memory_bytes_at_rest
        return held if self.memory is None or not self.memory.queues else held + self.memory.queued_bytes

    @property
    def idle_us(self) -> int:
        """The processor time that it takes in a second without any request."""
        return self.spec.idle_us + self.busy_us

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.phase is not Phase.GONE

    @property
    def answers(self) -> bool:
        """Whether requests get an answer."""
        stop = self.spec.stop
        return self.phase is Phase.SERVING or (self.phase is Phase.STOPPING and stop is not None and stop.drains)

    def remembered(self) -> Memory:
        """Its memory, made when it is first needed."""
        if self.memory is None:
            self.memory = Memory({}, {})
        return self.memory

    def scope(self, container: Lookup, tick: int, known: Mapping[str, str]) -> Names:
        """The names that its templates may use."""
        settings = Settings(self, container)
        if self.stdin:
            known = {**known, "stdin": self.stdin}
        return Names(known, Moment(container, tick), settings, *([self.env] if self.env is not None else []), container)


class Moment:
    """`time:FORMAT` in templates: when a line was written."""

    __slots__ = ("_container", "_tick")

    def __init__(self, container: Lookup, tick: int) -> None:
        self._container = container
        self._tick = tick

    def get(self, name: str) -> str | None:
        """The time in a form like that of strftime."""
        if not name.startswith("time"):
            return None
        epoch = int(self._container.get("epoch") or 0)
        return clock_text((epoch + self._tick) * 1_000_000, name.partition(":")[2] or "%Y-%m-%d %H:%M:%S.%L")


class Settings:
    """The options of a program, by name."""

    __slots__ = ("_container", "_program")

    def __init__(self, program: Program, container: Lookup) -> None:
        self._program = program
        self._container = container

    def get(self, name: str) -> str | None:
        """Its value: from a flag, an argument, the configuration file, the environment, or the default."""
        program = self._program
        directives = program.directives
        option = program.spec.options.get(name)
        if option is None:
            return directives.get(name) if directives else None
        found = from_arguments(option, program.argv, program.spec)
        if found is None and directives:
            found = directives.get(name)
        if found is None and option.env:
            env = program.env if program.env is not None else self._container
            found = env.get(option.env)
        if found is None:
            return expand(option.default, self._container)
        return found


def from_arguments(option: Option, argv: tuple[str, ...], spec: ProgramSpec) -> str | None:
    """What the arguments say about an option; None if nothing."""
    arguments = argv[len(spec.name.split()) :]
    for at, argument in enumerate(arguments):
        flag, equals, value = argument.partition("=")
        if flag in option.flags:
            if option.switch:
                return value if equals else "true"
            return value if equals else " ".join(arguments[at + 1 : at + 1 + option.words])
        if spec.getopt and argument[:2] in option.flags and argument[1] != "-" and not option.switch:
            return argument[2:]
    if option.leading and arguments and not arguments[0].startswith("-"):
        return arguments[0]
    if option.position:
        rest = _positional(arguments, spec)
        if len(rest) >= option.position:
            return rest[option.position - 1]
    return None


def _positional(arguments: tuple[str, ...], spec: ProgramSpec) -> list[str]:
    """The arguments that are neither flags nor values of flags that are known to take one."""
    takes = {flag for option in spec.options.values() if not option.switch for flag in option.flags}
    rest = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in takes:
            skip = True
        elif not argument.startswith("-"):
            rest.append(argument)
    return rest
