"""The container as a shell in it sees it: implements shell/system.py. A passing object, made for one turn."""

from __future__ import annotations

from kubesim_tui.world import answer, lifecycle, preflight
from kubesim_tui.world.config import AMONG_OTHERS
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.files import Files
from kubesim_tui.world.net import UNKNOWN_HOST, Fetched, Headers, Resolved
from kubesim_tui.world.noted import Asked, Noted
from kubesim_tui.world.program import Program
from kubesim_tui.world.programs import find
from kubesim_tui.world.shell.tools import BUSYBOX, GNU, INSTALLED, PLACE, SHELLS, STANDARD
from kubesim_tui.world.urls import split

BUILT_IN = ("test", "[", "true", "false", "echo", "printf", "kill", "pwd", ":")
CONNTRACK_MAX, CONNTRACK_COUNT = "net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_count"
LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0")


class Inside:
    """See `System`."""

    def __init__(self, container: Container, now: int, session: str = "") -> None:
        self._container = container
        self._session = session
        self.tick = now
        self.epoch = container.host.epoch
        self.hostname = container.sandbox.hostname
        self.ip = container.sandbox.ip
        self.domain = container.sandbox.domain
        self.user = container.spec.user if container.config.user is None else container.config.user
        self.group = self.user if container.config.group is None else container.config.group
        self.gnu = container.spec.shell == "gnu"
        self.known = container.spec.known
        self.memory_limit = container.memory_limit_bytes
        self.cpu_milli = container.config.limits.cpu_milli or container.host.cpu_milli

    def files(self) -> Files:
        """The files of the container."""
        return self._container.files()

    def log(self, stream: str, text: str) -> None:
        """Write a line into the container's log."""
        self._container.write_log(text, self.tick, stream)

    def has_tool(self, name: str) -> bool:
        """Whether a program that the shell knows is in this image."""
        spec = self._container.spec
        if name in spec.tools or (
            (name in SHELLS or name in INSTALLED) and self._container.files().is_file(PLACE + name)
        ):
            return True
        if spec.shell == "none":
            return False
        if name == "bash" or name in GNU:
            return spec.shell == "gnu"
        if name == "apk":  # of images built on Alpine, which their tag says
            return spec.shell == "busybox" and "alpine" in spec.tag
        if name == "busybox":
            return spec.shell == "busybox"
        return name in STANDARD or name in SHELLS or name in BUILT_IN or (name in BUSYBOX and spec.shell == "busybox")

    def has_program(self, argv: tuple[str, ...]) -> bool:
        """Whether the image's data describe this program."""
        return self._container.spec.known and find(self._container.spec, argv) is not None

    def reads(self, argv: tuple[str, ...]) -> bool:
        """Whether a program of the image takes all of its standard input before it begins."""
        found = find(self._container.spec, argv)
        return found is not None and found[0].reads

    def says(self, argv: tuple[str, ...], env: dict[str, str], pid: int, stdin: str) -> list[str]:
        """What a program of the image prints that does nothing else."""
        return preflight.said(self._container, self._program(argv, env, pid, stdin), self.tick)

    def _program(self, argv: tuple[str, ...], env: dict[str, str], pid: int, stdin: str) -> Program:
        found = find(self._container.spec, argv)
        if found is None:  # an image that nobody described
            found = next(iter(self._container.spec.programs.values())), argv
        return Program(found[0], found[1], self.tick, env=env, task=pid, session=self._session, stdin=stdin)

    def launch(self, argv: tuple[str, ...], env: dict[str, str], pid: int, stdin: str) -> None:
        """Start a program of the image for a task."""
        container, program = self._container, self._program(argv, env, pid, stdin)
        programs = list(container.programs)
        ended = next((number for number, one in enumerate(programs) if not one.alive), len(programs))
        programs[ended : ended + 1] = [program]  # a loop that starts one after the other has one of them
        container.programs = tuple(programs)
        lifecycle.launch(container, program, self.tick)

    def programs(self) -> list[tuple[int, str]]:
        """The running programs: (pid of its task, or 1; command line); those of the container that it targets, too."""
        container = self._container
        own = AMONG_OTHERS if container.config.target else 1
        found = [(one.task or own, " ".join(one.argv)) for one in container.programs if one.alive]
        target = self._target()
        if target is not None:
            found += [(one.task or 1, " ".join(one.argv)) for one in target.programs if one.alive]
            tasks = target.tasks.tasks.values() if target.tasks is not None else ()
            found += [(t.pid, " ".join(t.tool.argv) if t.tool else t.name) for t in tasks if t.exit_code is None]
        return found

    def _target(self) -> Container | None:
        """The running container of its Pod whose processes it sees."""
        name, host = self._container.config.target, self._container.host
        beside = (host.container(identity) for identity in self._container.sandbox.containers) if name else ()
        return next((one for one in beside if one.config.name == name and one.state is State.RUNNING), None)

    def signal_program(self, name: str, signal: str) -> int:
        """Send a signal to the running programs of a name."""
        found = [one for one in self._container.programs if one.alive and one.argv[0].rpartition("/")[2] == name]
        for program in found if signal != "0" else ():
            lifecycle.signal_program(self._container, program, signal, self.tick)
        return len(found)

    def signal_first(self, signal: str) -> None:
        """Send a signal to the container's first process (SIGKILL from inside does not reach it)."""
        if signal not in ("0", "KILL"):
            lifecycle.signal(self._container, signal, self.tick)

    def sysctl(self, name: str) -> int | None:
        """A setting of the machine's kernel; None for one that it does not have."""
        table = self._container.host.connections
        table.turn(self.tick)
        return {CONNTRACK_MAX: table.limit, CONNTRACK_COUNT: table.entries}.get(name)

    def set_sysctl(self, name: str, value: int) -> bool:
        """Change one; False where this container may not."""
        allowed = self._container.config.privileged and name == CONNTRACK_MAX
        if allowed:
            self._container.host.connections.limit = value
        return allowed

    def fetch(self, url: str, method: str, body: str, timeout_us: int, headers: Headers = ()) -> Fetched:
        """Ask an address; localhost is this Pod."""
        address = split(url)
        container = self._container
        if address.host in LOCAL or address.host in (self.ip, self.hostname):
            return answer.local(container, address, method, body, self.tick)
        net = container.host.net
        if net is None:
            return Fetched(error=UNKNOWN_HOST)
        if not self._session and container.tasks is not None:
            self._note(Asked(method, address.scheme or "http", address.host, address.port, address.path))
        return net.fetch(container.host.machine, container.id, url, method, body, timeout_us, headers)

    def _note(self, asked: Asked) -> None:
        """The container's own script asks for something: if it does so again and again that is traffic."""
        container = self._container
        if container.noted is None:
            container.noted = Noted()
        if container.noted.add(asked, self.tick):
            container.host.pulse.begin(lifecycle.SENDER, container)
            container.host.pulse.beat()

    def resolve(self, name: str) -> Resolved:
        """Look up a name."""
        net = self._container.host.net
        if name in LOCAL:
            return Resolved(name, ("127.0.0.1",), "127.0.0.53")
        if name == self.hostname:
            return Resolved(name, (self.ip,), "127.0.0.53")
        if net is None:
            return Resolved(name)
        return net.resolve(self._container.host.machine, self._container.id, name)
