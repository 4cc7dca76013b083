"""What descriptions of workloads share: how their Pods are."""

from __future__ import annotations

from kubesim_tui.api import labels
from kubesim_tui.kubectl.describe.writer import Data, Writer, meta

PHASES = ("Running", "Pending", "Succeeded", "Failed")


def selector_text(selector: Data | None) -> str:
    """A LabelSelector's text."""
    return str(labels.from_object(selector))


def pod_counts(w: Writer, o: Data, selector: str) -> str:
    """`2 Running / 0 Waiting / 0 Succeeded / 0 Failed` of the Pods that the object controls."""
    uid = meta(o).get("uid")
    counts = dict.fromkeys(PHASES, 0)
    for pod in w.list("pods", meta(o).get("namespace", ""), selector):
        refs = meta(pod).get("ownerReferences") or ()
        phase = (pod.get("status") or {}).get("phase")
        if phase in counts and any(r.get("controller") and r.get("uid") == uid for r in refs):
            counts[phase] += 1
    running, waiting, succeeded, failed = counts.values()
    return f"{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed"
