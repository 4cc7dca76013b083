"""From a pattern to a tree (regexp/syntax/parse.go): flags hold to the end of their group, repeats are not stacked."""

from __future__ import annotations

from attrs import evolve, frozen

from kubesim_tui.kernel.regex.charset import ANY, NOT_NEWLINE, PERL, POSIX, CharSet, one, unicode_class

MOST_DEPTH = 100
"""How deep groups may be nested (Go: 1000)."""
MOST_REPEATS = 1000
ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class RegexError(ValueError):
    """A pattern that is refused; the text is Go's."""

    def __init__(self, reason: str, where: str) -> None:
        super().__init__(f"error parsing regexp: {reason}: `{where}`")


@frozen
class Tree:
    """A part of a pattern."""


@frozen
class Chars(Tree):
    """One character of a set."""

    chars: CharSet


@frozen
class Look(Tree):
    """A place: A and z the ends of the text, ^ and $ of a line, b and B at words, < and > a word's own ends."""

    kind: str


@frozen
class Chain(Tree):
    """One after the other."""

    parts: tuple[Tree, ...]


@frozen
class Either(Tree):
    """One of them, the first that fits."""

    parts: tuple[Tree, ...]


@frozen
class Repeat(Tree):
    """So many times; most None: without end."""

    part: Tree
    least: int
    most: int | None
    greedy: bool


@frozen
class Group(Tree):
    """What is remembered of a match, by its number."""

    part: Tree
    number: int


@frozen
class Flags:
    """How what follows is read."""

    i: bool = False
    m: bool = False
    s: bool = False
    U: bool = False


def parse(pattern: str, flags: Flags, *, posix: bool = False) -> tuple[Tree, int]:
    """The tree of a pattern, and how many groups it has. `posix`: as GNU's tools, with `\\<` and `\\>`."""
    reader = _Reader(pattern, flags, posix)
    tree = reader.either(0)
    if reader.i < len(pattern):
        raise RegexError("unexpected )", pattern)
    return tree, reader.groups


