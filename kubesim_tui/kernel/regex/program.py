"""From a tree to instructions (regexp/syntax/compile.go). Each names the one that follows; 0 is the first."""

from __future__ import annotations

from attrs import field, frozen

from kubesim_tui.kernel.regex.charset import CharSet
from kubesim_tui.kernel.regex.syntax import Chain, Chars, Either, Group, Look, RegexError, Repeat, Tree

MOST_STEPS = 20_000
"""How many instructions a program may have."""


@frozen(eq=False)
class Step:
    """One instruction: read a character, look at the place, remember it, fork, or (none of these) be done."""

    chars: CharSet | None = None
    look: str = ""
    slot: int = -1
    ways: tuple[int, ...] = ()  # what follows, the preferred first; (): a match


@frozen(eq=False)
class _Writer:
    """Instructions are written from the end: what follows is known when a step is written."""

    pattern: str
    steps: list[Step] = field(factory=list)

    def put(self, step: Step) -> int:
        if len(self.steps) >= MOST_STEPS:
            raise RegexError("expression too large", self.pattern)
        self.steps.append(step)
        return len(self.steps) - 1

    def write(self, tree: Tree, then: int) -> int:
        """The instruction with which a tree begins that goes on at `then`."""
        match tree:
            case Chars(chars):
                return self.put(Step(chars=chars, ways=(then,)))
            case Look(kind):
                return self.put(Step(look=kind, ways=(then,)))
            case Chain(parts):
                for part in reversed(parts):
                    then = self.write(part, then)
                return then
            case Either(parts):
                return self.put(Step(ways=tuple(self.write(p, then) for p in parts)))
            case Group(part, number):
                inner = self.write(part, self.put(Step(slot=2 * number + 1, ways=(then,))))
                return self.put(Step(slot=2 * number, ways=(inner,)))
            case Repeat():
                return self.repeat(tree, then)
        raise TypeError(tree)

    def repeat(self, tree: Repeat, then: int) -> int:
        def fork(inner: int, out: int) -> Step:
            return Step(ways=(inner, out) if tree.greedy else (out, inner))

        if tree.most is None:
            loop = self.put(Step())  # its ways are known when its body is written
            body = self.write(tree.part, loop)
            self.steps[loop] = fork(body, then)
            # a body that reads nothing may be taken once, so that `(|a)*` prefers it as `(|a)+` does
            begin = loop if tree.least or not nullable(tree.part) else self.put(fork(body, then))
            begin = body if tree.least else begin
            for _ in range(tree.least - 1):
                begin = self.write(tree.part, begin)
            return begin
        out = then
        for _ in range(tree.most - tree.least):
            then = self.put(fork(self.write(tree.part, then), out))
        for _ in range(tree.least):
            then = self.write(tree.part, then)
        return then


def nullable(tree: Tree) -> bool:
    """Whether a tree may match nothing."""
    match tree:
        case Chain(parts):
            return all(map(nullable, parts))
        case Either(parts):
            return any(map(nullable, parts))
        case Group(part, _):
            return nullable(part)
        case Repeat():
            return tree.least == 0 or nullable(tree.part)
    return isinstance(tree, Look)


def program(tree: Tree, pattern: str) -> tuple[tuple[Step, ...], int]:
    """The instructions of a tree, and the one to begin with."""
    writer = _Writer(pattern)
    begin = writer.write(Group(tree, 0), writer.put(Step()))
    return tuple(writer.steps), begin
