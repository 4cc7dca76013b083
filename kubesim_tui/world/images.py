"""What images are: frozen data read from YAML (world/image_loader.py), shared by every container and checkpoint.

docs/writing-an-image.md says what each field means; here they bear the same names, with a unit where there is one.
Texts may hold templates (`${port}`), filled in when a container runs (world/program.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from kubesim_tui.world.image_calls import CallTo, Consumes, Polls, QueueAt
from kubesim_tui.world.image_fields import duration, inner, many, maybe, named, size, strings
from kubesim_tui.world.image_sends import Sends
from kubesim_tui.world.shared import Shared


@frozen(eq=False, repr=False)
class Option(Shared):
    """A setting of a program: a flag, else the n-th argument, else an environment variable, else a default."""

    flags: tuple[str, ...] = strings()
    env: str = ""
    default: str = ""
    position: int = 0
    leading: bool = False  # the first argument, if it is no flag
    switch: bool = False
    words: int = 1  # how many arguments are a flag's value


@frozen(eq=False, repr=False)
class Requirement(Shared):
    """One of `any_of` must be set (`NAME=value`: to that) or one of `files` be there, else the process exits."""

    any_of: tuple[str, ...] = field(default=(), converter=tuple, alias="anyOf")
    files: tuple[str, ...] = strings()
    unless_data: bool = field(default=False, alias="unlessData")
    code: int = 1
    log: tuple[str, ...] = strings()


@frozen(eq=False, repr=False)
class Forbidden(Shared):
    """The process exits when a variable or option has this value, names one of `lists`, or (without both) is set.

    A value that names things is a list as `A=true,B=false`; the first that is forbidden is `${found}` in the log.
    """

    env: str
    equals: str = ""
    lists: tuple[str, ...] = strings()
    code: int = 1
    log: tuple[str, ...] = strings()


@frozen(eq=False, repr=False)
class Writes(Shared):
    """A path that the process must be able to write at its start."""

    path: str
    code: int = 1
    log: tuple[str, ...] = strings()


@frozen(eq=False, repr=False)
class ConfigFile(Shared):
    """The program's own configuration file: `nginx`, `corefile`, or lines that are laid over the options.

    `directives`: `name value`; `ini`: `name=value` in the section of the program, in every file of a directory.
    """

    format: str
    file: str
    missing: int = 0  # the exit code when the file is not there; 0: it does without
    log: tuple[str, ...] = strings()


@frozen(eq=False, repr=False)
class Port(Shared):
    """A port on which the program listens. `protocol` any: whatever is asked succeeds (unknown images)."""

    port: str = field(converter=str)
    protocol: str = "http"
    name: str = ""


@frozen(eq=False, repr=False)
class StoreAt(Shared):
    """What a request stores or reads, and where."""

    verb: str = "append"
    directory: str = ""
    record_bytes: int = size("record", 512)


@frozen(eq=False, repr=False)
class Decision(Shared):
    """An answer for some bodies: places in the JSON of the request and globs of what is there."""

    when: Mapping[str, str] = field(factory=dict)
    unless: Mapping[str, str] = field(factory=dict)
    status: int = 200
    json: Any = None


@frozen(eq=False, repr=False)
class Route(Shared):
    """How a program answers some of its requests."""

    path: str = "/"
    exact: bool = False
    methods: tuple[str, ...] = strings()
    port: str = ""
    status: str = field(default="200", converter=str)
    after_us: int = duration("after")
    then: str = field(default="", converter=str)  # the status from `after` the start on
    body: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    redirect: str = ""
    service_us: int = duration("service", 1_000)
    scv_pm: int = field(default=1000, alias="scv")
    cpu_us: int = duration("cpu", 200)
    memory_bytes: int = size("memory")
    size_bytes: int = size("size", 4096)
    files: bool = False
    requires: Mapping[str, str] = field(factory=dict)
    otherwise: int = 503
    calls: tuple[CallTo, ...] = many(CallTo)
    store: StoreAt | None = maybe(StoreAt)  # noqa: RUF009
    queue: QueueAt | None = maybe(QueueAt)  # noqa: RUF009
    decides: tuple[Decision, ...] = many(Decision)


@frozen(eq=False, repr=False)
class Memory(Shared):
    """Bytes in use at rest, and for each request in flight."""

    base_bytes: int = size("base", 8 << 20)
    request_bytes: int = size("request", 64 << 10)


@frozen(eq=False, repr=False)
class Stop(Shared):
    """What the program does on its stop signal."""

    after_us: int = duration("after", 50_000)
    code: int = 0
    ignores: bool = False
    drains: bool = False


@frozen(eq=False, repr=False)
class Exit(Shared):
    """The program exits by itself, so long after its start."""

    after_us: int = duration("after")
    code: int = 0
    log: tuple[str, ...] = strings()


@frozen(eq=False, repr=False)
class Wait(Shared):
    """The program tries this until it answers, before it listens (or, in the background, while it does)."""

    to: str
    port: str = field(default="", converter=str)
    protocol: str = ""
    log: str = ""
    found: str = ""
    every_us: int = duration("every", 1_000_000)
    background: bool = False


@frozen(eq=False, repr=False)
class Dirty(Shared):
    """What happens when a data directory is neither empty nor a database."""

    code: int = 1
    log: tuple[str, ...] = strings()


@frozen(eq=False, repr=False)
class Data(Shared):
    """A database's directory, initialised on the first start; a file `marker` in it says that it is."""

    directory: str
    marker: str = "marker"
    init_us: int = duration("init", 1_000_000)
    log: tuple[str, ...] = strings()
    again: tuple[str, ...] = strings()
    remembers: Mapping[str, str] = field(factory=dict)
    ignores: tuple[str, ...] = strings()
    dirty: Dirty | None = maybe(Dirty)  # noqa: RUF009
    snapshot: bool = False


