"""Why a connection was not even begun: a kernel has no room for it, or its caller no port."""

from __future__ import annotations

from kubesim_tui.explain.chain import Chain, Link
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, last


def table_full(evidence: Evidence, failed: Failed) -> Chain:
    """The kernel of a machine tracks as many connections as it may."""
    node = last(failed, "Node")
    name = node[2] if node is not None else ""
    head = Link(f"the kernel of node {name} says {failed.detail}", "machine", None, node)
    use = evidence.world.connections(name)
    if use is None:
        return Chain((head,), "conntrack-full", node)
    stuck = f"; {use.stuck} of them are never closed" if use.stuck else ", each for 120 s after it was closed"
    return Chain(
        (head, Link(f"it tracks {use.tracked} of {use.limit} connections{stuck}", "machine", None, node)),
        "conntrack-full",
        node,
    )


def not_enough(evidence: Evidence, failed: Failed) -> Chain:
    """The nginx of an ingress controller's Pod holds as many connections as it may."""
    pod = last(failed, "Pod")
    name = pod[2] if pod is not None else ""
    link = Link(f"nginx in Pod {name} says {failed.detail}", "ingress-nginx-controller", None, pod)
    return Chain((link,), "worker-connections", evidence.workload_of(pod))


def no_port(_evidence: Evidence, failed: Failed) -> Chain:
    """A program has opened as many connections to one place as it has ports."""
    pod = last(failed, "Pod") or (failed.way[-1] if failed.way else None)
    return Chain((Link(failed.detail, "machine", None, pod),), "port-exhaustion", pod)
