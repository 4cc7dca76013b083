"""What a script is made of. Frozen, shared: the same script in a thousand containers is read once."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.shared import Shared


class ShellSyntaxError(Exception):
    """A script that cannot be read; the text is what ash says after `syntax error: `."""


@frozen(eq=False, repr=False)
class Lit(Shared):
    """Characters that stand for themselves."""

    text: str
    quoted: bool = False


@frozen(eq=False, repr=False)
class Param(Shared):
    """`$name`, `${name op word}`.

    `op` is "", len, one of - = ? + (with : before), # ## % %%, / //, ^ ^^, a comma or two, ! or slice.
    """

    name: str
    op: str = ""
    word: Word | None = None
    other: Word | None = None
    quoted: bool = False


@frozen(eq=False, repr=False)
class Sub(Shared):
    """`$(script)` or `` `script` ``; `file`: `<(script)`."""

    script: str
    quoted: bool = False
    file: bool = False


@frozen(eq=False, repr=False)
class Arith(Shared):
    """`$((expression))`."""

    word: Word
    quoted: bool = False


Part = Lit | Param | Sub | Arith


@frozen(eq=False, repr=False)
class Word(Shared):
    """Pieces that make one word (before expansion)."""

    parts: tuple[Part, ...] = ()

    @property
    def plain(self) -> str | None:
        """The word's text, if it is nothing but unquoted characters."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Lit) and not self.parts[0].quoted:
            return self.parts[0].text
        return None


@frozen(eq=False, repr=False)
class Redirect(Shared):
    """`fd op target`; op is one of < > >> >| <> >& <& << <<< &>."""

    fd: int
    op: str
    target: Word


@frozen(eq=False, repr=False)
class Assign(Shared):
    """`name=word`, `name+=word`, or in bash `name=(words)`."""

    name: str
    word: Word
    append: bool = False
    items: tuple[Word, ...] | None = None


@frozen(eq=False, repr=False)
class Simple(Shared):
    """Assignments, words, redirections."""

    assigns: tuple[Assign, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@frozen(eq=False, repr=False)
class Pipeline(Shared):
    """`a | b | c`, perhaps with `!` before it."""

    commands: tuple[Command, ...]
    negated: bool = False


@frozen(eq=False, repr=False)
class AndOr(Shared):
    """`a && b || c`: the first, then (operator, command)."""

    first: Command
    rest: tuple[tuple[str, Command], ...]


@frozen(eq=False, repr=False)
class Sequence(Shared):
    """Commands one after the other; (command, whether it runs in the background)."""

    items: tuple[tuple[Command, bool], ...]


@frozen(eq=False, repr=False)
class If(Shared):
    """(condition, body) pairs, and what else."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None


@frozen(eq=False, repr=False)
class Loop(Shared):
    """while, or until; `step` is what bash's `for ((a; b; c))` does between two rounds."""

    condition: Command
    body: Sequence
    until: bool
    step: Command | None = None


@frozen(eq=False, repr=False)
class For(Shared):
    """`for name in words`; without words: over the arguments."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@frozen(eq=False, repr=False)
class Case(Shared):
    """case: (patterns, body)."""

    word: Word
    items: tuple[tuple[tuple[Word, ...], Sequence], ...]


@frozen(eq=False, repr=False)
class Group(Shared):
    """`{ … }`."""

    body: Sequence


@frozen(eq=False, repr=False)
class Subshell(Shared):
    """`( … )`."""

    body: Sequence


@frozen(eq=False, repr=False)
class Function(Shared):
    """`name() command`."""

    name: str
    body: Command


@frozen(eq=False, repr=False)
class Condition(Shared):
    """`[[ … ]]`: its words."""

    words: tuple[Word, ...]


@frozen(eq=False, repr=False)
class ArithCommand(Shared):
    """`(( … ))`."""

    word: Word


@frozen(eq=False, repr=False)
class Redirected(Shared):
    """A compound command with redirections."""

    command: Command
    redirects: tuple[Redirect, ...]


Command = (
    Simple
    | Pipeline
    | AndOr
    | Sequence
    | If
    | Loop
    | For
    | Case
    | Group
    | Subshell
    | Function
    | Condition
    | ArithCommand
    | Redirected
)
