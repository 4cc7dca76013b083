"""What keeps a Pod from answering though it has little to do: its disk is slow, or strangers hold its servers."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.explain import storage
from kubesim_tui.explain.chain import Chain, Link, subject
from kubesim_tui.explain.evidence import Evidence


def stalled(evidence: Evidence, pod: types.Pod) -> Chain | None:
    """The chain behind a Pod whose servers wait; None if that is not it."""
    return storage.slow(evidence, pod) or _besieged(evidence, pod)


def _besieged(evidence: Evidence, pod: types.Pod) -> Chain | None:
    held, kept, servers = evidence.world.held(pod.metadata.namespace, pod.metadata.name)
    if not kept:
        return None
    text = f"{held} connections that never send a whole request hold {kept} of its {servers} servers"
    owner = subject(evidence.workload(pod))
    return Chain((Link(f"Pod {pod.metadata.name}: {text}", "kubelet", None, subject(pod)),), "slow-loris", owner)