class _Reader:
    def __init__(self, pattern: str, flags: Flags, posix: bool) -> None:
        self.pattern, self.flags, self.posix = pattern, flags, posix
        self.i = self.groups = 0

    def rest(self, length: int = 1) -> str:
        return self.pattern[self.i : self.i + length]

    def either(self, depth: int) -> Tree:
        """Alternatives up to the end of the group, or of all."""
        if depth > MOST_DEPTH:
            raise RegexError("expression nests too deeply", self.pattern)
        found = [self.chain(depth)]
        while self.rest() == "|":
            self.i += 1
            found.append(self.chain(depth))
        return found[0] if len(found) == 1 else Either(tuple(found))

    def chain(self, depth: int) -> Tree:
        found: list[Tree] = []
        repeated = -1  # where the repeat before began: no other may follow it
        while self.i < len(self.pattern) and self.rest() not in "|)":
            start = self.i
            counts = self.counts()
            if counts is None:
                repeated = -1
                self.atom(found, depth)
                continue
            greedy = not self.flags.U
            if self.rest() == "?":
                self.i += 1
                greedy = not greedy
            if repeated >= 0:
                raise RegexError("invalid nested repetition operator", self.pattern[repeated : self.i])
            if not found:
                raise RegexError("missing argument to repetition operator", self.pattern[start : self.i])
            found[-1] = Repeat(found[-1], *counts, greedy)
            if times(found[-1]) > MOST_REPEATS:
                raise RegexError("invalid repeat count", self.pattern[start : self.i])
            repeated = start
        return found[0] if len(found) == 1 else Chain(tuple(found))

    def counts(self) -> tuple[int, int | None] | None:
        """The operator that stands next, as the least and the most repeats."""
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self.rest())
        if simple is not None:
            self.i += 1
            return simple
        end = self.pattern.find("}", self.i)
        if self.rest() != "{" or end < 0:
            return None
        least, comma, most = self.pattern[self.i + 1 : end].partition(",")
        if not _is_count(least) or not (most == "" or _is_count(most)):
            return None
        shown = self.pattern[self.i : end + 1]
        self.i = end + 1
        low = int(least[:9])
        high = None if comma and not most else int((most or least)[:9])
        if low > MOST_REPEATS or (high is not None and not low <= high <= MOST_REPEATS):
            raise RegexError("invalid repeat count", shown)
        return low, high

    def atom(self, found: list[Tree], depth: int) -> None:
        """What stands next, added to the chain."""
        character = self.rest()
        if character == "(":
            self.group(found, depth)
        elif character == "[":
            found.append(Chars(self.bracket()))
        elif character == "\\":
            self.escaped(found)
        else:
            self.i += 1
            flags = self.flags
            plain = {
                "^": Look("^" if flags.m else "A"),
                "$": Look("$" if flags.m else "z"),
                ".": Chars(ANY if flags.s else NOT_NEWLINE),
            }
            found.append(plain.get(character) or self.single(character))

    def single(self, character: str) -> Chars:
        return Chars(one(character, folded=self.flags.i))

    # -- groups --------------------------------------------------------------------------------------------------

    def group(self, found: list[Tree], depth: int) -> None:
        outer = self.flags
        number = self.opened()
        if number is None:
            return
        inner = self.either(depth + 1)
        if self.rest() != ")":
            raise RegexError("missing closing )", self.pattern)
        self.i += 1
        self.flags = outer
        found.append(Group(inner, number) if number else inner)

    def opened(self) -> int | None:
        """Read how a group begins: its number, 0 if it is not remembered; None: it only switched flags."""
        begin = self.i
        if self.rest(2) != "(?":
            self.i += 1
        elif self.rest(4) == "(?P<" or self.rest(3) == "(?<":
            end = self.pattern.find(">", begin)
            if end < 0:
                raise RegexError("invalid named capture", self.pattern[begin:])
            name = self.pattern[begin + self.rest(4).index("<") + 1 : end]
            if not (name.isascii() and name.replace("_", "a").isalnum()):
                raise RegexError("invalid named capture", self.pattern[begin : end + 1])
            self.i = end + 1
        else:
            return self.switched()
        self.groups += 1
        return self.groups

    def switched(self) -> int | None:
        """`(?i)` or `(?i-m:`."""
        begin = self.i
        self.i += 2
        on, seen = True, False
        while self.i < len(self.pattern):
            letter = self.rest()
            self.i += 1
            if letter in "imsU":
                self.flags = evolve(self.flags, **{letter: on})
                seen = True
            elif letter == "-" and on:
                on, seen = False, False
            elif letter in ":)" and (on or seen):
                return 0 if letter == ":" else None
            else:
                break
        raise RegexError("invalid or unsupported Perl syntax", self.pattern[begin : self.i])

    # -- escapes and classes -------------------------------------------------------------------------------------

    def escaped(self, found: list[Tree]) -> None:
        letter = self.rest(2)[1:]
        if letter and letter in ("AbBz<>" if self.posix else "AbBz"):
            self.i += 2
            found.append(Look(letter))
        elif letter == "Q":
            text, _, _ = self.pattern[self.i + 2 :].partition("\\E")
            self.i = min(self.i + 2 + len(text) + 2, len(self.pattern))
            found.extend(self.single(c) for c in text)
        else:
            known = self.class_escape()
            found.append(Chars(known) if known is not None else self.single(self.escape()))

    def class_escape(self) -> CharSet | None:
        """`\\d`, `\\pL`, `\\P{Greek}`; None: something else stands here."""
        begin, letter = self.i, self.rest(2)[1:]
        if self.rest() != "\\" or not letter or letter not in "dswDSWpP":
            return None
        self.i += 2
        if letter in PERL:
            return evolve(PERL[letter], folded=self.flags.i)
        name = self.rest()
        self.i += 1
        if name == "{":
            end = self.pattern.find("}", self.i)
            if end < 0:
                raise RegexError("invalid character class range", self.pattern[begin:])
            name = self.pattern[self.i : end]
            self.i = end + 1
        known = unicode_class(name.removeprefix("^"))
        if known is None:
            raise RegexError("invalid character class range", self.pattern[begin : self.i])
        known = evolve(known, folded=self.flags.i)
        return known.inverted() if (letter == "P") != name.startswith("^") else known

    def escape(self) -> str:
        """An escaped character."""
        begin, letter = self.i, self.rest(2)[1:]
        if not letter:
            raise RegexError("trailing backslash at end of expression", "")
        self.i += 2
        if letter in ESCAPES:
            return ESCAPES[letter]
        digits = self.octal(letter) if letter in "01234567" else self.hexadecimal() if letter == "x" else ""
        if digits:
            return digits
        if letter.isascii() and not letter.isalnum():
            return letter
        raise RegexError("invalid escape sequence", self.pattern[begin : self.i])

    def octal(self, first: str) -> str:
        """Up to three digits; one that is not 0 does not stand alone."""
        end = self.i
        while end < self.i + 2 and self.pattern[end : end + 1] in tuple("01234567"):
            end += 1
        text = first + self.pattern[self.i : end]
        if first != "0" and len(text) == 1:
            return ""
        self.i = end
        return chr(int(text, 8))

    def hexadecimal(self) -> str:
        braced = self.rest() == "{"
        end = self.pattern.find("}", self.i) if braced else self.i + 2
        digits = self.pattern[self.i + 1 : end] if braced else self.rest(2)
        plain = all(c in "0123456789abcdefABCDEF" for c in digits) and len(digits) >= (1 if braced else 2)
        code = int(digits, 16) if end >= 0 and plain else -1
        if not 0 <= code <= 0x10FFFF:
            return ""
        self.i = end + 1 if braced else end
        return chr(code)

    def bracket(self) -> CharSet:
        begin = self.i
        self.i += 1
        negated = self.rest() == "^"
        self.i += negated
        ranges: list[tuple[int, int]] = []
        parts: list[CharSet] = []
        first = True
        while self.rest() != "]" or first:
            first = False
            known = self.named_class() or self.class_escape()
            if known is not None:
                parts.append(known)
            else:
                ranges.append(self.range(begin))
        self.i += 1
        return CharSet(tuple(ranges), (), tuple(parts), negated, folded=self.flags.i)

    def named_class(self) -> CharSet | None:
        """`[:alpha:]` or `[:^alpha:]`."""
        end = self.pattern.find(":]", self.i + 2)
        if self.rest(2) != "[:" or end < 0:
            return None
        shown = self.pattern[self.i : end + 2]
        known = POSIX.get(shown[2:-2].removeprefix("^"))
        if known is None:
            raise RegexError("invalid character class range", shown)
        self.i = end + 2
        known = evolve(known, folded=self.flags.i)
        return known.inverted() if shown[2] == "^" else known

    def range(self, bracket: int) -> tuple[int, int]:
        """`a`, or `a-z`."""
        begin = self.i
        low = high = self.member(bracket)
        if self.rest() == "-" and self.rest(2) not in ("-", "-]"):
            self.i += 1
            high = self.member(bracket)
        if high < low:
            raise RegexError("invalid character class range", self.pattern[begin : self.i])
        return ord(low), ord(high)

    def member(self, bracket: int) -> str:
        if self.i >= len(self.pattern):
            raise RegexError("missing closing ]", self.pattern[bracket:])
        if self.rest() == "\\":
            return self.escape()
        self.i += 1
        return self.pattern[self.i - 1]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0")


def times(tree: Tree) -> int:
    """How often the repeats in it repeat its innermost part."""
    if isinstance(tree, Repeat):
        most = tree.least if tree.most is None else tree.most
        return max(most, 1) * times(tree.part)
    if isinstance(tree, Group):
        return times(tree.part)
    return max(map(times, tree.parts), default=1) if isinstance(tree, Chain | Either) else 1
