"""The same level, seed and inputs give the same digest: whatever the process hashes with, whoever else runs."""

import json
import os
import subprocess
import sys

import pytest

from kubesim_tui.game import folders

SOLUTIONS = {level: next((folder / "solutions").glob("*.txt")) for level, folder in folders.catalogue().items()}


def digest(level, script, hash_seed):
    words = [sys.executable, "-m", "kubesim_tui", "run", level, "--script", str(script), "--seed", "7", "--json"]
    env = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(words, capture_output=True, text=True, env=env)
    assert done.returncode in (0, 1), f"exit code {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)["digest"]


@pytest.mark.parametrize("level", SOLUTIONS)
def test_hashes_that_differ_by_process_change_nothing(level):
    assert digest(level, SOLUTIONS[level], "1") == digest(level, SOLUTIONS[level], "4242")


def test_optimised_python_comes_to_the_same():
    """`python -O` leaves out assertions: nothing may happen in them."""
    level = "0-1"
    words = ["-m", "kubesim_tui", "run", level, "--script", str(SOLUTIONS[level]), "--json"]
    plain, optimised = (
        subprocess.run([sys.executable, *option, *words], capture_output=True, text=True) for option in ([], ["-O"])
    )
    assert (plain.returncode, plain.stderr, plain.stdout) == (0, "", optimised.stdout)
