"""Random mixes of faults: some of the catalogue, each with a target that is there, at a time, for a while, so strong.

What a mix is follows from its seed and the cluster alone. A fault of the catalogue that needs an option which is not
known here is never drawn: `drawable` says which are.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.faults.catalogue import FAULTS, Planned
from kubesim_tui.faults.options import CAN_BE_SLOW
from kubesim_tui.gameday.aims import aims, pods
from kubesim_tui.gameday.objects import every
from kubesim_tui.gameday.shop import RELEASES
from kubesim_tui.kernel.chance import Chance, Stream

WATCHED, EARLIEST, LATEST = 180, 5, 70
"""Seconds that a mix is watched, and in which its faults begin."""
SHORTEST, LONGEST = 15, 120
CONTROLLERS = "system:controller:"

INTENSITIES: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "cpu-hog": {"cores": (1, 4, 8)},
    "conntrack-full": {"leave": (0, 1000)},
    "container-exit": {"code": (0, 1, 137)},
    "disk-full": {"leave": ("0", "1Gi"), "inodes": (False, True)},
    "errors": {"percent": (5, 50, 100)},
    "link-loss": {"percent": (5, 30, 90), "of": ("machine", "users", "zone")},
    "log-flood": {"bytes": ("8Mi", "64Mi", "512Mi"), "path": ("", "/var/log/app.log", "/cache/app.log")},
    "memory-leak": {"bytes": ("1Mi", "4Mi", "64Mi")},
    "node-crash": {"gone": (False, True)},
    "node-reboot": {"seconds": (10, 30, 90)},
    "node-slow-nic": {"ms": (200, 1000, 3000), "mbit": (1, 10)},
    "pod-delay": {"ms": (300, 1000, 3000)},
    "pod-loss": {"percent": (10, 50)},
    "port-exhaustion": {"leave": (0, 100)},
    "priority-cascade": {"replicas": (4, 20), "cores": (1, 2)},
    "process-slow": {"factor": (20, 100)},
    "process-stop": {"graceful": (False, True)},
    "quota-tightened": {"pods": (0, 5)},
    "registry-slow": {"bytes": ("16Ki", "256Ki")},
    "retry-storm": {"tries": (2, 5)},
    "slow-start": {"factor": (5, 20, 100)},
    "spot-reclaim": {"seconds": (10, 60, 120)},
    "storage-slow": {"seconds": (20, 60)},
    "thundering-herd": {"seconds": (10, 30, 90)},
    "traffic-spike": {"factor": (2, 5, 20)},
}
"""Fault → option → what it may be."""


@frozen
class Mix:
    """What is done in one run, by tick from its start."""

    seed: str
    faults: tuple[Planned, ...]


def drawable() -> list[str]:
    """The faults that a mix may have."""
    return [name for name, row in FAULTS.items() if all(need in _NEEDED for need in row.needs)]


def draw(cluster: Cluster, seed: str, count: int, names: Sequence[str]) -> Mix:
    """So many different faults, of those named."""
    draws = Chance(seed).stream("mix")
    found: list[Planned] = []
    left = list(names)
    draws.shuffle(left)
    while left and len(found) < count:
        planned = _planned(cluster, left.pop(), draws)
        if planned is not None:
            found.append(planned)
    return Mix(seed, tuple(sorted(found, key=lambda planned: (planned.tick, planned.do))))


def _planned(cluster: Cluster, name: str, draws: Stream) -> Planned | None:
    """One fault; None if there is nobody here whom it can strike."""
    row = FAULTS[name]
    targets = list(_targets(cluster, row.target, name))
    if not targets:
        return None
    target: Any = draws.choice(targets)
    options = {option: draws.choice(given) for option, given in INTENSITIES.get(name, {}).items() if draws.chance(600)}
    options = {option: given for option, given in options.items() if given not in ("", False)}
    for need in row.needs:
        options[need] = _NEEDED[need](cluster, target, draws)
        if options[need] is None:
            return None
    if name == "bad-config":
        options |= _value(cluster, target, options["key"], draws)
    if name == "process-stop":
        options["process"] = draws.choice(sorted(cluster.world.machines[target].processes))
    lasts = draws.between(SHORTEST, LONGEST) if row.heal is not None and draws.chance(600) else 0
    return Planned(draws.between(EARLIEST, LATEST), name, target, options, lasts)


# -- whom ----------------------------------------------------------------------------------------------------------


def _targets(cluster: Cluster, kind: str, name: str) -> Iterator[str | None]:
    if kind == "pod":
        yield from (f"{pod.metadata.namespace}/{pod.metadata.name}" for pod in pods(cluster))
    elif kind == "node":
        yield from cluster.hand.nodes()
        if name in ("process-slow", "process-stop"):
            yield from cluster.plane.places * len(cluster.hand.nodes())  # as often as all others
    elif kind == "binding":
        bindings = every(cluster.etcd, "ClusterRoleBinding")
        yield from (b.metadata.name for b in bindings if b.metadata.name.startswith(CONTROLLERS))
    elif kind == "workload":
        yield from (f"shop/deployment/{name}" for name in RELEASES)
    elif kind == "traffic":
        yield from (None, *cluster.traffic.streams)
    elif kind == "registry":
        yield from (None, "docker.io", *cluster.world.registries)
    else:
        yield from (target for target, _ in aims(cluster, kind))


# -- how -----------------------------------------------------------------------------------------------------------


def _other(cluster: Cluster, target: str, draws: Stream) -> str:
    return draws.choice([name for name in cluster.world.machines if name != target])


def _slowable(cluster: Cluster, target: str, draws: Stream) -> str:
    return draws.choice([name for name in cluster.world.machines[target].processes if name in CAN_BE_SLOW])


def _release(_cluster: Cluster, target: str, draws: Stream) -> str:
    return draws.choice(RELEASES[target.rpartition("/")[2]])


def _key(cluster: Cluster, target: str, draws: Stream) -> str | None:
    data = _data(cluster, target)
    return draws.choice(sorted(data)) if data else None


def _data(cluster: Cluster, target: str) -> Mapping[str, str]:
    namespace, kind, name = target.split("/")
    found = cluster.hand.read_object((kind, namespace, name)) or {}
    data: Mapping[str, str] = found.get("data", {})
    return data


def _value(cluster: Cluster, target: str, key: str, draws: Stream) -> dict[str, str]:
    """Another host where there is one; or none at all."""
    if draws.chance(300):
        return {}
    before = _data(cluster, target)[key]
    if "/secret/" in target:
        before = b64decode(before).decode("utf-8", "replace")
    host = re.search(r"(?<=@)[^@]+$|(?<=//)[^@]+$", before)
    return {"value": f"{before[: host.start()]}old-{host[0]}" if host is not None else f"{before}-old"}


Needed = Callable[[Cluster, Any, Stream], Any]
_NEEDED: Mapping[str, Needed] = {
    "to": _other,
    "process": _slowable,
    "image": _release,
    "key": _key,
}
"""Option that a fault needs → what draws it (None: there is none here)."""
