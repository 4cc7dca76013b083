"""python -c, python file: the small scripts of Job manifests, run step by step; anything larger is an application.

A script becomes a flat list of instructions, as a shell script does, so that `time.sleep` can be waited for: what is
kept is the text, a place in it, and variables. A script that uses what this Python does not know runs as the image's
program `python-app`: it starts after a second and listens where it is expected to.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.shell.call import WAIT_INPUT, Become, Call, Command, Outcome, Wait
from kubesim_tui.world.shell.tasks import READY
from kubesim_tui.world.shell.tools.python_values import Evaluator, Exit, PythonError, Unsupported

Step = tuple[Any, ...]
APP = "python-app"
_MODULES = ("os", "sys", "time", "socket")
_STEPS = 500


def python(call: Call) -> Outcome:
    """python [-u] -c script | file | (a script on the standard input)"""
    source = _source(call)
    if not isinstance(source, str):
        return source
    try:
        steps = _compiled(source)
        return _run(call, steps)
    except SyntaxError as error:
        call.err(f'  File "<string>", line {error.lineno}\nSyntaxError: {error.msg}')
        return 1
    except Unsupported:
        return Become([APP, *call.arguments]) if "began" not in call.state else 0
    except PythonError as error:
        call.err(f'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n{error}')
        return 1
    except Exit as found:
        return found.code


def _source(call: Call) -> str | Outcome:
    """The script; or what else happens."""
    words = [word for word in call.arguments if word not in ("-u", "-B", "-E", "-s", "-I")]
    if words[:1] in (["--version"], ["-V"]):
        call.out("Python 3.13.7\n")
        return 0
    if words[:1] == ["-c"] and len(words) > 1:
        return words[1]
    if words[:1] == ["-m"]:
        return Become([APP, *call.arguments])
    if words and not words[0].startswith("-"):
        try:
            return call.files.read(call.path(words[0]))
        except FileError as error:
            call.err(f"{call.name}: can't open file '{call.path(words[0])}': [Errno 2] {error}")
            return 2
    text = call.all()
    return WAIT_INPUT if text is None else text


@lru_cache(maxsize=128)
def _compiled(source: str) -> tuple[Step, ...]:
    """(Pure: the cache only saves time.)"""
    steps: list[Step] = []
    _block(ast.parse(source).body, steps, [])
    return tuple(steps)


def _block(body: list[ast.stmt], steps: list[Step], loops: list[tuple[int, list[int]]]) -> None:
    for statement in body:
        _statement(statement, steps, loops)


def _statement(node: ast.stmt, steps: list[Step], loops: list[tuple[int, list[int]]]) -> None:
    match node:
        case ast.Import():
            if any(name.name not in _MODULES for name in node.names):
                raise Unsupported("import")
        case ast.Expr(ast.Call() as called) if ast.unparse(called.func) in ("time.sleep", "sleep"):
            steps.append(("sleep", called.args[0]))
        case ast.Expr():
            steps.append(("value", node.value))
        case ast.Assign(targets=[ast.Name() as target]):
            steps.append(("assign", target.id, node.value))
        case ast.AugAssign(target=ast.Name() as target):
            steps.append(("assign", target.id, ast.BinOp(ast.Name(target.id, ast.Load()), node.op, node.value)))
        case ast.If():
            _if(node, steps, loops)
        case ast.While(orelse=[]):
            _while(node, steps)
        case ast.For(target=ast.Name(), orelse=[]):
            _for(node, steps)
        case ast.Break() | ast.Continue():
            start, ends = loops[-1]
            if isinstance(node, ast.Break):
                ends.append(len(steps))
            steps.append(("jump", start))
        case ast.Raise(exc=ast.expr() as error):
            steps.append(("value", error if isinstance(error, ast.Call) else ast.Call(error, [], [])))
        case ast.Pass():
            pass
        case _:
            raise Unsupported(type(node).__name__)


def _if(node: ast.If, steps: list[Step], loops: list[tuple[int, list[int]]]) -> None:
    test = len(steps)
    steps.append(())
    _block(node.body, steps, loops)
    end = len(steps)
    steps.append(())
    steps[test] = ("unless", node.test, len(steps))
    _block(node.orelse, steps, loops)
    steps[end] = ("jump", len(steps))


def _while(node: ast.While, steps: list[Step]) -> None:
    start = len(steps)
    ends: list[int] = []
    steps.append(())
    _block(node.body, steps, [(start, ends)])
    steps.append(("jump", start))
    steps[start] = ("unless", node.test, len(steps))
    for place in ends:
        steps[place] = ("jump", len(steps))


def _for(node: ast.For, steps: list[Step]) -> None:
    """The values and the place among them are variables with names that no script can use."""
    name = f"for {len(steps)}"
    steps.append(("assign", name, node.iter))
    steps.append(("begin", name))
    start = len(steps)
    ends: list[int] = []
    steps.append(())
    _block(node.body, steps, [(start, ends)])
    steps.append(("jump", start))
    target = node.target.id if isinstance(node.target, ast.Name) else "_"
    steps[start] = ("next", name, target, len(steps))
    for place in ends:
        steps[place] = ("jump", len(steps))


def _run(call: Call, steps: tuple[Step, ...]) -> Outcome:
    state: dict[str, Any] = call.state
    variables = state.setdefault("variables", {})
    evaluator = Evaluator(call, variables)
    at = int(state.get("at", 0))
    for _ in range(_STEPS):
        if at >= len(steps):
            return 0
        name, *rest = steps[at]
        at += 1
        if name == "sleep":
            state["at"], state["began"] = at, True
            return call.sleep(_microseconds(rest[0], evaluator))
        at = _step(name, rest, at, evaluator)
        if name == "value":
            state["began"] = True
    state["at"] = at
    return Wait(READY)


def _microseconds(node: ast.expr, evaluator: Evaluator) -> int:
    value = evaluator.value(node)
    return int(value * 1_000_000)


def _step(name: str, rest: list[Any], at: int, evaluator: Evaluator) -> int:
    """Do one instruction; the place of the next."""
    variables = evaluator.variables
    match name:
        case "value":
            evaluator.value(rest[0])
        case "assign":
            variables[rest[0]] = evaluator.value(rest[1])
        case "unless":
            return at if evaluator.value(rest[0]) else int(rest[1])
        case "jump":
            return int(rest[0])
        case "begin":
            values = variables[rest[0]]
            variables[rest[0]] = [list(values), 0]
        case "next":
            values, number = variables[rest[0]]
            if number >= len(values):
                return int(rest[2])
            variables[rest[0]][1] = number + 1
            variables[rest[1]] = values[number]
    return at


TOOLS: Mapping[str, Command] = {"python": python, "python3": python}
