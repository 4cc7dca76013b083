"""A container: one image being run, with its files, its log, and what it costs.

CREATED → RUNNING → EXITED, as the table below says; world/lifecycle.py moves it. Here is what others ask: `plan`, what
a request to it amounts to (a look into a dict, valid until `generation` changes), its use of memory and processor, and
where its records are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from attrs import define

from kubesim_tui.world import planning
from kubesim_tui.world.ailment import Ailment
from kubesim_tui.world.config import Config, Sandbox
from kubesim_tui.world.conntrack import Sockets, Table
from kubesim_tui.world.console import Console
from kubesim_tui.world.disk import Disk, Volume
from kubesim_tui.world.files import Files
from kubesim_tui.world.images import ImageSpec
from kubesim_tui.world.ledger import Bearer
from kubesim_tui.world.logs import STDOUT, Log, LogLine, Request
from kubesim_tui.world.net import Net, Speaker
from kubesim_tui.world.noted import Noted
from kubesim_tui.world.persistence import queue_of
from kubesim_tui.world.plan import Call, Plan, Refused, Store
from kubesim_tui.world.program import Listen, Program
from kubesim_tui.world.pulse import Pulse
from kubesim_tui.world.queues import Queue, Queueing
from kubesim_tui.world.records import Records
from kubesim_tui.world.replication import writes
from kubesim_tui.world.replication.node import program_of
from kubesim_tui.world.shell.streams import Pipe, Stream
from kubesim_tui.world.shell.tasks import Tasks

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHELL_BYTES = 1 << 20
_WAIT_STEP_US = 250_000
T = TypeVar("T")


class State(StrEnum):
    """Of a container, as CRI names it."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"


MOVES: Mapping[tuple[State, str], State] = {
    (State.CREATED, "begin"): State.RUNNING,
    (State.CREATED, "fail"): State.EXITED,  # its first process cannot be executed
    (State.CREATED, "exit"): State.EXITED,  # killed before it began
    (State.RUNNING, "exit"): State.EXITED,
}
"""The life of a container. What is not here does not happen."""


