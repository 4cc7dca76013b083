"""Real manifests with what is known of them. They lie outside the project and are never copied into it.

KUBESIM_MANIFESTS names the folder; its INDEX.json has a row for each file, with a verdict for each document.
"""

import json
import os
import pathlib

import pytest

from kubesim_tui.api import manifest

SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared"
FOLDER = pathlib.Path(os.environ.get("KUBESIM_MANIFESTS", SHARED / "manifests"))
HERE = (FOLDER / "INDEX.json").exists()
needed = pytest.mark.skipif(not HERE, reason=f"there are no manifests at {FOLDER} (KUBESIM_MANIFESTS names the folder)")


def index():
    """The rows of INDEX.json, or none."""
    return json.loads((FOLDER / "INDEX.json").read_text(encoding="utf-8")) if HERE else []


def files():
    """A parameter for every row; its id is the file's name."""
    return [pytest.param(row, id=row["file"]) for row in index()]


def objects(row):
    """What the index says of the objects of a file: a List stands there beside its items, and is left out."""
    return [doc for doc in row["docs"] if not (doc["kind"] or "").endswith("List")]


def read(file, **more):
    """The documents of a file, as kubectl reads them."""
    return manifest.read(text_of(file), file, **more)


def text_of(file):
    """A file's text."""
    return manifest.decode((FOLDER / file).read_bytes())
