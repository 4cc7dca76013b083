"""The tables: `<group>/<topic>.json` below one folder, each with a text `about` and its `cases`.

KUBESIM_UPSTREAM names another folder of the same form (more cases of the same topics). Beside this module stand the
topics that have no adapter yet (not_yet.txt) and the cases in which the engine differs, each with its reason
(deviations.toml).
"""

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

HERE = Path(__file__).parent
OWN = HERE.parent / "data" / "upstream"
FOLDER = Path(os.environ.get("KUBESIM_UPSTREAM") or OWN)


@frozen
class Case:
    """One row of a table."""

    topic: str
    name: str
    given: dict[str, Any]
    want: dict[str, Any]


def cases() -> Iterator[Case]:
    """Every case of every table, in order."""
    for path in sorted(FOLDER.glob("*/*.json")):
        for row in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            yield Case(path.stem, row["name"], row["given"], row["want"])


def not_yet() -> frozenset[str]:
    """Topics that later work brings."""
    lines = (line.partition("#")[0].strip() for line in (HERE / "not_yet.txt").read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line)


def deviations() -> dict[tuple[str, str], str]:
    """(topic, name) of the cases in which the engine is meant to differ, and why."""
    found = tomllib.loads((HERE / "deviations.toml").read_text(encoding="utf-8"))
    return {(topic, name): reason for topic, rows in found.items() for name, reason in rows.items()}
