"""kubectl describe daemonset."""

from __future__ import annotations

from kubesim_tui.kubectl.describe import template
from kubesim_tui.kubectl.describe.workload import pod_counts, selector_text
from kubesim_tui.kubectl.describe.writer import Data, Writer, at, flat


def describe(w: Writer, o: Data) -> None:
    """One DaemonSet."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    selector = selector_text(spec.get("selector"))
    w.name(o)
    w(0, f"Selector:\t{selector}")
    w(0, f"Node-Selector:\t{flat(at(spec, 'template', 'spec', 'nodeSelector'))}")
    w.about(o)
    for title, key in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        w(0, f"{title}: {status.get(key) or 0}")
    w(0, f"Pods Status:\t{pod_counts(w, o, selector)}")
    template.describe(w, spec.get("template"))
    w.events(o)
