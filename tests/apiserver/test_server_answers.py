"""What a real API server (1.20, dry run) did with real manifests: refused for which causes, filled in what."""

import copy
import re

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.documents import answers, documents, value_at
from tests.apiserver.door import Door

SINCE = (
    ("StatefulSet", r"spec\.updateStrategy", "maxUnavailable has a default since 1.35"),
    ("DaemonSet", r"spec\.updateStrategy", "maxSurge has a default since 1.22"),
    ("DaemonSet", r".*\.hostPort", "a template's hostPort is left alone since 1.28"),
    ("Job", r"spec\.selector|spec\.template\.metadata.*", "labels have a prefix since 1.27; uids are drawn"),
    ("Job", r"spec\.backoffLimit", "with backoffLimitPerIndex it is the highest number since 1.29"),
    ("Service", r"spec\.healthCheckNodePort", "node ports are drawn"),
    ("StatefulSet", r"spec\.serviceName", "it may be left out since 1.34"),
    ("PersistentVolume", r"spec\.hostPath\.type", "an empty text is left out here"),
)
"""(kind, path, why today's value is another)."""
EXISTS = "already exists"
IPV4_ONLY = "spec.ipFamilies[0]"
ROWS = [r for r in answers() if scheme.for_kind(r["apiVersion"], r["kind"]) is not None]


@pytest.fixture(scope="module")
def outcomes():
    """(row, object or None, refusal or None) of each document, each sent to a cluster of its own."""
    fresh = Door()
    return [(row, *_outcome(copy.deepcopy(fresh), row)) for row in ROWS if _data(row) is not None]


def _data(row):
    found = documents(row["file"])
    return found[row["document"]].data or None if row["document"] < len(found) else None


def _outcome(door, row):
    data = _data(row)
    namespaced = scheme.for_kind(row["apiVersion"], row["kind"]).namespaced
    if namespaced:
        namespace = (data.get("metadata") or {}).get("namespace") or "default"
        door.namespace(namespace)
        account = (data.get("spec") or {}).get("serviceAccountName") if row["kind"] == "Pod" else None
        if account and account != "default":
            door.account(namespace, account)
    try:
        return encode_object(door.send("create", data, dry_run=True, validation="Ignore")), None
    except StatusError as refused:
        return None, refused


def _still_there(refused):
    """A real one was empty; ours has these already, or has one family of addresses only."""
    return refused is not None and (EXISTS in refused.message or IPV4_ONLY in refused.message)


pytestmark = pytest.mark.skipif(not ROWS, reason="the answers are not here")


def test_what_the_server_took_is_taken_and_what_it_refused_is_refused(outcomes):
    wrong = [
        (row["file"], row["document"])
        for row, _, refused in outcomes
        if row["accepted"] != (refused is None) and not _still_there(refused)
    ]
    assert wrong == []


def test_every_default_that_the_server_filled_in_is_filled_in(outcomes):
    wrong = []
    for row, found, _ in outcomes:
        for path, value in row.get("added", {}).items() if found is not None else ():
            changed = any(row["kind"] == kind and re.fullmatch(where, path) for kind, where, _ in SINCE)
            if not changed and _at(found, path) != value:
                wrong.append((row["file"], row["document"], path, value, _at(found, path)))
    assert wrong == []


def _at(data, path):
    try:
        return value_at(data, path)
    except (KeyError, IndexError, TypeError):
        return "missing"


def _today(message):
    """What a message of then says today: maps print as JSON, Ingress has another group, a limit is named."""
    message = message.replace("equal to cpu limit,", "equal to cpu limit of 500m,")
    message = message.replace("map[string]string(nil)", "null").replace(
        "Ingress.extensions", "Ingress.networking.k8s.io"
    )
    return re.sub(r"map\[string\]string(\{[^}]*\})", r"\1", message)


def test_refusals_say_the_same_of_the_same_fields(outcomes):
    told = [(row, refused) for row, _, refused in outcomes if refused is not None and "message" in row]
    expected = [(row["reason"], _causes_of(row)) for row, _ in told]
    assert expected == [(r.reason, {(c.reason, c.field) for c in r.details.causes}) for _, r in told]


def _causes_of(row):
    return {(c["reason"], c["field"]) for c in row.get("causes", ())}


def test_refusals_use_the_same_words(outcomes):
    told = [(row, refused) for row, _, refused in outcomes if refused is not None and "message" in row]
    wrong = [(_words(_today(row["message"])), _words(r.message)) for row, r in told]
    assert [pair for pair in wrong if pair[0] != pair[1]] == []


def _words(message):
    """The errors of a message in a fixed order: upstream goes through maps at random."""
    head, _, rest = message.partition(" is invalid: ")
    return head, sorted(re.split(r", (?=[a-z]+[.\[])", rest.strip("[]")))
