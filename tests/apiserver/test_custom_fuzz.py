"""Odd definitions, odd objects and odd rules end in an acceptance or a refusal, never in an exception."""

import copy
from contextlib import suppress

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from kubesim_tui.apiserver.apiextensions.cel.evaluate import Meter, evaluate
from kubesim_tui.apiserver.apiextensions.cel.parser import parse
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault
from kubesim_tui.apiserver.apiextensions.cel.values import CelError
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.custom import CustomDoor, definition, version, widget

SCALARS = st.none() | st.booleans() | st.integers(-5, 2**40) | st.floats(allow_nan=False) | st.text(max_size=4)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
KEYWORDS = (
    *("type", "properties", "items", "additionalProperties", "required", "enum", "default", "format", "pattern"),
    *("anyOf", "oneOf", "allOf", "not", "nullable", "minimum", "maxLength", "x-kubernetes-list-type"),
    *("x-kubernetes-list-map-keys", "x-kubernetes-validations", "x-kubernetes-preserve-unknown-fields"),
)
TYPES = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null", ""])
SCHEMAS = st.recursive(
    st.fixed_dictionaries({"type": TYPES}),
    lambda inner: (
        st.dictionaries(st.sampled_from(KEYWORDS), inner | JSON | st.lists(inner, max_size=2), max_size=5)
        | st.fixed_dictionaries({"type": st.just("object"), "properties": st.dictionaries(st.just("a"), inner)})
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner})
    ),
)
WORDS = st.sampled_from(
    [
        *("self", "oldSelf", "x", "1", "2.5", "'a'", "true", "null", "[", "]", "{", "}", "(", ")", ".", ",", ":", "?"),
        *("+", "-", "*", "/", "%", "==", "<", "in", "&&", "||", "!", "has(self.a)", "size(", ".all(x, ", ".map(x, "),
        *(".replace('a', ", ".split('')", ".format([", "timestamp('2026-01-01T00:00:00Z')", "duration('1h')", "[1, 2]"),
        *("{'a': 1}", "optional.of(", ".orValue(", "quantity('1')", ".matches('", "string(", "int(", ".a", "[0]"),
    ]
)
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@seed(1)
@settings(max_examples=120, deadline=None, suppress_health_check=QUIET)
@given(SCHEMAS, JSON)
def test_definitions_and_their_objects(schema, value):
    door = CustomDoor()
    try:
        door.send("create", definition(versions=[version(spec=copy.deepcopy(schema))]))
    except StatusError:
        return
    door.tick()
    data = widget()
    data["spec"] = value
    for verb in ("create", "update"):
        try:
            door.send(verb, data)
        except StatusError:
            continue


@seed(2)
@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(JSON)
def test_objects(value):
    door = CustomDoor(definition())
    for place in ("spec", "metadata", "status", "kind"):
        try:
            door.send("create", {**widget(), place: value} if place != "kind" else {**widget(), "more": value})
        except StatusError:
            continue


@seed(3)
@settings(max_examples=600, deadline=None, suppress_health_check=QUIET)
@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=20), JSON)
def test_rules(text, value):
    with suppress(SyntaxFault, CelError):
        evaluate(parse(text), {"self": value}, Meter(10_000))
