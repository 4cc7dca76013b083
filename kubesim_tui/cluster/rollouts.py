"""A pipeline that brings machines to the next release, one after the other, without kubeadm's care.

It puts in place what its template says, waits so many seconds for each machine, and goes on, whatever has become of it.
The template names a feature gate that has been on anyway for years; the release no longer knows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from attrs import define, field

from kubesim_tui.api.releases import newest
from kubesim_tui.cluster.addons import configuration
from kubesim_tui.cluster.kubeadm import config
from kubesim_tui.cluster.kubeadm.manifests import COMPONENTS, control_plane, path_of, texts
from kubesim_tui.cluster.plane import SERVER
from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kubelet import flags
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.world import World

PLANE, NODES = "control-plane", "nodes"
"""What is brought to the next release: manifests of control-plane components, or kubelets."""


class Owner(Protocol):
    """The cluster."""

    spec: ClusterSpec
    engine: Engine
    world: World

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


@define
class Change:
    """What was put in place on a machine: each file and package, before and after."""

    machine: str
    files: dict[str, tuple[str | None, str]]
    kubelet: tuple[str, str] | None = None


@define
class Course:
    """How far a pipeline has come."""

    left: list[str]
    gate: str
    seconds: int
    done: list[Change] = field(factory=list)


class Rollouts:
    """A worker of the engine. Keys: what is brought. There is one pipeline of each kind at a time."""

    name, order, phase = "rollout", 0, "timers"

    def __init__(self, cluster: Owner) -> None:
        self.cluster = cluster
        self.courses: dict[str, Course] = {}

    def runs(self) -> bool:
        """It runs outside of the cluster."""
        return True

    def begin(self, what: str, machines: Iterable[str], gate: str, seconds: int) -> bool:
        """Begin with the first of these machines; False if there is none, or it is under way."""
        left = list(machines)
        if what in self.courses or not left:
            return False
        self.courses[what] = Course(left, gate, seconds)
        self.reconcile(what)
        return True

    def reconcile(self, key: Key) -> None:
        """The next machine's turn."""
        what = str(key)
        course = self.courses.get(what)
        if course is None or not course.left:
            return
        machine = self.cluster.world.machines.get(course.left.pop(0))
        if machine is not None and machine.powered and self.cluster.world.links.reachable(OUTSIDE, machine.name):
            course.done.append(self._manifests(machine, course) if what == PLANE else _kubelet(machine, course))
            self.cluster.look()
        if course.left:
            self.cluster.engine.at(self.cluster.engine.tick + max(1, course.seconds), self.phase, self, what)

    def end(self, what: str) -> bool:
        """It is called off, and what it has put in place is taken back, where nobody has changed it since."""
        course = self.courses.pop(what, None)
        for change in reversed(course.done if course is not None else []):
            _take_back(self.cluster.world.machines[change.machine], change)
        self.cluster.look()
        return course is not None

    def _manifests(self, machine: Machine, course: Course) -> Change:
        told = config.wishes(config.of_version(configuration(self.cluster.spec), newest()))
        told = told.also(SERVER, {"feature-gates": f"{course.gate}=true"})
        written = texts(control_plane(told))
        return _put(machine, {path_of(name): written[path_of(name)] for name in COMPONENTS})


def _put(machine: Machine, files: Mapping[str, str]) -> Change:
    before = {path: machine.files.get(path) for path in files}
    machine.files.update(files)
    return Change(machine.name, {path: (before[path], text) for path, text in files.items()})


def _kubelet(machine: Machine, course: Course) -> Change:
    change = _put(machine, {flags.FILE: f'KUBELET_KUBEADM_ARGS="--feature-gates={course.gate}=true"\n'})
    change.kubelet = (flags.release(machine), newest())
    machine.packages[flags.KUBELET] = newest()
    _restart(machine)
    return change


def _restart(machine: Machine) -> None:
    machine.stop_process(flags.KUBELET)
    machine.start_process(flags.KUBELET)


def _take_back(machine: Machine, change: Change) -> None:
    for path, (before, after) in change.files.items():
        if machine.files.get(path) != after:
            continue
        if before is None:
            del machine.files[path]
        else:
            machine.files[path] = before
    if change.kubelet is not None and machine.packages.get(flags.KUBELET) == change.kubelet[1]:
        machine.packages[flags.KUBELET] = change.kubelet[0]
        _restart(machine)
