"""Real manifests and a real server's answers, where they are: outside the project, and never copied into it."""

import json
import os
import pathlib
import re

from kubesim_tui.api.manifest import read

HERE = pathlib.Path(__file__).resolve().parent
MANIFESTS = pathlib.Path(os.environ.get("KUBESIM_MANIFESTS", HERE.parents[2] / "shared/manifests"))
SERVER = pathlib.Path(os.environ.get("KUBESIM_SERVER", HERE.parents[2] / "shared/server"))


def index():
    """The rows of INDEX.json, or none."""
    path = MANIFESTS / "INDEX.json"
    return json.loads(path.read_text()) if path.exists() else []


def answers():
    """The rows of the real server's answers, or none."""
    path = SERVER / "dry-run.json"
    return json.loads(path.read_text())["rows"] if path.exists() and MANIFESTS.exists() else []


def documents(file):
    """The documents of a manifest, as kubectl reads them."""
    return read((MANIFESTS / file).read_text(encoding="utf-8"), file)


def value_at(data, path):
    """The value at `a.b[0].c`; KeyError, IndexError or TypeError if there is none. A key may hold dots at the end."""
    parts = re.findall(r"[^.\[\]]+|\[\d+\]", path)
    while parts:
        whole = ".".join(p for p in parts)
        if isinstance(data, dict) and whole in data:
            return data[whole]
        part = parts.pop(0)
        data = data[int(part[1:-1])] if part.startswith("[") else data[part]
    return data
