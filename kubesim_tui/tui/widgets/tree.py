"""What leads to what: users → route → Service → workload → Pods, as a tree of items to be drawn.

Pure structure, no cells. A Service is drawn under the first path that leads to it; what no path reaches comes after,
and workloads without a Service last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from attrs import frozen

from kubesim_tui.cluster.view import PodView, Ref, RouteView, ServiceView, TrafficView, View, WorkloadView

SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease", "ingress-nginx", "local-path-storage"})

T = TypeVar("T")


@frozen
class Item:
    """One thing in the tree; `service` comes with a route that leads to it and shows it first.

    `rails` says for each level from the top whether more siblings follow there; the last is the item's own.
    """

    thing: Thing
    rails: tuple[bool, ...] = ()
    service: ServiceView | None = None

    @property
    def depth(self) -> int:
        """Levels below the top."""
        return len(self.rails)


@frozen
class Host:
    """The heading of an Ingress's rules for one host."""

    ref: Ref
    host: str


Thing = TrafficView | Host | RouteView | ServiceView | WorkloadView | PodView | tuple[str, str, bool]


def visible(ref: Ref, system: bool) -> bool:
    """Whether an object belongs on the board: not the cluster's own, unless `system`."""
    return system or (ref.namespace not in SYSTEM and ref != Ref("Service", "default", "kubernetes"))


def hosts(routes: Sequence[RouteView]) -> dict[Host, list[RouteView]]:
    """Routes by Ingress and host, in the order of the view."""
    found: dict[Host, list[RouteView]] = {}
    for route in routes:
        found.setdefault(Host(route.ref, route.host), []).append(route)
    return found


def items(view: View, system: bool = False) -> list[Item]:
    """The tree, in reading order."""
    services = {s.ref: s for s in view.services if visible(s.ref, system)}
    left = {w.ref: w for w in view.workloads if visible(w.ref, system)}
    found = [Item(stream) for stream in view.traffic]
    for host, routes in hosts(view.routes).items():
        found.append(Item(host))
        for route, more in _more(routes):
            service = services.pop(route.service, None)
            found.append(Item(route, (more,), service))
            found += _behind(service, (more,), left) if service else []
    for service in services.values():
        found.append(Item(service))
        found += _behind(service, (), left)
    for work in left.values():
        found += _workload(work, ())
    return found + [Item(system_outside) for system_outside in view.outside]


def _more(things: Sequence[T]) -> list[tuple[T, bool]]:
    """Each thing, and whether another follows."""
    return [(thing, n < len(things) - 1) for n, thing in enumerate(things)]


def _behind(service: ServiceView, rails: tuple[bool, ...], left: dict[Ref, WorkloadView]) -> list[Item]:
    """The workloads behind a Service that have not been drawn yet, with their Pods."""
    mine = [left.pop(ref) for ref in service.workloads if ref in left]
    return [item for work, more in _more(mine) for item in _workload(work, (*rails, more))]


def _workload(work: WorkloadView, rails: tuple[bool, ...]) -> list[Item]:
    if work.ref.kind == "Pod":
        return [Item(pod, rails) for pod in work.pods[:1]]
    return [Item(work, rails), *(Item(pod, (*rails, more)) for pod, more in _more(work.pods))]


@frozen
class Group:
    """Pods of one node that belong together; `system`: they are the cluster's own and stay in the background."""

    name: str
    pods: tuple[PodView, ...]
    system: bool = False


def by_workload(pods: Iterable[PodView], system: bool) -> list[Group]:
    """Pods by workload, in the order of the view; the cluster's own last, as one group unless `system`."""
    groups: dict[tuple[bool, str], list[PodView]] = {}
    for pod in pods:
        own = not visible(pod.ref, False)
        groups.setdefault((own, "sys" if own and not system else _name_of(pod)), []).append(pod)
    ordered = sorted(groups.items(), key=lambda group: group[0][0])
    return [Group(name, tuple(members), own) for (own, name), members in ordered]


def _name_of(pod: PodView) -> str:
    """What a Pod is called beside its like: its workload, or a static Pod's own name without that of its node."""
    if pod.owner is None or pod.owner.kind == "Node":
        return pod.ref.name.removesuffix(f"-{pod.node}")
    return pod.owner.name


def by_node(pods: Iterable[PodView], letters: dict[str, str]) -> list[tuple[str, list[PodView]]]:
    """Pods by the letter of their node, in the order of the letters; those without a node last, under ``-``."""
    groups: dict[str, list[PodView]] = {}
    for pod in pods:
        groups.setdefault(letters.get(pod.node, "-"), []).append(pod)
    return sorted(groups.items(), key=lambda group: (group[0] == "-", len(group[0]), group[0]))
