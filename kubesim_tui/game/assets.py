"""Where levels lie: beside the assets, in a wheel under `kubesim_tui/_data`, in a checkout at the top."""

from __future__ import annotations

from pathlib import Path

from kubesim_tui.world.image_loader import assets


def levels_root() -> Path:
    """The folder of the campaign."""
    return assets().parent / "levels"


def schema(name: str) -> Path:
    """A published JSON Schema."""
    return assets() / "schema" / name
