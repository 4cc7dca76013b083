"""Bindings on their way: Pods that have a node, but not yet in writing, and perhaps volumes to wait for.

A claim that waited for its first consumer is bound by the volume controller once the scheduler has reserved a volume
or named a node; the Pod is bound after that. If it takes longer than ten minutes, or the provisioner gives up, the
Pod goes back to the queue.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from kubesim_tui.api.types import PersistentVolume, PersistentVolumeClaim
from kubesim_tui.scheduler.calls import Bind, BindVolume, Call, SelectNode
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.plugins.volume_binding import SELECTED_NODE, Choice, is_bound, reachable
from kubesim_tui.scheduler.queue import QueuedPod
from kubesim_tui.scheduler.writer import reserved, selected

TIMED_OUT = "context deadline exceeded"


@define(eq=False)
class Binding:
    """One Pod on its way to a node."""

    queued: QueuedPod
    node: str
    choice: Choice
    since: int  # tick
    bound: bool = False  # its volumes are; the binding itself may be waiting to be written


@define(eq=False)
class Bindings:
    """All of them, by uid of the Pod."""

    by_uid: dict[str, Binding] = field(factory=dict)

    def begin(self, binding: Binding, handle: Handle) -> list[Call]:
        """Assume the volumes (Reserve), and say what has to be written."""
        info, choice = binding.queued.info, binding.choice
        self.by_uid[info.uid] = binding
        if not (choice.matches or choice.provisions):
            binding.bound = True
            return [Bind(info, binding.node)]
        calls: list[Call] = []
        for match in choice.matches:
            handle.assumed_volumes[match.volume.metadata.name] = reserved(match.volume, match.claim)
            calls.append(BindVolume(info, match))
        for claim in choice.provisions:
            meta = claim.metadata
            handle.assumed_claims[meta.namespace, meta.name] = selected(claim, binding.node)
            calls.append(SelectNode(info, claim, binding.node))
        return calls

    def end(self, uid: str, handle: Handle) -> Binding | None:
        """It is written, or has failed: nothing is assumed any more."""
        binding = self.by_uid.pop(uid, None)
        if binding is not None:
            for match in binding.choice.matches:
                handle.assumed_volumes.pop(match.volume.metadata.name, None)
            for claim in binding.choice.provisions:
                handle.assumed_claims.pop((claim.metadata.namespace, claim.metadata.name), None)
        return binding

    def waiting_for(self, claim: tuple[str, str]) -> list[str]:
        """The Pods that wait for a claim."""
        return [
            uid for uid, b in self.by_uid.items() if not b.bound and any(key == claim for key in claim_keys(b.choice))
        ]


def claim_keys(choice: Choice) -> list[tuple[str, str]]:
    """The claims that a choice is about."""
    claims = (*[m.claim for m in choice.matches], *choice.provisions)
    return [(c.metadata.namespace, c.metadata.name) for c in claims]


def check(binding: Binding, handle: Handle, tick: int, timeout: int) -> tuple[bool, str]:
    """Whether all claims are bound by now, or what went wrong (checkBindings)."""
    node = handle.node(binding.node)
    if node is None or node.node is None:
        return False, f'failed to get node "{binding.node}": node "{binding.node}" not found'
    done = True
    for namespace, name in claim_keys(binding.choice):
        claim = handle.table("persistentvolumeclaims").objects.get((namespace, name))
        if not isinstance(claim, PersistentVolumeClaim):
            key = f"{namespace}/{name}"
            return False, f'failed to check binding: could not find v1.PersistentVolumeClaim "{key}"'
        wrong = _wrong(binding, claim)
        volume = handle.table("persistentvolumes").objects.get(("", claim.spec.volume_name if claim.spec else ""))
        if isinstance(volume, PersistentVolume) and not reachable(volume, node.node):
            wrong = f'pv "{volume.metadata.name}" node affinity doesn\'t match node "{binding.node}"'
        if wrong:
            return False, wrong
        done = done and is_bound(claim)
    if not done and tick - binding.since >= timeout:
        return False, TIMED_OUT
    return done, ""


def _wrong(binding: Binding, claim: PersistentVolumeClaim) -> str:
    """The provisioner takes the annotation away when it gives up."""
    meta = claim.metadata
    mine: Iterable[str] = [c.metadata.uid for c in binding.choice.provisions]
    if meta.uid in mine and meta.annotations.get(SELECTED_NODE) != binding.node:
        return f'provisioning failed for PVC "{meta.name}"'
    return ""
