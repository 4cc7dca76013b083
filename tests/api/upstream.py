"""The tables that upstream's own tests are made of, copied into tests/data/upstream."""

import json
import pathlib

import pytest

DATA = pathlib.Path(__file__).parent.parent / "data/upstream"


def cases(table, where=lambda given: True):
    """Every case of a table whose `given` passes, as a test's parameters (given, want)."""
    found = json.loads((DATA / f"{table}.json").read_text())["cases"]
    return [pytest.param(c["given"], c["want"], id=c["name"]) for c in found if where(c["given"])]
