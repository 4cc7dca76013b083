"""The annotation in which `kubectl apply` keeps what was applied last: what is missing from the next time goes."""

from __future__ import annotations

from typing import Any

from kubesim_tui.kubectl import files

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def annotated(data: dict[str, Any]) -> dict[str, Any]:
    """The object with itself in the annotation."""
    plain = bare(data)
    meta = plain["metadata"]
    notes = {**meta["annotations"], LAST_APPLIED: files.compact(plain)}
    return {**plain, "metadata": {**meta, "annotations": notes}}


def bare(data: dict[str, Any]) -> dict[str, Any]:
    """The object without the annotation, but with a map of annotations."""
    meta = data["metadata"]
    notes = {k: v for k, v in (meta.get("annotations") or {}).items() if k != LAST_APPLIED}
    return {**data, "metadata": {**meta, "annotations": notes}}
