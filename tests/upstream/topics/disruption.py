"""Disruption budgets: how many Pods may go."""

from kubesim_tui.controllers.disruption import Budget, NoScale, allowed, figures
from tests.upstream.adapters import answers


@answers("pod_disruption_budget")
def budget(given):
    pods, healthy = [], 0
    for group in given.rows("pods"):
        owner = None if group.get("owner") in (None, "none") else group["owner"]
        pods += [(f"p{len(pods) + i}", owner) for i in range(group["count"])]
        healthy += group["ready"]
    scales = {}
    for row in given.rows("controllers"):
        row.know("kind", "apiVersion")
        scales[row["name"]] = row.get("replicas") if row.get("scalable", True) else None
    try:
        found = figures(given["pdb"]["spec"], pods, scales)
    except NoScale:
        unknown = Budget(0, 0)
        return {"event_reason": "CalculateExpectedPodCountFailed", "disruptionsAllowed": allowed(unknown, healthy)}
    return {
        "disruptionsAllowed": allowed(found, healthy),
        "currentHealthy": healthy,
        "desiredHealthy": found.desired,
        "expectedPods": found.expected,
        "event_reason": "UnmanagedPods" if found.unmanaged else None,
    }
