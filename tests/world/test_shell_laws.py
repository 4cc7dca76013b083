"""Laws of the shell that hold for all inputs: arithmetic is C's, quoting is faithful, a pause changes nothing."""

from __future__ import annotations

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.world.shell.arith import evaluate, wrap
from kubesim_tui.world.shell.expansion import fields, matches, trim
from kubesim_tui.world.shell.quoting import quoted
from tests.world.builders import Box, text

NUMBERS = st.integers(-1000, 1000)


@st.composite
def expressions(draw, depth: int = 3) -> tuple[str, int]:
    """(text, value) of an expression, computed by hand as C would."""
    if depth == 0 or draw(st.booleans()):
        number = draw(NUMBERS)
        return (f"({number})" if number < 0 else str(number)), number
    left, a = draw(expressions(depth=depth - 1))
    right, b = draw(expressions(depth=depth - 1))
    operator = draw(st.sampled_from(["+", "-", "*", "<", ">", "==", "!=", "&&", "||", "&", "|", "^"]))
    value = {
        "+": a + b, "-": a - b, "*": a * b, "<": a < b, ">": a > b, "==": a == b, "!=": a != b,
        "&&": bool(a) and bool(b), "||": bool(a) or bool(b), "&": a & b, "|": a | b, "^": a ^ b,
    }[operator]  # fmt: skip
    return f"({left} {operator} {right})", wrap(int(value))


class Nothing:
    def get(self, name):
        return None

    def set(self, name, value):
        raise AssertionError


@given(expressions())
def test_arithmetic_is_that_of_c(expression):
    assert evaluate(expression[0], Nothing()) == expression[1]


@given(NUMBERS, NUMBERS.filter(bool))
def test_division_is_towards_zero_and_the_rest_fits(a, b):
    quotient, rest = evaluate(f"({a})/({b})", Nothing()), evaluate(f"({a})%({b})", Nothing())
    assert quotient * b + rest == a
    assert abs(rest) < abs(b)


WORDS = st.text(
    st.characters(codec="ascii", exclude_characters="\0\r", categories=("L", "N", "P", "S", "Z")), max_size=20
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=4))
def test_a_quoted_word_arrives_as_it_is(words):
    script = f"for w in {' '.join(quoted(word) for word in words)}; do printf '[%s]\\n' \"$w\"; done"
    assert Box().sh(script, ticks=2)[0] == "".join(f"[{word}]\n" for word in words)


@given(st.text("ab *", max_size=12))
def test_splitting_gives_the_words_between_blanks(value):
    from kubesim_tui.world.shell.expansion import SPLIT

    assert fields([(value, SPLIT)], " \t\n", "/", Empty()) == value.split()


class Empty:
    def exists(self, path):
        return False

    def is_directory(self, path):
        return False

    def names(self, path):
        return []


@given(st.text("abc/", max_size=10), st.sampled_from(["*", "a*", "*/", "?", "[ab]", "b"]))
def test_trimming_takes_the_shortest_or_the_longest(value, pattern):
    starts = [n for n in range(len(value) + 1) if matches(pattern, value[:n])]
    assert trim(value, "#", pattern) == value[starts[0] if starts else 0 :]
    assert trim(value, "##", pattern) == value[starts[-1] if starts else 0 :]


SCRIPTS = [
    "i=0; while [ $i -lt 40 ]; do echo $i; i=$((i+1)); sleep 0.7; done; exit 3",
    "for i in 1 2 3; do (sleep $i; echo $i) & done; wait; echo all",
    "seq 1 30 | while read n; do echo got $n; sleep 1; done",
    "trap 'echo bye' EXIT; x=$(sleep 3; echo slow); echo $x; false",
    "f() { sleep $1; echo f$1; }; f 2 | cat; f 1 > /tmp/o; cat /tmp/o; timeout 2 sleep 9 || echo late",
    "yes | head -n 3; { sleep 4; echo end; } > /tmp/x; cat /tmp/x; for i in a b; do sleep 2; echo $i; done",
]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SCRIPTS), st.lists(st.integers(1, 30), max_size=3))
def test_a_checkpoint_in_the_middle_changes_nothing(script, pauses):
    def played(stops: list[int]) -> tuple[str, int | None, int | None]:
        box = Box()
        container = box.start("busybox", "sh", "-c", script)
        identity = container.id
        for stop in sorted(stops):
            box.until(max(box.now, stop))
            box = copy.deepcopy(box)
        box.until(60)
        container = box.runtime.container(identity)
        return text(container), container.exit_code, container.finished

    assert played(pauses) == played([])


def test_what_is_due_may_be_done_late_but_ends_alike():
    """Skipping ticks in which nothing is due changes nothing."""
    script = SCRIPTS[0]
    every, jumping = Box(), Box()
    first = every.run("busybox", "sh", "-c", script, ticks=60)
    second = jumping.start("busybox", "sh", "-c", script)
    while (tick := jumping.runtime.next_due) is not None and tick <= 60:
        jumping.now = max(tick, jumping.now)
        jumping.runtime.due(jumping.now)
    assert (text(first), first.exit_code) == (text(second), second.exit_code)


PIECES = st.sampled_from(
    [
        "if",
        "then",
        "else",
        "fi",
        "for",
        "in",
        "do",
        "done",
        "while",
        "case",
        "esac",
        "{",
        "}",
        "(",
        ")",
        "[[",
        "]]",
        "[",
        "]",
        "!",
        "|",
        "||",
        "&&",
        "&",
        ";",
        ";;",
        ">",
        "<",
        "<<",
        "2>&1",
        "$x",
        "${x",
        "${x:-",
        "${x##*/}",
        "$(",
        "`",
        "'",
        '"',
        "\\",
        "$((1+",
        "))",
        "x=1",
        "a=(1",
        "${a[@]}",
        "EOF",
        "*",
        "?",
        "~",
        "-n",
        "-e",
        "1",
        "-1",
        "abc",
        "/tmp",
        "$@",
        "f()",
        "return",
        "break",
        "continue",
        "exit",
        "set",
        "trap",
        "TERM",
        "sleep",
        "0.3",
        "eval",
        "exec",
        ":",
        "=",
        "=~",
        "-eq",
        "s/a/b/",
        "{print",
        "-d:",
        "-w",
        "99999999",
        "cat",
        "ls",
        "rm",
        "mv",
        "cp",
        "dd",
        "sed",
        "awk",
        "sort",
        "cut",
        "tr",
        "seq",
        "yes",
        "head",
        "tail",
        "base64",
        "xargs",
        "find",
        "env",
        "timeout",
        "kill",
        "wait",
        "read",
        "printf",
        "local",
        "export",
        "shift",
        "grep",
        "wget",
        "nc",
        "psql",
        "redis-cli",
        "python",
        "-c",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14), st.sampled_from(["busybox", "nginx", "python"]))
def test_no_script_brings_the_world_down(pieces, image):
    box = Box()
    container = box.run(image, "sh", "-c", " ".join(pieces), ticks=4)
    assert container.exit_code is None or 0 <= container.exit_code <= 255


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_no_text_brings_the_shell_down(script):
    _, code = Box().sh(script, ticks=2)
    assert code is None or 0 <= code <= 255
