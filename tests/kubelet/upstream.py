"""Upstream's tables, copied from the kubelet's own tests."""

import json
from pathlib import Path

DATA = Path(__file__).parents[1] / "data" / "upstream" / "workloads"


def cases(topic, *ops):
    """(name, given, want) of a table, of some of its operations only."""
    table = json.loads((DATA / f"{topic}.json").read_text())["cases"]
    return [(c["name"], c["given"], c["want"]) for c in table if not ops or c["given"].get("op") in ops]
