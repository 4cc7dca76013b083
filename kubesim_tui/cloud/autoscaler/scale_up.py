"""Which group is to grow by how many nodes, for Pods that find no room. Pure but for the simulation that it is given.

For each group that may grow: which Pods a node of it could take, and by first-fit decreasing how many nodes they need.
The group that would waste least of its processors and memory is taken (`--expander=least-waste`); of equals the first.
As core/scaleup/orchestrator and estimator/binpacking_estimator.go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from attrs import define, field, frozen

from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.helpers.resources import amount, request_amounts
from kubesim_tui.api.types import Pod, PodSpec
from kubesim_tui.cloud.autoscaler.groups import Group, Simulation, Template

BACKOFF = "in backoff after failed scale-up"
MAX_SIZE = "max node group size reached"
MILLION = 1_000_000


@frozen(eq=False)
class Increase:
    """A group that is to grow, for whom."""

    group: Group
    more: int
    pods: tuple[Pod, ...]

    @property
    def size(self) -> int:
        """Its new size."""
        return self.group.size + self.more

    def __str__(self) -> str:
        return f"{self.group.name} {self.group.size}->{self.size} (max: {self.group.largest})"


@frozen(eq=False)
class Plan:
    """What is to be done: perhaps a group grows; Pods that no group helps, with the reasons."""

    increase: Increase | None
    helpless: tuple[tuple[Pod, str], ...]


@define(eq=False)
class _Equals:
    """Pods of one template: which groups would take them, and why others would not."""

    pods: list[Pod]
    groups: dict[str, None] = field(factory=dict)
    rejected: dict[str, tuple[str, ...]] = field(factory=dict)


@frozen(eq=False)
class _Option:
    group: Group
    nodes: int
    pods: tuple[Pod, ...]
    waste: int


def plan(
    equals: Sequence[Sequence[Pod]],
    groups: Sequence[Group],
    resting: Callable[[str], bool],
    simulate: Callable[[], Simulation],
    template: Callable[[str, str], Template],
) -> Plan:
    """What to do for Pods that find no room, given as groups of equals."""
    waiting = [_Equals(list(pods)) for pods in equals]
    skipped: dict[str, str] = {}
    options: list[_Option] = []
    for group in groups:
        why = BACKOFF if resting(group.name) else MAX_SIZE if group.size >= group.largest else ""
        if why:
            skipped[group.name] = why
            continue
        option = _option(group, waiting, simulate(), template)
        if option is not None:
            options.append(option)
    helpless = tuple([(pod, reasons(one.rejected, skipped)) for one in waiting if not one.groups for pod in one.pods])
    if not options:
        return Plan(None, helpless)
    best = min(options, key=lambda option: option.waste)
    more = min(best.nodes, best.group.largest - best.group.size)
    return Plan(Increase(best.group, more, best.pods), helpless)


def reasons(rejected: Mapping[str, tuple[str, ...]], skipped: Mapping[str, str]) -> str:
    """All reasons of all groups, counted."""
    counted = Counter([reason for given in rejected.values() for reason in given])
    counted.update(skipped.values())
    return ", ".join(f"{count} {reason}" for reason, count in counted.items())


def _option(
    group: Group, waiting: Sequence[_Equals], simulation: Simulation, template: Callable[[str, str], Template]
) -> _Option | None:
    """What a group could do."""
    sample = template(group.name, f"template-node-for-{group.name}")
    name = sample.node.metadata.name
    simulation.add_node(sample.node, sample.pods)
    takes: list[_Equals] = []
    for one in waiting:
        refusal = simulation.refusal(one.pods[0], name)
        if refusal is None:
            one.groups[group.name] = None
            takes.append(one)
        else:
            one.rejected[group.name] = refusal
    simulation.remove_node(name)
    size = _capacity(sample)
    takes.sort(key=lambda one: _score(one.pods[0], size), reverse=True)
    packing = _Packing(simulation, lambda new: template(group.name, new), group.largest - group.size)
    for one in takes:
        packing.add(one.pods)
    if not packing.placed:
        return None
    return _Option(group, len(packing.used), tuple(packing.placed), _waste(packing.placed, size, len(packing.used)))


@define(eq=False)
class _Packing:
    """Pods on new nodes: each goes to the first that it fits on, else to one more."""

    simulation: Simulation
    template: Callable[[str], Template]
    most: int
    placed: list[Pod] = field(factory=list)
    used: dict[str, None] = field(factory=dict)
    nodes: dict[str, None] = field(factory=dict)
    last: str = ""

    def add(self, pods: Sequence[Pod]) -> None:
        """Pods of one template. One that finds no room ends it: the others would not, either."""
        for pod in pods:
            node = self.simulation.place(pod, self.nodes) if self.nodes else ""
            if not node:
                if (self.last and self.last not in self.used) or len(self.nodes) >= self.most:
                    return
                self._new()
                node = self.simulation.place(pod, (self.last,))
            if not node:
                return
            self.used[node] = None
            self.placed.append(pod)

    def _new(self) -> None:
        self.last = f"e-{len(self.nodes)}"
        found = self.template(self.last)
        self.simulation.add_node(found.node, found.pods)
        self.nodes[self.last] = None


def _capacity(sample: Template) -> tuple[int, int]:
    """Millicores and bytes that a node has."""
    status = sample.node.status
    has = status.capacity if status is not None else EMPTY
    return amount("cpu", has.get("cpu", "0")), amount("memory", has.get("memory", "0"))


def _wanted(pod: Pod) -> tuple[int, int]:
    amounts = request_amounts(pod.spec or PodSpec())
    return amounts.get("cpu", 0), amounts.get("memory", 0)


def _score(pod: Pod, size: tuple[int, int]) -> int:
    """How much of a node a Pod takes: the shares of processors and memory, in millionths, together."""
    return sum(wanted * MILLION // has for wanted, has in zip(_wanted(pod), size, strict=True) if has)


def _waste(pods: Sequence[Pod], size: tuple[int, int], nodes: int) -> int:
    """What of the new nodes nobody asks for: the shares of processors and memory, in millionths, together."""
    wanted = [sum(amounts) for amounts in zip(*(_wanted(pod) for pod in pods), strict=True)]
    return sum((has * nodes - w) * MILLION // (has * nodes) for w, has in zip(wanted, size, strict=True) if has)
