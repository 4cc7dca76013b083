"""Whose doing it is: who changed, last and lately, the object at which a chain ends.

People and pipelines, not the cluster's own components. Causes that lie in the world (power, links) are nobody's doing.
"""

from __future__ import annotations

from kubesim_tui.api import scheme
from kubesim_tui.explain.chain import Chain, Link
from kubesim_tui.explain.evidence import Evidence

DOINGS = (
    "scaled-to-zero", "selector-mismatch", "network-policy", "image-pull", "wrong-target-port", "wrong-service-port",
    "not-ready", "bad-release", "config-missing", "env-empty", "stale-env", "crash-loop", "unschedulable", "cordoned",
    "runs-as-root", "not-created", "rollout-paused", "suspended", "budget", "source-ranges", "policy-local",
    "preempted", "dns-config", "dns-name",
)  # fmt: skip
"""Causes that somebody may have written."""
LATELY = 300
VERBS = {"create": "created", "update": "changed", "patch": "changed"}


def by_whom(evidence: Evidence, chain: Chain) -> Chain:
    """The same, ending with who did it, if that is known."""
    if chain.object is None or chain.cause not in DOINGS:
        return chain
    kind, namespace, name = evidence.workload_of(chain.object) or chain.object
    resource = scheme.named(kind)
    for record in reversed(evidence.requests):
        if resource is None or evidence.tick - record.tick > LATELY:
            break
        mine = (record.resource, record.namespace, record.name) == (resource.group_resource, namespace, name)
        if mine and record.verb in VERBS and record.code < 300 and not record.user.startswith("system:"):
            what = "scaled" if record.subresource == "scale" else VERBS[record.verb]
            text = f"{kind} {name} was last {what} by {record.user}"
            known = any(link.text == text for link in chain.links)
            return chain if known else chain.then(Link(text, "kube-apiserver", record.tick, (kind, namespace, name)))
    return chain
