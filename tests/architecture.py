"""Readers of the source for tests/test_architecture.py: what each module imports, keeps, calls and iterates over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "kubesim_tui"
NAME = PACKAGE.name

FLOORS = (
    ("kernel",),
    ("api", "world"),
    ("apiserver",),
    ("controllers", "scheduler", "kubelet", "network", "cloud", "metrics", "kubectl"),
    ("traffic", "faults", "explain"),
    ("cluster",),
    ("workers",),
    ("game", "gameday"),
    ("tui", "httpapi"),
    ("cli",),
)
"""From the bottom up; imports point down only, never to a neighbour."""

FLOOR = {part: height for height, parts in enumerate(FLOORS) for part in parts}
ENGINE = tuple(part for parts in FLOORS[:6] for part in parts)
MUTABLE_CALLS = {"list", "dict", "set", "defaultdict", "deque", "Counter", "OrderedDict", "bytearray"}
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTATORS = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "popitem", "remove", "discard", "clear"}


def modules(*parts: str) -> list[Path]:
    """All modules, or those of some parts of the house; generated ones too."""
    found = [p for part in parts for p in (PACKAGE / part).rglob("*.py")] if parts else list(PACKAGE.rglob("*.py"))
    return sorted(found)


def written(*parts: str) -> list[Path]:
    """Without those that a tool has written."""
    return [path for path in modules(*parts) if "types" not in path.relative_to(PACKAGE).parts]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax of a module, each node knowing its parent."""
    root = ast.parse(path.read_text("utf-8"), str(path))
    for node in ast.walk(root):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return root


def part_of(path: Path) -> str:
    """In which part of the house a module stands; "" for the package itself and __main__."""
    parts = path.relative_to(PACKAGE).parts
    return (
        parts[0] if len(parts) > 1 else parts[0].removesuffix(".py").replace("__init__", "").replace("__main__", "cli")
    )


def at(path: Path, node: ast.AST) -> str:
    """`game/menus.py:12`."""
    return f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 1)}"


def imports(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every module that is imported, wherever in the file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{at(path, node)}: relative import"
            if node.module == NAME:
                yield from ((f"{NAME}.{alias.name}", node) for alias in node.names)
            else:
                yield node.module or "", node


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in MUTABLE_CALLS
    return isinstance(value, MUTABLE)


def kept(path: Path) -> Iterator[tuple[str, str, ast.AST]]:
    """(name, annotation, node) of what could change and is assigned at the level of the module."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and _is_mutable(node.value):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, "", node
        elif isinstance(node, ast.AnnAssign) and _is_mutable(node.value) and isinstance(node.target, ast.Name):
            yield node.target.id, ast.unparse(node.annotation), node


def changed(path: Path, name: str) -> Iterator[ast.AST]:
    """Where a name of the module is changed in place: NAME[…] = …, del NAME[…], NAME.append(…)."""
    for node in ast.walk(tree(path)):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, (ast.Store, ast.Del))
            and _is_name(node.value, name)
        ):
            yield node
        method = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
        if method is not None and method.attr in MUTATORS and _is_name(method.value, name):
            yield node
        if isinstance(node, ast.AugAssign) and _is_name(node.target, name):
            yield node


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


# -- sets that are iterated in their own order ---------------------------------------------------------------------

IN_ANY_ORDER = {"sorted", "len", "any", "all", "sum", "set", "frozenset", "bool"}
SET_METHODS = {"union", "intersection", "difference", "symmetric_difference", "copy"}
OPERATORS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub)
IN_ORDER = {"list", "tuple", "enumerate", "zip", "map", "filter", "iter", "deque", "reversed", "next"}


class Sets:
    """Which expressions of a module are sets, as far as a reader sees it without running it."""

    def __init__(self, path: Path) -> None:
        self.root = tree(path)
        self.attributes = self._attributes()

    def _attributes(self) -> set[str]:
        """Names of attributes that are declared, or first assigned, as sets."""
        found = set()
        for node in ast.walk(self.root):
            if isinstance(node, ast.AnnAssign) and self._says_set(node.annotation):
                if isinstance(node.target, ast.Attribute):
                    found.add(node.target.attr)
                elif isinstance(node.target, ast.Name) and isinstance(node.parent, ast.ClassDef):  # type: ignore[attr-defined]
                    found.add(node.target.id)
        return found

    @staticmethod
    def _says_set(annotation: ast.expr) -> bool:
        return ast.unparse(annotation).split("[")[0] in ("set", "frozenset", "AbstractSet", "MutableSet")

    def names(self, function: ast.AST) -> set[str]:
        """Local names that are sets."""
        found: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.arg) and node.annotation is not None and self._says_set(node.annotation):
                found.add(node.arg)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                if self._says_set(node.annotation):
                    found.add(node.target.id)
            elif isinstance(node, ast.Assign) and self.is_set(node.value, found):
                found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        return found

    def is_set(self, node: ast.expr, names: set[str]) -> bool:
        if isinstance(node, (ast.Set, ast.SetComp)):
            return True
        if isinstance(node, ast.Name):
            return node.id in names
        if isinstance(node, ast.Attribute):
            return _is_name(node.value, "self") and node.attr in self.attributes
        if isinstance(node, ast.BinOp) and isinstance(node.op, OPERATORS):
            return any(self.is_set(side, names) or _is_view(side) for side in (node.left, node.right))
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                return node.func.id in ("set", "frozenset")
            return (
                isinstance(node.func, ast.Attribute)
                and node.func.attr in SET_METHODS
                and self.is_set(node.func.value, names)
            )
        return False

    def iterated(self) -> Iterator[ast.AST]:
        """Where a set is gone through in its own order."""
        functions = [n for n in ast.walk(self.root) if isinstance(n, (ast.FunctionDef, ast.Lambda))]
        seen: set[int] = set()
        for scope in [*functions, self.root]:
            names = self.names(scope) if scope is not self.root else set()
            for node in ast.walk(scope):
                if id(node) not in seen and self._goes_through(node, names):
                    seen.add(id(node))
                    yield node

    def _goes_through(self, node: ast.AST, names: set[str]) -> bool:
        if isinstance(node, ast.For):
            return self.is_set(node.iter, names)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp)):
            return any(self.is_set(g.iter, names) for g in node.generators) and not _order_is_lost(node)
        if isinstance(node, ast.Call) and node.args and self.is_set(node.args[0], names):
            func = node.func
            if isinstance(func, ast.Name):
                return func.id in IN_ORDER or (func.id in ("min", "max") and any(k.arg == "key" for k in node.keywords))
            return isinstance(func, ast.Attribute) and func.attr in ("join", "fromkeys", "extend")
        return isinstance(node, ast.Starred) and self.is_set(node.value, names) and not _order_is_lost(node)


def _is_view(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "items")


def _order_is_lost(node: ast.AST) -> bool:
    """What is made of it does not depend on the order: it is sorted, counted, or a set again."""
    parent = node.parent  # type: ignore[attr-defined]
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name):
        name = parent.func.id
        return name in IN_ANY_ORDER or (name in ("min", "max") and not parent.keywords)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
        return parent.func.attr in SET_METHODS or parent.func.attr in ("issuperset", "issubset", "isdisjoint", "update")
    return isinstance(parent, (ast.Set,))
