"""The processes of a script: tasks, taking turns, each a place in compiled code and a stack. All of it is plain data.

world/shell/scheduler.py gives them their turns, world/shell/machine.py runs them.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field

from kubesim_tui.world.shell.code import Code
from kubesim_tui.world.shell.streams import LogOut, Null, Pipe, Stream
from kubesim_tui.world.units import SECOND_US

SIGNALS = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15}
MOST_TASKS = 200
MOST_DEAD = 64

READY = "ready"
SLEEP = "sleep"
INPUT = "input"  # until there is something to read
OUTPUT = "output"  # until a pipe has room
CHILD = "child"  # until a task that it started has ended
PROGRAM = "program"  # until a program of the image has ended
FILE = "file"  # until a file has changed
FOREVER = "forever"

PIPEFAIL = "P"
BRACES = "B"
"""Letters of flags: of `set -o pipefail`, which has none of its own, and of braces, which bash alone expands."""


@define(eq=False, repr=False)
class Frame:
    """A place in some code: the script, a function, an eval, a trap."""

    code: Code
    kind: str = "script"
    at: int = 0
    arguments: list[str] | None = None  # $1 …; None: those of the frame below
    loops: list[list[int]] = field(factory=list)  # [where break goes, where continue goes, depth of the stack, status]
    saved: int = 0  # status before a trap
    restore: list[tuple[int, Stream | None]] = field(factory=list)  # descriptors to put back at its end
    depth: int = 0  # of the stack when it began
    held: int = 0  # of the held descriptors when it began
    locals: dict[str, str | None] | None = None  # variables of a function, with what they were before it


@define(eq=False, repr=False)
class Tool:
    """A command that takes its time: it is called again whenever what it waits for may have come."""

    argv: list[str]
    state: dict[str, object] = field(factory=dict)
    env: dict[str, str] | None = None
    restore: list[tuple[int, Stream | None]] = field(factory=list)  # descriptors to put back when it is done
    last: bool = False  # the task ends with it (exec)


@define(eq=False, repr=False)
class Task:
    """One process. `vars` holds all variables, `exported` the names that programs see."""

    pid: int
    parent: int
    vars: dict[str, str]
    exported: dict[str, None]
    fds: dict[int, Stream]
    frames: list[Frame] = field(factory=list)
    stack: list[object] = field(factory=list)
    cwd: str = "/"
    name: str = "sh"
    status: int = 0
    flags: str = ""
    functions: dict[str, Code] = field(factory=dict)
    traps: dict[str, str] = field(factory=dict)
    arrays: dict[str, list[str]] = field(factory=dict)
    signals: list[str] = field(factory=list)
    tool: Tool | None = None
    wait: str = READY
    wake_us: int = 0  # when a sleep (or the patience of another wait) is over; 0: never
    waiting_for: int = 0  # a child's pid, 0: any
    pipeline: list[int] = field(factory=list)  # with pipefail: the other members of the pipe that it waits for
    substituted: bool = False  # a substitution ran since the last command
    capture: Pipe | None = None  # of a substitution that is under way
    pending: list[tuple[str, str]] = field(factory=list)  # assignments before a command
    redirects: list[tuple[int, str, str]] = field(factory=list)  # redirections before a command
    held: list[list[tuple[int, Stream | None]]] = field(factory=list)  # descriptors around compound commands
    readonly: dict[str, None] = field(factory=dict)
    last_background: int = 0
    reads: bool = False  # a shell that takes its commands from its standard input, one after the other
    typed: str = ""  # lines of a command that is not whole yet
    prompted: bool = False  # it has asked for the next line
    exit_code: int | None = None
    clock_us: int = 0

    def leave(self, frame: Frame) -> None:
        """A frame is over: its local variables are as they were before."""
        for name, before in (frame.locals or {}).items():
            if before is None:
                self.vars.pop(name, None)
            else:
                self.vars[name] = before

    def enter(self, frame: Frame) -> None:
        """Run a function, an eval or a trap before what is under way goes on."""
        frame.depth, frame.held = len(self.stack), len(self.held)
        self.frames.append(frame)


@define(eq=False, repr=False)
class Tasks:
    """The process table of one script. `session` is "" for a container's own, else the id of an exec."""

    tasks: dict[int, Task]
    session: str = ""
    next_pid: int = 2
    clock_us: int = 0
    running: bool = False  # it is having its turn just now
    busy: int = 0  # ticks in a row in which it never rested
    steps: int = 0  # ever, for its use of the processor
    rested_us: int = 0  # of this tick, in which none of its tasks had anything to do
    random: int = 1
    steady: bool = True  # so far its outcome depended on nothing but files and arguments

    @classmethod
    def make(
        cls,
        argv: tuple[str, ...],
        env: Mapping[str, str],
        now: int,
        cwd: str = "/",
        session: str = "",
        streams: tuple[Stream, Stream, Stream] | None = None,
        first_pid: int = 1,
    ) -> Tasks:
        """A process table with one task that runs a command line: a shell with its script, or one tool."""
        fds = dict(enumerate(streams or (Null(), LogOut("stdout"), LogOut("stderr"))))
        task = Task(first_pid, 0, dict(env), dict.fromkeys(env), fds, cwd=cwd, clock_us=now * SECOND_US)
        tasks = cls({first_pid: task}, session, first_pid + 1, now * SECOND_US)
        task.tool = Tool(list(argv), last=True)
        return tasks

    @property
    def first(self) -> Task:
        """The task that everything began with; when it ends all is over."""
        return next(iter(self.tasks.values()))

    @property
    def exit_code(self) -> int | None:
        """How the first task ended, None while it runs."""
        return self.first.exit_code

    # -- pipes and children

    def has_writer(self, pipe: Pipe) -> bool:
        """Whether some living task may still write into a pipe."""
        if pipe.held:
            return True
        return any(s is pipe for t in self.tasks.values() if t.exit_code is None for fd, s in t.fds.items() if fd != 0)

    def has_reader(self, pipe: Pipe) -> bool:
        """Whether some living task may still read from a pipe."""
        return any(t.exit_code is None and t.fds.get(0) is pipe for t in self.tasks.values())

    def program_ended(self, pid: int, code: int) -> None:
        """A program that a task started has ended."""
        task = self.tasks.get(pid)
        if task is not None and task.wait == PROGRAM:
            task.status = code
            task.wait = READY

    def spawn(self, parent: Task, code: Code, fds: dict[int, Stream]) -> Task | None:
        """A child with a copy of everything; None when there are too many."""
        if sum(t.exit_code is None for t in self.tasks.values()) >= MOST_TASKS:
            return None
        child = Task(
            self.next_pid,
            parent.pid,
            dict(parent.vars),
            dict(parent.exported),
            fds,
            cwd=parent.cwd,
            name=parent.name,
            status=parent.status,
            flags=parent.flags,
            functions=dict(parent.functions),
            arrays=dict(parent.arrays),
            clock_us=parent.clock_us,
        )
        child.frames = [Frame(code, arguments=list(arguments_of(parent)))]
        self.next_pid += 1
        self.tasks[child.pid] = child
        self._forget_dead()
        return child

    def child(self, parent: Task, argv: list[str], fds: dict[int, Stream]) -> Task | None:
        """A child that runs one command line: of its parent's variables it has the exported ones only."""
        child = self.spawn(parent, Code(()), fds)
        if child is not None:
            child.frames.clear()
            child.vars = {name: child.vars[name] for name in child.exported if name in child.vars}
            child.functions, child.arrays, child.flags = {}, {}, ""
            child.tool = Tool(argv, last=True)
        return child

    def reap(self, pid: int) -> int:
        """Take a dead child off the table; its exit code."""
        child = self.tasks.pop(pid, None)
        return 127 if child is None or child.exit_code is None else child.exit_code

    def _forget_dead(self) -> None:
        """Keep the exit codes of the last children only: somebody may still `wait` for them."""
        dead = [pid for pid, task in self.tasks.items() if task.exit_code is not None and task is not self.first]
        for pid in dead[:-MOST_DEAD]:
            del self.tasks[pid]


def arguments_of(task: Task) -> list[str]:
    """$1 … as they are now."""
    for frame in reversed(task.frames):
        if frame.arguments is not None:
            return frame.arguments
    return []


def signal_number(name: str) -> int:
    """The number of a signal, 15 for one that is not known."""
    return SIGNALS.get(name, 15)


def end_task(task: Task, code: int) -> None:
    """The task is no more; its pipes close."""
    task.exit_code = code & 255
    task.frames.clear()
    task.stack.clear()
    task.tool = None
    task.wait = READY
