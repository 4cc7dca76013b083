"""What Pods and Pod templates have in common, and the template itself."""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.table.model import selector
from kubesim_tui.kubectl.describe import containers, volumes
from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer, meta


def describe(w: Writer, template: Data | None) -> None:
    """A Pod template."""
    w(0, "Pod Template:")
    if template is None:
        w.part(1, "<unset>")
        return
    spec = template.get("spec") or {}
    w.labels("  Labels", meta(template).get("labels"))
    if meta(template).get("annotations"):
        w.annotations(meta(template)["annotations"], "  Annotations")
    if spec.get("serviceAccountName"):
        w(1, f"Service Account:\t{spec['serviceAccountName']}")
    if spec.get("initContainers"):
        containers.describe(w, "Init Containers", spec["initContainers"], [], None, "  ")
    containers.describe(w, "Containers", spec.get("containers") or [], [], None, "  ")
    volumes.describe(w, spec.get("volumes") or [], "  ")
    spread(w, spec, "  ")
    if spec.get("priorityClassName"):
        w(1, f"Priority Class Name:\t{spec['priorityClassName']}")
    placement(w, spec, "  ")
    group(w, spec, "  ")


def spread(w: Writer, spec: Data, space: str) -> None:
    """Topology spread constraints."""
    rows = []
    for c in sorted(spec.get("topologySpreadConstraints") or (), key=lambda c: str(c.get("topologyKey", ""))):
        row = f"{c.get('topologyKey', '')}:{c.get('whenUnsatisfiable', '')} when max skew {c.get('maxSkew', 0)}"
        row += " is exceeded"
        if c.get("labelSelector") is not None:
            row += f" for selector {selector(c['labelSelector'])}"
        rows.append(row)
    if rows:
        w.column(f"{space}Topology Spread Constraints:", rows, space)


def placement(w: Writer, spec: Data, space: str) -> None:
    """Node selectors and tolerations."""
    w.labels(f"{space}Node-Selectors", spec.get("nodeSelector"))
    rows = [_toleration(t) for t in sorted(spec.get("tolerations") or (), key=lambda t: str(t.get("key", "")))]
    w.column(f"{space}Tolerations:", rows or [NONE])


def group(w: Writer, spec: Data, space: str) -> None:
    """The group with which a Pod is scheduled."""
    if spec.get("schedulingGroup"):
        w(0, f"{space}SchedulingGroup:")
        w(1, f"PodGroupName:\t{spec['schedulingGroup'].get('podGroupName', '')}")


def _toleration(t: dict[str, Any]) -> str:
    text = str(t.get("key", ""))
    if t.get("value"):
        text += f"={t['value']}"
    if t.get("effect"):
        text += f":{t['effect']}"
    if t.get("operator") == "Exists" and not t.get("value"):
        text += " op=Exists" if t.get("key") or t.get("effect") else "op=Exists"
    if t.get("tolerationSeconds") is not None:
        text += f" for {t['tolerationSeconds']}s"
    return text
