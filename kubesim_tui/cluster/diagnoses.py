"""What was found out about requests that failed: asked in the tick in which they fail, while it is still so.

Not for every request: each way to fail is looked into when it is first met, and every ten ticks while it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define, evolve, field

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.picture.followed import Followed
from kubesim_tui.cluster.picture.request import follow, sort_of
from kubesim_tui.explain.chain import Chain
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.memory import Memory
from kubesim_tui.explain.request import failed_request
from kubesim_tui.traffic.generator import Generator
from kubesim_tui.traffic.samples import Failure
from kubesim_tui.traffic.traffic import Source
from kubesim_tui.traffic.way import Fail

EVERY = 10
Way = tuple[str, Any]
"""The code of a failure, and the stops up to where it happened."""
Cause = tuple[str, Any]
"""The cause of a chain, and the object that it is about."""
Told = tuple[int, Chain]
"""Of how many failures a chain was told."""


def cause_of(chain: Chain) -> Cause:
    """What chains have in common that are told together."""
    return chain.cause, chain.object


def evidence_of(cluster: Cluster, memory: Memory | None = None) -> Evidence:
    """What an explanation may look at now."""
    return Evidence(cluster.etcd, cluster.witness, cluster.server.trace, memory)


def weighed(told: Iterable[Told]) -> list[Told]:
    """Each cause once, with the first chain that leads to it, the most frequent first."""
    counts: dict[Cause, int] = {}
    chains: dict[Cause, Chain] = {}
    for count, chain in told:
        counts[cause_of(chain)] = counts.get(cause_of(chain), 0) + count
        chains.setdefault(cause_of(chain), chain)
    order = sorted(counts, key=lambda cause: (-counts[cause], cause[0]))
    return [(counts[cause], chains[cause]) for cause in order]


@define(eq=False)
class Diagnosis:
    """What was found out about one way to fail, and how often it was met since."""

    chain: Chain
    fail: Fail
    count: int = 0
    looked: int = 0
    last: int = 0  # the tick in which it was met last
    sample: Followed | None = None  # one of them, hop by hop, from when it was looked into
    earlier: dict[Cause, Told] = field(factory=dict)  # what was found before, and of how many it was said
    begun: int = 0  # how many had been met when `chain` was found

    @property
    def told(self) -> list[Told]:
        """What was found out, each cause once, and of how many it was said; what is so now comes last."""
        return [*self.earlier.values(), (self.count - self.begun, self.chain)]

    def anew(self, chain: Chain, tick: int) -> None:
        """It was looked into again: of those since then something else may be so."""
        if cause_of(chain) != cause_of(self.chain):
            before = self.earlier.get(cause_of(self.chain), (0, self.chain))
            self.earlier[cause_of(self.chain)] = (before[0] + self.count - self.begun, before[1])
            self.begun = self.count
        self.chain, self.looked = chain, tick


@define(eq=False)
class Diagnoses:
    """By stream of users (or name of a load generator), and by way to fail."""

    memory: Memory = field(factory=Memory)
    by_stream: dict[str, dict[Way, Diagnosis]] = field(factory=dict)

    def of(self, stream: str) -> dict[Way, Diagnosis]:
        """What is known of a stream."""
        return self.by_stream.get(stream, {})

    def clear(self) -> None:
        """Judgement begins."""
        self.by_stream.clear()

    def look(self, cluster: Cluster, tick: int) -> bool:
        """Look into what failed in the tick that has just been done; whether anything of users did."""
        failed = False
        for source in cluster.traffic.sources():
            last = source.stream.last
            if last is None or not last.failed:
                continue
            failed = failed or source.name in cluster.traffic.streams
            known = self.by_stream.setdefault(source.name, {})
            for failure in source.stream.failures.values():
                if failure.last == tick:
                    self._look_into(cluster, source, known, failure)
        return failed

    def _look_into(self, cluster: Cluster, source: Source, known: dict[Way, Diagnosis], failure: Failure) -> None:
        tick, fail = cluster.engine.clock.tick - 1, failure.fail
        key = (fail.code, fail.way)
        found = known.get(key)
        if found is None or tick - found.looked >= EVERY:
            sample = follow(cluster.fabric, cluster.traffic, sort_of(source, failure), 0)
            begins = (source.place.hop,) if isinstance(source, Generator) else ()
            chain = self._why(cluster, source.name, evolve(fail, way=(*begins, *fail.way)))
            if found is None:
                found = known[key] = Diagnosis(chain, fail, looked=tick)
            found.anew(chain, tick)
            found.sample = sample or found.sample
        found.count, found.last = failure.count, tick

    def _why(self, cluster: Cluster, name: str, fail: Fail) -> Chain:
        chain = failed_request(evidence_of(cluster, self.memory), name, fail)
        self.memory.note(chain, cluster.engine.clock.tick - 1)
        return chain

    def weighed(self, stream: str) -> list[tuple[int, Chain]]:
        """The causes of a stream's failures and how many each had, the most frequent first; one chain a cause."""
        return weighed(told for found in self.of(stream).values() for told in found.told)
