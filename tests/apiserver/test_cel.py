"""CEL as x-kubernetes-validations uses it."""

import pytest

from kubesim_tui.apiserver.apiextensions.cel import validate
from kubesim_tui.apiserver.apiextensions.cel.evaluate import Meter, TooExpensive, evaluate
from kubesim_tui.apiserver.apiextensions.cel.parser import parse
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault
from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Undeclared
from kubesim_tui.apiserver.apiextensions.schema import parse as parse_schema
from tests.apiserver.custom import CustomDoor, definition, version, widget

SELF = {
    "n": 3,
    "x": 1.5,
    "s": "hello",
    "list": [3, 1, 2],
    "names": ["a", "b"],
    "map": {"a": 1, "b-c": 2},
    "namespace": "here",
    "items": [{"name": "a", "size": 1}, {"name": "b", "size": 2}],
}


def value(text, **more):
    return evaluate(parse(text), {"self": SELF, **more}, Meter(100_000))


TRUE = [
    "self.n == 3 && self.s != 'x'",
    "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9",
    "-7 / 2 == -3 && -7 % 2 == -1",
    "7.0 / 2.0 == 3.5",
    "1 < 1.5 && self.x > 1",
    "'a' + 'b' == \"ab\" && [1] + [2] == [1, 2]",
    "'a' in self.names && !('c' in self.names) && 'a' in self.map",
    "has(self.n) && !has(self.gone)",
    "size(self.list) == 3 && self.s.size() == 5 && size(self.map) == 2",
    "self.list.all(i, i > 0) && self.list.exists(i, i == 2) && self.list.exists_one(i, i == 1)",
    "self.list.map(i, i * 2) == [6, 2, 4] && self.list.filter(i, i > 1) == [3, 2]",
    "self.list.map(i, i > 1, i + 1) == [4, 3]",
    "self.map.all(k, k.size() > 0)",
    "self.items.all(a, self.items.exists_one(b, a.name == b.name))",
    "self.n > 2 ? true : false",
    "self.map['b-c'] == 2 && self.map[?'z'].orValue(9) == 9",
    "self.__namespace__ == 'here' && self.map.b__dash__c == 2",
    "self.s.startsWith('he') && self.s.endsWith('lo') && self.s.contains('ell') && self.s.matches('^h.*o$')",
    "self.s.upperAscii() == 'HELLO' && self.s.substring(1, 3) == 'el' && self.s.indexOf('l') == 2",
    "'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b' && ' a '.trim() == 'a'",
    "self.list.sum() == 6 && self.list.min() == 1 && self.list.max() == 3 && ![3, 1].isSorted()",
    "int('12') == 12 && string(12) == '12' && double('1.5') == 1.5 && type(1) == int",
    "duration('1h30m') > duration('80m') && timestamp('2026-01-01T00:00:00Z').getFullYear() == 2026",
    "string(duration('-1500ms')) == '-1.5s' && string(duration('2s')) == '2s'",
    "timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z') == duration('24h')",
    "quantity('1Gi').isGreaterThan(quantity('500Mi')) && !isQuantity('x')",
    "isIP('10.0.0.1') && cidr('10.0.0.0/8').containsIP('10.1.2.3') && !isCIDR('10.0.0.0')",
    "url('https://a.example:8443/p').getHost() == 'a.example:8443'",
    "sets.contains([1, 2], [1]) && optional.none().orValue(1) == 1 && self.?gone.?deep.orValue(5) == 5",
    "r'\\d' == '\\\\d' && '\\u0041' == 'A' && '''a'b''' == \"a'b\"",
    "{'a': 1}.a == 1 && [1, 2][1] == 2 && 0x10 == 16",
    "true || self.gone == 1",
    "[1, 2].exists(i, i == 2 || self.gone == 1)",
    "self.list.all(i, v, i >= 0 && v > 0)",
    "'%s is %d'.format(['a', 1]) == 'a is 1'",
    "1 == 1.0 && 1 != '1' // a comment",
]


@pytest.mark.parametrize("text", TRUE)
def test_holds(text):
    assert value(text) is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("self.gone == 1", "no such key: gone"),
        ("self.list[5] == 1", "index out of bounds: 5"),
        ("1 / 0 == 1", "division by zero"),
        ("1 % 0 == 1", "modulus by zero"),
        ("9223372036854775807 + 1 > 0", "integer overflow"),
        ("1 + 'a' == 1", "no such overload"),
        ("self.s > 1", "no such overload"),
        ("duration('x') == duration('1s')", "type conversion error from 'string' to 'google.protobuf.Duration'"),
        ("false || self.gone == 1", "no such key: gone"),
    ],
)
def test_fails(text, message):
    with pytest.raises(CelError) as error:
        value(text)
    assert str(error.value) == message


@pytest.mark.parametrize("text", ["self.", "1 +", "(1", "self.a = 1", "'open", "a b", "[1, 2", "{1: }", "#"])
def test_is_no_expression(text):
    with pytest.raises(SyntaxFault):
        parse(text)


def test_depth_and_length_are_bounded():
    for text in (
        "+".join("1" * 3000),
        "self" + ".a" * 3000,
        "(" * 5000 + "1" + ")" * 5000,
        "!" * 5000 + "true",
        "1" * 100_000,
    ):
        with pytest.raises(SyntaxFault):
            parse(text)