def patience(wait_us: int) -> int:
    """A wait in steps of a quarter of a second, as far as a probe can tell: 0 … 63."""
    return min(63, wait_us // _WAIT_STEP_US)


class Host(Protocol):
    """What a container needs of the runtime that holds it."""

    machine: str
    net: Net | None
    disk: Disk
    epoch: int
    now: int
    memory_bytes: int
    cpu_milli: int
    ceilings: dict[str, int]
    start_factor: int
    speakers: dict[str, Speaker]
    depth: int
    pulse: Pulse
    connections: Table

    def touched(self, container: str) -> None:
        """Something about the container changed that a probe may see."""
        ...

    def container(self, identity: str) -> Container:
        """A container by its id."""
        ...

    def neighbour(self, sandbox: Sandbox, port: int) -> Container | None:
        """The container that listens on a port of a sandbox."""
        ...

    def log_grew(self, log: Log, count: int) -> int:
        """A log wants so many bytes more; how many there were for it."""
        ...


@define(eq=False, repr=False)
class Container(Bearer):
    """One container. All times are ticks."""

    id: str
    number: int  # of creation on its machine
    sandbox: Sandbox
    config: Config
    spec: ImageSpec
    host: Host
    created: int
    state: State = State.CREATED
    started: int | None = None
    finished: int | None = None
    exit_code: int | None = None
    reason: str = ""
    message: str = ""
    main: Program | None = None
    programs: tuple[Program, ...] = ()
    tasks: Tasks | None = None
    sessions: dict[str, Tasks] | None = None  # what is being executed in it from outside
    stopping: bool = False
    removed: dict[str, None] | None = None
    log: Log | None = None
    timers: dict[tuple[str, int], int] | None = None  # (event, number of the program) → tick
    held_bytes: int = 0  # what its requests held of its memory when it ended
    leak: tuple[int, int] | None = None  # (bytes a second, since when)
    flood: tuple[int, str] | None = None  # (bytes a second, file; "": its log)
    ailment: Ailment | None = None
    held: int = 0  # servers that wait for clients who never send a whole request
    sockets: Sockets | None = None  # of its programs, where somebody counts them
    noted: Noted | None = None  # requests of its own script
    lookups: int = 0  # how often its programs look a name up for one call (0: as they should)
    memory: dict[tuple[Callable[[Any], Any], Call], Any] | None = None  # what its programs remember of whom they call
    streams: dict[str, tuple[Stream, Pipe, Pipe]] | None = None  # of those sessions
    executed: int = 0  # how many sessions there have been
    console: Console | None = None  # of its first process, if one can be attached to
    _layer: Volume | None = None
    _changes: int = 0
    _plans: dict[tuple[int, str, str], Plan | Refused] | None = None
    _planned: int = -1

    # -- names, files, log

    def get(self, name: str) -> str | None:
        """A variable of its environment, or a name that templates know."""
        found = self.config.env.get(name)
        if found is None:
            found = self.spec.env.get(name)
        return found if found is not None else self._own_name(name)

    def _own_name(self, name: str) -> str | None:
        match name:
            case "HOSTNAME" | "hostname":
                return self.sandbox.hostname
            case "PATH":
                return PATH
            case "ip":
                return self.sandbox.ip
            case "tag":
                return self.spec.tag
            case "epoch":
                return str(self.host.epoch)
        return None

    def environment(self) -> dict[str, str]:
        """All variables, as its first process sees them."""
        user = self.spec.user if self.config.user is None else self.config.user
        home = "/root" if user == 0 else "/"  # what /etc/passwd says, or nothing does
        return {"PATH": PATH, "HOSTNAME": self.sandbox.hostname, "HOME": home, **self.spec.env, **self.config.env}

    def files(self) -> Files:
        """The files that it sees."""
        return Files(self)

    @property
    def layer(self) -> Volume | None:
        """Its own layer of files, None while it has written nothing."""
        return self._layer

    def own_layer(self) -> Volume:
        """Its own layer, made when it is first needed; gone with the container."""
        if self._layer is None:
            self._layer = Volume(self.id, disk=self.host.disk, limited=self.config.storage_limited)
            self._layer.watchers[self.id] = self.host
        return self._layer

    def write_log(self, text: str, tick: int, stream: str = STDOUT) -> None:
        """Write a line into its log."""
        self.logged().add(tick, stream, text)

    def logged(self) -> Log:
        """Its log, made when it is first needed."""
        if self.log is None:
            self.log = Log(self.host, limited=self.config.storage_limited)
        return self.log

    def lines(self, since: int = 0, limit: int | None = None) -> list[LogLine]:
        """Lines of its log; see Log.lines."""
        return self.log.lines(self, since, limit) if self.log is not None else []

    def access(self, now: int, method: str, path: str, status: int, count: int = 1, client: str = "10.244.0.1") -> None:
        """Note requests for its access log, if its program keeps one."""
        program = self.programs[0] if self.programs else None
        if program is not None and program.spec.log.request and count > 0:
            self.logged().add_requests(now, STDOUT, Request(method, path, status, count, client), program)

    # -- requests

    def remembered(self, call: Call, kind: Callable[[Any], T], of: Any) -> T:
        """What its programs remember of a call, made when it is first needed."""
        if self.memory is None:
            self.memory = {}
        found: T | None = self.memory.get((kind, call))
        if found is None:
            found = self.memory[kind, call] = kind(of)
        return found

    @property
    def generation(self) -> int:
        """Grows whenever an answer of `plan` may have changed."""
        total = self._changes
        for mount in self.config.mounts:
            total += mount.volume.version
        return total + self._layer.version if self._layer is not None else total

    @property
    def probe_generation(self) -> int:
        """Is another number whenever the result of a probe may have changed: with `generation`, or with the load."""
        load = self.load
        return self.generation * 64 + (patience(load.wait_us) if load is not None else 0)

    def changed(self) -> None:
        """Something changed by which it answers."""
        self._changes += 1
        self.host.touched(self.id)

    def plan(self, port: int, method: str = "GET", path: str = "/") -> Plan | Refused:
        """What one request to a port costs and does. For protocols without methods: READ, WRITE, PING … and ""."""
        plans = self._plans
        generation = self.generation
        if plans is None or self._planned != generation:
            plans = self._plans = {}
            self._planned = generation
        key = (port, method, path)
        found = plans.get(key)
        if found is None:
            found = plans[key] = self._make_plan(port, method, path)
        return found

    def _make_plan(self, port: int, method: str, path: str) -> Plan | Refused:
        program, listen = self.listening(port)
        if program is None or listen is None:
            return Refused(why=self._why_refused(port))
        plan = planning.make(self, program, listen, method, path)
        return self.ailment.on(plan, path) if self.ailment is not None else plan

    def listening(self, port: int) -> tuple[Program | None, Listen | None]:
        """The program that answers on a port, and how."""
        for program in self.programs:
            if program.answers:
                for listen in program.listens:
                    if listen.port == port:
                        return program, listen
        return None, None

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports on which it answers now."""
        return tuple(listen.port for program in self.programs if program.answers for listen in program.listens)

    def _why_refused(self, port: int) -> str:
        if self.state is not State.RUNNING:
            return "exited" if self.state is State.EXITED else "not started"
        if self.stopping:
            return "stopping"
        if any(not program.listens for program in self.programs):
            return "still starting"
        return f"nothing listens on port {port}"

    @property
    def concurrency(self) -> int:
        """How many requests it works on at the same time: on no more connections than strangers leave."""
        specs = [program.spec for program in self.programs if program.answers]
        servers = sum(spec.concurrency for spec in specs)
        if not self.held:
            return servers
        return min(servers, max(0, sum(spec.connections or spec.concurrency for spec in specs) - self.held))

    @property
    def queue(self) -> int:
        """How many more may wait; further ones are refused."""
        return sum(program.spec.queue for program in self.programs if program.answers)

    # -- records

    def keep(self, at: Store, store: str, first: int, last: int, now: int) -> int:
        """Store the records first … last of a store where a plan said; returns how many were accepted."""
        replicating = program_of(self)
        if replicating is not None:
            return writes.keep(self, replicating, store, first, last, now, at.copies)
        if at.memory:
            for program in self.programs:
                if program.answers:
                    program.remembered().records.setdefault(store, Records()).add(first, last, now)
                    return last - first + 1
            return 0
        volume, inside = self.files().volume(at.directory)
        return volume.append(inside, store, first, last, now, at.record_bytes)

    def records(self, store: str) -> Records:
        """All records of a store that it would find now: in its memory and in the volumes that it sees."""
        found = Records()
        for volume in [*dict.fromkeys(mount.volume for mount in self.config.mounts), *filter(None, [self._layer])]:
            for (_, name), kept in sorted(volume.records.items()):
                if name == store:
                    found.update(kept)
        for program in self.programs:
            if program.memory is not None and store in program.memory.records:
                found.update(program.memory.records[store])
        return found

    def broker_queue(self, at: Queueing) -> Queue | None:
        """A queue of its broker, made when it is first needed; None if it has none that answers."""
        program = next((program for program in self.programs if program.answers), None)
        return queue_of(self, program, at) if program is not None else None

    # -- cost

    @property
    def disk_bytes(self) -> int:
        """What its own layer of files and its logs hold of the machine's disk."""
        layer = self._layer.used_bytes if self._layer is not None else 0
        return layer + (self.log.total_bytes if self.log is not None else 0)

    def room_bytes(self, now: int) -> int:
        """How much memory its requests may take as things are; -1: that has to be looked at every second."""
        load = self.load
        if self.state is not State.RUNNING or self.leak is not None or load is None or load.wait_us:
            return -1
        held = load.memory_bytes if load.tick >= now - 1 else 0
        return max(-1, self.memory_limit_bytes - self.memory_bytes(now) + held)

    def memory_bytes(self, now: int) -> int:
        """What it holds in memory."""
        if self.state is not State.RUNNING:
            return 0
        used = SHELL_BYTES if self.tasks is not None else 0
        for program in [one for one in self.programs if one.alive]:
            used += program.spec.memory.base_bytes + program.extra_bytes
            if program.memory is not None and program.memory.queues:
                used += program.memory.queued_bytes
        load = (self.ledger.load(self.place) if self.ledger is not None else None) or self.own_load
        if load is not None and load.tick >= now - 1:
            used += load.memory_bytes
        return used + (self.leak[0] * max(0, now - self.leak[1]) if self.leak else 0)

    @property
    def pids(self) -> int:
        """How many processes it has."""
        if self.state is not State.RUNNING:
            return 0
        sessions = (self.sessions or {}).values()
        return 1 + sum(p.alive for p in self.programs) + sum(tasks.exit_code is None for tasks in sessions)

    @property
    def memory_limit_bytes(self) -> int:
        """Where it is killed: its limit, or all of its machine's memory."""
        limit = self.config.limits.memory_bytes
        return self.host.memory_bytes if limit is None else limit

    @property
    def idle_us(self) -> int:
        """The processor time that its programs use a second without any request."""
        idle = sum(program.idle_us for program in self.programs if program.alive)
        quota = self.cpu_quota_milli
        return idle if quota is None else min(idle, quota * 1_000)

    @property
    def cpu_quota_milli(self) -> int | None:
        """How much of the processors it can have: its limit, or less on a machine that is overcommitted."""
        limit, ceilings = self.config.limits.cpu_milli, self.host.ceilings
        ceiling = ceilings.get(self.id) if ceilings else None
        if ceiling is None or limit is None:
            return limit if ceiling is None else ceiling
        return min(limit, ceiling)

    @property
    def serving_milli(self) -> int | None:
        """How much of that its requests can have: what spins in it has its share, thread by thread."""
        quota, spins = self.cpu_quota_milli, sum([program.busy_us for program in self.programs]) // 1_000
        return quota if quota is None or not spins else max(1, quota - spins, quota * 1_000 // (1_000 + spins))

    def cpu_total_us(self, now: int) -> int:
        """The processor time that it has used since it started, as cAdvisor counts it."""
        if self.started is None:
            return 0
        end = now if self.finished is None else self.finished
        idle = self.idle_us
        return self.meter.cpu_us + idle * (end - self.started)
