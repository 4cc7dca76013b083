"""What a real API server (1.20.2, server-side dry run) answered to the documents of the manifests.

KUBESIM_SERVER names the folder of dry-run.json; the manifests lie where `tests.manifests.corpus` says.
"""

import json
import os
import pathlib
import re

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.manifest import place
from tests.manifests import corpus

FOLDER = pathlib.Path(os.environ.get("KUBESIM_SERVER", corpus.SHARED / "server"))
HERE = corpus.HERE and (FOLDER / "dry-run.json").exists()
needed = pytest.mark.skipif(
    not HERE, reason=f"there are no answers at {FOLDER} (KUBESIM_SERVER), or no manifests at {corpus.FOLDER}"
)


def rows():
    """A parameter for each document of a kind that is served, where both the answer and the document are at hand."""
    if not HERE:
        return
    for row in json.loads((FOLDER / "dry-run.json").read_text(encoding="utf-8"))["rows"]:
        if scheme.for_kind(row["apiVersion"], row["kind"]) is not None and document(row) is not None:
            yield pytest.param(row, id=f"{row['file']}:{row['document']}")


def document(row):
    """The document of a row, or None."""
    if not (corpus.FOLDER / row["file"]).exists():
        return None
    found = corpus.read(row["file"])
    return found[row["document"]].data or None if row["document"] < len(found) else None


def value_at(data, path):
    """The value at `a.b[0].c`, or `MISSING`."""
    for step in place(path, data):
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return data


MISSING = "missing"


def words(message):
    """The errors of a message in a fixed order: upstream goes through maps at random."""
    head, _, rest = message.partition(" is invalid: ")
    return head, sorted(re.split(r", (?=[a-z]+[.\[])", rest.strip("[]")))
