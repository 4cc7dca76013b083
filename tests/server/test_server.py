"""Each document is taken or refused as a real API server did it: same defaults, same causes, same words."""

import copy

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.door import Door
from tests.server import answers, differences

ROWS = list(answers.rows())


@pytest.fixture(scope="module")
def fresh():
    return Door()


def answer(door, row):
    """(object or None, refusal or None) of a document, in a cluster of its own."""
    data = answers.document(row)
    if scheme.for_kind(row["apiVersion"], row["kind"]).namespaced:
        namespace = (data.get("metadata") or {}).get("namespace") or "default"
        door.namespace(namespace)
        account = (data.get("spec") or {}).get("serviceAccountName") if row["kind"] == "Pod" else None
        if account and account != "default":
            door.account(namespace, account)
    try:
        return encode_object(door.send("create", data, dry_run=True, validation="Ignore")), None
    except StatusError as refused:
        return None, refused


def complaints(row, found, refused):
    """Where an answer differs: (what, the real server's, ours)."""
    if refused is None:
        if not row["accepted"]:
            return [("verdict", row["reason"], "accepted")]
        added = ((path, value, answers.value_at(found, path)) for path, value in row.get("added", {}).items())
        return [(path, value, ours) for path, value, ours in added if value != ours]
    if row["accepted"]:
        return [("verdict", "accepted", refused.message)]
    if "message" not in row:  # the text has changed since
        return []
    pairs = [
        ("reason", row["reason"], refused.reason),
        ("causes", {(c["reason"], c["field"]) for c in row.get("causes", ())}, _causes(refused)),
        ("message", answers.words(row["message"]), answers.words(refused.message)),
    ]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _causes(refused):
    return {(c.reason, c.field) for c in refused.details.causes}


def unexplained(row, refused, found):
    """The complaints for which `differences` has no reason."""
    for what, theirs, ours in found:
        if what == "verdict":
            explained = refused is not None and differences.refused_today(refused.message)
        elif what == "message":
            explained = answers.words(differences.today(row["message"])) == ours
        else:
            explained = differences.changed(row["kind"], what)
        if not explained:
            yield what, theirs, ours


@answers.needed
@pytest.mark.parametrize("row", ROWS)
def test_a_document_is_answered_as_the_real_server_did(row, fresh):
    found, refused = answer(copy.deepcopy(fresh), row.copy())
    assert list(unexplained(row, refused, complaints(row, found, refused))) == []
