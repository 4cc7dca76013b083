"""Files that must never be lost half-written: written beside, flushed, then moved into place."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class SaveError(OSError):
    """A file could not be written: says which and why; what was there before is untouched."""

    def __str__(self) -> str:
        return f"{self.filename} could not be written: {self.strerror}"


def write_atomic(path: Path, text: str) -> None:
    """Write a text file whole or not at all. SaveError on a full or read-only disk."""
    try:
        if path.exists() and not path.is_file():  # a pipe, a terminal: nothing to keep whole
            path.write_text(text, "utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise SaveError(error.errno, error.strerror or str(error), str(path)) from error


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
