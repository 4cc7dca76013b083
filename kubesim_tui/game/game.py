"""One game of a level: the cluster, its users, planned faults, objectives and score, tick by tick.

Plain data (a copy is a checkpoint) and deterministic: the same level, seed and inputs give the same digest. Before Go
the players prepare: in a drill the cluster runs and nothing is judged, in an incident time stands. Times of levels
count from Go; `Game.tick` is the cluster's own.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from attrs import define, field

from kubesim_tui.apiserver.authentication import service_account
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.request import User
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.diagnoses import Diagnoses, Diagnosis, evidence_of
from kubesim_tui.cluster.view import Mark
from kubesim_tui.explain.chain import Chain
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.request import failed_request
from kubesim_tui.faults.catalogue import Planned, aim, plan, strike
from kubesim_tui.game.board import GameBoard
from kubesim_tui.game.follower import MET
from kubesim_tui.game.level import Level
from kubesim_tui.game.objectives import Objectives, Served, follow
from kubesim_tui.game.start import apply_start
from kubesim_tui.kubectl import Config, Job, Poll
from kubesim_tui.kubectl import run as kubectl

ADMIN = User("kubernetes-admin", ("system:masters", "system:authenticated"))


@define(eq=False)
class Score:
    """The figures of the medals. `busy`: node- and replica-seconds."""

    changes: int = 0
    busy: int = 0

    @property
    def cost_milli(self) -> int:
        """Node- and replica-hours × 1000."""
        return self.busy * 1000 // 3600


@define(eq=False)
class Running:
    """A job of kubectl, with the lines that nobody has read yet."""

    line: str
    job: Job
    out: list[str] = field(factory=list)
    done: bool = False
    code: int = 0

    def take(self, poll: Poll) -> None:
        """Keep what it said."""
        self.out += [*poll.out, *poll.err]
        self.done, self.code = poll.done, poll.code


class Game:
    """See the module."""

    def __init__(self, level: Level, seed: str) -> None:
        self.level, self.seed = level, seed
        self.cluster = Cluster(level.cluster, seed, images=level.images)
        self.cluster.step()  # machines are there, and have registered, before anything is applied
        apply_start(self.cluster, level)
        for _ in range(level.settle - 1):
            self.cluster.step()
        self.player = self._player()
        self.client: Client = self.cluster.client(self.player)
        self.client.noted = True
        self.config = Config(namespace=level.namespace, user=self.player.name)
        for users in level.traffic:
            self.cluster.traffic.add(users)
        self.go_tick: int | None = None
        self.score = Score()
        self.marks: list[Mark] = []
        self.jobs: dict[int, Running] = {}
        self.jobs_started = 0
        self.diagnoses = Diagnoses()
        self.pause_because = ""
        self.named = ""
        self.over = False
        self.won = False
        self._planned: list[Planned] = []
        self._paused_for_failure = False
        self.objectives = self._objectives()
        self.board = GameBoard(self)

    def _player(self) -> User:
        if not self.level.player:
            return ADMIN
        namespace, name = self.level.player.split("/")
        return service_account(namespace, name)

    def _objectives(self) -> Objectives:
        level = self.level
        return Objectives(
            [follow(o, level.ends) for o in level.objectives], [follow(b, level.ends) for b in level.bonus]
        )

    # -- time --------------------------------------------------------------------------------------------------

    @property
    def tick(self) -> int:
        """Ticks done by the cluster."""
        return self.cluster.engine.clock.tick

    @property
    def since_go(self) -> int:
        """Ticks done since Go; 0 before."""
        return self.tick - self.go_tick if self.go_tick is not None else 0

    @property
    def digest(self) -> str:
        """The proof of the whole game so far: the cluster's, and how the objectives stand."""
        standing = [
            (f.spec.id, f.state, f.since, f.value()) for f in (*self.objectives.followers, *self.objectives.bonus)
        ]
        return blake2b(f"{self.cluster.digest} {standing!r}".encode(), digest_size=32).hexdigest()

    def go(self) -> None:
        """Judgement begins: fresh figures, and the faults are planned."""
        if self.go_tick is not None:
            return
        self.go_tick = self.tick
        self.cluster.traffic.reset()
        self.diagnoses.clear()
        self.marks.clear()
        mine = plan(self.level.faults, self.tick, self.cluster.chance.stream("game/faults"))
        self._planned = sorted([*self._planned, *mine], key=lambda p: p.tick)

    def may_step(self) -> bool:
        """Whether time can run: not over; before Go only in a drill."""
        return not self.over and (self.go_tick is not None or self.level.mode == "drill")

    def step(self) -> None:
        """One tick, with the faults that are due, and all that follows for the game."""
        self.pause_because = ""
        tick = self.tick
        while self._planned and self._planned[0].tick <= tick:
            planned = self._planned.pop(0)
            for mark in self.strike(planned, "game/targets"):
                self.marks.append(Mark(tick, "fault", mark))
        self.cluster.step()
        self._poll_jobs()
        self._diagnose(tick)
        self._judge(tick)

    def strike(self, planned: Planned, draws: str) -> list[str]:
        """Carry a fault out, with chance from a stream: what was struck, in words. Its healing is planned."""
        stream = self.cluster.chance.stream(draws)
        aimed = aim(self.cluster.hand, planned, stream)
        self._planned = sorted([*self._planned, *aimed.heals(self.tick)], key=lambda p: p.tick)
        return strike(self.cluster.hand, aimed, stream)

    def _judge(self, tick: int) -> None:
        if self.go_tick is None:
            return
        self.score.busy += self.cluster.busy()
        before = self.objectives.failed
        self.objectives.look(self.board, tick - self.go_tick)
        for follower in self.objectives.failed:
            if follower not in before:
                self.marks.append(Mark(tick, "failed", follower.spec.id))
        if self.objectives.failed or self.since_go >= self.level.ends:
            self.over = True
            self.won = not self.objectives.failed and self.objectives.won

    # -- failures ----------------------------------------------------------------------------------------------

    def _diagnose(self, tick: int) -> None:
        """Look into what fails; the first failure of all pauses some levels."""
        failed = self.diagnoses.look(self.cluster, tick)
        judged = self.go_tick is not None and self.level.pause_on_first_failure
        if failed and judged and not self._paused_for_failure:
            self._paused_for_failure = True
            self.pause_because = "failures: look, then Space"

    def evidence(self) -> Evidence:
        """What an explanation may look at now."""
        return evidence_of(self.cluster, self.diagnoses.memory)

    def chain_of_now(self, stream: str, diagnosis: Diagnosis) -> Chain:
        """A diagnosis with what was written since the tick in which it was met, where that was the last one."""
        if self.over or diagnosis.last != self.tick - 1:
            return diagnosis.chain
        return failed_request(self.evidence(), stream, diagnosis.fail)

    # -- what the player does ----------------------------------------------------------------------------------

    def kubectl(self, line: str, terminal: Any) -> tuple[tuple[str, ...], tuple[str, ...], int, int | None]:
        """Run a line of kubectl between two ticks: (out, err, code, number of the job that goes on)."""
        etcd = self.cluster.etcd
        before = etcd.revision
        reply = kubectl(line, self.client, terminal, etcd.clock.now, self.config)
        changed = etcd.revision - before
        if changed and not self.over:
            self.score.changes += changed
            self.marks.append(Mark(self.tick, "action", line))
        if reply.config is not None:
            self.config = reply.config
        number = self.keep(line, reply.job) if reply.job is not None else None
        return reply.out, reply.err, reply.code, number

    def keep(self, line: str, job: Job) -> int:
        """A command that goes on is asked after each tick: its number."""
        self.jobs_started += 1
        self.jobs[self.jobs_started] = Running(line, job)
        return self.jobs_started

    def cancel(self, number: int) -> None:
        """Ctrl-C: end a command that goes on; in a shell that runs something, only that."""
        running = self.jobs.get(number)
        if running is None or running.done:
            return
        job: Any = running.job
        if getattr(job, "typing", False):
            running.take(job.interrupted(self.client, self.cluster.etcd.clock.now))
        else:
            running.take(job.interrupt())

    def _poll_jobs(self) -> None:
        for running in self.jobs.values():
            if not running.done:
                running.take(running.job.poll(self.client, self.cluster.etcd.clock.now))

    # -- figures -----------------------------------------------------------------------------------------------

    def served(self) -> tuple[int, int, int]:
        """(sent, served, failed) of all streams since Go."""
        streams = [s.stream for s in self.cluster.traffic.streams.values()]
        return sum(s.sent for s in streams), sum(s.served for s in streams), sum(s.failed for s in streams)

    def budget_pm(self) -> int:
        """What is left of the tightest error budget."""
        budgets = [f.budget_pm for f in self.objectives.followers if isinstance(f, Served) and f.state != MET]
        return min(budgets, default=1000)

    def slos(self) -> dict[str, int]:
        """The highest share that is asked of each stream, per mille."""
        found: dict[str, int] = {}
        for follower in self.objectives.followers:
            if isinstance(follower, Served):
                name = follower.spec.options["traffic"]
                found[name] = max(found.get(name, 0), follower.wanted_pm)
        return found

    def missed(self) -> list[Any]:
        """The objectives that were missed; those that an early end has left undecided are not among them."""
        return self.objectives.failed or [f for f in self.objectives.followers if f.state != MET]
