"""Files that must never be lost half-written: written beside, flushed, then moved into place."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


class SaveError(OSError):
    """A file could not be written: says which, and why; what was there before is untouched."""


def write_atomic(path: Path, text: str) -> None:
    """Write a text file whole or not at all. SaveError on a full or read-only disk."""
    made = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
    except OSError as error:
        if made:
            with contextlib.suppress(OSError):
                os.unlink(made)
        raise SaveError(f"{path} could not be written: {error.strerror or error}") from error
