"""A profile: which plugins a scheduler runs, with which arguments and weights, under which name.

The default is upstream's (pkg/scheduler/apis/config/v1/default_plugins.go). Pods choose a profile by schedulerName.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from kubesim_tui.scheduler.framework import Plugin
from kubesim_tui.scheduler.plugins.balanced_allocation import BalancedAllocation
from kubesim_tui.scheduler.plugins.image_locality import ImageLocality
from kubesim_tui.scheduler.plugins.inter_pod_affinity import InterPodAffinity
from kubesim_tui.scheduler.plugins.node_affinity import NodeAffinityPlugin
from kubesim_tui.scheduler.plugins.node_name import NodeName
from kubesim_tui.scheduler.plugins.node_ports import NodePorts
from kubesim_tui.scheduler.plugins.node_resources_fit import NodeResourcesFit
from kubesim_tui.scheduler.plugins.node_unschedulable import NodeUnschedulable
from kubesim_tui.scheduler.plugins.node_volume_limits import NodeVolumeLimits
from kubesim_tui.scheduler.plugins.pod_topology_spread import PodTopologySpread
from kubesim_tui.scheduler.plugins.scheduling_gates import SchedulingGates
from kubesim_tui.scheduler.plugins.taint_toleration import TaintToleration
from kubesim_tui.scheduler.plugins.volume_binding import VolumeBinding
from kubesim_tui.scheduler.plugins.volume_restrictions import VolumeRestrictions
from kubesim_tui.scheduler.plugins.volume_zone import VolumeZone

DEFAULT_SCHEDULER = "default-scheduler"
DEFAULT_PLUGINS: tuple[Plugin, ...] = (
    SchedulingGates(),
    NodeUnschedulable(),
    NodeName(),
    TaintToleration(),
    NodeAffinityPlugin(),
    NodePorts(),
    NodeResourcesFit(),
    VolumeRestrictions(),
    NodeVolumeLimits(),
    VolumeBinding(),
    VolumeZone(),
    PodTopologySpread(),
    InterPodAffinity(),
    BalancedAllocation(),
    ImageLocality(),
)
DEFAULT_WEIGHTS: tuple[tuple[str, int], ...] = (
    ("TaintToleration", 3),
    ("NodeAffinity", 2),
    ("NodeResourcesFit", 1),
    ("VolumeBinding", 1),
    ("PodTopologySpread", 2),
    ("InterPodAffinity", 2),
    ("NodeResourcesBalancedAllocation", 1),
    ("ImageLocality", 1),
)
POINTS = ("pre_enqueue", "pre_filter", "filter", "pre_score", "score")


@frozen(eq=False)
class Profile:
    """Plugins by extension point, in the order of their calls."""

    name: str = DEFAULT_SCHEDULER
    plugins: tuple[Plugin, ...] = DEFAULT_PLUGINS
    weights: dict[str, int] = field(factory=lambda: dict(DEFAULT_WEIGHTS))
    disabled: frozenset[tuple[str, str]] = frozenset()  # (plugin, point)
    preempts: bool = True  # DefaultPreemption
    percentage: int = 0  # percentageOfNodesToScore; 0: adaptive
    candidates_percent: int = 10  # DefaultPreemptionArgs.minCandidateNodesPercentage
    candidates_least: int = 100  # … minCandidateNodesAbsolute
    bind_timeout: int = 600  # VolumeBindingArgs.bindTimeoutSeconds
    pre_enqueue: tuple[Plugin, ...] = field(init=False)
    pre_filter: tuple[Plugin, ...] = field(init=False)
    filter: tuple[Plugin, ...] = field(init=False)
    pre_score: tuple[Plugin, ...] = field(init=False)
    score: tuple[Plugin, ...] = field(init=False)
    by_name: dict[str, Plugin] = field(init=False)

    def __attrs_post_init__(self) -> None:
        for point in POINTS:
            taking = tuple(p for p in self.plugins if p.implements(point) and (p.name, point) not in self.disabled)
            object.__setattr__(self, point, taking)
        object.__setattr__(self, "by_name", {p.name: p for p in self.plugins})

    def __deepcopy__(self, _memo: Any) -> Profile:
        return self

    def weight(self, plugin: Plugin) -> int:
        """How much a plugin's score counts."""
        return self.weights.get(plugin.name, 1)
