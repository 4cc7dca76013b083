"""`kubesim bench`: speed and size, measured against their goals. Each large figure in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter, time

from attrs import frozen

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.game import bench_door, bench_traffic
from kubesim_tui.game.bench_boards import LARGE_NODES, LARGE_PODS, fill, large, step, typical
from kubesim_tui.game.bench_scheduler import FEW_NODES, FEW_PODS, NODES, PODS
from kubesim_tui.kernel import heap

RUNS = 7
MOST_SECONDS = 3.0
SERVERS, MEMBERS = 3, 5
"""API servers, and members of etcd on machines of their own."""


@frozen
class Figure:
    """One measured figure and its goal: at most (`<=`) or at least (`>=`)."""

    name: str
    value: float
    unit: str
    compare: str
    goal: float
    about: str

    @property
    def ok(self) -> bool:
        """The goal is reached."""
        return self.value <= self.goal if self.compare == "<=" else self.value >= self.goal


class UnknownFigure(ValueError):
    """There is no figure of that name."""


def measure(name: str = "") -> Iterator[Figure]:
    """All figures, or those of one name, as they are found."""
    if name and name not in FIGURES:
        raise UnknownFigure(f"there is no figure {name!r}; there are {', '.join(FIGURES)}")
    for key, run in FIGURES.items():
        if not name or key == name:
            yield from run()


# -- the command line and the screen -------------------------------------------------------------------------------


def _spawn(*words: str, home: str = "") -> str:
    env = {**os.environ, "XDG_DATA_HOME": home} if home else None
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, env=env)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stderr}")
    return done.stdout


def _took(*words: str) -> float:
    began = perf_counter()
    _spawn(*words)
    return perf_counter() - began


def _answers() -> Iterator[Figure]:
    for option in ("--version", "--help"):
        took = min(_took("-m", "kubesim_tui", option) for _ in range(RUNS))
        yield Figure(f"answer{option}", took * 1000, "ms", "<=", 150, f"kubesim {option}, a whole process")


def _first_paint() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as home:
        runs = [(_shown("bare", home), _shown("title", home)) for _ in range(RUNS)]  # by turns: the machine may be busy
    found = {"bare": min(bare for bare, _ in runs), "title": min(title for _, title in runs)}
    more = (found["title"] - found["bare"]) * 1000
    about = f"start to first frame beyond a bare Textual app ({found['bare'] * 1000:.0f} ms)"
    yield Figure("first-paint", more, "ms", "<=", 100, about)


def _shown(what: str, home: str) -> float:
    began = time()
    return float(_spawn("-m", "kubesim_tui.tui.measure", what, home=home)) - began


def _keys() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as home:
        took = [float(word) for word in _spawn("-m", "kubesim_tui.tui.measure", "keys", home=home).split()]
    yield Figure(
        "key-paint", median(took) * 1000, "ms", "<=", 50, "a key on the play screen until it is painted, median"
    )


# -- the engine ----------------------------------------------------------------------------------------------------


def _rate(name: str, goal: float, about: str, *, traffic: bool, chunk: int) -> Iterator[Figure]:
    yield Figure(name, 1 / tick_seconds(typical(traffic=traffic), chunk), "ticks/s", ">=", goal, about)


def tick_seconds(cluster: Cluster, chunk: int) -> float:
    """Seconds a tick, in the best of some chunks."""
    heap.set_aside()  # as `play` and `sim` do
    best, began = float("inf"), perf_counter()
    while perf_counter() - began < MOST_SECONDS:
        start = perf_counter()
        step(cluster, chunk)
        best = min(best, (perf_counter() - start) / chunk)
    return best


def _typical() -> Iterator[Figure]:
    yield from _rate("typical", 3_000, "6 nodes, 40 Pods, 3 routes under traffic", traffic=True, chunk=500)


def _idle() -> Iterator[Figure]:
    yield from _rate("idle", 50_000, "the same without users: heartbeats, probes, Events", traffic=False, chunk=10_000)


def _large() -> Iterator[Figure]:
    words = _spawn("-c", "from kubesim_tui.game.bench import large_here; large_here()").split()
    seconds, tick, size = (float(word) for word in words)
    yield Figure("large", seconds, "s", "<=", 20, "500 nodes: a Deployment of 10,000 from apply to all Ready")
    yield Figure("large-idle", tick * 1000, "ms", "<=", 0.5, "an idle tick there")
    yield Figure("pod-size", size / 1024, "KiB", "<=", 12, "growth of memory a Pod there, Events and journal included")


def large_here() -> None:
    """In a process of its own: seconds to all Ready, seconds an idle tick, bytes a Pod."""
    cluster = large()
    before, began = memory(), perf_counter()
    fill(cluster)
    seconds, size = perf_counter() - began, (memory() - before) / LARGE_PODS
    step(cluster, 120)
    began = perf_counter()
    step(cluster, 500)
    print(seconds, (perf_counter() - began) / 500, size)


def _plane() -> Iterator[Figure]:
    made = f"large({SERVERS}, {MEMBERS})"
    words = f"from kubesim_tui.game.bench import tick_seconds, large; print(tick_seconds({made}, 1_000))"
    about = f"an idle tick of {LARGE_NODES} nodes, {SERVERS} API servers and {MEMBERS} members of etcd"
    yield Figure("plane-idle", float(_spawn("-c", words)) * 1000, "ms", "<=", 1, about)


def _traffic() -> Iterator[Figure]:
    module, chunk = "kubesim_tui.game", 50
    words = f"from {module}.bench import tick_seconds; from {module}.bench_traffic import crowded; "
    for name, zones, about in (("traffic", 1, ""), ("traffic-zones", bench_traffic.ZONES, ", in three zones")):
        took = float(_spawn("-c", f"{words}print(tick_seconds(crowded(zones={zones}), {chunk}))"))
        yield Figure(name, took * 1000, "ms", "<=", 5, f"a tick of {bench_traffic.ABOUT}{about}")


def memory() -> int:
    """Bytes of this process in memory; where the system does not tell, the most that it ever had."""
    import resource  # not on every system

    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _schedule() -> Iterator[Figure]:
    for name, goal in (("identical", 2_000), ("mixed", 100)):
        few, many = (_rate_of(name, count, pods) for count, pods in ((FEW_NODES, FEW_PODS), (NODES, PODS)))
        about = f"{PODS:,} {name} Pods on {NODES:,} nodes, from the queue to the binding ({few:,.0f} on {FEW_NODES})"
        yield Figure(f"schedule-{name}", many, "Pods/s", ">=", goal, about)


def _rate_of(name: str, nodes: int, pods: int) -> float:
    """In a process of its own."""
    call = f"rate({nodes}, {pods}, KINDS[{name!r}])"
    return float(_spawn("-c", f"from kubesim_tui.game.bench_scheduler import KINDS, rate; print({call})"))


def _door() -> Iterator[Figure]:
    took = bench_door.apply_seconds() * 1000
    yield Figure("apply", took, "ms", "<=", 2, "kubectl apply of a Deployment, from its text to the store")
    yield Figure("table", bench_door.table_seconds() * 1000, "ms", "<=", 20, "a list of 1,000 Pods as a table")
    about = "status updates of Pods, with 20 cursors that watch"
    yield Figure("store", bench_door.store_rate(), "/s", ">=", 50_000, f"{about}: the store itself")
    yield Figure("door", bench_door.door_rate(), "/s", ">=", 5_000, f"{about}: RBAC, decoding, validation and all")


FIGURES: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "answer": _answers,
    "first-paint": _first_paint,
    "key-paint": _keys,
    "typical": _typical,
    "idle": _idle,
    "large": _large,
    "plane": _plane,
    "traffic": _traffic,
    "schedule": _schedule,
    "door": _door,
}
"""Name → what measures it (and what is found on the way)."""
