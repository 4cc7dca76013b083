"""kubectl create token: ask for a service account's token."""

from __future__ import annotations

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error


def run(env: Env) -> None:
    """The command."""
    name = generate.name_of(env)
    spec: dict[str, object] = {"audiences": env.flags["audience"] or []}
    if env.flags["duration"]:
        spec["expirationSeconds"] = env.flags["duration"] // 1_000_000_000
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    try:
        made = env.send(
            "create", scheme.for_plural("serviceaccounts"), env.namespace, name, subresource="token", body=body
        )
    except StatusError as refused:
        raise error(f"failed to create token: {refused.message}") from None
    answer = made if isinstance(made, dict) else data_of(made)
    env.say(str((answer.get("status") or {}).get("token", "")))
