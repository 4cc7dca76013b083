"""etcd's members: who leads, who hears the leader, and how far each has come (Raft, as etcd runs it).

The store is one object (`Etcd`). What members add is when it can be written and read: a write is committed when a
majority of all members has it on disk, and only the leader proposes. Who does not hear the leader keeps what it had
(`applied`) and serves nobody who wants the truth; when it hears him again, it catches up.

Nothing polls. `look` is called when a process, machine or link has changed; an election is a timer of one or two ticks
(heartbeats come every 100 ms; who misses them for 1000 to 2000 ms stands for election). A single member needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from kubesim_tui.apiserver.backend import Backend
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kernel.chance import Stream
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive

ELECTION_US = 1_000_000
REQUEST_US = 5_000_000 + 2 * ELECTION_US
"""The election time-out, and for how long etcd tries to have a write committed."""
FSYNC_US = 1_000
"""How long a member takes to have an entry on its disk (an SSD), unless it is slowed."""
MOST_IN_FLIGHT = 200
"""So many writes are under way at once (kube-apiserver's --max-mutating-requests-inflight)."""
TIMED_OUT = "etcdserver: request timed out"
NO_SPACE = "etcdserver: mvcc: database space exceeded"
MARKED = ("pods", "namespaces")
"""What is marked as deleted at first, and goes when somebody has done with it."""
TOO_FEW = "etcdserver: re-configuration failed due to not enough started members"
UNHEALTHY = "etcdserver: unhealthy cluster"
LEADER_FAILED = "etcdserver: request timed out, possibly due to previous leader failure"
LEADER_CHANGED = "etcdserver: leader changed"


class Links(Protocol):
    """Who reaches whom."""

    def reachable(self, a: str, b: str) -> bool:
        """Packets get from a to b and back."""
        ...

    def latency_us(self, a: str, b: str) -> int:
        """The time of a round trip."""
        ...


class Members:
    """See the module. A worker of the engine: its key is the tick of an election."""

    name, order, phase = "etcd", 0, "timers"

    def __init__(
        self,
        engine: Engine,
        etcd: Etcd,
        processes: Mapping[str, Alive],
        links: Links,
        draws: Stream,
        elected: Callable[[], None],
    ) -> None:
        """`processes` by machine; `elected` is called after an election, outside of `look`."""
        self.engine, self.etcd, self.links, self.draws, self.elected = engine, etcd, links, draws, elected
        self.processes = dict(processes)
        self.voters = tuple(self.processes)  # members of the cluster
        self.unstarted: dict[str, str] = {}  # of these, those that were added and have not run yet: where they will be
        self.leader = self.last = next(iter(self.processes))  # "" if nobody leads; who led last
        self.term = 2  # etcd's first leader has this one
        self.applied: dict[str, int] = {}  # of those who do not hear the leader: the revision that they have
        self.heard: tuple[str, ...] = ()  # who hears the leader, himself among them
        self._election = -1  # the tick in which one is due
        self.backend = Backend(engine, etcd, tuple(self.processes))
        self._budget: int | None = None  # how many writes a tick are committed; None: as many as there are
        self._spent = (-1, 0)  # of the tick, so many
        self.look()

    @property
    def majority(self) -> int:
        """So many of all members."""
        return len(self.voters) // 2 + 1

    def serves(self, member: str) -> bool:
        """Whether a member can have something committed, and read the truth."""
        return member in self.heard

    def revision(self, member: str) -> int:
        """The revision that a member has applied."""
        return self.applied.get(member, self.etcd.revision)

    def restored(self) -> None:
        """All members begin anew with what the store holds now."""
        self.applied = dict.fromkeys(self.applied, self.etcd.revision)

    def runs(self) -> bool:
        """There is always a chance of an election."""
        return True

    # -- who leads ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        if self.leader and not self._can_lead(self.leader):
            self.leader = ""
        if not self.leader and len(self.voters) == 1:
            self.leader = next(iter(self._up()), "")
        self._follow()
        if not self.leader and self._election < self.engine.tick and self._candidates():
            self._election = self.engine.tick + self.draws.between(1, 2)
            self.engine.at(self._election, self.phase, self, self._election)

    def reconcile(self, key: Key) -> None:
        """An election: whoever has all that was committed, and reaches a majority, may win it."""
        if key != self._election:
            return
        self._election = -1
        candidates = self._candidates() if not self.leader else []
        if candidates:
            self.leader = self.last = self.draws.choice(candidates)
            self.term += 1
            self._follow()
            self.elected()

    def transfer(self, member: str) -> None:
        """A member is told to end: a leader hands the lead to one who hears him, and nobody has to miss him first."""
        others = [m for m in self.heard if m != member]
        if member == self.leader and others:
            self._hand_over(others[0])

    def _hand_over(self, member: str) -> None:
        self.leader = self.last = member
        self.term += 1
        self._follow()

    # -- who is a member ---------------------------------------------------------------------------------------

    def add(self, member: str, url: str) -> str:
        """One more may vote, as soon as it runs; or why not (--strict-reconfig-check)."""
        started, all_ = len(self.voters) - len(self.unstarted), len(self.voters) + 1
        if started < all_ // 2 + 1 and all_ > 2:  # a single one may be joined by a second
            return TOO_FEW
        if len(self.heard) < len(self.voters):
            return UNHEALTHY
        self.voters = (*self.voters, member)
        self.unstarted[member] = url
        self.elected()
        return ""

    def remove(self, member: str) -> str:
        """A member votes no more, for good; or why not."""
        left = [m for m in self.voters if m != member]
        if not left:
            return TOO_FEW
        if member in self.heard and len(self.heard) - 1 < len(left) // 2 + 1:
            return UNHEALTHY
        self.transfer(member)
        self.voters = tuple(left)
        self.unstarted.pop(member, None)
        self.elected()
        return ""

    def move(self, member: str) -> bool:
        """The lead goes to another member; False if it does not hear the leader."""
        if member not in self.heard:
            return False
        if member != self.leader:
            self._hand_over(member)
            self.elected()
        return True

    def _up(self) -> list[str]:
        """The members that run."""
        return [m for m in self.voters if m in self.processes and self.processes[m].runs()]

    def _candidates(self) -> list[str]:
        return [m for m in self._up() if self.revision(m) == self.etcd.revision and self._can_lead(m)]

    def _can_lead(self, member: str) -> bool:
        """It runs, its disk does not keep it from sending heartbeats, and a majority hears them."""
        fast = self._fsync_us(member) < ELECTION_US or len(self.voters) == 1
        return fast and len(self._reached(member)) >= self.majority

    def _reached(self, member: str) -> list[str]:
        """The members that a member reaches, itself among them; none if it does not run, or is none of them."""
        up = self._up()
        if member not in up:
            return []
        return [m for m in up if m == member or self.links.reachable(member, m)]

    def _follow(self) -> None:
        """Who hears the leader catches up; who does not keeps what it has."""
        self.heard = tuple(self._reached(self.leader)) if self.leader else ()
        for member in self.processes:
            if member in self.heard:
                self.applied.pop(member, None)
                self.unstarted.pop(member, None)
            else:
                self.applied.setdefault(member, self.etcd.revision)
        commit = self.commit_us() if self.heard else REQUEST_US
        writes = MOST_IN_FLIGHT * 1_000_000 // commit if commit < REQUEST_US else 0
        self._budget = None if commit <= 10 * FSYNC_US else writes

    # -- how fast ----------------------------------------------------------------------------------------------

    def _fsync_us(self, member: str) -> int:
        return FSYNC_US * self.processes[member].slowness()

    def commit_us(self) -> int:
        """How long a write takes: until the leader, and as many others as a majority needs, have it on their disks."""
        others = sorted(
            self.links.latency_us(self.leader, m) + self._fsync_us(m) for m in self.heard if m != self.leader
        )
        needed = others[: self.majority - 1]
        return max([self._fsync_us(self.leader), *needed])

    def admit(self, request: Request) -> None:
        """A write begins: StatusError if slow disks leave no time for it, or nothing may be put into a full database.

        Deletions need no room, but for those that are only marked at first.
        """
        put = request.verb != "delete" or (request.resource.plural in MARKED and request.options.grace != 0)
        if self.backend.full and put:
            raise failure(NO_SPACE)
        if self._budget is None:
            return
        tick = self.engine.tick
        spent = self._spent[1] if self._spent[0] == tick else 0
        if spent >= self._budget:
            raise failure(TIMED_OUT)
        self._spent = (tick, spent + 1)

    def refusal(self, *, write: bool) -> StatusError:
        """What is answered to who asks a member that does not serve."""
        if self._election >= self.engine.tick and not self.leader:
            return failure(LEADER_FAILED if write else LEADER_CHANGED)
        return failure(TIMED_OUT)


def failure(text: str) -> StatusError:
    """A failure of etcd, as the API server passes it on: of no reason that it knows."""
    return StatusError(500, "", text).at("etcd")
