"""kubectl answers as the real one: lines that kubectl v1.37.1 was given, what it printed, and its exit code."""

import copy
import re
from functools import cache

import pytest

from tests.kubectl import board

FILES = sorted(path.stem for path in board.DATA.glob("*.json") if path.stem != "kustomize")


def cases():
    for name in FILES:
        document = board.recorded(name)
        for case in document["cases"]:
            yield pytest.param(
                document["board"], document["now"], document["files"], case, id=f"{name}: {case['line']}"
            )


@cache
def fresh(name):
    return board.load(name)


def lines(text):
    """Lines as a recording holds them: without the newlines at the end, the times of files and random names."""
    found = "\n".join(text).rstrip("\n").split("\n") if text else []
    found = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.0{9} \+0000", "TIME", line) for line in found]
    return [re.sub(r"(debugger(?:-node-a)?)-[a-z0-9]{5}\b", r"\1-XXXXX", line) for line in found]


@pytest.mark.parametrize("name, now, files, case", cases())
def test_kubectl_prints_what_the_real_one_printed(name, now, files, case):
    terminal = board.Terminal({**files, "-": ""})
    reply = board.kubectl(copy.deepcopy(fresh(name)), case["line"], terminal, now)
    assert case.get("out", []) == lines(reply.out)
    assert case.get("err", []) == lines(reply.err)
    assert case.get("code", 0) == reply.code