@frozen(eq=False, repr=False)
class Answer(Shared):
    """With these arguments (all of them, in order) the program prints something and exits."""

    args: tuple[str, ...] = strings()
    output: str = ""
    lists: str = ""  # what it prints below that: queues, or lags (of its container's brokers)
    code: int = 0
    after_us: int = duration("after")


@frozen(eq=False, repr=False)
class Query(Shared):
    """What a database answers to a query that matches a pattern (from its beginning, without case).

    It may set, remove or get a key; `\\1` is a group of the pattern, `${value}` what the key had.
    """

    match: str
    output: str = ""
    error: str = ""
    asks: str = ""  # read or append: whom it is refused by
    set: str = ""  # a key, which gets `value`
    value: str = ""
    remove: str = ""
    get: str = ""
    dump: str = ""  # a directory: the answer is a backup of it
    exists: str = ""  # the error when a key to be set is there
    missing: str = ""  # … when a key to get, remove or set is not


@frozen(eq=False, repr=False)
class Replication(Shared):
    """How a program is one of several members of a database (world/replication)."""

    kind: str  # "quorum", "primary-replica", "leaderless"
    members: str = ""  # all addresses; with `count`, that of number ${i}
    count: str = field(default="", converter=str)
    primary: str = ""  # the address that it copies; empty: it is a primary
    port: str = field(default="", converter=str)  # on which members speak to one another
    rank: str = "${ordinal}"  # the greatest of equals is elected
    timeout_us: int = duration("timeout", 10_000_000)  # of silence, after which a member is given up
    election_us: int = duration("election", 1_000_000)
    acknowledge: str = field(default="", converter=str)  # how many have a record: one, majority, all, a number
    parameter: str = ""  # of a caller's address, which says that instead
    forwards: bool = True  # a follower passes writes on to its leader
    reads: str = "always"  # who answers reads: always, joined (has a leader), committed (as writes are)
    read_only: str = field(default="yes", alias="readOnly")  # a replica refuses writes
    refuses: str = ""  # it refuses them whatever it is
    awaits: str = ""  # if this is set, it refuses them until it was told its members
    words: Mapping[str, str] = field(factory=dict)  # its own for leader, follower, looking, not-primary, no-majority