def test_what_it_costs_is_bounded():
    many = list(range(1000))
    with pytest.raises(TooExpensive):
        evaluate(parse("self.all(a, self.all(b, a + b >= 0))"), {"self": many}, Meter(100_000))


def test_what_it_makes_is_bounded():
    for text in ("'aaaa'.replace('a', self).replace('b', self)", "'%.999999f'.format([1.0])"):
        with pytest.raises(CelError):
            evaluate(parse(text), {"self": "b" * 5000}, Meter(1_000_000))


def test_a_function_that_is_not_known_is_an_error():
    with pytest.raises(Undeclared) as error:
        value("self.s.soundex() == 'x'")
    assert str(error.value) == "undeclared reference to 'soundex' (in container '')"


# -- rules of an object ----------------------------------------------------------------------------------------------


def complaints(schema, data, old=None):
    return [str(e) for e in validate(data, parse_schema(schema), old)]


def spec(*rules, **properties):
    inner = {"type": "object", "properties": properties, "x-kubernetes-validations": list(rules)}
    return {"type": "object", "properties": {"spec": inner}}


INTEGER = {"type": "integer"}


def test_a_rule_that_does_not_hold_says_its_message_or_itself():
    plain = {"rule": "self.a < self.b"}
    data = {"spec": {"a": 2, "b": 1}}
    assert complaints(spec(plain, a=INTEGER, b=INTEGER), data) == ["spec: Invalid value: failed rule: self.a < self.b"]
    told = {**plain, "message": "a must be less than b"}
    assert complaints(spec(told, a=INTEGER, b=INTEGER), data) == ["spec: Invalid value: a must be less than b"]
    counted = {**plain, "messageExpression": "'a is ' + string(self.a)"}
    assert complaints(spec(counted, a=INTEGER, b=INTEGER), data) == ["spec: Invalid value: a is 2"]


def test_the_reason_and_the_field_can_be_the_rules_own():
    rule = {"rule": "has(self.b)", "reason": "FieldValueRequired", "fieldPath": ".b", "message": "b is needed"}
    assert complaints(spec(rule, a=INTEGER, b=INTEGER), {"spec": {"a": 1}}) == ["spec.b: Required value: b is needed"]


def test_a_rule_of_a_scalar_shows_its_value():
    field = {"type": "string", "x-kubernetes-validations": [{"rule": "self.startsWith('x')"}]}
    assert complaints(spec(a=field), {"spec": {"a": "y"}}) == [
        "spec.a: Invalid value: \"y\": failed rule: self.startsWith('x')"
    ]


def test_an_error_names_the_rule():
    assert complaints(spec({"rule": "self.a == 1"}, a=INTEGER), {"spec": {}}) == [
        'spec: Invalid value: "object": no such key: a evaluating rule: self.a == 1'
    ]


def test_transition_rules_are_asked_of_changes_only():
    field = {"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "immutable"}]}
    schema = spec(a=field)
    assert complaints(schema, {"spec": {"a": "x"}}) == []
    assert complaints(schema, {"spec": {"a": "x"}}, {"spec": {}}) == []
    assert complaints(schema, {"spec": {"a": "x"}}, {"spec": {"a": "y"}}) == ['spec.a: Invalid value: "x": immutable']


def test_old_items_of_map_lists_are_found_by_their_keys():
    item = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "n": INTEGER},
        "x-kubernetes-validations": [{"rule": "self.n >= oldSelf.n", "message": "only up"}],
    }
    listed = {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": item}
    now = {"spec": {"l": [{"name": "b", "n": 5}, {"name": "a", "n": 1}]}}
    was = {"spec": {"l": [{"name": "a", "n": 2}, {"name": "b", "n": 4}]}}
    assert complaints(spec(l=listed), now, was) == ["spec.l[1]: Invalid value: only up"]


def test_what_was_wrong_before_and_is_unchanged_is_let_be():
    schema = spec({"rule": "self.a < 5"}, a=INTEGER)
    assert complaints(schema, {"spec": {"a": 9}}, {"spec": {"a": 9}}) == []
    assert complaints(schema, {"spec": {"a": 8}}, {"spec": {"a": 9}}) != []


def test_numbers_of_a_number_field_are_doubles():
    assert complaints(spec({"rule": "self.a / 2.0 == 1.5"}, a={"type": "number"}), {"spec": {"a": 3}}) == []


def test_the_name_is_all_that_a_rule_sees_of_the_metadata():
    schema = {"type": "object", "x-kubernetes-validations": [{"rule": "self.metadata.name == 'w'"}]}
    assert complaints(schema, {"metadata": {"name": "w"}}) == []
    assert complaints(schema, {"metadata": {"name": "x"}}) == [
        "<nil>: Invalid value: failed rule: self.metadata.name == 'w'"
    ]


def test_rules_are_not_asked_while_the_object_has_wrong_types():
    rule = {"rule": "self.replicas <= 3"}
    inner = {"type": "object", "properties": {"size": {"type": "string"}, "replicas": INTEGER}}
    door = CustomDoor(definition(versions=[version(spec={**inner, "x-kubernetes-validations": [rule]})]))
    assert door.refusal("create", widget(replicas="x")).message.endswith(
        "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; "
        "correct the existing errors to complete validation]"
    )
    assert door.refusal("create", widget(replicas=4)).message == (
        'Widget.example.com "w" is invalid: spec: Invalid value: failed rule: self.replicas <= 3'
    )
