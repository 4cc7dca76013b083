"""Sets of characters: ranges, categories of Unicode, scripts, and sets of sets."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources

from attrs import evolve, frozen

Range = tuple[int, int]
LAST = 0x10FFFF


@frozen
class CharSet:
    """Which characters fit. `folded`: whatever their case."""

    ranges: tuple[Range, ...] = ()
    categories: tuple[str, ...] = ()  # beginnings of names: L, Lu
    parts: tuple[CharSet, ...] = ()
    negated: bool = False
    folded: bool = False

    def has(self, character: str) -> bool:
        """Whether a character is one of the set."""
        forms = _forms(character) if self.folded else (character,)
        return any(self._has(c) for c in forms) is not self.negated

    def _has(self, character: str) -> bool:
        code = ord(character)
        if any(low <= code <= high for low, high in self.ranges) or any(p.has(character) for p in self.parts):
            return True
        return bool(self.categories) and unicodedata.category(character).startswith(self.categories)

    def inverted(self) -> CharSet:
        """All characters but these."""
        return evolve(self, negated=not self.negated)


@cache
def _forms(character: str) -> tuple[str, ...]:
    """The cases of a character, those that are single characters."""
    near = {character, character.lower(), character.upper(), character.casefold(), character.casefold().upper()}
    return tuple(sorted(c for c in near if len(c) == 1))


def one(character: str, *, folded: bool = False) -> CharSet:
    """The set of a single character."""
    codes = _forms(character) if folded else (character,)
    return CharSet(tuple((ord(c), ord(c)) for c in codes), folded=folded and len(codes) > 1)


def _of(text: str) -> CharSet:
    """From pairs of ends: `az09__`."""
    return CharSet(tuple((ord(a), ord(b)) for a, b in zip(text[::2], text[1::2], strict=True)))


ANY = CharSet(((0, LAST),))
NOT_NEWLINE = _of("\n\n").inverted()
DIGIT, SPACE, WORD = _of("09"), _of("\t\n\f\r  "), _of("09AZ__az")
PERL = {
    "d": DIGIT, "s": SPACE, "w": WORD, "D": DIGIT.inverted(), "S": SPACE.inverted(), "W": WORD.inverted(),
}  # fmt: skip
POSIX = {
    "alnum": _of("09AZaz"), "alpha": _of("AZaz"), "ascii": _of("\x00\x7f"), "blank": _of("\t\t  "),
    "cntrl": _of("\x00\x1f\x7f\x7f"), "digit": DIGIT, "graph": _of("!~"), "lower": _of("az"), "print": _of(" ~"),
    "punct": _of("!/:@[`{~"), "space": _of("\t\r  "), "upper": _of("AZ"), "word": WORD, "xdigit": _of("09AFaf"),
}  # fmt: skip
CATEGORIES = frozenset({
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No",
    "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
})  # fmt: skip
_LONG = {
    "Casedletter": "Lc", "Closepunctuation": "Pe", "Combiningmark": "M", "Connectorpunctuation": "Pc", "Control": "Cc",
    "Currencysymbol": "Sc", "Dashpunctuation": "Pd", "Decimalnumber": "Nd", "Enclosingmark": "Me",
    "Finalpunctuation": "Pf", "Format": "Cf", "Initialpunctuation": "Pi", "Letter": "L", "Letternumber": "Nl",
    "Lineseparator": "Zl", "Lowercaseletter": "Ll", "Mark": "M", "Mathsymbol": "Sm", "Modifierletter": "Lm",
    "Modifiersymbol": "Sk", "Nonspacingmark": "Mn", "Number": "N", "Openpunctuation": "Ps", "Other": "C",
    "Otherletter": "Lo", "Othernumber": "No", "Otherpunctuation": "Po", "Othersymbol": "So", "Paragraphseparator": "Zp",
    "Privateuse": "Co", "Punctuation": "P", "Separator": "Z", "Spaceseparator": "Zs", "Spacingmark": "Mc",
    "Surrogate": "Cs", "Symbol": "S", "Titlecaseletter": "Lt", "Unassigned": "Cn", "Uppercaseletter": "Lu",
    "Cntrl": "Cc", "Digit": "Nd", "Punct": "P",
}  # fmt: skip


def unicode_class(name: str) -> CharSet | None:
    """`\\p{name}`: a category by its short or long name, or a script."""
    plain = "".join(c for c in name if c not in "_- ")
    wanted = plain[:1].upper() + plain[1:].lower()
    wanted = _LONG.get(wanted, wanted)
    special = {
        "Any": ANY,
        "Ascii": POSIX["ascii"],
        "Assigned": CharSet(categories=("Cn",)).inverted(),
        "Lc": CharSet(categories=("Lu", "Ll", "Lt")),
    }
    if wanted in special:
        return special[wanted]
    return CharSet(categories=(wanted,)) if wanted in CATEGORIES else _scripts().get(wanted)


@cache
def _scripts() -> dict[str, CharSet]:
    """Scripts of Unicode 15, a line each: a name, and ranges of codes."""
    text = resources.files("kubesim_tui.kernel.regex").joinpath("scripts.txt").read_text("ascii")
    found = {}
    for line in text.splitlines():
        name, *ranges = line.split()
        ends = [r.partition("-") for r in ranges]
        codes = tuple((int(low, 16), int(high or low, 16)) for low, _, high in ends)
        plain = name.replace("_", "")
        found[plain[0] + plain[1:].lower()] = CharSet(codes)
    return found
