"""Subresources with a behaviour of their own: binding, eviction, scale."""

from __future__ import annotations

from typing import Any

SUBRESOURCES: dict[str, Any] = {}
