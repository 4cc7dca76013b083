"""Instructions at work: whether a text matches (states that are made when first met), and where (Pike's machine).

A state of the first machine is the set of instructions that wait for the next character, and of what kind the last
one was. Its moves are remembered, so that a character costs one look into a dictionary. The second machine carries
the remembered places of each thread along, in order of preference; it only runs where there is a match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from attrs import define, field, frozen

from kubesim_tui.kernel.regex.charset import WORD
from kubesim_tui.kernel.regex.program import Step, program
from kubesim_tui.kernel.regex.syntax import Chain, Chars, Flags, Tree, parse

MOST_MEMORY = 100_000
"""How many instructions and moves remembered states may hold, before they are forgotten."""
Slots = tuple[int, ...]


@frozen
class Match:
    """A match: the places where it and its groups begin and end, -1 for those that took no part."""

    text: str
    slots: Slots

    def span(self, number: int = 0) -> tuple[int, int]:
        """Where a group begins and ends; 0 is the whole."""
        return self.slots[2 * number], self.slots[2 * number + 1]

    def __getitem__(self, number: int) -> str | None:
        begin, end = self.span(number)
        return None if begin < 0 or end < 0 else self.text[begin:end]

    @property
    def whole(self) -> str:
        """What was matched."""
        return self.text[self.slots[0] : self.slots[1]]

    def texts(self) -> list[str]:
        """The whole and each group, "" for those that took no part."""
        return [self.whole, *(text or "" for text in self.groups())]

    def groups(self) -> tuple[str | None, ...]:
        """What each group matched."""
        return tuple(self[n] for n in range(1, len(self.slots) // 2))


@define(eq=False)
class _State:
    waiting: tuple[int, ...]
    before: str
    moves: dict[str, _State | None] = field(factory=dict)  # None: there is a match


@define(eq=False)
class Pattern:
    """A pattern ready to search with. `longest`: of those that begin first the longest match, as POSIX wants it."""

    steps: tuple[Step, ...]
    begin: int
    groups: int
    literal: str | None
    longest: bool
    _states: dict[tuple[tuple[int, ...], str], _State] = field(factory=dict)
    _memory: int = 0

    def __deepcopy__(self, _memo: object) -> Pattern:
        return self

    def matches(self, text: str) -> bool:
        """Whether it matches anywhere in a text."""
        if self.literal is not None:
            return self.literal in text
        return self._matches(text, 0)

    def _matches(self, text: str, at: int) -> bool:
        state = self._state((self.begin,), _kind(text[at - 1]) if at else "")
        for i in range(at, len(text)):
            character = text[i]
            moves = state.moves
            following = moves[character] if character in moves else self._move(state, character)
            if following is None:
                return True
            state = following
        return self._move(state, "") is None

    def _state(self, waiting: tuple[int, ...], before: str) -> _State:
        known = self._states.get((waiting, before))
        if known is None:
            if self._memory > MOST_MEMORY:
                self._states.clear()
                self._memory = 0
            known = self._states[waiting, before] = _State(waiting, before)
            self._memory += len(waiting) + 1
        return known

    def _move(self, state: _State, character: str) -> _State | None:
        """Where a character leads; None: to a match. No character: the text ends."""
        after = _kind(character) if character else ""
        reached = {self.begin}
        done = False
        for place in self._closure(state.waiting, state.before, after):
            step = self.steps[place]
            done = done or not step.ways
            if character and step.chars is not None and step.chars.has(character):
                reached.add(step.ways[0])
        following = None if done else self._state(tuple(sorted(reached)), after)
        state.moves[character] = following
        self._memory += 1
        return following

    def _closure(self, waiting: tuple[int, ...], before: str, after: str) -> set[int]:
        """All instructions that can be reached without reading."""
        seen: set[int] = set()
        stack = list(waiting)
        while stack:
            place = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            step = self.steps[place]
            if step.chars is None and (not step.look or _LOOKS[step.look](before, after)):
                stack.extend(step.ways)
        return seen

    # -- places --------------------------------------------------------------------------------------------------

    def search(self, text: str, at: int = 0) -> Match | None:
        """The first match from a place on."""
        if self.literal is not None:
            found = text.find(self.literal, at)
            return None if found < 0 else Match(text, (found, found + len(self.literal)))
        return self._search(text, at) if self._matches(text, at) else None

    def _search(self, text: str, at: int) -> Match | None:
        found: Slots | None = None
        threads: list[tuple[int, Slots]] = []
        empty = (-1,) * (2 * self.groups + 2)
        for i in range(at, len(text) + 1):
            if found is None:
                threads.append((self.begin, empty))
            character = text[i : i + 1]
            live = self._spread(threads, i, _kind(text[i - 1]) if i else "", _kind(character) if character else "")
            threads = []
            for place, slots in live:
                step = self.steps[place]
                if not step.ways:
                    found = self._better(found, slots)
                    if not self.longest:
                        break
                elif (
                    step.chars is not None
                    and character
                    and step.chars.has(character)
                    and (found is None or not self.longest or slots[0] <= found[0])
                ):
                    threads.append((step.ways[0], slots))
            if found is not None and not threads:
                break
        return None if found is None else Match(text, found)

    @staticmethod
    def _better(found: Slots | None, other: Slots) -> Slots:
        if found is None or other[0] < found[0] or (other[0] == found[0] and other[1] > found[1]):
            return other
        return found

    def _spread(
        self, threads: list[tuple[int, Slots]], at: int, before: str, after: str
    ) -> Iterator[tuple[int, Slots]]:
        """The threads at instructions that read, or are done, in order of preference."""
        seen: set[int] = set()
        stack = threads[::-1]
        while stack:
            place, slots = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            step = self.steps[place]
            if step.chars is not None or not step.ways:
                yield place, slots
                continue
            if step.look and not _LOOKS[step.look](before, after):
                continue
            if step.slot >= 0:
                slots = (*slots[: step.slot], at, *slots[step.slot + 1 :])
            stack.extend((way, slots) for way in reversed(step.ways))

    def each(self, text: str) -> Iterator[Match]:
        """All matches, one after the other; an empty one not right behind another."""
        at, last = 0, -1
        while at <= len(text):
            found = self.search(text, at)
            if found is None:
                return
            begin, end = found.span()
            if end > begin or begin != last:
                yield found
            last = end
            at = end if end > begin else end + 1

    def replaced(self, text: str, by: Callable[[Match], str], most: int = 0) -> tuple[str, int]:
        """A text whose matches (the first `most`; 0: all) are replaced, and how many were."""
        out: list[str] = []
        at = count = 0
        for found in self.each(text):
            begin, end = found.span()
            out += (text[at:begin], by(found))
            at = end
            count += 1
            if count == most:
                break
        return "".join((*out, text[at:])), count


def _kind(character: str) -> str:
    return "n" if character == "\n" else "w" if WORD.has(character) else "o"


_LOOKS: dict[str, Callable[[str, str], bool]] = {
    "A": lambda before, _: not before,
    "z": lambda _, after: not after,
    "^": lambda before, _: before in ("", "n"),
    "$": lambda _, after: after in ("", "n"),
    "b": lambda before, after: (before == "w") != (after == "w"),
    "B": lambda before, after: (before == "w") == (after == "w"),
    "<": lambda before, after: before != "w" and after == "w",
    ">": lambda before, after: before == "w" and after != "w",
}


def _literal(tree: Tree) -> str | None:
    """The text that a pattern is, if it has no other meaning."""
    parts = tree.parts if isinstance(tree, Chain) else (tree,)
    letters = []
    for part in parts:
        ranges = part.chars.ranges if isinstance(part, Chars) else ()
        if not isinstance(part, Chars) or len(ranges) != 1 or ranges[0][0] != ranges[0][1]:
            return None
        if part.chars.parts or part.chars.negated or part.chars.folded:
            return None
        letters.append(chr(ranges[0][0]))
    return "".join(letters)


@lru_cache(maxsize=1024)
def compiled(pattern: str, *, folded: bool = False, posix: bool = False) -> Pattern:
    """A pattern ready to search with; RegexError. `posix`: the longest match, and GNU's `\\<` and `\\>`."""
    tree, groups = parse(pattern, Flags(i=folded), posix=posix)
    steps, begin = program(tree, pattern)
    return Pattern(steps, begin, groups, _literal(tree), posix)
