"""kubectl auth can-i and whoami: what the API server lets this user do, and who it takes them for."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from kubesim_tui.api import types
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.times import format_time
from kubesim_tui.kubectl import auth_reconcile, discovery, output, tabwriter
from kubesim_tui.kubectl.describe import rbac
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

ANY, MASTERS, AUTHENTICATED = "*", "system:masters", "system:authenticated"
TWO = "you must specify two arguments: verb resource or verb resource/resourceName."
VERBS = (
    *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind", "impersonate"),
    *("*", "approve", "sign", "escalate", "attest"),
)
URL_VERBS = ("get", "put", "post", "head", "options", "delete", "patch", "*")
EVERYTHING = (
    {"verbs": [ANY], "apiGroups": [ANY], "resources": [ANY]},
    {"verbs": [ANY], "nonResourceURLs": [ANY]},
)
REVIEWS = (
    {"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews"]},
    {"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectrulesreviews"]},
)


def run(env: Env) -> None:
    """Dispatch."""
    verb = env.flags.path.split()[-1]
    if verb == "reconcile":
        auth_reconcile.run(env)
        return
    (can_i if verb == "can-i" else whoami)(env)


def can_i(env: Env) -> None:
    """kubectl auth can-i VERB TYPE[/NAME]."""
    discovery.resources(env.client)
    args = env.flags.args
    if env.flags["list"]:
        if args:
            raise error("list option must be specified with no arguments")
        _list(env)
        return
    if len(args) != 2:
        raise error(f"{TWO}\nSee 'kubectl auth can-i -h' for help and examples.")
    allowed, reason = _ask_url(env, *args) if args[1].startswith("/") else _ask(env, *args)
    if not env.flags["quiet"]:
        env.say("yes" if allowed else f"no - {reason}" if reason else "no")
    env.code = 0 if allowed else 1


def _ask(env: Env, verb: str, word: str) -> tuple[bool, str]:
    word, _, name = word.partition("/")
    resource = _resource(env, word)
    if word != ANY and not resource.namespaced and not env.all_namespaces:
        group = f" in group '{resource.group}'" if resource.group else ""
        env.warn(f"Warning: resource '{resource.plural}' is not namespace scoped{group}\n\n")
    if verb not in VERBS:
        env.warn(f"Warning: verb '{verb}' is not a known verb\n\n")
    namespace = "" if env.all_namespaces or not resource.namespaced else env.namespace
    sub = env.flags.text("subresource")
    allowed, reason = env.client.server.authorizer.authorize(env.user, verb, resource, sub, namespace, name)
    return bool(allowed), str(reason)


def _ask_url(env: Env, verb: str, path: str) -> tuple[bool, str]:
    if verb not in URL_VERBS:
        env.warn(f"Warning: verb '{verb}' is not a known verb\n\n")
    ask = getattr(env.client.server.authorizer, "authorize_url", None)
    return ask(env.user, verb, path) if ask is not None else (True, "")


def _resource(env: Env, word: str) -> Resource:
    if word == ANY:
        return _unknown(ANY, ANY)
    found = discovery.find(env.client, word)
    if found is None:
        name, _, group = word.partition(".")
        where = f" in group '{group}'" if group else ""
        env.warn(f"Warning: the server doesn't have a resource type '{name}'{where}\n\n")
        return _unknown(name, group)
    return found


def _unknown(plural: str, group: str) -> Resource:
    return Resource("", group, "", plural, plural, (), True, (), plural, types.Unstructured)


def _list(env: Env) -> None:
    """--list: the rules that hold for the user in the namespace."""
    held = getattr(env.client.server.authorizer, "held", None)
    rules: list[dict[str, Any]] = [*REVIEWS]
    if held is None or MASTERS in env.user.groups:
        rules = [*EVERYTHING, *rules]
    if held is not None:
        rules += [_json(rule) for rule, _ in held(env.user, env.namespace).rules]
    headers = ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]
    env.out += tabwriter.rows([] if env.flags["no-headers"] else headers, list(rbac.rows(rules)))


def _json(rule: Any) -> dict[str, Any]:
    return {
        "verbs": rule.verbs,
        "apiGroups": rule.groups,
        "resources": rule.resources,
        "resourceNames": rule.names,
        "nonResourceURLs": rule.urls,
    }


def whoami(env: Env) -> None:
    """kubectl auth whoami."""
    discovery.resources(env.client)
    groups = tuple(dict.fromkeys([*env.user.groups, AUTHENTICATED]))
    info = evolve(env.user, groups=groups).to_json()
    if env.flags.text("output"):
        printer = output.printer(env)
        assert printer is not None
        data = {
            "kind": "SelfSubjectReview",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {"creationTimestamp": format_time(env.now)},
            "status": {"userInfo": info},
        }
        env.say_raw(printer(data))
        return
    rows = [["Username", info["username"]], ["UID", info.get("uid") or ""], ["Groups", f"[{' '.join(groups)}]"]]
    rows += [[f"Extra: {key}", f"[{' '.join(values)}]"] for key, values in sorted((info.get("extra") or {}).items())]
    rows = [row for row in rows if row[1]]
    env.out += tabwriter.rows(["ATTRIBUTE", "VALUE"], rows)
