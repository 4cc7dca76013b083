"""What the scheduler still has to write, in order: bindings, conditions, claims, deletions of victims.

Scheduling does not wait for its writes (upstream binds in a goroutine for each Pod): a Pod is assumed to run on its
node, and its calls wait here until the client's budget allows them. Each is plain data; writer.py carries them out.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from kubesim_tui.api.types import PersistentVolumeClaim, PodCondition
from kubesim_tui.scheduler.plugins.volume_binding import Match
from kubesim_tui.scheduler.pod_info import PodInfo


@frozen(eq=False)
class Bind:
    """Bind a Pod to the node that it is assumed on."""

    pod: PodInfo
    node: str


@frozen(eq=False)
class BindVolume:
    """Reserve a volume for a claim of a Pod."""

    pod: PodInfo
    match: Match


@frozen(eq=False)
class SelectNode:
    """Tell the provisioner for which node a claim's volume must be made."""

    pod: PodInfo
    claim: PersistentVolumeClaim
    node: str


@frozen(eq=False)
class SetStatus:
    """Write a Pod's condition (None: leave it) and its nominated node (None: leave it)."""

    pod: PodInfo
    condition: PodCondition | None
    nominated: str | None


@frozen(eq=False)
class Evict:
    """Delete a victim of preemption; the preemptor waits until the last one is deleted."""

    pod: PodInfo  # the preemptor
    victim: PodInfo
    node: str
    last: bool


Call: TypeAlias = Bind | BindVolume | SelectNode | SetStatus | Evict
