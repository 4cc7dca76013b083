"""What stands before a call in its own caller: a cache that spares it, a circuit breaker that forbids it.

Both are asked as connections are (traffic/gate): how many requests of a tick get on, and then what became of those. The
cache is asked first, then the breaker, then the network. Their memory lies in containers and ends with these: the
breaker's in the caller, the cache's in the caller or where the answers are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, evolve

from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.traffic.settling import expected
from kubesim_tui.traffic.way import Destination, Entrance, Fail, Result
from kubesim_tui.world.cached import Cached
from kubesim_tui.world.circuit import Circuit
from kubesim_tui.world.container import Container
from kubesim_tui.world.plan import Call

OPEN = "circuit breaker open"


@define(eq=False)
class Sparing:
    """Before one destination. What its gate refuses counts as failed, as all that the callee does wrong."""

    destination: Destination
    cached: Cached | None
    circuit: Circuit | None
    gate: Entrance | None
    _tick: int = 0
    _hits: int = 0  # of this tick's requests
    _brought: int = 0  # of the keys, by those that are none
    _made: int = 0  # that are neither hits nor forbidden
    _forbidden: int = 0
    _why: Fail | None = None  # what failed when it opened

    @property
    def spared(self) -> int:
        """How many requests of this tick were answered without asking."""
        return self._hits

    @property
    def lost(self) -> int:
        """How many requests of this tick did not get on, hits among them."""
        return self._hits + self._forbidden + (self.gate.lost if self.gate is not None else 0)

    def admit(self, requests: int, tick: int) -> int:
        """How many of the requests of a tick get on."""
        self._tick, left = tick, requests
        if self.cached is not None:
            left, self._brought = self.cached.misses(requests, self.destination.waits_us, tick)
        self._hits = requests - left
        self._made = left if self.circuit is None else self.circuit.passes(left, tick)
        self._forbidden = left - self._made
        return self._made if self.gate is None else self.gate.admit(self._made, tick)

    def told(self, result: Result) -> Result:
        """The result of those that were made, as their caller sees it, with those that were not."""
        if self.gate is not None:
            result = self.gate.told(result)
        if self.cached is not None and self._made:
            self.cached.bring(self._brought * result.ok // self._made, self._tick)
        if self.circuit is not None and self._made:
            self._tell(self.circuit, result)
        failed = result.failed
        if self._forbidden:
            failed = (*failed, (self._fail(), self._forbidden))
        parts = (*result.parts, (Latency(0), self._hits)) if self._hits else result.parts
        return evolve(result, ok=result.ok + self._hits, parts=parts, failed=failed)

    def _tell(self, circuit: Circuit, result: Result) -> None:
        wrong = [(fail, n) for fail, n in result.failed if not fail.reason.startswith("4")]
        late = sum(held.count for held in result.held if 0 < held.timeout_us <= expected(held.station))
        failed = sum(n for _, n in wrong) + late
        circuit.told(result.ok, failed, self._tick)
        if wrong:
            self._why = max(wrong, key=lambda one: one[1])[0]

    def _fail(self) -> Fail:
        """At once, and with what it opened for behind it."""
        why = self._why
        if why is None:
            return Fail(OPEN, "slow", self.destination.way, OPEN)
        return Fail(OPEN, why.code, why.way, f"{OPEN}: {why.detail}" if why.detail else OPEN)


def before(
    call: Call, found: Destination, caller: Container, made: Sequence[Destination], gate: Entrance | None
) -> Entrance | None:
    """What the requests of a container have to pass. `made`: what it calls before; answers are kept by the last one."""
    cached = circuit = None
    keeper = caller if call.cache is None or not call.cache.host else _answering(made)
    if call.cache is not None and keeper is not None:
        cached = keeper.remembered(call, Cached, call.cache)
    if call.breaker is not None:
        circuit = caller.remembered(call, Circuit, call.breaker)
    return gate if cached is None and circuit is None else Sparing(found, cached, circuit, gate)


def _answering(made: Sequence[Destination]) -> Container | None:
    """The container behind the last of some destinations; None if nobody answers there."""
    legs = made[-1].legs if made else ()
    return next((leg.station.container for leg in legs if leg.station is not None and leg.fail is None), None)
