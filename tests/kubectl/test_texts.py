"""Texts that upstream's own tables fix: errors, and how a rollout goes."""

import json
import pathlib

import pytest

from kubesim_tui.apiserver.errors import Cause, Details, StatusError
from kubesim_tui.kubectl import fail
from kubesim_tui.kubectl.apply import with_source
from kubesim_tui.kubectl.rollout_words import RolloutFailed, status

DATA = pathlib.Path(__file__).parent.parent / "data/upstream/workloads"


def cases(topic):
    found = json.loads((DATA / f"{topic}.json").read_text())["cases"]
    return [pytest.param(c["given"], c["want"], id=c["name"]) for c in found]


def refusal(given):
    details = given.get("details") or {}
    causes = tuple(Cause("", c["message"], c["field"]) for c in details.get("causes") or ())
    about = Details(details.get("name", ""), kind=details.get("kind", ""), causes=causes)
    return StatusError(given.get("code", 0), given.get("reason", ""), given.get("message", ""), about)


@pytest.mark.parametrize("given, want", cases("kubectl_errors"))
def test_errors_are_worded_as_upstream(given, want):
    if "noMatch" in given:
        wanted = given["noMatch"]
        assert want["stderr"] == fail.no_match(wanted["resource"], wanted["group"], wanted["version"])
        return
    refused = refusal(given["status"])
    if "file" in given:
        refused = with_source(refused, given["action"], given["file"])
    assert want["stderr"] == fail.describe(refused)


def workload(given):
    strategy = given.get("updateStrategy")
    spec = {"replicas": given.get("replicas")} | ({"updateStrategy": strategy} if strategy else {})
    if given["kind"] == "DaemonSet" and not strategy:
        spec["updateStrategy"] = {"type": "RollingUpdate"}
    meta = {"name": given["name"], "generation": given.get("generation", 0)}
    return {"kind": given["kind"], "metadata": meta, "spec": spec, "status": given.get("status", {})}


@pytest.mark.parametrize("given, want", cases("rollout_status"))
def test_rollouts_are_worded_as_upstream(given, want):
    if want.get("error"):
        with pytest.raises(RolloutFailed, match=want["error_text"]):
            status(workload(given), 0)
        return
    assert (want["message"].removesuffix("\n"), want["done"]) == status(workload(given), 0)
