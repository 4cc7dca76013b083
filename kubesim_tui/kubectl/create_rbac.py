"""kubectl create role, clusterrole, rolebinding, clusterrolebinding."""

from __future__ import annotations

from typing import Any

from kubesim_tui.kubectl import discovery, generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error, no_match
from kubesim_tui.kubectl.set_subject import RBAC, subjects

API = f"{RBAC}/v1"
VERBS = (
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "proxy",
    "use",
    "bind",
    "escalate",
    "impersonate",
    "approve",
    "sign",
)


def run(env: Env) -> None:
    """The command."""
    kind = env.flags.path.split()[-1]
    (_binding if kind.endswith("binding") else _role)(env, kind)


def _role(env: Env, kind: str) -> None:
    name, flags = generate.name_of(env), env.flags
    verbs, resources, urls = flags["verb"] or [], flags["resource"] or [], flags["non-resource-url"] or []
    cluster = kind == "clusterrole"
    title = "ClusterRole" if cluster else "Role"
    data = generate.base(API, title, name)
    if cluster and flags.text("aggregation-rule"):
        labels = dict(p.partition("=")[::2] for p in flags.text("aggregation-rule").split(","))
        data |= {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": labels}]}, "rules": []}
        generate.make(env, "clusterroles", data)
        return
    if not verbs:
        raise error("at least one verb must be specified")
    if not resources and not (cluster and urls):
        raise error(
            "one of resource or nonResourceURL must be specified"
            if cluster
            else "at least one resource must be specified"
        )
    verbs = ["*"] if "*" in verbs else list(dict.fromkeys(verbs))
    data["rules"] = _rules(env, verbs, resources, flags["resource-name"] or [])
    if urls:
        data["rules"].append({"nonResourceURLs": urls, "verbs": verbs})
    generate.make(env, f"{kind}s", data)


def _rules(env: Env, verbs: list[str], resources: list[str], names: list[str]) -> list[dict[str, Any]]:
    """One rule for each API group."""
    groups: dict[str, list[str]] = {}
    for text in resources:
        word, slash, sub = text.partition("/")
        if word == "*":
            groups.setdefault("*", []).append(text)
            continue
        found = discovery.find(env.client, word)
        if found is None:
            raise Fail(no_match(*word.partition(".")[::2]))
        groups.setdefault(found.group, []).append(found.plural + (f"/{sub}" if slash else ""))
    rules = []
    for group, plurals in groups.items():
        rule: dict[str, Any] = {"apiGroups": [group], "resources": plurals, "verbs": verbs}
        if names:
            rule["resourceNames"] = names
        rules.append(rule)
    return rules


def _binding(env: Env, kind: str) -> None:
    name, role, cluster_role = generate.name_of(env), env.flags.text("role"), env.flags.text("clusterrole")
    if kind == "rolebinding" and bool(role) == bool(cluster_role):
        raise error("exactly one of clusterrole or role must be specified")
    if kind == "clusterrolebinding" and not cluster_role:
        raise error("exactly one clusterrole must be specified")
    ref = {"apiGroup": RBAC, "kind": "ClusterRole" if cluster_role else "Role", "name": cluster_role or role}
    title = "ClusterRoleBinding" if kind.startswith("cluster") else "RoleBinding"
    data = generate.base(API, title, name, roleRef=ref)
    if found := subjects(env):
        data["subjects"] = found
    generate.make(env, f"{kind}s", data, failing=f"create {kind}")
