"""What an API server has at hand of the lists that programs ask it for: who is being answered, who waits for seats.

The processors of its machine work on what is let in, oldest first. An answer is made in memory: the more of them wait
for a processor, the more memory is held.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from attrs import define, field, frozen

from kubesim_tui.apiserver.fairness import Flow
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.cluster.plane import SERVER
from kubesim_tui.world.container import Container
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.units import SECOND_US

TIMEOUT = 60
"""Seconds for which a server works on a request (--request-timeout)."""
SHARED_PM = 800
"""Of a processor, what is left to such requests beside all else that runs there."""


@frozen(eq=False)
class Poll:
    """One thing that one container lists; `request`: as whom it asks for what."""

    container: Container
    request: Request
    every: int


@frozen
class Cost:
    """What a list takes: seats of its flow's level (no flow: it is exempt), time of a processor, memory."""

    flow: Flow | None
    seats: int
    cpu_us: int
    memory_bytes: int


@define(eq=False)
class Job:
    """A list that is being answered."""

    poll: Poll
    cost: Cost
    began: int
    left_us: int


@define(eq=False)
class Desk:
    """See the module. `starts`: of the server's process, by which a new one is told."""

    starts: int
    jobs: list[Job] = field(factory=list)
    queues: dict[Flow, deque[tuple[Poll, Cost]]] = field(factory=dict)
    done: int = 0  # requests, in the last tick
    spent_us: int = 0

    @property
    def memory_bytes(self) -> int:
        """That its answers take."""
        return sum(job.cost.memory_bytes for job in self.jobs)

    @property
    def waiting(self) -> int:
        """How many wait for seats."""
        return sum(map(len, self.queues.values()))

    def by_level(self) -> Iterator[tuple[str, int, int]]:
        """(level, being answered, waiting), perhaps several times a level."""
        yield from ((job.cost.flow.level if job.cost.flow is not None else "exempt", 1, 0) for job in self.jobs)
        yield from ((flow.level, 0, len(queue)) for flow, queue in self.queues.items())

    def clear(self) -> list[Poll]:
        """The server has ended: whom it owed an answer."""
        waiting = (poll for queue in self.queues.values() for poll, _ in queue)
        lost = [*(job.poll for job in self.jobs), *waiting]
        self.jobs, self.queues = [], {}
        return lost

    def forget(self, gone: Iterator[str]) -> None:
        """Containers have ended: what they asked for is given up."""
        ended = frozenset(gone)
        if ended:
            self.jobs = [job for job in self.jobs if job.poll.container.id not in ended]

    def begin(self, poll: Poll, cost: Cost, now: int) -> None:
        """It takes its seats."""
        self.jobs.append(Job(poll, cost, now, cost.cpu_us))

    def has_room(self, cost: Cost, seats: int) -> bool:
        """Whether a level of so many seats has enough left; the first one always gets in."""
        assert cost.flow is not None
        of_level = (job.cost for job in self.jobs if job.cost.flow is not None)
        taken = sum(one.seats for one in of_level if one.flow is not None and one.flow.level == cost.flow.level)
        return not taken or taken + cost.seats <= seats

    def wait(self, poll: Poll, cost: Cost, most: int) -> bool:
        """It waits in the queues of its flow; False if they are full."""
        assert cost.flow is not None
        queue = self.queues.setdefault(cost.flow, deque())
        if len(queue) >= most:
            return False
        queue.append((poll, cost))
        return True

    def seat(self, level: str, seats: int, now: int) -> None:
        """Who waits in a level begins, as far as there are seats; its flows in turn."""
        flows = deque(flow for flow in self.queues if flow.level == level)
        while flows:
            flow = flows.popleft()
            queue = self.queues[flow]
            if not queue:
                del self.queues[flow]
            elif self.has_room(queue[0][1], seats):
                self.begin(*queue.popleft(), now)
                flows.append(flow)
            else:
                break

    def work(self, machine: Machine, now: int) -> list[Poll]:
        """One second of the processors; who has had his answer, or waited too long for it."""
        budget = machine.cpu_milli * SHARED_PM
        self.done, self.spent_us, left, over = 0, 0, list[Job](), list[Poll]()
        for job in self.jobs:
            given = min(job.left_us, budget - self.spent_us, SECOND_US)
            job.left_us -= given
            self.spent_us += given
            self.done += not job.left_us
            if not job.left_us or now - job.began >= TIMEOUT:
                over.append(job.poll)
            else:
                left.append(job)
        self.jobs = left
        return over

    def bear(self, machine: Machine, now: int) -> None:
        """All that is the load of the server's container, which cannot have more memory than its machine."""
        container = next((c for c in servers(machine) if c.exit_code is None), None)
        if container is None or not (self.jobs or self.done):
            return
        room = machine.memory_bytes - sum(program.memory_bytes for program in container.programs)
        held, flying = min(self.memory_bytes, room), len(self.jobs)
        machine.runtime.load(
            container.id, now, requests=self.done, in_flight=flying, memory_bytes=held, cpu_us=self.spent_us
        )
        if 2 * held > machine.memory_bytes:
            machine.runtime.strain(now)  # it grows too fast for the kernel's next regular look


def servers(machine: Machine) -> Iterator[Container]:
    """The containers of the API server of a machine, also those that have ended."""
    own = f"{SERVER}-{machine.name}"
    found = (c for c in machine.runtime.containers.values() if c.config.name == SERVER)
    return (c for c in found if (c.sandbox.labels.get(NAMESPACE), c.sandbox.labels.get(POD)) == ("kube-system", own))


def was_killed(machine: Machine) -> bool:
    """Whether the kernel has killed the one that ended last for its memory."""
    ended = [container for container in servers(machine) if container.exit_code is not None]
    return bool(ended) and max(ended, key=lambda c: c.number).reason == "OOMKilled"
