"""Manifests of public projects, with what is known of each document: accepted or why not."""

import copy

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.documents import documents, index
from tests.harness import ADMIN, Harness, Request

REFUSED = ("reject-schema", "reject-unknown-field", "reject-semantic")
CONTRADICTED = {
    ("dual-stack-prefer-ipv6-lb-svc.yaml", 0): "this cluster has IPv4 only",
    ("vouch-proxy.yaml", 2): "a real server refused it, too",
    ("vouch-proxy.yaml", 3): "a real server refused it, too",
}
"""(the file's last name, number of the document) → why the index is not followed."""


NOT_READ = "container-with-merge.yaml"
"""kubectl does not read this one."""


def _cases():
    """(file, number, verdict) of all documents that are judged. Lists stand in the index beside their items."""
    for row in index():
        if row["parse"] != "ok" or row["file"].endswith(NOT_READ):
            continue
        for number, doc in enumerate(d for d in row["docs"] if not (d["kind"] or "").endswith("List")):
            served = scheme.for_kind(doc["apiVersion"], doc["kind"]) if doc.get("kind") else None
            if served is not None and doc["verdict"] in ("accept", *REFUSED):
                yield row["file"], number, doc["verdict"]


CASES = list(_cases())


def _accepted(data):
    resource = scheme.for_kind(data["apiVersion"], data["kind"])
    meta = data.get("metadata") or {}
    namespace = (meta.get("namespace") or "default") if resource.namespaced else ""
    request = Request(ADMIN, "create", resource, namespace, meta.get("name", ""), body=copy.deepcopy(data))
    try:
        Harness().server.handle(request)
    except StatusError:
        return False
    return True


@pytest.mark.skipif(not CASES, reason="the manifests are not here")
def test_documents_of_real_projects_are_accepted_and_refused_as_is_known_of_them():
    wrong = []
    for file, number, verdict in CASES:
        if (file.rsplit("/", 1)[-1], number) in CONTRADICTED:
            continue
        found = documents(file)
        if _accepted(found[number].data) != (verdict == "accept"):
            wrong.append((file, number, verdict))
    assert wrong == []


@pytest.mark.skipif(not CASES, reason="the manifests are not here")
def test_there_are_enough_documents_to_speak_of():
    verdicts = [verdict for _, _, verdict in CASES]
    assert len(verdicts) >= 400
    assert verdicts.count("accept") >= 300
    assert all(verdicts.count(v) >= 10 for v in REFUSED)
