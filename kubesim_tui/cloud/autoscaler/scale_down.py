"""Which nodes are not needed: little used, and all of their Pods would find room elsewhere. As core/scaledown.

A node that is not needed for ten minutes may go, an unready one after twenty; not while nodes were added lately, and
no group becomes smaller than its least size. `Planner` remembers since when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import define, field, frozen

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.budgets import Budget
from kubesim_tui.api.helpers.nodes import has_taint, is_ready
from kubesim_tui.api.types import Node, Pod
from kubesim_tui.cloud.autoscaler.groups import Simulation
from kubesim_tui.cloud.autoscaler.options import Options
from kubesim_tui.cloud.autoscaler.pods import SAFE, blocks, stays
from kubesim_tui.cloud.service import TO_BE_DELETED

DISABLED = "cluster-autoscaler.kubernetes.io/scale-down-disabled"
CANDIDATE = "DeletionCandidateOfClusterAutoscaler"


@frozen(eq=False)
class Removable:
    """A node that is not needed, and the Pods that would move."""

    node: Node
    pods: tuple[Pod, ...]


@define(eq=False)
class Planner:
    """See the module. Times are ticks."""

    options: Options
    since: dict[str, int] = field(factory=dict)  # unneeded nodes
    removable: dict[str, Removable] = field(factory=dict)
    _recheck: dict[str, int] = field(factory=dict)  # when to ask again about one that stays

    def forget(self) -> None:
        """Nothing is known."""
        for known in (self.since, self.removable, self._recheck):
            known.clear()

    def look(
        self,
        candidates: Sequence[Node],
        destinations: Iterable[str],
        simulation: Simulation,
        budgets: Sequence[Budget],
        tick: int,
        now: int,
    ) -> None:
        """Find out anew which nodes are not needed. `now`: Unix seconds."""
        self.removable.clear()
        open_to = dict.fromkeys(destinations)
        left = [budget.allowed for budget in budgets]
        for node in candidates:
            name = node.metadata.name
            if not self._eligible(node, simulation, tick):
                continue
            found = _remove(node, open_to, simulation, budgets, left, now)
            if found is None:
                self._recheck[name] = tick + self.options.unremovable_recheck
            else:
                self.removable[name] = found
                del open_to[name]
        self.since = {name: self.since.get(name, tick) for name in self.removable}
        self._recheck = {name: at for name, at in self._recheck.items() if at > tick}

    def _eligible(self, node: Node, simulation: Simulation, tick: int) -> bool:
        """Whether it may go at all, was not found to be needed lately, and is little used."""
        name = node.metadata.name
        if has_taint(node, TO_BE_DELETED) or node.metadata.annotations.get(DISABLED) == "true":
            return False
        if self._recheck.get(name, 0) > tick:
            return False
        return utilization(simulation, name) < self.options.utilization_threshold

    def due(self, name: str) -> int:
        """The tick in which an unneeded node has been that for long enough."""
        wait = self.options.scale_down_unneeded_time
        if not is_ready(self.removable[name].node):
            wait = self.options.scale_down_unready_time
        return self.since[name] + wait + 1

    def rechecks(self) -> list[int]:
        """When nodes that stay are to be asked about again."""
        return list(self._recheck.values())

    def ripe(self, tick: int, room: Callable[[str], bool]) -> list[Removable]:
        """Nodes that may go now. `room` says whether a node's group may become smaller, and takes note."""
        return [one for name, one in self.removable.items() if self.due(name) <= tick and room(name)]


def utilization(simulation: Simulation, node: str) -> int:
    """The larger share, per mille, that is requested of a node's processors and memory."""
    cpu, cpus, memory, memories = simulation.requested(node)
    return max(cpu * 1000 // cpus if cpus else 0, memory * 1000 // memories if memories else 0)


def pods_to_move(pods: Iterable[Pod], budgets: Sequence[Budget], left: list[int], now: int) -> list[Pod] | str:
    """The Pods of a node that must find room elsewhere, or why it cannot go. `left`: what budgets still allow."""
    found: list[Pod] = []
    spent = list(left)
    for pod in pods:
        if stays(pod, now):
            continue
        mine = [i for i, budget in enumerate(budgets) if _covers(budget, pod)]
        why = blocks(pod, budgeted=bool(mine))
        if why:
            return why
        for i in mine if pod.metadata.annotations.get(SAFE) != "true" else ():
            spent[i] -= 1
            if spent[i] < 0:
                return "NotEnoughPdb"
        found.append(pod)
    left[:] = spent
    return found


def _covers(budget: Budget, pod: Pod) -> bool:
    """An empty selector chooses every Pod of the namespace, none chooses nobody."""
    return budget.namespace == pod.metadata.namespace and selector.matches(budget.selector, pod.metadata.labels)


def _remove(
    node: Node,
    open_to: Mapping[str, None],
    simulation: Simulation,
    budgets: Sequence[Budget],
    left: list[int],
    now: int,
) -> Removable | None:
    """The node without its Pods, which are elsewhere in the simulation from now on; None if that cannot be."""
    name, before = node.metadata.name, list(left)
    moving = pods_to_move(simulation.pods(name), budgets, left, now)
    if isinstance(moving, str):
        return None
    for pod in moving:
        simulation.take(pod)
    others = {other: None for other in open_to if other != name}
    placed: list[Pod] = []
    for pod in moving:
        if not simulation.place(_unbound(pod), others):
            for back in placed:
                simulation.take(back)
            for back in moving:
                simulation.put(back, name)
            left[:] = before
            return None
        placed.append(pod)
    return Removable(node, tuple(moving))


def _unbound(pod: Pod) -> Pod:
    assert pod.spec is not None
    return pod.evolve(spec=pod.spec.evolve(node_name=""))
