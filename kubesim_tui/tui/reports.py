"""Reports of mistakes in the interface: a file that a player can send, and the game goes on."""

from __future__ import annotations

import platform
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_log_path

from kubesim_tui import __version__


def write(error: BaseException, where: str) -> str:
    """Write a report and return its path; "" if no place can be written to."""
    text = "\n".join(
        [
            f"kubesim {__version__}, Python {platform.python_version()} on {platform.platform()}",
            f"in {where}",
            "".join(traceback.format_exception(error)),
        ]
    )
    name = f"report-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt"
    for folder in (user_log_path("kubesim"), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        except OSError:
            continue
        return str(folder / name)
    return ""
