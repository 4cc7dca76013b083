"""Texts of the interface: lists what the Chinese .po lacks, and what it has too much. `python tools/texts.py`

A text is the first argument of ``t(…)``, ``self.look.t(…)``, ``N_(…)``, and both first ones of ``t.number(…)``.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "kubesim_tui" / "tui"
CALLS = {"t", "N_", "word"}


def literal(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts_of(tree):
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name == "number":
            yield from filter(None, map(literal, node.args[:1]))
        elif name in CALLS:
            choices = [node.args[0]]
            if isinstance(node.args[0], ast.IfExp):
                choices = [node.args[0].body, node.args[0].orelse]
            yield from filter(None, map(literal, choices))


def all_texts():
    """msgid → the first file that holds it."""
    found = {}
    for path in sorted(SOURCES.rglob("*.py")):
        for text in texts_of(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, path.relative_to(ROOT).as_posix())
    return found


def quoted(text):
    """A text as a .po file writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main():
    sys.path.insert(0, str(ROOT))
    from kubesim_tui.tui.i18n import locale_file, read_po

    have, want = read_po(locale_file("zh").read_text(encoding="utf-8")), all_texts()
    for text in sorted(set(want) - set(have), key=lambda text: (want[text], text)):
        print(f'#: {want[text]}\nmsgid {quoted(text)}\nmsgstr ""\n')
    for text in sorted(set(have) - set(want)):
        print(f"# no longer used: {text}")
    return 1 if set(want) ^ set(have) else 0


if __name__ == "__main__":
    sys.exit(main())
