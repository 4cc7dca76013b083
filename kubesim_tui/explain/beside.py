"""Why a node has no memory or no processes left: something runs there beside its containers."""

from __future__ import annotations

from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence

NO_FORK = "resource temporarily unavailable"
"""What the kernel says when it cannot make a process."""


def takes_memory(evidence: Evidence, node: str) -> Chain | None:
    """The chain behind a node whose memory is held by something else than Pods; None if that is not it."""
    found, about = evidence.world.beside(node), _node(node)
    if found is None or found.memory <= found.largest:
        return None
    text = f"{' and '.join(found.names)} on machine {node}, beside all Pods, holds {found.memory >> 20} MiB of memory"
    return Chain((Link(text, "machine", None, about),), "node-memory", about)


def takes_pids(evidence: Evidence, node: str) -> Chain | None:
    """The chain behind a node whose processes are something else than containers; None if that is not it."""
    found, about = evidence.world.beside(node), _node(node)
    if found is None or not found.forks:
        return None
    text = f"{' and '.join(found.names)} on machine {node}, beside all Pods, forks whenever it can"
    return Chain((Link(text, "machine", None, about),), "node-pids", about)


def _node(name: str) -> Subject:
    return "Node", "", name
