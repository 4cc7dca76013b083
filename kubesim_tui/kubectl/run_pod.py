"""kubectl run: one Pod from an image (and with --expose a Service in front of it)."""

from __future__ import annotations

import re
from typing import Any

from kubesim_tui.api import names
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.kubectl import generate, overrides, run_attached
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.flags import Flags
from kubesim_tui.kubectl.stream import stdin_of

IMAGE = re.compile(r"(?:[\w.-]+(?::\d+)?/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@[\w:+.-]+)?")
RESTART_POLICIES = ("Always", "OnFailure", "Never")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
DRY = "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)"


def run(env: Env) -> None:
    """The command."""
    flags = env.flags
    before = flags.args if flags.dash < 0 else flags.args[: flags.dash]
    if not before:
        raise error("NAME is required for run")
    name, arguments = before[0], before[1:] + generate.command_of(env)
    image = flags.text("image")
    if not IMAGE.fullmatch(image):
        raise error(f'invalid image name "{image}": invalid reference format')
    if flags["tty"] and not flags["stdin"]:
        raise error("-i/--stdin is required for containers with -t/--tty=true")
    if flags["expose"] and not flags.text("port"):
        raise error("--port must be set when exposing a service")
    _check(flags)
    attach = bool(flags["attach"]) if flags.given("attach") else bool(flags["stdin"])
    if flags["rm"] and not attach:
        raise error("--rm should only be used for attached containers")
    if attach and env.dry_run() != "none":
        raise error(DRY)
    data = overrides.apply(env, for_plural("pods"), _pod(env, name, image, arguments))
    generate.make(env, "pods", data, silent=attach)
    if flags["expose"]:
        _expose(env, name, data["metadata"]["labels"], silent=attach)
    if attach:
        made = (("pods", name), ("services", name)) if flags["expose"] else (("pods", name),)
        run_attached.begin(env, name, stdin_of(env), made)


def _check(flags: Flags) -> None:
    """Values of flags that are one of a few."""
    chosen = flags.text("restart") or "Always", flags.text("image-pull-policy")
    if chosen[0] not in RESTART_POLICIES:
        raise error(f"invalid restart policy: {chosen[0]}, valid values are: {', '.join(RESTART_POLICIES)}")
    if chosen[1] and chosen[1] not in PULL_POLICIES:
        raise error(f"invalid image pull policy: {chosen[1]}, valid values are: {', '.join(PULL_POLICIES)}")
    if not re.fullmatch(r"\d*", flags.text("port")):
        raise error("--port must be a number")


def _pod(env: Env, name: str, image: str, arguments: list[str]) -> dict[str, Any]:
    flags = env.flags
    restart = flags.text("restart") or "Always"
    container: dict[str, Any] = {"image": image, "name": name, "resources": {}}
    if arguments:
        container["command" if flags["command"] else "args"] = arguments
    if flags.text("port"):
        container["ports"] = [{"containerPort": int(flags.text("port"))}]
    if variables := [_variable(text) for text in flags["env"] or ()]:
        container["env"] = variables
    if flags.text("image-pull-policy"):
        container["imagePullPolicy"] = flags.text("image-pull-policy")
    if flags["privileged"]:
        container["securityContext"] = {"privileged": True}
    if flags["stdin"]:
        container |= {"stdin": True} | ({} if flags["leave-stdin-open"] else {"stdinOnce": True})
    if flags["tty"]:
        container["tty"] = True
    labels = dict(_label(text) for text in flags.text("labels").split(",")) if flags.text("labels") else {"run": name}
    spec = {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart}
    data = generate.base("v1", "Pod", name, spec=spec, status={})
    data["metadata"]["labels"] = labels
    if notes := dict(t.partition("=")[::2] for t in flags["annotations"] or ()):
        data["metadata"]["annotations"] = notes
    return data


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or "=" in value:
        raise error(f"unexpected label spec: {text}")
    return key, value


def _variable(text: str) -> dict[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key or names.is_env_var_name(key):
        raise error(f"invalid env: {text}")
    return {"name": key} | ({"value": value} if value else {})


def _expose(env: Env, name: str, labels: dict[str, str], *, silent: bool) -> None:
    port = int(env.flags.text("port"))
    spec = {"ports": [{"port": port, "protocol": "TCP", "targetPort": port}], "selector": labels}
    data = generate.base("v1", "Service", name, spec=spec, status={"loadBalancer": {}})
    generate.make(env, "services", data, silent=silent)
