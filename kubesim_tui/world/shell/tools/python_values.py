"""Expressions of the small Python: what job scripts in manifests use. No closures, no objects, no floats in variables.

Whatever it does not know raises `Unsupported`; the script then counts as an application of its own (python_script.py).
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.world.shell.call import Call

Value = Any
"""None, bool, int, str, or (lists and dicts of) them."""
MOST = 100_000


class Unsupported(Exception):
    """Something that only a real Python can do."""


class PythonError(Exception):
    """An exception of the script: its type and its text."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}" if text else kind)


class Exit(Exception):
    """sys.exit(code)"""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


_BINARY: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_METHODS = (
    "upper",
    "lower",
    "strip",
    "split",
    "join",
    "startswith",
    "endswith",
    "replace",
    "get",
    "append",
    "keys",
    "format",
)
_ERRORS = ("Exception", "ValueError", "RuntimeError", "SystemExit", "KeyError", "TypeError")


class Evaluator:
    """Evaluates expressions over the variables of a script."""

    def __init__(self, call: Call, variables: dict[str, Value]) -> None:
        self.call = call
        self.variables = variables

    def value(self, node: ast.expr) -> Value:
        """The value of an expression."""
        try:
            return self._value(node)
        except (TypeError, ValueError, KeyError, IndexError, ZeroDivisionError, AttributeError) as error:
            raise PythonError(type(error).__name__, str(error)) from error

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self._name(node.id)
            case ast.JoinedStr():
                return "".join(self._piece(part) for part in node.values)
            case ast.BinOp():
                return self._binary(node)
            case ast.BoolOp():
                return self._boolean(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp():
                return self._value(node.body if self._value(node.test) else node.orelse)
            case ast.List() | ast.Tuple():
                return [self._value(item) for item in node.elts]
            case ast.Dict():
                return {
                    self._value(k): self._value(v) for k, v in zip(node.keys, node.values, strict=True) if k is not None
                }
            case ast.Subscript():
                return self._value(node.value)[self._value(node.slice)]
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
        raise Unsupported(type(node).__name__)

    def _name(self, name: str) -> Value:
        if name in self.variables:
            return self.variables[name]
        if name == "__name__":
            return "__main__"
        raise PythonError("NameError", f"name '{name}' is not defined")

    def _piece(self, node: ast.expr) -> str:
        if isinstance(node, ast.FormattedValue):
            if node.format_spec is not None:
                form = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
                return format(self._value(node.value), _check_form("".join(self._piece(part) for part in form)))
            return _shown(self._value(node.value))
        return str(self._value(node))

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self._value(node.left), self._value(node.right)
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            return _check_form(left) % (tuple(right) if isinstance(right, list) else right)
        if isinstance(node.op, ast.Pow) and abs(left) < MOST and 0 <= right < 64:
            return left**right
        if isinstance(node.op, ast.Mult):
            _check_product(left, right)
        found = _BINARY.get(type(node.op))
        if found is None:
            raise Unsupported(type(node.op).__name__)
        value = found(left, right)
        if isinstance(value, str | list) and len(value) > MOST:
            raise Unsupported("a very long text")
        return value

    def _boolean(self, node: ast.BoolOp) -> Value:
        value: Value = None
        for item in node.values:
            value = self._value(item)
            if bool(value) != isinstance(node.op, ast.And):
                break
        return value

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self._value(node.operand)
        if isinstance(node.op, ast.Not):
            return not value
        if isinstance(node.op, ast.USub):
            return -value
        raise Unsupported(type(node.op).__name__)

    def _compare(self, node: ast.Compare) -> bool:
        left = self._value(node.left)
        for op, item in zip(node.ops, node.comparators, strict=True):
            right = self._value(item)
            if isinstance(op, ast.In | ast.NotIn):
                holds = (left in right) == isinstance(op, ast.In)
            else:
                holds = bool(_COMPARE[type(op)](left, right))
            if not holds:
                return False
            left = right
        return True

    def _attribute(self, node: ast.Attribute) -> Value:
        name = ast.unparse(node)
        if name == "os.environ":
            return self.call.env()
        if name == "sys.argv":
            return ["-c"]
        raise Unsupported(name)

    def _call(self, node: ast.Call) -> Value:
        if node.keywords and not all(k.arg in ("flush", "file", "end", "sep") for k in node.keywords):
            raise Unsupported("keyword arguments")
        name = ast.unparse(node.func)
        values = [self._value(item) for item in node.args]
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS and not name.startswith("os.environ"):
            target = self._value(node.func.value)
            if node.func.attr == "format" or (node.func.attr == "replace" and len(target) > 1_000):
                _check_form(str(target))
            return getattr(target, node.func.attr)(*values)
        return self._function(name, values, {k.arg: k.value for k in node.keywords})

    def _function(self, name: str, values: list[Value], options: dict[str | None, ast.expr]) -> Value:
        match name, values:
            case "print", _:
                self._print(values, options)
                return None
            case (("int" | "str" | "len" | "abs" | "bool" | "sorted" | "sum" | "min" | "max" | "list"), [_, *_]):
                return _SIMPLE[name](*values)
            case "range", [*_]:
                return list(range(*values)[:MOST])
            case (("os.environ.get" | "os.getenv"), [key, *rest]):
                return self.call.env().get(key, rest[0] if rest else None)
            case "socket.gethostname", []:
                return self.call.system.hostname
            case (("time.time" | "int.time"), []):
                self.call.unsteady()
                return self.call.system.epoch + self.call.now_us // 1_000_000
            case (("sys.exit" | "exit" | "quit" | "os._exit"), _):
                code = values[0] if values else 0
                if isinstance(code, str):
                    self.call.err(code)
                    code = 1
                raise Exit(int(code or 0) & 255)
        if name in _ERRORS:
            raise PythonError(name, str(values[0]) if values else "")
        raise Unsupported(name)

    def _print(self, values: list[Value], options: dict[str | None, ast.expr]) -> None:
        end = self._value(options["end"]) if "end" in options else "\n"
        joint = self._value(options["sep"]) if "sep" in options else " "
        fd = 2 if "file" in options and ast.unparse(options["file"]) == "sys.stderr" else 1
        self.call.write(fd, joint.join(_shown(value) for value in values) + end)


def _check_product(left: Value, right: Value) -> None:
    """A script must not eat the memory of the machine that simulates it."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, str | list) and isinstance(other, int) and len(one) * other > MOST:
            raise Unsupported("a very long text")
    if isinstance(left, int) and isinstance(right, int) and max(abs(left), abs(right)) > 1 << 4_096:
        raise Unsupported("a very large number")


def _check_form(text: str) -> str:
    if re.search(r"\d{5}", text):
        raise Unsupported("a very wide form")
    return text


def _shown(value: Value) -> str:
    return str(value)


_SIMPLE: Mapping[str, Callable[..., Any]] = {
    "int": int,
    "str": str,
    "len": len,
    "abs": abs,
    "bool": bool,
    "sorted": sorted,
    "sum": sum,
    "min": min,
    "max": max,
    "list": list,
}
