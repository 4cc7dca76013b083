"""Golden digests: what the solutions and traps of all levels come to, on every machine and every supported Python."""

import json

import pytest

from kubesim_tui.game import folders, loader
from tools.golden import FILE, digests

GOLDEN = json.loads(FILE.read_text("utf-8"))["levels"] if FILE.exists() else {}


@pytest.mark.skipif(not GOLDEN, reason="python -m tools.golden has not been run")
@pytest.mark.parametrize("level", GOLDEN)
def test_the_digests_of_a_level_are_those_of_every_other_machine(level):
    assert digests(loader.load(folders.find(level))) == GOLDEN[level]
