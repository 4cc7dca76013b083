"""The house of DESIGN, proven by reading the source: who may import whom, what may be kept, what may be called."""

import ast
import graphlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import (
    ENGINE,
    FLOOR,
    NAME,
    PACKAGE,
    Sets,
    at,
    changed,
    imports,
    kept,
    modules,
    part_of,
    tree,
    written,
)

LONG_FILES = {
    "api/jsonpath.py": "one grammar, its lexer and its evaluation",
}
"""Files that may have more than 400 lines, and why."""

LONGEST_CLASS = 300

FRONT_ONLY = ("textual", "rich", "aiohttp")
NOT_IN_THE_ENGINE = {
    "random", "uuid", "secrets", "time", "threading", "asyncio", "socket", "subprocess", "multiprocessing",
    "concurrent.futures", "locale", "getpass",
}  # fmt: skip
ITS_BUSINESS = {"kernel/chance.py": {"random"}}
"""`Random(text).random()` is the one thing of `random` that is the same in every Python."""


def relative(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_every_part_of_the_house_has_a_floor():
    parts = {part_of(path) for path in modules()} - {""}
    assert parts - set(FLOOR) == set()


def test_no_modules_import_each_other_in_a_circle():
    names = {".".join((NAME, *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in modules()}
    graph = {}
    for name, path in names.items():
        taken = {other for other, _ in imports(path)} & set(names)
        members = {
            f"{node.module}.{alias.name}"
            for _, node in imports(path)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        graph[name] = (taken | members & set(names)) - {name}
    assert graphlib.TopologicalSorter(graph).prepare() is None  # CycleError names the modules of a circle


def test_imports_point_down_only_and_never_to_a_neighbour():
    wrong = []
    for path in modules():
        mine = part_of(path)
        for name, node in imports(path):
            head, _, rest = name.partition(".")
            other = rest.split(".")[0]
            if head != NAME or other not in FLOOR or other == mine or not mine:
                continue
            if FLOOR[other] >= FLOOR[mine]:
                wrong.append(f"{at(path, node)} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("library", FRONT_ONLY)
def test_only_the_front_ends_know_the_libraries_of_the_screen_and_the_net(library):
    users = {part_of(path) for path in modules() for name, _ in imports(path) if name.split(".")[0] == library}
    assert users <= ({"httpapi"} if library == "aiohttp" else {"tui"})


def test_explanations_cannot_see_what_was_planned():
    seen = [at(path, node) for path in modules("explain") for name, node in imports(path) if "faults" in name]
    assert seen == []


def test_nobody_hides_an_import_behind_type_checking():
    found = [
        at(path, node)
        for path in modules()
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Name) and node.id == "TYPE_CHECKING")
        or (isinstance(node, ast.Attribute) and node.attr == "TYPE_CHECKING")
    ]
    assert found == []


def test_modules_keep_nothing_that_changes():
    """Tables are constants: bear an upper-case name or a read-only type, and are never changed in place."""
    wrong = []
    for path in written():
        for name, annotation, node in kept(path):
            constant = (
                name.isupper() or name in ("__all__", "_") or annotation.startswith(("Mapping", "Final", "Sequence"))
            )
            if not constant:
                wrong.append(f"{at(path, node)} keeps {name}")
            wrong += [f"{at(path, change)} changes {name}" for change in changed(path, name)]
    assert wrong == []


def test_no_function_rebinds_a_name_of_its_module():
    found = [at(path, node) for path in written() for node in ast.walk(tree(path)) if isinstance(node, ast.Global)]
    assert found == []


def test_files_have_at_most_400_lines():
    long = [relative(p) for p in written() if len(p.read_text("utf-8").splitlines()) > 400]
    assert [name for name in long if name not in LONG_FILES] == []


def test_the_list_of_long_files_holds_no_more_than_it_must():
    gone = [n for n in LONG_FILES if not (PACKAGE / n).exists() or len((PACKAGE / n).read_text().splitlines()) <= 400]
    assert gone == []


def test_classes_have_at_most_300_lines():
    long = [
        f"{at(path, node)} {node.name}"
        for path in written()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_CLASS
    ]
    assert long == []


def test_the_engine_knows_no_chance_but_its_own_no_wall_clock_no_threads():
    wrong = []
    for path in modules(*ENGINE):
        allowed = ITS_BUSINESS.get(relative(path), set())
        for name, node in imports(path):
            if {name, name.split(".")[0]} & NOT_IN_THE_ENGINE - allowed:
                wrong.append(f"{at(path, node)} imports {name}")
    assert wrong == []


def test_the_engine_never_asks_the_machine_what_time_it_is():
    found = [
        at(path, node)
        for path in modules(*ENGINE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")
        if isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date")
    ]
    assert found == []


def test_the_engine_never_asks_for_hashes_that_differ_by_process():
    found = [
        at(path, node)
        for path in modules(*ENGINE, "game")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash"
        if not _is_in(node, "__hash__")
    ]
    assert found == []


def _is_in(node: ast.AST, function: str) -> bool:
    while hasattr(node, "parent"):
        node = node.parent
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return True
    return False


def test_no_set_is_gone_through_in_its_own_order():
    found = [at(path, node) for path in written(*ENGINE, "game") for node in Sets(path).iterated()]
    assert found == []


def test_generators_and_coroutines_hold_no_state_of_the_engine():
    """`async` and `await` nowhere: the engine is synchronous."""
    found = [
        at(path, node)
        for path in modules(*ENGINE, "game")
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith))
    ]
    assert found == []


HEADLESS = """
import sys
from kubesim_tui.cli import main
code = main(["run", "0-1", "--script", sys.argv[1], "--json"])
print(code, sorted({m.split(".")[0] for m in sys.modules} & {"textual", "rich", "aiohttp", "asyncio"}), file=sys.stderr)
"""


def test_a_level_played_without_a_screen_loads_no_library_of_screens():
    script = PACKAGE.parent / "levels/00-ice-breaker/01-kill-a-pod/solutions/scale.txt"
    done = subprocess.run([sys.executable, "-c", HEADLESS, str(script)], capture_output=True, text=True, env=os.environ)
    assert done.stderr.splitlines()[-1].split(" ", 1)[1] == "[]"
