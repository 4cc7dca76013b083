"""awk's machine: what a program (awk_syntax) does with one line after the other, in a bounded number of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.kernel import numeric
from kubesim_tui.kernel.regex import Pattern, compiled
from kubesim_tui.kernel.regex.posix import extended
from kubesim_tui.world.shell import parameters
from kubesim_tui.world.shell.call import Call
from kubesim_tui.world.shell.tools.awk_functions import FUNCTIONS
from kubesim_tui.world.shell.tools.awk_syntax import Node, Rule
from kubesim_tui.world.shell.tools.awk_values import Outside, Value, compare, formatted, number, text, truth

MOST_STEPS = 200_000
MOST_TEXT = 1 << 24
"""Of one run, what is kept and what is printed: more than any script needs, less than a player notices."""


class AwkError(ValueError):
    """What ends a run."""


class Leave(Exception):
    """next, exit, break, continue: out of what is running."""


class Machine:
    """A run: its variables, arrays and the line that it is at."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.variables: dict[str, Value] = {"FS": " ", "OFS": " ", "ORS": "\n", "RS": "\n", "SUBSEP": "\x1c", "NR": 0.0}
        self.arrays: dict[str, dict[str, Value]] = {"ENVIRON": {k: Outside(v) for k, v in call.env().items()}}
        self.line: str = ""
        self.fields: list[Value] = []
        self.code = 0
        self.steps = 0
        self.written: dict[str, list[str]] = {"": []}
        self.inside: set[int] = set()
        self.held = 0  # letters put into variables and printed so far

    # -- lines and fields

    def read(self, line: str) -> None:
        """Make a line the current one."""
        self.line = line
        self.fields = [Outside(part) for part in self.split(line, text(self.variables["FS"]))]
        self.variables["NF"] = float(len(self.fields))

    def split(self, line: str, separator: str) -> list[str]:
        """The parts of a text: at blanks, at a letter, at a pattern."""
        if separator == " ":
            return line.split()
        if not line:
            return []
        if separator == "":
            return list(line)
        if len(separator) == 1 and separator not in "|+*?.":
            return line.split(separator)
        pattern = self.pattern("\\" + separator if len(separator) == 1 else separator)
        ends = [found.span() for found in pattern.each(line) if found.whole]
        return [line[a:b] for a, b in zip((0, *(e for _, e in ends)), (*(b for b, _ in ends), len(line)), strict=True)]

    def pattern(self, spelled: str) -> Pattern:
        """A regular expression."""
        return compiled(extended(spelled.replace("\\/", "/")), posix=True)

    def field(self, at: int) -> Value:
        """A field, or the whole line."""
        if at == 0:
            return Outside(self.line)
        return self.fields[at - 1] if 0 < at <= len(self.fields) else None

    def set_field(self, at: int, value: Value) -> None:
        """Set a field: the line is joined anew; set the line: it is split anew."""
        if at == 0:
            self.read(text(value))
            return
        if not 0 < at <= 10_000:
            raise AwkError(f"bad field {at}")
        self.fields.extend([""] * (at - len(self.fields)))
        self.fields[at - 1] = value
        self._join()

    def _join(self) -> None:
        self.line = text(self.variables["OFS"]).join(text(value) for value in self.fields)
        self.variables["NF"] = float(len(self.fields))

    # -- values

    def value(self, node: Node) -> Value:
        """What an expression is now."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise AwkError("too many steps")
        return _VALUES[node[0]](self, *node[1:])

    def key(self, keys: tuple[Node, ...]) -> str:
        """The key of an item of an array."""
        return text(self.variables["SUBSEP"]).join(text(self.value(one)) for one in keys)

    def assign(self, place: Node, value: Value) -> Value:
        """Put a value into a variable, an item or a field."""
        if isinstance(value, str):
            self.hold(value)
        match place:
            case ("variable", name):
                self.variables[name] = value
                if name == "NF":
                    count = max(0, min(int(number(value)), 10_000))
                    self.fields = [*self.fields, *[""] * (count - len(self.fields))][:count]
                    self._join()
            case ("item", name, keys):
                self.arrays.setdefault(name, {})[self.key(keys)] = value
            case ("field", at):
                self.set_field(int(number(self.value(at))), value)
            case _:
                raise AwkError("nothing can be put there")
        return value

    def fits(self, node: Node, line: Value) -> bool:
        """Whether a text fits a pattern, written as one or computed."""
        spelled = node[1] if node[0] == "regex" else text(self.value(node))
        return self.pattern(spelled).matches(text(line))

    # -- statements

    def run(self, node: Node) -> None:
        """Do a statement."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise AwkError("too many steps")
        _STATEMENTS[node[0]](self, *node[1:])

    def rule(self, place: int, rule: Rule) -> None:
        """A rule with the current line."""
        _, first, last, block = rule
        if last is not None and place in self.inside:
            self.inside -= {place} if truth(self.value(last)) else set()
        elif first is not None and not truth(self.value(first)):
            return
        elif last is not None and not truth(self.value(last)):
            self.inside.add(place)
        if block is None:
            self.write("", self.line + text(self.variables["ORS"]))
        else:
            self.run(block)

    def write(self, where: str, words: str) -> None:
        """Print; where to: the standard output, or a file."""
        self.hold(words)
        self.written.setdefault(where, []).append(words)

    def hold(self, words: str) -> None:
        """Count what a run keeps: a script must not eat the memory of the machine that simulates it."""
        self.held += len(words)
        if len(words) > parameters.LONGEST or self.held > MOST_TEXT:
            raise AwkError("out of memory")


