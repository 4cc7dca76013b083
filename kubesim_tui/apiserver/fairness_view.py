"""What is seen of priority and fairness: the dump of its levels, and whether a schema's level is there."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver.fairness import LEVELS, Fairness, Flood

DUMP = "/debug/api_priority_and_fairness/dump_priority_levels"
HEAD = (
    "PriorityLevelName", "ActiveQueues", "IsIdle", "IsQuiescing", "WaitingRequests", "ExecutingRequests",
    "DispatchedRequests", "RejectedRequests", "TimedoutRequests", "CancelledRequests",
)  # fmt: skip


def levels(fairness: Fairness) -> Iterator[tuple[str, ...]]:
    """A row for each priority level, as the dump has them."""
    dispatched: dict[str, int] = {}
    for count, request in fairness.asked.values():
        flow = fairness.flow_of(request)
        name = flow.level if flow is not None else "exempt"
        dispatched[name] = dispatched.get(name, 0) + count
    return (_row(fairness, name, dispatched.get(name, 0)) for name in sorted(fairness.objects(LEVELS)))


def _row(fairness: Fairness, level: str, asked: int) -> tuple[str, ...]:
    """A flood keeps all seats of its level taken, and the queues full that its flow is dealt."""
    seats, rejected = fairness.seats(level), fairness.rejected.get(level, 0)
    executing, waiting = fairness.busy.get(level, (0, 0))
    done, queues = asked - rejected - waiting, int(waiting > 0)
    for flood in _floods(fairness, level):
        lasts, taken = fairness.etcd.clock.tick - flood.since, min(seats, flood.rate)
        done, rejected, executing = done + taken * lasts, rejected + (flood.rate - taken) * lasts, seats
        if flood.rate > seats:
            queuing = fairness.limited()[level]["limitResponse"].get("queuing", {})
            queues += queuing.get("handSize", 0)
            waiting += queuing.get("handSize", 0) * queuing.get("queueLengthLimit", 0)
    idle = str(not executing).lower()
    return (level, str(queues), idle, "false", str(waiting), str(executing), str(done), str(rejected), "0", "0")


def _floods(fairness: Fairness, level: str) -> Iterator[Flood]:
    for flood in fairness.floods.values():
        flow = fairness.flow_of(flood.request)
        if flow is not None and flow.level == level:
            yield flood


@frozen(eq=False)
class SchemaView:
    """Fills in a FlowSchema's condition Dangling when it is read: a hook of the registry (`Registry.views`)."""

    fairness: Fairness

    def render(self, obj: Object) -> Object:
        """The FlowSchema as its controller would have it."""
        if not isinstance(obj, Unstructured):
            return obj
        level = obj.rest["spec"]["priorityLevelConfiguration"]["name"]
        there = level in self.fairness.objects(LEVELS)
        reference = f'This FlowSchema references the PriorityLevelConfiguration object named "{level}"'
        condition = {
            "type": "Dangling",
            "status": str(not there).capitalize(),
            "reason": "Found" if there else "NotFound",
            "message": f"{reference} and it exists" if there else f"{reference} but there is no such object",
        }
        return obj.evolve(rest=FrozenMap({**obj.rest, "status": FrozenMap({"conditions": (FrozenMap(condition),)})}))
