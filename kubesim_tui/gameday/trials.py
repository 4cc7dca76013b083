"""Trials: one fault each, on a copy of the same settled cluster, and what its users felt.

A fault that can be healed is, after a while, as somebody would; then the application has time to recover. Whom each
strikes, gameday/aims.py says.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

from attrs import frozen

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import is_pod_ready, is_pod_terminal
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.diagnoses import Diagnoses
from kubesim_tui.explain.chain import Chain
from kubesim_tui.faults.catalogue import FAULTS, Planned, aim, strike
from kubesim_tui.gameday.aims import aims, pods
from kubesim_tui.gameday.doors import Door
from kubesim_tui.gameday.loads import Load, begun, loads
from kubesim_tui.gameday.objects import of_kind
from kubesim_tui.traffic.samples import Sample
from kubesim_tui.traffic.spec import Users

LASTS, WATCHED = 60, 180
"""Seconds after which a fault heals, and for which its users are watched."""
WARM, SETTLED, PATIENCE, MOST = 20, 15, 60, 600
"""Seconds of traffic before all trials; without a change before an application counts as settled, if all its Pods are
Ready and if some are not; and at most."""


@frozen
class Trial:
    """A fault and whom it strikes."""

    fault: str
    target: str = ""  # as it is shown
    planned: Planned | None = None


@frozen
class Felt:
    """What the users of one door felt: requests decided and served, and the most seconds in a row with failures."""

    door: Door
    decided: int
    served: int
    outage: int
    causes: tuple[tuple[int, Chain], ...]  # how many failures each had, the most frequent first
    samples: tuple[Sample, ...] = ()  # second by second

    @property
    def served_pm(self) -> int:
        """Per mille of what was decided; rounded down, so that 1000 is all."""
        return self.served * 1000 // self.decided if self.decided else 1000


@frozen
class Result:
    """What became of a trial. `struck`: what the fault did, in words; nothing if there was nobody to strike."""

    trial: Trial
    struck: tuple[str, ...]
    felt: tuple[Felt, ...]
    loads: tuple[Load, ...] = ()

    @property
    def worst(self) -> Felt:
        """The door that suffered most."""
        return min(self.felt, key=lambda f: (f.served_pm, -f.outage))


def settle(cluster: Cluster) -> int:
    """Run until Pods, endpoints and balancers no longer change; the ticks that it took."""
    quiet, seen, begun, wanted = 0, (0, 0, 0), cluster.engine.clock.tick, SETTLED
    while quiet < wanted and cluster.engine.clock.tick - begun < MOST:
        cluster.step()
        now = (_ready(cluster), _late(cluster), _waiting(cluster))
        quiet, seen = (quiet + 1, seen) if now == seen and not now[2] else (0, now)
        wanted = PATIENCE if now[1] else SETTLED
    return cluster.engine.clock.tick - begun


def _ready(cluster: Cluster) -> int:
    slices = of_kind(cluster.etcd, types.EndpointSlice)
    return sum(one.conditions is None or one.conditions.ready is not False for s in slices for one in s.endpoints)


def _late(cluster: Cluster) -> int:
    """Pods that are to be waited for: probes may begin late, and volumes take their time."""
    return sum(not is_pod_ready(pod) and not is_pod_terminal(pod) for pod in pods(cluster))


def _waiting(cluster: Cluster) -> int:
    """Balancers that are being made."""
    now = cluster.engine.clock.tick
    return sum(b.ready >= now for b in cluster.world.cloud.balancers.values())


def warmed(cluster: Cluster, doors: Iterable[Door], rate_milli: int) -> tuple[Felt, ...]:
    """Users come to all doors; what they feel before anything breaks."""
    at = tuple(doors)
    for door in at:
        cluster.traffic.add(Users(door.name, door.url, rate_milli, door.method, timeout_us=2_000_000))
    return _watch(cluster, at, WARM, Diagnoses())


def trials(cluster: Cluster, names: Iterable[str]) -> list[Trial]:
    """The faults that are named, each aimed at what it can strike here; those that need more than a target are not."""
    found: list[Trial] = []
    for name in names:
        row = FAULTS[name]
        if row.needs or row.target == "workload":
            continue
        for target, shown in aims(cluster, row.target):
            found.append(Trial(name, shown, Planned(0, name, target, lasts=LASTS if row.heal is not None else 0)))
    return found


def run(base: Cluster, trial: Trial, doors: Iterable[Door]) -> Result:
    """Carry a trial out on a copy of `base`."""
    assert trial.planned is not None
    cluster = copy.deepcopy(base)
    cluster.traffic.reset()
    draws = cluster.chance.stream("gameday")
    aimed = aim(cluster.hand, trial.planned, draws)
    struck = strike(cluster.hand, aimed, draws)
    diagnoses, before = Diagnoses(), begun(cluster)
    felt = _watch(cluster, tuple(doors), WATCHED, diagnoses, aimed)
    return Result(trial, tuple(struck), felt, loads(cluster, before, diagnoses))


def _watch(
    cluster: Cluster, doors: tuple[Door, ...], ticks: int, diagnoses: Diagnoses, aimed: Planned | None = None
) -> tuple[Felt, ...]:
    now, worst = dict.fromkeys(doors, 0), dict.fromkeys(doors, 0)
    heals = {planned.tick: planned for planned in (aimed.heals(0) if aimed is not None else ())}
    draws = cluster.chance.stream("gameday")
    for after in range(ticks):
        if after in heals:
            strike(cluster.hand, heals[after], draws)
        tick = cluster.engine.clock.tick
        cluster.step()
        diagnoses.look(cluster, tick)
        for door in doors:
            last = cluster.traffic.streams[door.name].stream.last
            now[door] = now[door] + 1 if last is not None and last.failed else 0
            worst[door] = max(worst[door], now[door])
    return tuple(_felt(cluster, door, worst[door], diagnoses) for door in doors)


def _felt(cluster: Cluster, door: Door, outage: int, diagnoses: Diagnoses) -> Felt:
    stream = cluster.traffic.streams[door.name].stream
    causes = tuple(diagnoses.weighed(door.name))
    return Felt(door, stream.served + stream.failed, stream.served, outage, causes, tuple(stream.samples))