@frozen(eq=False, repr=False)
class Lines(Shared):
    """What the program writes to its log."""

    start: tuple[str, ...] = strings()
    ready: tuple[str, ...] = strings()
    stop: tuple[str, ...] = strings()
    request: str = ""
    bind: str = "listen tcp :${bind}: bind: address already in use"


@frozen(eq=False, repr=False)
class ProgramSpec(Shared):
    """What one program of an image does when it is run."""

    name: str = ""
    start_us: int = duration("start", 20_000)
    ready_us: int = duration("ready", 100_000)
    options: Mapping[str, Option] = named(Option)
    reads: bool = False  # all of its standard input, before it begins: `${stdin}`
    getopt: bool = False  # a flag of one letter may have its value right behind it: -c10
    requires: tuple[Requirement, ...] = many(Requirement)
    forbids: tuple[Forbidden, ...] = many(Forbidden)
    writes: tuple[Writes, ...] = many(Writes)
    config: ConfigFile | None = maybe(ConfigFile)  # noqa: RUF009
    ports: tuple[Port, ...] = many(Port)
    routes: tuple[Route, ...] = many(Route)
    root: str = ""
    index: str = "index.html"
    listing: bool = False
    concurrency: int = 64
    connections: int = 0  # that may be open at once, also while nothing is asked on them; 0: each keeps one server
    queue: int = 511
    memory: Memory = inner(Memory)  # noqa: RUF009
    extra_memory: str = field(default="", converter=str, alias="extraMemory")
    busy: str = field(default="", converter=str)
    idle_us: int = duration("idle", 300)
    stop: Stop | None = maybe(Stop)  # noqa: RUF009
    daemon_unless: str = field(default="", alias="daemonUnless")
    exits: tuple[Exit, ...] = many(Exit)
    waits: tuple[Wait, ...] = many(Wait)
    consumes: tuple[Consumes, ...] = many(Consumes)
    polls: tuple[Polls, ...] = many(Polls)
    sends: Sends | None = maybe(Sends)  # noqa: RUF009
    data: Data | None = maybe(Data)  # noqa: RUF009
    answers: tuple[Answer, ...] = many(Answer)
    queries: tuple[Query, ...] = many(Query)
    speaks: str = ""  # a language that it understands before `queries`: sql (world/sql.py), mongo (world/mongo.py)
    replication: Replication | None = maybe(Replication)  # noqa: RUF009
    role: str = ""  # which part of a cluster it is, for whoever looks for those: ingress-controller
    creates: Mapping[str, str] = field(factory=dict)  # files that it writes when it starts
    log: Lines = inner(Lines)  # noqa: RUF009


@frozen(eq=False, repr=False)
class Wrapper(Shared):
    """An entrypoint script that sets something up and then runs what follows."""

    prepends: str = ""
    subcommands: tuple[str, ...] = strings()  # globs: before these words the program's name is put as well


@frozen(eq=False, repr=False)
class ImageSpec(Shared):
    """One image at one tag: all that is known of it."""

    repositories: tuple[str, ...] = strings()
    tag: str = ""
    absent: bool = False
    known: bool = True  # false: nobody described it
    tags: tuple[str, ...] = strings()
    size_bytes: int = size("size", 50 << 20)
    entrypoint: tuple[str, ...] = strings()
    command: tuple[str, ...] = strings()
    env: Mapping[str, str] = field(factory=dict)
    workdir: str = "/"
    user: int = 0
    user_name: str = field(default="", alias="userName")  # what USER says when it is no number
    stop_signal: str = field(default="SIGTERM", alias="stopSignal")
    shell: str = "gnu"  # whose tools it has: gnu, busybox or none
    tools: tuple[str, ...] = strings()
    files: Mapping[str, str] = field(factory=dict)
    directories: tuple[str, ...] = strings()
    writable: tuple[str, ...] = strings()
    wrappers: Mapping[str, Wrapper] = named(Wrapper)
    programs: Mapping[str, ProgramSpec] = named(ProgramSpec)
