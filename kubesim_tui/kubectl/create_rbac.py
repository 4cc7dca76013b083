"""kubectl create role, clusterrole, rolebinding, clusterrolebinding."""

from __future__ import annotations

from typing import Any

from kubesim_tui.kubectl import discovery, generate
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import Fail, error, no_match
from kubesim_tui.kubectl.set_subject import RBAC, subjects

AUTHENTICATION = "authentication.k8s.io"
API = f"{RBAC}/v1"
VERBS = (
    *("*", "get", "delete", "list", "create", "update", "patch", "watch", "proxy", "deletecollection", "use", "bind"),
    *("escalate", "impersonate"),
)
URL_VERBS = ("*", "get", "post", "put", "delete", "patch", "head", "options")
_ROLES = ((RBAC, "roles"), (RBAC, "clusterroles"))
SPECIAL = {
    "use": (("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")),
    "bind": _ROLES,
    "escalate": _ROLES,
    "impersonate": (*(("", name) for name in ("users", "serviceaccounts", "groups")), (AUTHENTICATION, "userextras")),
}
"""Verbs that mean something for these types only."""


def run(env: Env) -> None:
    """The command."""
    kind = env.flags.path.split()[-1]
    (_binding if kind.endswith("binding") else _role)(env, kind)


def _role(env: Env, kind: str) -> None:
    name, flags = generate.name_of(env), env.flags
    verbs, resources, urls = (list(dict.fromkeys(flags[f] or ())) for f in ("verb", "resource", "non-resource-url"))
    names = list(dict.fromkeys(flags["resource-name"] or ()))
    cluster = kind == "clusterrole"
    data = generate.base(API, "ClusterRole" if cluster else "Role", name)
    if cluster and flags["aggregation-rule"]:
        if verbs or resources or urls or names:
            raise error("aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames")
        data |= {
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": flags["aggregation-rule"]}]},
            "rules": None,
        }
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
    verbs = ["*"] if "*" in verbs else verbs
    if resources:
        for verb in verbs:
            if verb not in VERBS:
                env.warn(f"Warning: '{verb}' is not a standard resource verb")
    data["rules"] = _rules(env, verbs, ["*"] if "*" in resources else resources, names)
    if urls:
        _check_urls(verbs, urls)
        data["rules"].append({"nonResourceURLs": urls, "verbs": verbs})
    generate.make(env, f"{kind}s", data)


def _check_urls(verbs: list[str], urls: list[str]) -> None:
    for verb in verbs:
        if verb not in URL_VERBS:
            raise error(f"invalid verb: '{verb}' for nonResourceURL")
    for url in urls:
        if url != "*" and not url.startswith("/"):
            raise error("nonResourceURL should start with /")
        if "*" in url[:-1]:
            raise error("nonResourceURL only supports wildcard matches when '*' is at the end")


def _rules(env: Env, verbs: list[str], resources: list[str], names: list[str]) -> list[dict[str, Any]]:
    """One rule for each API group."""
    groups: dict[str, list[str]] = {}
    for text in resources:
        word, slash, sub = text.partition("/")
        group, plural = _type(env, word, verbs)
        plurals = groups.setdefault(group, [])
        if (full := plural + (f"/{sub}" if slash else "")) not in plurals:
            plurals.append(full)
    rules = []
    for group, plurals in sorted(groups.items()):
        rule: dict[str, Any] = {"apiGroups": [group], "resources": plurals, "verbs": verbs}
        if names:
            rule["resourceNames"] = names
        rules.append(rule)
    return rules


def _type(env: Env, word: str, verbs: list[str]) -> tuple[str, str]:
    """(group, plural) of a word. Fail for a type that is not served, or for which a verb means nothing."""
    if not word:
        raise error("resource must be specified if apiGroup/subresource specified")
    plural, _, group = word.partition(".")
    if plural == "*":
        return group, plural
    found = discovery.find(env.client, word)
    if found is not None:
        group, plural = found.group, found.plural
    special = [verb for verb in verbs if verb in SPECIAL]
    for verb in special:
        if (group, plural) not in SPECIAL[verb]:
            raise error(f"can not perform '{verb}' on '{plural}' in group '{group}'")
    if found is None and not special:
        raise Fail(no_match(plural, group))
    return group, plural


def _binding(env: Env, kind: str) -> None:
    name, role, cluster_role = generate.name_of(env), env.flags.text("role"), env.flags.text("clusterrole")
    if kind == "rolebinding" and bool(role) == bool(cluster_role):
        raise error("exactly one of clusterrole or role must be specified")
    ref = {"apiGroup": RBAC, "kind": "ClusterRole" if cluster_role else "Role", "name": cluster_role or role}
    title = "ClusterRoleBinding" if kind.startswith("cluster") else "RoleBinding"
    data = generate.base(API, title, name, roleRef=ref)
    if found := subjects(env):
        data["subjects"] = found
    generate.make(env, f"{kind}s", data, failing=f"create {kind}")
