"""kubectl create token: ask for a service account's token."""

from __future__ import annotations

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import generate
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error

BOUND = ("Node", "Pod", "Secret")


def run(env: Env) -> None:
    """The command."""
    name = generate.name_of(env)
    _check(env)
    spec: dict[str, object] = {"audiences": env.flags["audience"] or []}
    if kind := env.flags.text("bound-object-kind"):
        ref = {"kind": kind, "apiVersion": "v1", "name": env.flags.text("bound-object-name")}
        spec["boundObjectRef"] = {**ref, **({"uid": uid} if (uid := env.flags.text("bound-object-uid")) else {})}
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


def _check(env: Env) -> None:
    """Fail for flags that do not go together."""
    flags = env.flags
    kind, name, uid = (flags.text(f"bound-object-{field}") for field in ("kind", "name", "uid"))
    if flags["duration"] < 0:
        raise error("--duration must be greater than or equal to 0")
    if flags["duration"] % 1_000_000_000:
        raise error("--duration cannot be expressed in units less than seconds")
    if "" in (flags["audience"] or ()):
        raise error("--audience must not be an empty string")
    for field, value in (("name", name), ("uid", uid)):
        if value and not kind:
            raise error(f"--bound-object-{field} can only be set if --bound-object-kind is provided")
    if kind and kind not in BOUND:
        raise error(f"supported --bound-object-kind values are {', '.join(BOUND)}")
    if kind and not name:
        raise error("--bound-object-name is required if --bound-object-kind is provided")
