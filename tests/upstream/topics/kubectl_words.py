"""What kubectl says: of failures, and of a rollout."""

from kubesim_tui.apiserver.errors import Cause, Details, StatusError
from kubesim_tui.kubectl import fail
from kubesim_tui.kubectl.apply import with_source
from kubesim_tui.kubectl.rollout_words import RolloutFailed, status
from tests.upstream.adapters import answers


def _refusal(row):
    details = row.part("details")
    causes = tuple(Cause(c.get("reason", ""), c["message"], c["field"]) for c in details.rows("causes"))
    about = Details(details.get("name", ""), details.get("group", ""), details.get("kind", ""), causes=causes)
    return StatusError(row.get("code", 0), row.get("reason", ""), row.get("message", ""), about)


def _failure(given):
    if "noMatch" in given:
        wanted = given.part("noMatch")
        return fail.Fail(fail.no_match(wanted["resource"], wanted["group"], wanted["version"]))
    refused = _refusal(given.part("status"))
    if "file" in given:
        refused = with_source(refused, given["action"], given["file"])
    return fail.Fail(fail.describe(refused))


@answers("kubectl_errors", "kubectl_error")
def kubectl_error(given):
    found = _failure(given)
    return {"stderr": found.text, "exitCode": found.code}


@answers("rollout_status")
def rollout_status(given):
    spec = {k: given[k] for k in ("replicas", "updateStrategy") if k in given}
    meta = {"name": given["name"], "generation": given.get("generation", 0)}
    workload = {"kind": given["kind"], "metadata": meta, "spec": spec, "status": given.get("status", {})}
    try:
        message, done = status(workload, 0)
    except RolloutFailed as failed:
        return {"error": True, "error_text": str(failed), "message": "", "done": True}
    return {"error": False, "message": f"{message}\n", "done": done}
