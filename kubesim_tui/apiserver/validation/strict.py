"""Strict decoding: unknown fields, wrong types and duplicates, with their paths."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.scheme import Resource


def check(resource: Resource, data: dict[str, Any], level: str) -> list[str]:
    """Raise the 400 of strict decoding; warnings at level Warn."""
    return []
