"""Which rules hold for which kind."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.errors import Cause


def validate_create(_resource: Resource, _data: dict[str, Any]) -> list[Cause]:
    """Every cause why a new object is invalid."""
    return []


def validate_update(_resource: Resource, _new: dict[str, Any], _old: dict[str, Any], _sub: str = "") -> list[Cause]:
    """Every cause why a change is invalid."""
    return []


def validate_status(_resource: Resource, _new: dict[str, Any], _old: dict[str, Any]) -> list[Cause]:
    """Every cause why a change of the status is invalid."""
    return []
