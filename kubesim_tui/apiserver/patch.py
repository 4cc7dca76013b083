"""Patches: JSON patch, JSON merge patch, strategic merge patch, server-side apply."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.frozen import Json
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.request import Options


def apply(_resource: Resource, current: dict[str, Any], patch: Json, kind: str, _options: Options) -> dict[str, Any]:
    """The object after the patch."""
    raise NotImplementedError((kind, patch, current))
