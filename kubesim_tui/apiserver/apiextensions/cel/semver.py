"""Semantic versions: `semver('1.2.3-rc.1').isLessThan(semver('1.2.3'))` (library/semverlib.go)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import total_ordering
from typing import Any, ClassVar

from attrs import field, frozen

from kubesim_tui.api.fielderror import quoted
from kubesim_tui.apiserver.apiextensions.cel.values import CelError

_WORD = re.compile(r"[0-9A-Za-z-]+")
MOST = 2**64 - 1


@total_ordering
@frozen
class Semver:
    """A version. Metadata of its build do not count."""

    cel_type: ClassVar[str] = "kubernetes.Semver"

    numbers: tuple[int, int, int]
    before: tuple[int | str, ...] = ()  # of a pre-release
    build: tuple[str, ...] = field(default=(), eq=False)

    def __lt__(self, other: Semver) -> bool:
        return bool(self._key() < other._key())

    def _key(self) -> Any:
        parts = tuple((isinstance(p, str), p) for p in self.before)
        return self.numbers, not parts, parts

    def __str__(self) -> str:
        text = ".".join(map(str, self.numbers))
        text += "-" + ".".join(map(str, self.before)) if self.before else ""
        return text + ("+" + ".".join(self.build) if self.build else "")


def parse(text: str, normalized: bool = False) -> Semver:
    """A version; CelError if it is none. `normalized`: `v1.02` is 1.2.0."""
    if normalized:
        text = _normal(text)
    if not text:
        raise CelError("Version string empty")
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise CelError("No Major.Minor.Patch elements found")
    major, minor = _number(parts[0], "major"), _number(parts[1], "minor")
    rest, plus, build = parts[2].partition("+")
    patch, minus, before = rest.partition("-")
    numbers = major, minor, _number(patch, "patch")
    return Semver(numbers, _before(before) if minus else (), _build(build) if plus else ())


def _normal(text: str) -> str:
    parts = text.removeprefix("v").split(".", 2)
    for i, part in enumerate(parts):
        if len(part) > 1:
            bare = part.lstrip("0")
            parts[i] = bare if bare[:1].isdecimal() else f"0{bare}"
    if len(parts) < 3 and any(c in parts[-1] for c in "+-"):
        raise CelError("short version cannot contain PreRelease/Build meta data")
    return ".".join((*parts, *["0"] * (3 - len(parts))))


def _number(text: str, name: str) -> int:
    if not text.isascii() or (text and not text.isdecimal()):
        raise CelError(f"Invalid character(s) found in {name} number {quoted(text)}")
    if len(text) > 1 and text[0] == "0":
        raise CelError(f"{name.capitalize()} number must not contain leading zeroes {quoted(text)}")
    if not text:
        raise CelError('strconv.ParseUint: parsing "": invalid syntax')
    if int(text[:40]) > MOST:
        raise CelError(f"strconv.ParseUint: parsing {quoted(text)}: value out of range")
    return int(text)


def _before(text: str) -> tuple[int | str, ...]:
    found: list[int | str] = []
    for part in text.split("."):
        if not part:
            raise CelError("Prerelease is empty")
        if part.isascii() and part.isdecimal():
            if len(part) > 1 and part[0] == "0":
                raise CelError(f"Numeric PreRelease version must not contain leading zeroes {quoted(part)}")
            found.append(int(part))
        elif _WORD.fullmatch(part) is None:
            raise CelError(f"Invalid character(s) found in prerelease {quoted(part)}")
        else:
            found.append(part)
    return tuple(found)


def _build(text: str) -> tuple[str, ...]:
    for part in text.split("."):
        if not part:
            raise CelError("Build meta data is empty")
        if _WORD.fullmatch(part) is None:
            raise CelError(f"Invalid character(s) found in build meta data {quoted(part)}")
    return tuple(text.split("."))


def _is(text: str, normalized: bool = False) -> bool:
    try:
        parse(text, normalized)
    except CelError:
        return False
    return True


FUNCTIONS: Mapping[str, Any] = {
    "semver": parse,
    "isSemver": _is,
    "major": lambda value: value.numbers[0],
    "minor": lambda value: value.numbers[1],
    "patch": lambda value: value.numbers[2],
}
