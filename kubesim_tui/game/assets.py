"""Where levels and schemas lie: in a wheel under `kubesim_tui/_data`, in a checkout at the top."""

from __future__ import annotations

from pathlib import Path


def _root() -> Path:
    package = Path(__file__).resolve().parents[1]
    bundled = package / "_data"
    return bundled if bundled.is_dir() else package.parent


def levels_root() -> Path:
    """The folder of the campaign."""
    return _root() / "levels"


def schema(name: str) -> Path:
    """A published JSON Schema."""
    return _root() / "assets" / "schema" / name
