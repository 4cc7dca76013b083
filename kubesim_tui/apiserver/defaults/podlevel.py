"""Defaults of a Pod's own resources (pod-level resources), from those of its containers."""

from __future__ import annotations

from kubesim_tui.apiserver.defaults.base import JsonMap


def pod_resources(_spec: JsonMap) -> None:
    """Fill in spec.resources where it is partly given."""
