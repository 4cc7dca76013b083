"""Recordings: written and read back whole; broken ones are told with file and place."""

# ruff: noqa: E501 - a table

import json

import pytest

from kubesim_tui.game.recording import Input, Recording, RecordingError, parse

RECORD = Recording(
    "small", "c0ffee", "0.1.0", "1", 1_767_258_000,
    (Input(30, 0, "run", "kubectl apply -f a.yaml", files={"a.yaml": "x: ü\n"}), Input(31, 1, "go")),
    90, "d16e57", "won", ((60, "abc"),), 2, True,
)  # fmt: skip


def test_a_recording_is_read_back_as_it_was_written():
    assert parse(RECORD.to_json(), "x.json") == RECORD


def broken(**change):
    return json.dumps({**json.loads(RECORD.to_json()), **change})


def without(name):
    return json.dumps({k: v for k, v in json.loads(RECORD.to_json()).items() if k != name})


BROKEN = [
    ("not JSON", "{\n \"kubesim\": 1,\n}", "x.json:3: not a recording: "),
    ("empty", "", "x.json:1: not a recording: "),
    ("a list", "[]", "x.json:1: not a recording of kubesim"),
    ("another program's", '{"a": 1}', "x.json:1: not a recording of kubesim: the field 'kubesim' is missing"),
    ("of the future", broken(kubesim=2), "x.json:1: format 2 is not known to this version (it reads 1)"),
    ("a field gone", without("digest"), "x.json:1: the field 'digest' is missing"),
    ("ticks as text", broken(ticks="90"), 'x.json:1: ticks must be a whole number, not "90"'),
    ("ticks without end", broken(ticks=10**9), "x.json:1: ticks must be between 0 and 1000000"),
    ("inputs as a map", broken(inputs={}), "x.json:1: inputs must be a list"),
    ("an input as text", broken(inputs=["go"]), "x.json:1: inputs[0] must be an object"),
    ("an unknown kind", broken(inputs=[{"tick": 1, "kind": "fly"}]), "x.json:1: inputs[0]: kind must be one of"),
    ("a negative tick", broken(inputs=[{"tick": -1, "kind": "go"}]), "x.json:1: inputs[0]: tick must be between 0"),
    ("out of order", broken(inputs=[{"tick": 5, "kind": "go"}, {"tick": 4, "kind": "go"}]), "x.json:1: inputs[1] is at tick 4"),
    ("files as numbers", broken(inputs=[{"tick": 1, "kind": "run", "files": {"a": 1}}]), "x.json:1: inputs[0]: files must map"),
    ("a wrong check", broken(checks=[[1]]), "x.json:1: checks[0] must be [tick, digest]"),
    ("too deep", "[" * 100_000, "x.json:1: not a recording: "),
]  # fmt: skip


@pytest.mark.parametrize("text, said", [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_a_broken_recording_is_told_with_its_place(text, said):
    with pytest.raises(RecordingError) as raised:
        parse(text, "x.json")
    assert str(raised.value).startswith(said), str(raised.value)
