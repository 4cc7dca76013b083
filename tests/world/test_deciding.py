"""Answers that depend on the JSON of a request."""

import base64
import json

from kubesim_tui.world.deciding import decide, find
from kubesim_tui.world.images import Decision

BODY = json.dumps({"id": "7", "tags": {"a/b": "x"}, "items": [{"n": 1}, {"n": 2}], "on": True})


def answer(*decisions, body=BODY):
    found = decide(decisions, body)
    return None if found is None else (found[0], json.loads(found[1]))


def test_the_first_that_applies_answers():
    first = Decision(when={"/items/*/n": "3"}, json="no")
    second = Decision(when={"/items/*/n": "2", "/tags/a~1b": "x*"}, status=201, json={"id": "${/id}"})
    assert answer(first, second, Decision(json="late")) == (201, {"id": "7"})


def test_unless_holds_it_back():
    assert answer(Decision(unless={"/on": "true"}, json="x"), Decision(json="y")) == (200, "y")


def test_nothing_applies_to_what_is_no_json_but_what_asks_for_nothing():
    assert answer(Decision(when={"/id": "*"}, json="x"), body="<xml>") is None
    assert answer(Decision(when={"/id": "*"}, json="x"), body="[" * 100_000) is None
    assert answer(Decision(json="x"), body="") == (200, "x")


def test_a_part_can_be_base64():
    (_, made) = answer(Decision(json={"patch": {"$base64": [{"id": "${/id}"}]}}))
    assert json.loads(base64.b64decode(made["patch"])) == [{"id": "7"}]


def test_pointers_find_all_that_is_there():
    assert list(find({"a": [{"b": 1}, {"b": 2}, {}]}, "/a/*/b")) == [1, 2]
    assert list(find({"a": 1}, "/a/b")) == []
