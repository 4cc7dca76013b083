"""What containers have to bear: the load of traffic, and faults that make them lose memory or write without end."""

from __future__ import annotations

from attrs import define

from kubesim_tui.world import cpu, lifecycle
from kubesim_tui.world.ailment import Ailment
from kubesim_tui.world.config import Sandbox
from kubesim_tui.world.conntrack import Sockets
from kubesim_tui.world.container import State, patience
from kubesim_tui.world.figures import Figures, words
from kubesim_tui.world.ledger import Load
from kubesim_tui.world.netem import Netem
from kubesim_tui.world.saying import say
from kubesim_tui.world.schedule import Schedule


@define(eq=False, repr=False)
class Burden(Schedule):
    """The half of the container runtime that is told of it."""

    def load(
        self,
        identity: str,
        now: int,
        *,
        requests: int = 0,
        in_flight: int = 0,
        memory_bytes: int = 0,
        cpu_us: int = 0,
        wait_us: int = 0,
    ) -> None:
        """What traffic put on a container in this tick. Over its memory limit it is killed at once."""
        container = self.containers.get(identity)
        if container is None or container.state is not State.RUNNING:
            return
        self.now = max(self.now, now)
        container.alone()
        load = container.own_load
        if load is None:
            load = container.own_load = Load(-1)
        waited = load.wait_us
        no_more = memory_bytes <= load.memory_bytes and load.tick >= now - 1
        load.tick, load.requests, load.in_flight = now, requests, in_flight
        load.memory_bytes, load.cpu_us, load.wait_us = memory_bytes, cpu_us, wait_us
        container.own_meter.add(now, cpu_us, requests)
        if now >= self.look_at:
            self.strain(now)
        if waited != wait_us and patience(waited) != patience(wait_us):
            self.noted(identity)
        if container.leak is None and no_more:  # it was found to be within its limit a tick ago
            return
        if container.leak is not None or container.memory_bytes(now) > container.memory_limit_bytes:
            lifecycle.check_memory(container, now)
            self._schedule(container)
            self._tell()

    def swollen(self, identity: str, now: int) -> None:
        """What a container keeps in its memory for others is another amount. Over its limit it is killed at once."""
        container = self.containers.get(identity)
        if container is None or container.state is not State.RUNNING:
            return
        self.now = max(self.now, now)
        if now >= self.look_at:
            self.strain(now)
        container.alone()
        self.roomy(-1)
        lifecycle.check_memory(container, now)
        self._schedule(container)
        self._tell()

    def sent(self, identity: str, number: int, figures: Figures, now: int, *, all_of_it: bool) -> None:
        """What a container's program of that number has found out by sending requests; it ends with all of it."""
        container = self.containers.get(identity)
        program = container.programs[number] if container is not None and container.programs else None
        if container is None or program is None or not program.alive or program.spec.sends is None:
            return
        self.now = max(self.now, now)
        at, scope = program.spec.sends, program.scope(container, now, {})
        for line in words(at.summary if all_of_it else at.progress, figures, at.words, scope):
            for text in line.split("\n"):
                say(container, program, text, now)
        if all_of_it:
            code = at.failure or at.code if figures.served < figures.sent else at.code
            lifecycle.end_program(container, program, at.crossed if figures.crossed else code, now)
            self._after(container, now)

    def spare_us(self) -> int:
        """How much of the processors is there in a second for requests."""
        if self._background[0] != self.touches:
            self._background = (self.touches, sum(map(cpu.background_us, self.containers.values())))
        return (self.cpu_milli - cpu.SYSTEM_MILLI) * 1000 - self._background[1]

    def shares_out(self, spent_us: int, now: int) -> bool:
        """Traffic has spent so much of the processors in this second; whether containers can have less or more now."""
        return (spent_us > self.spare_us() or bool(self.ceilings)) and cpu.settle(self, now)

    def burn(self, identity: str, milli: int, now: int) -> bool:
        """Fault: a container's program uses so much of the processors, whatever it is asked; whether it has one."""
        self.now = max(self.now, now)
        container = self.container(identity)
        for program in container.programs[:1]:
            program.busy_us = milli * 1000
            container.changed()
        return bool(container.programs)

    def leak(self, identity: str, bytes_a_second: int, now: int) -> None:
        """Fault: a container loses so many bytes of memory a second."""
        self.now = max(self.now, now)
        container = self.container(identity)
        container.alone()
        lifecycle.leak(container, bytes_a_second, now)
        self.strain(now)
        self._after(container, now)

    def flood(self, identity: str, bytes_a_second: int, path: str, now: int) -> None:
        """Fault: a container writes so many bytes a second into a file, or ("") into its log."""
        self.now = max(self.now, now)
        lifecycle.flood(self.container(identity), bytes_a_second, path, now)
        self._after(self.container(identity), now)

    def ail(self, identity: str, ailment: Ailment | None, now: int) -> None:
        """Fault: something ails the programs of a container, until it ends (None: nothing any more)."""
        self.now = max(self.now, now)
        container = self.container(identity)
        container.ailment = ailment
        container.changed()
        self._after(container, now)

    def shape(self, sandbox: Sandbox, netem: Netem | None) -> None:
        """Fault: something is wrong with the network of a Pod (None: nothing any more)."""
        sandbox.netem = netem
        for identity in sandbox.containers:
            if identity in self.containers:
                self.containers[identity].changed()
        self.pulse.beat()
        self._tell()

    def leak_sockets(self, identity: str, leave: int | None, now: int) -> None:
        """Fault: a container closes no connection any more, and has but so many ports left (None: it closes all)."""
        self.now = max(self.now, now)
        container = self.container(identity)
        container.sockets = Sockets(leave) if leave is not None else None
        container.changed()
        self.pulse.beat()

    def look_up(self, identity: str, times: int, now: int) -> None:
        """Fault: a container opens a connection for each call, and looks the name up so often (0: as it should)."""
        self.now = max(self.now, now)
        container = self.container(identity)
        container.lookups = times
        container.changed()
        self.pulse.beat()

    def end(self, identity: str, code: int, now: int) -> None:
        """Fault: a container's first process exits by itself."""
        self.now = max(self.now, now)
        lifecycle.finish(self.container(identity), code, now)
        self._tell()

    def registry_changed(self, name: str, now: int) -> None:
        """A registry gives more or less than it did: what is under way comes earlier or later."""
        self.now = max(self.now, now)
        self.store.share_anew(name, now)
        self._tell()
