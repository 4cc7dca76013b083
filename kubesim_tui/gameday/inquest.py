"""Inquests: of each request that fails while a mix of faults is at work it is asked why, in the tick in which it fails.

The answer is right if it ends at a cause that the row of one of those faults names which have struck by then. Who is
asked (`explain`) sees the cluster only; what was done to it, only this module knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.diagnoses import evidence_of
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.memory import Memory
from kubesim_tui.explain.request import failed_request
from kubesim_tui.faults.catalogue import FAULTS, Planned, aim, strike
from kubesim_tui.gameday.mix import WATCHED, Mix, draw
from kubesim_tui.gameday.shop import shop
from kubesim_tui.traffic.way import Fail
from kubesim_tui.workers import cores, spread

Key = tuple[str, str, str, str, bool]
"""(stream, code of the failure, cause, object, whether it was right)."""


@frozen
class Task:
    """A mix to be drawn: so many of the faults that are named."""

    seed: str
    count: int
    names: tuple[str, ...]


@frozen
class Answer:
    """What was said of requests that failed alike: the chain of the first time, and of how many in all."""

    stream: str
    code: str
    cause: str
    object: str
    right: bool
    tick: int  # of the mix, the first time
    chain: tuple[str, ...]
    count: int = 0


@frozen
class Inquest:
    """One mix: what was done, in words and by name; how many requests were sent; what was said of those that failed."""

    seed: str
    struck: tuple[str, ...]
    faults: tuple[str, ...]
    sent: int
    answers: tuple[Answer, ...]

    @property
    def failed(self) -> int:
        """Requests of which it was asked."""
        return sum(answer.count for answer in self.answers)

    @property
    def right(self) -> int:
        """Those of which the answer was right."""
        return sum(answer.count for answer in self.answers if answer.right)


def hold(tasks: list[Task], jobs: int = 0) -> Iterator[Inquest]:
    """All of them, in their order, by so many processes (0: one a core)."""
    return spread(inquest, tasks, jobs or cores())


def inquest(task: Task) -> Inquest:
    """Draw a mix, do it to the shop, and ask."""
    cluster = shop(task.seed)
    return _Run(cluster, draw(cluster, task.seed, task.count, task.names)).inquest()


class _Run:
    """One mix at work."""

    def __init__(self, cluster: Cluster, mix: Mix) -> None:
        self.cluster, self.mix = cluster, mix
        self.plans = list(mix.faults)
        self.draws = cluster.chance.stream("mix/faults")
        self.struck: list[str] = []
        self.causes: dict[str, None] = {}  # that the rows of what has struck name
        self.counted: dict[tuple[str, object], int] = {}
        self.answers: dict[Key, Answer] = {}
        self.memory = Memory()

    def inquest(self) -> Inquest:
        for now in range(WATCHED):
            self._strike(now)
            tick = self.cluster.engine.clock.tick
            self.cluster.step()
            for stream, fail, count in self._failed(tick):
                self._ask(stream, fail, count, now)
        sent = sum(s.stream.sent for s in self.cluster.traffic.streams.values())
        names = tuple(planned.do for planned in self.mix.faults)
        return Inquest(self.mix.seed, tuple(self.struck), names, sent, tuple(self.answers.values()))

    def _strike(self, now: int) -> None:
        for planned in [planned for planned in self.plans if planned.tick == now]:
            aimed = aim(self.cluster.hand, planned, self.draws)
            told = strike(self.cluster.hand, aimed, self.draws)
            self.plans += aimed.heals(now)
            self.struck += [f"{now}s {text}{_options(planned)}" for text in told]
            story = FAULTS[planned.do].story
            if told and story is not None:
                self.causes |= dict.fromkeys(story.causes)

    def _failed(self, tick: int) -> Iterator[tuple[str, Fail, int]]:
        """(stream, failure, how many) of a tick."""
        for name, streaming in self.cluster.traffic.streams.items():
            for key, failure in streaming.stream.failures.items():
                before = self.counted.get((name, key), 0)
                if failure.last == tick and failure.count > before:
                    self.counted[name, key] = failure.count
                    yield name, failure.fail, failure.count - before

    def _ask(self, stream: str, fail: Fail, count: int, now: int) -> None:
        chain = failed_request(evidence_of(self.cluster, self.memory), stream, fail)
        self.memory.note(chain, self.cluster.engine.clock.tick - 1)
        about, right = name_of(chain.object), chain.cause in self.causes
        key = (stream, fail.code, chain.cause, about, right)
        if key not in self.answers:
            texts = tuple(link.text for link in chain.links)
            self.answers[key] = Answer(stream, fail.code, chain.cause, about, right, now, texts)
        self.answers[key] = evolve(self.answers[key], count=self.answers[key].count + count)


def _options(planned: Planned) -> str:
    return "" if planned.healing else "".join(f" {option}={given}" for option, given in planned.options.items())
