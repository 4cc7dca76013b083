"""The framework that plugins are written against: statuses, the state of one cycle, and the extension points.

A plugin is a frozen value that holds its arguments and nothing else. What it works out for one Pod lies in the
`CycleState`, a plain dict by plugin name, and lives as long as the scheduling of that Pod. Success is None, as it is
nil upstream, so that the many nodes that pass cost nothing.

An extension point that a plugin does not override is not called (`implements`). Names and meaning of the points are
upstream's (pkg/scheduler/framework/interface.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from attrs import frozen

from kubesim_tui.api.types import Object
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo

MAX_NODE_SCORE = 100


class Code(StrEnum):
    """What a plugin answers."""

    SUCCESS = "Success"
    ERROR = "Error"
    UNSCHEDULABLE = "Unschedulable"  # not here now; preemption may help
    UNRESOLVABLE = "UnschedulableAndUnresolvable"  # not here, whatever is preempted
    WAIT = "Wait"
    SKIP = "Skip"  # the plugin has nothing to do with this Pod
    PENDING = "Pending"


@frozen
class Status:
    """An answer other than success. `plugin` is who gave it."""

    code: Code
    reasons: tuple[str, ...] = ()
    plugin: str = ""

    @property
    def message(self) -> str:
        """All reasons in one line."""
        return ", ".join(self.reasons)

    @property
    def rejected(self) -> bool:
        """The Pod does not fit (as opposed to: something went wrong)."""
        return self.code in (Code.UNSCHEDULABLE, Code.UNRESOLVABLE, Code.PENDING)

    def __deepcopy__(self, _memo: Any) -> Status:
        return self


SKIP = Status(Code.SKIP)
CycleState: TypeAlias = dict[str, Any]
"""What plugins worked out for the Pod at hand, by plugin name; plain data."""
NodeNames: TypeAlias = frozenset[str]


def unschedulable(*reasons: str, plugin: str = "") -> Status:
    """Not here as things are."""
    return Status(Code.UNSCHEDULABLE, reasons, plugin)


def unresolvable(*reasons: str, plugin: str = "") -> Status:
    """Not here, and no preemption would change that."""
    return Status(Code.UNRESOLVABLE, reasons, plugin)


def error(message: str, plugin: str = "") -> Status:
    """Something went wrong; the Pod is tried again after a back-off."""
    return Status(Code.ERROR, (message,), plugin)


class Plugin:
    """One plugin: override the extension points that it takes part in.

    `local_filter` and `local_score` say that the answer depends on nothing but the Pod's template and the one node;
    such answers are kept while the node stays as it is (columns.py).
    """

    name: ClassVar[str] = ""
    local_filter: ClassVar[bool] = False
    local_score: ClassVar[bool] = False
    events: ClassVar[tuple[ClusterEvent, ...]] = ()

    def __deepcopy__(self, _memo: Any) -> Plugin:
        return self

    def implements(self, point: str) -> bool:
        """Whether it takes part in an extension point, by its method's name."""
        return getattr(type(self), point) is not getattr(Plugin, point)

    def pre_enqueue(self, pod: PodInfo) -> Status | None:
        """Before a Pod may enter the active queue."""

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Once a Pod: work out what `filter` needs. May name the only nodes that come into question."""
        return None, None

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Whether the Pod can run on a node."""

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """What `pre_filter` worked out, as if another Pod ran on a node, too."""

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """What `pre_filter` worked out, as if another Pod were gone from a node."""

    def copy_state(self, found: Any) -> Any:
        """An independent copy of what `pre_filter` left, for what-if (only if `add_pod` changes it)."""
        return found

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], handle: Handle) -> Status | None:
        """Once a Pod: work out what `score` needs, from the nodes that passed."""

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """How good a node is; any integer."""
        return 0

    def normalize(
        self, state: CycleState, pod: PodInfo, scores: Sequence[int], nodes: Sequence[NodeInfo]
    ) -> Sequence[int]:
        """The scores brought to 0…100."""
        return scores

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """Whether a change of the cluster may let a Pod pass that this plugin refused (a queueing hint)."""
        return True


def default_normalize(scores: Sequence[int], *, reverse: bool = False) -> list[int]:
    """Scores scaled so that the highest is 100; reversed, 100 minus that (DefaultNormalizeScore)."""
    highest = max(scores, default=0)
    if highest <= 0:
        return [MAX_NODE_SCORE] * len(scores) if reverse else list(scores)
    scaled = [s * MAX_NODE_SCORE // highest for s in scores]
    return [MAX_NODE_SCORE - s for s in scaled] if reverse else scaled


def clone_state(state: CycleState, plugins: Sequence[Plugin]) -> CycleState:
    """A copy of a cycle's state that what-if may change."""
    copies = dict(state)
    for plugin in plugins:
        if plugin.name in copies:
            copies[plugin.name] = plugin.copy_state(copies[plugin.name])
    return copies
