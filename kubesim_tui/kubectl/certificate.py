"""kubectl certificate approve and deny: decide about a certificate signing request (nobody here signs it then)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.times import format_time
from kubesim_tui.kubectl import builder, change, files, output
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.info import Info

WORDS = {
    "approve": ("Approved", "Denied", "approved", "KubectlApprove"),
    "deny": ("Denied", "Approved", "denied", "KubectlDeny"),
}


def run(env: Env) -> None:
    """The command."""
    if not env.flags.args and not files.named(env):
        raise error("one or more CSRs must be specified as <name> or -f <filename>")
    infos, failures = builder.chosen(env, ["certificatesigningrequests", *env.flags.args] if env.flags.args else [])
    builder.finish(failures)
    for info in infos:
        _decide(env, info, env.flags.path.split()[-1])


def _decide(env: Env, info: Info, verb: str) -> None:
    wanted, other, done, reason = WORDS[verb]
    data: dict[str, Any] = change.original(info)
    conditions = list((data.get("status") or {}).get("conditions") or ())
    types = [c["type"] for c in conditions]
    if other in types:
        raise error(f'certificate signing request "{info.name}" is already {other}')
    if wanted not in types or env.flags["force"]:
        if wanted not in types:
            message = f"This CSR was {done} by kubectl certificate {verb}."
            row = {"type": wanted, "status": "True", "reason": reason, "message": message}
            conditions.append({**row, "lastUpdateTime": format_time(env.now)})
        body = {**data, "status": {**(data.get("status") or {}), "conditions": conditions}}
        made = env.send("update", info.resource, "", info.name, subresource="approval", body=body)
        data = data_of(made)
    output.report(env, info.resource, data, done, dry=False)
