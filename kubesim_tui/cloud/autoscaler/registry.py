"""What cluster-autoscaler knows of its groups from one round to the next. As clusterstate/clusterstate.go.

Which nodes are ready, which are still on their way; which groups were asked to grow, when, and whether that came to
an end, to an error or to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import define, field, frozen

from kubesim_tui.api.helpers.nodes import has_taint, is_ready
from kubesim_tui.api.types import Node
from kubesim_tui.cloud.autoscaler.backoff import Backoff
from kubesim_tui.cloud.autoscaler.groups import OUT_OF_RESOURCE, Failure, Group
from kubesim_tui.cloud.autoscaler.options import Options
from kubesim_tui.cloud.autoscaler.status import Counts
from kubesim_tui.cloud.node import is_uninitialized
from kubesim_tui.cloud.service import TO_BE_DELETED

MAX_STARTUP = 900
OK_UNREADY, MAX_UNREADY_PER_CENT = 3, 45


@frozen(eq=False)
class Readiness:
    """Nodes of a group by how they fare; `missing`: machines that have no node yet."""

    ready: tuple[str, ...] = ()
    not_started: tuple[str, ...] = ()
    unready: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def counts(self) -> Counts:
        """As the status tells them."""
        kinds = (self.ready, self.not_started, self.unready, self.deleted)
        total = sum(len(kind) for kind in kinds)
        ready, fresh, unready, deleted = (len(kind) for kind in kinds)
        return Counts(total, ready, fresh, deleted, unready, len(self.missing))

    def upcoming(self, group: Group, long_missing: int) -> int:
        """How many nodes are still to come, or to become ready."""
        return max(0, group.size - len(self.ready) - len(self.unready) - len(self.deleted) - long_missing)


def readiness(nodes: Iterable[Node], now: int, instances: Iterable[str] = ()) -> Readiness:
    """How some nodes fare. `now`: Unix seconds; `instances`: the machines that should have one."""
    kinds: dict[str, list[str]] = {"ready": [], "not_started": [], "unready": [], "deleted": []}
    known: set[str] = set()
    for node in nodes:
        known.add(node.metadata.name)
        ready = is_ready(node) and not is_uninitialized(node)
        young = (node.metadata.creation_timestamp or 0) + MAX_STARTUP > now
        kind = "ready" if ready else "not_started" if young else "unready"
        kinds["deleted" if has_taint(node, TO_BE_DELETED) else kind].append(node.metadata.name)
    missing = tuple([name for name in instances if name not in known])
    return Readiness(**{kind: tuple(names) for kind, names in kinds.items()}, missing=missing)


def is_healthy(state: Readiness) -> bool:
    """Whether not too many nodes are unready."""
    total = state.counts.registered
    return len(state.unready) <= OK_UNREADY or len(state.unready) * 100 <= total * MAX_UNREADY_PER_CENT


@define(eq=False)
class Request:
    """A group was asked to grow. Times are ticks."""

    at: int
    until: int
    more: int


@define(eq=False)
class Registry:
    """See the module."""

    options: Options
    backoff: Backoff
    requests: dict[str, Request] = field(factory=dict)
    missing_since: dict[str, int] = field(factory=dict)  # machines without a node

    def forget(self) -> None:
        """Nothing is known."""
        self.requests.clear()
        self.missing_since.clear()
        self.backoff.rests.clear()

    def asked(self, group: str, more: int, tick: int) -> None:
        """A group was asked to grow."""
        known = self.requests.get(group)
        before = known.more if known is not None else 0
        self.requests[group] = Request(tick, tick + self.options.max_node_provision_time, before + more)

    def look(self, states: Sequence[tuple[Group, Readiness]], tick: int) -> list[str]:
        """Close requests that came to an end; the texts of those that took too long."""
        self.backoff.forget_stale(tick)
        missing = [name for _, state in states for name in state.missing]
        self.missing_since = {name: self.missing_since.get(name, tick) for name in missing}
        late: list[str] = []
        for group, state in states:
            request = self.requests.get(group.name)
            if request is None:
                continue
            if not state.upcoming(group, self.long_missing(state, tick)):
                del self.requests[group.name]
                self.backoff.forget(group.name)
            elif request.until < tick:
                late.append(f"Nodes added to group {group.name} failed to register within {_span(tick - request.at)}")
                said = f"Scale-up timed out for node group {group.name} after {_span(tick - request.at)}"
                self.backoff.fail(group.name, Failure("Other", "timeout", said), tick)
                del self.requests[group.name]
        return late

    def failed(self, group: Group, tick: int) -> list[tuple[str, list[str]]]:
        """(what to say, orders to take back) of machines that could not be made, an entry for each cause."""
        causes: dict[str, list[tuple[str, Failure]]] = {}
        for name, failure in group.instances.items():
            if failure is not None:
                causes.setdefault(str(failure), []).append((name, failure))
        found: list[tuple[str, list[str]]] = []
        for cause, cases in causes.items():
            names = [name for name, _ in cases]
            source = ", ".join(dict.fromkeys(failure.message for _, failure in cases))
            text = f"Failed adding {len(names)} nodes to group {group.name} due to {cause}; source errors: {source}"
            found.append((text if group.name in self.requests else "", names))
            self.backoff.fail(group.name, Failure(OUT_OF_RESOURCE, cases[0][1].code, source), tick)
            request = self.requests.get(group.name)
            if request is not None:
                request.more -= len(names)
                if request.more <= 0:
                    del self.requests[group.name]
        return found

    def long_missing(self, state: Readiness, tick: int) -> int:
        """How many machines should have had a node long ago."""
        limit = self.options.max_node_provision_time
        return sum(self.missing_since.get(name, tick) + limit < tick for name in state.missing)


def _span(seconds: int) -> str:
    """As Go writes a duration of whole seconds."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s" if minutes else f"{rest}s"
