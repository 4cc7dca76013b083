"""Every file of the folder alone, in a fresh cluster, through `kubesim sim --ticks 0 --json --create-namespaces`."""

import json

import pytest

from kubesim_tui.cli import main
from tests.manifests import corpus
from tests.manifests.contradictions import CONTRADICTED
from tests.manifests.judge import complaints


def outcomes(file, capsys):
    """What the command says of each document of a file. It ends in 0 or 1: it does not crash."""
    words = ["sim", "-f", str(corpus.FOLDER / file), "--ticks", "0", "--json", "--create-namespaces"]
    code = main(words)
    said = capsys.readouterr()
    assert (code in (0, 1), said.err) == (True, "")
    return json.loads(said.out)["documents"]


@corpus.needed
@pytest.mark.parametrize("row", corpus.files())
def test_a_published_manifest_is_accepted_or_refused_as_is_known_of_it(row, capsys):
    assert complaints(row, outcomes(row["file"], capsys), CONTRADICTED) == []


@corpus.needed
def test_what_is_contradicted_is_contradicted_still(capsys):
    rows = {row["file"]: row for row in corpus.index()}
    told = {}
    for file in sorted({file for file, _ in CONTRADICTED if file in rows}):
        told[file] = complaints(rows[file], outcomes(file, capsys))
    assert [file for file, said in told.items() if not said] == []
