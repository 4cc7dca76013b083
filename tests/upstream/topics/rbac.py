"""Who may do what."""

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.apiserver.authorization.rbac import GROUP, Rbac
from kubesim_tui.apiserver.authorization.rules import from_json, uncovered
from kubesim_tui.apiserver.request import User
from tests.harness import Harness
from tests.upstream.adapters import answers

KINDS = {
    "roles": ("roles", "Role"),
    "clusterRoles": ("clusterroles", "ClusterRole"),
    "roleBindings": ("rolebindings", "RoleBinding"),
    "clusterRoleBindings": ("clusterrolebindings", "ClusterRoleBinding"),
}


def _authorizer(given):
    harness = Harness()
    for field, (plural, kind) in KINDS.items():
        for data in given.get(field) or ():
            head = {"apiVersion": f"{GROUP}/v1", "kind": kind}
            harness.put(f"{plural}.{GROUP}", decode_object(types.Unstructured, {**head, **data}))
    return Rbac(harness.etcd)


def _resource(group, plural):
    """A resource that need not be served."""
    return scheme.Resource("", group, "v1", plural, plural, (), True, (), plural, types.Unstructured)


@answers("rbac_authorizer")
def authorized(given):
    rbac, asked = _authorizer(given), given.part("request")
    user, verb = User(asked["user"], tuple(asked.get("groups") or ())), asked["verb"]
    if "path" in asked:
        allowed, _ = rbac.authorize_url(user, verb, asked["path"])
    else:
        what, subresource = _resource(asked["apiGroup"], asked["resource"]), asked.get("subresource", "")
        name, namespace = asked.get("name", ""), asked.get("namespace", "")
        allowed, _ = rbac.authorize(user, verb, what, subresource, namespace, name)
    return {"allowed": allowed}


@answers("rbac_rule_matches")
def matches(given):
    rule = from_json(given["rule"])

    def verdict(asked):
        if "path" in asked:
            return rule.allows_url(asked["verb"], asked["path"])
        subresource, name = asked.get("subresource", ""), asked.get("name", "")
        allowed = rule.allows(asked["verb"], asked["apiGroup"], asked["resource"], subresource)
        return allowed and rule.allows_name(name)

    return {"results": [verdict(r) for r in given.rows("requests")]}


class _Rules(list):
    """Rules, which the table writes as JSON."""

    def __eq__(self, wanted):
        return list(map(from_json, wanted)) == list(self)

    __hash__ = None


@answers("rbac_covers")
def covers(given):
    missing = uncovered(map(from_json, given["owner_rules"]), map(from_json, given["servant_rules"]))
    return {"covered": not missing, "uncovered": _Rules(missing)}
