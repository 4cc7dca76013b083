"""Regular expressions: Go's language and Go's words, in time that grows with text and pattern only."""

import re
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.kernel.regex import RegexError, compiled
from kubesim_tui.kernel.regex.posix import basic, extended, filled, quoted


def found(pattern, text):
    return [m.texts() for m in compiled(pattern).each(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"[a\pL]+", "éa1", [["éa"]]),
        (r"[\PL]", "a1", [["1"]]),
        (r"[^\PL]", "1é", [["é"]]),
        (r"\p{Han}+", "a中文", [["中文"]]),
        (r"\p{^Greek}", "αa", [["a"]]),
        (r"\p{Uppercase_Letter}", "aÉ", [["É"]]),
        (r"(?m)^b$", "a\nb\nc", [["b"]]),
        (r"a$", "a\n", []),
        (r"\Qa.b\E+", "aab a.bbb", [["a.bbb"]]),
        (r"\Qa+", "aa+", [["a+"]]),
        (r"(|a)*", "aa", [["", ""], ["", ""], ["", ""]]),
        (r"(|a)+", "aa", [["", ""], ["", ""], ["", ""]]),
        (r"(a|ab)(c|bcd)(d*)", "abcd", [["abcd", "a", "bcd", ""]]),
        (r"(?U)a+", "aaa", [["a"], ["a"], ["a"]]),
        (r"(?i)k", "K\N{KELVIN SIGN}", [["K"], ["\N{KELVIN SIGN}"]]),
        (r"(?i:a)a", "Aa AA", [["Aa"]]),
        (r"x{2,3}?", "xxxx", [["xx"], ["xx"]]),
        (r"x{,2}", "x{,2}", [["x{,2}"]]),
        (r"[]a]+", "]a[", [["]a"]]),
        (r"[[:^alpha:]]", "a1", [["1"]]),
        (r"\x{e9}\101", "éA", [["éA"]]),
        (r"(?P<a>x)(?<b>y)?", "x", [["x", "x", ""]]),
    ],
)
def test_what_patterns_find_is_what_go_finds(pattern, text, matches):
    assert found(pattern, text) == matches
    assert compiled(pattern).matches(text) is bool(matches)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("a++", "invalid nested repetition operator: `++`"),
        ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a|*", "missing argument to repetition operator: `*`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?<=a)", "invalid named capture: `(?<=a)`"),
        ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("x[a", "missing closing ]: `[a`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[[:odd:]]", "invalid character class range: `[:odd:]`"),
        (r"\p{Klingon}", r"invalid character class range: `\p{Klingon}`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("(a{100}){11}", "invalid repeat count: `{11}`"),
        (r"(a)\1", r"invalid escape sequence: `\1`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        ("(" * 200 + ")" * 200, f"expression nests too deeply: `{'(' * 200 + ')' * 200}`"),
    ],
)
def test_what_go_refuses_is_refused_in_its_words(pattern, said):
    with pytest.raises(RegexError) as refusal:
        compiled(pattern)
    assert str(refusal.value) == f"error parsing regexp: {said}"


def test_programs_that_grow_too_large_are_refused():
    with pytest.raises(RegexError, match="expression too large"):
        compiled("[a-z]{0,1000}" * 100)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)x", "a?" * 60 + "a" * 60 + "$"]
)
def test_no_pattern_backtracks_without_end(pattern):
    begin = perf_counter()
    compiled(pattern).search("a" * 59 + "!")
    assert perf_counter() - begin < 2


def test_memory_of_a_pattern_is_bounded():
    pattern = compiled("(.{0,300}x){2}")
    text = "".join(chr(0x4E00 + i * 7 % 9000) for i in range(9000))
    assert not pattern.matches(text)
    assert pattern._memory < 200_000


# -- the common subset with Python ---------------------------------------------------------------------------------

ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", r"\d", r"\W", "^", r"\b", "(?:)"])


def _larger(inner):
    repeats = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "*?", "+?", "??"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        inner.map(lambda part: f"({part})"),
        st.tuples(st.sampled_from(["a", "b", "[ab]", ".", "(?:ab|a)", "(?:a|bc)"]), repeats).map("".join),
    )


@given(st.recursive(ATOMS, _larger, max_leaves=8), st.text("abc1 \n", max_size=8))
def test_patterns_that_python_reads_alike_find_the_same(pattern, text):
    ours, theirs = compiled(pattern).search(text), re.search(pattern, text, re.ASCII)
    assert (ours and (ours.span(), ours.groups())) == (theirs and (theirs.span(), theirs.groups()))
    assert compiled(pattern).matches(text) is (theirs is not None)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_quoted_text_finds_itself(text, around):
    assert compiled(quoted(text)).search(around + text + around) is not None
    assert compiled(quoted(text)).matches(text + around)


# -- POSIX ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelling", "pattern", "text", "match"),
    [
        (basic, r"a\{2\}", "aaa", "aa"),
        (basic, r"\(a\|ab\)c*", "abcc", "abcc"),
        (basic, "a+", "a+", "a+"),
        (basic, "*a", "b*a", "*a"),
        (basic, r"[\n]", "n\\", "n"),
        (basic, r"\<b\w*\>", "abc bcd", "bcd"),
        (basic, "[[:digit:]]*$", "a12", "12"),
        (extended, "a|ab", "ab", "ab"),
        (extended, r"(a+)\+", "aa+", "aa+"),
        (extended, "[]x]", "]", "]"),
    ],
)
def test_grep_and_sed_find_the_longest_of_the_first(spelling, pattern, text, match):
    assert compiled(spelling(pattern), posix=True).search(text).whole == match


def test_back_references_are_refused():
    with pytest.raises(RegexError):
        basic(r"\(a\)\1")


def test_sed_fills_in_what_it_found():
    pattern = compiled(basic(r"\(a*\)b"), posix=True)
    assert pattern.replaced("aab b", lambda m: filled(r"[\1|&|\&\n]", m)) == ("[aa|aab|&\n] [|b|&\n]", 2)
    assert pattern.replaced("abab", lambda _: "-", 1) == ("-ab", 1)
