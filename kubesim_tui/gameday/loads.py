"""What load generators among the manifests felt: they are no users, so that nothing is judged by them."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.diagnoses import Diagnoses, evidence_of, weighed
from kubesim_tui.explain.chain import Chain, name_of
from kubesim_tui.traffic.generator import Generator

Begun = Mapping[int, tuple[int, int]]
"""How many requests of each had been sent, and failed, when somebody began to count."""


@frozen
class Load:
    """A workload that sends requests: how many in that time, how many failed, and by which causes."""

    name: str
    sent: int
    failed: int
    causes: tuple[tuple[int, Chain], ...] = ()


def begun(cluster: Cluster) -> Begun:
    """Count from now on."""
    cluster.traffic.generators.past.clear()
    return {id(one): (one.stream.sent, one.missed) for one in cluster.traffic.generators.live.values()}


def loads(cluster: Cluster, before: Begun, diagnoses: Diagnoses) -> tuple[Load, ...]:
    """All that have sent anything since then, by name."""
    evidence, found = evidence_of(cluster), dict[str, list[Generator]]()
    for one in (*cluster.traffic.generators.past, *cluster.traffic.generators.live.values()):
        found.setdefault(name_of(evidence.workload_of(one.place.hop)), []).append(one)
    return tuple([_load(name, found[name], before, diagnoses) for name in sorted(found)])


def _load(name: str, ones: list[Generator], before: Begun, diagnoses: Diagnoses) -> Load:
    known = [before.get(id(one), (0, 0)) for one in ones]
    sent = sum([one.stream.sent - n for one, (n, _) in zip(ones, known, strict=True)])
    failed = sum([one.missed - n for one, (_, n) in zip(ones, known, strict=True)])
    streams = dict.fromkeys(one.name for one in ones)
    told = [told for stream in streams for way in diagnoses.of(stream).values() for told in way.told]
    return Load(name, sent, failed, tuple(weighed(told)))