# -- expressions


def _sign(m: Machine, mark: str, node: Node) -> Value:
    value = m.value(node)
    if mark == "!":
        return float(not truth(value))
    return -number(value) if mark == "-" else number(value)


def _arithmetic(m: Machine, mark: str, left: Node, right: Node) -> Value:
    return computed(mark, number(m.value(left)), number(m.value(right)))


def computed(mark: str, a: float, b: float) -> float:
    """One operation on two numbers."""
    try:
        match mark:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "/":
                return a / b
            case "%":
                return a - b * int(a / b)
        return float(int(a) ** int(b)) if a == int(a) and b == int(b) and 0 <= b <= 64 else numeric.pow(a, b)
    except ZeroDivisionError:
        raise AwkError("division by zero") from None


def _assigned(m: Machine, mark: str, place: Node, node: Node) -> Value:
    value = m.value(node)
    if mark:
        value = computed(mark, number(m.value(place)), number(value))
    return m.assign(place, value)


def _counted(m: Machine, step: int, before: bool, place: Node) -> Value:
    old = number(m.value(place))
    m.assign(place, old + step)
    return old + step if before else old


def _compared(m: Machine, mark: str, left: Node, right: Node) -> Value:
    order = compare(m.value(left), m.value(right))
    return float(order in {"<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (-1, 1), ">": (1,), ">=": (0, 1)}[mark])


def _item(m: Machine, name: str, keys: tuple[Node, ...]) -> Value:
    return m.arrays.setdefault(name, {}).setdefault(m.key(keys), None)


def _call(m: Machine, name: str, nodes: tuple[Node, ...]) -> Value:
    return FUNCTIONS[name](m, nodes)


_VALUES: Mapping[str, Callable[..., Value]] = {
    "constant": lambda _m, value: value,
    "regex": lambda m, spelled: float(m.fits(("regex", spelled), m.line)),
    "variable": lambda m, name: m.variables.get(name),
    "field": lambda m, at: m.field(int(number(m.value(at)))),
    "item": _item,
    "group": lambda m, nodes: m.key(nodes),
    "assign": _assigned,
    "choice": lambda m, test, yes, no: m.value(yes if truth(m.value(test)) else no),
    "or": lambda m, left, right: float(truth(m.value(left)) or truth(m.value(right))),
    "and": lambda m, left, right: float(truth(m.value(left)) and truth(m.value(right))),
    "in": lambda m, keys, name: float(m.key(keys) in m.arrays.get(name, {})),
    "matches": lambda m, negated, left, right: float(m.fits(right, m.value(left)) != negated),
    "compare": _compared,
    "join": lambda m, left, right: text(m.value(left)) + text(m.value(right)),
    "number": _arithmetic,
    "sign": _sign,
    "count": _counted,
    "call": _call,
}


# -- statements


def _print(m: Machine, nodes: tuple[Node, ...], mark: str, where: Node | None) -> None:
    words = text(m.variables["OFS"]).join(text(m.value(node)) for node in nodes) if nodes else m.line
    m.write(mark + text(m.value(where)) if where is not None else "", words + text(m.variables["ORS"]))


def _printf(m: Machine, nodes: tuple[Node, ...], mark: str, where: Node | None) -> None:
    form, *values = [m.value(node) for node in nodes]
    m.write(mark + text(m.value(where)) if where is not None else "", formatted(text(form), values))


def _if(m: Machine, condition: Node, body: Node, other: Node | None) -> None:
    if truth(m.value(condition)):
        m.run(body)
    elif other is not None:
        m.run(other)


def _block(m: Machine, nodes: tuple[Node, ...]) -> None:
    for node in nodes:
        m.run(node)


def _turn(m: Machine, body: Node) -> bool:
    """One turn of a loop; whether to go on."""
    try:
        m.run(body)
    except Leave as leave:
        if leave.args[0] == "break":
            return False
        if leave.args[0] != "continue":
            raise
    return True


def _while(m: Machine, condition: Node, body: Node) -> None:
    while truth(m.value(condition)) and _turn(m, body):
        pass


def _do(m: Machine, condition: Node, body: Node) -> None:
    while _turn(m, body) and truth(m.value(condition)):
        pass


def _for(m: Machine, first: Node | None, condition: Node | None, step: Node | None, body: Node) -> None:
    if first is not None:
        m.run(first)
    while (condition is None or truth(m.value(condition))) and _turn(m, body):
        if step is not None:
            m.run(step)


def _for_in(m: Machine, name: str, array: str, body: Node) -> None:
    for key in list(m.arrays.get(array, {})):
        m.variables[name] = Outside(key)
        if not _turn(m, body):
            return


def _delete(m: Machine, name: str, keys: tuple[Node, ...] | None) -> None:
    if keys is None:
        m.arrays.pop(name, None)
    else:
        m.arrays.get(name, {}).pop(m.key(keys), None)


def _leave(word: str) -> Callable[..., None]:
    def leave(m: Machine, code: Node | None = None) -> None:
        if code is not None:
            m.code = int(number(m.value(code)))
        raise Leave(word)

    return leave


_STATEMENTS: Mapping[str, Callable[..., Any]] = {
    "expression": lambda m, node: m.value(node),
    "block": _block,
    "print": _print,
    "printf": _printf,
    "if": _if,
    "while": _while,
    "do": _do,
    "for": _for,
    "for_in": _for_in,
    "delete": _delete,
    **{word: _leave(word) for word in ("next", "exit", "break", "continue")},
}
