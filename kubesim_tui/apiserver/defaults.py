"""Defaults: what the API server fills in."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.scheme import Resource


def set_defaults(resource: Resource, data: dict[str, Any]) -> None:
    """Fill in what was left out."""
