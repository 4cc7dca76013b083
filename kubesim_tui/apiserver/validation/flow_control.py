"""FlowSchema and PriorityLevelConfiguration (pkg/apis/flowcontrol/validation)."""

from __future__ import annotations

from kubesim_tui.api import names
from kubesim_tui.api.fielderror import Struct
from kubesim_tui.apiserver.validation.core import meta_update, subdomain
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, same, text

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
DISTINGUISHERS = ("ByNamespace", "ByUser")
SUBJECTS = {"ServiceAccount": "serviceAccount", "User": "user", "Group": "group"}
ENABLEMENTS, RESPONSES = ("Exempt", "Limited"), ("Queue", "Reject")
MOST_PRECEDENCE, MOST_QUEUES, HASH_BITS = 10000, 10_000_000, 60
KEEP_ZERO = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares"
NOT_BELOW_ZERO = "must be a non-negative integer"


def _rule_of_all(*groups: str) -> JsonMap:
    resources = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
    return {
        "subjects": [{"kind": "Group", "group": {"name": group}} for group in groups],
        "resourceRules": [resources],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    }


MANDATORY_SCHEMAS: dict[str, JsonMap] = {
    "exempt": {
        "priorityLevelConfiguration": {"name": "exempt"},
        "matchingPrecedence": 1,
        "rules": [_rule_of_all("system:masters")],
    },
    "catch-all": {
        "priorityLevelConfiguration": {"name": "catch-all"},
        "matchingPrecedence": 10000,
        "distinguisherMethod": {"type": "ByUser"},
        "rules": [_rule_of_all("system:unauthenticated", "system:authenticated")],
    },
}
MANDATORY_LEVELS: dict[str, JsonMap] = {
    "exempt": {"type": "Exempt"},
    "catch-all": {
        "type": "Limited",
        "limited": {"nominalConcurrencyShares": 5, "lendablePercent": 0, "limitResponse": {"type": "Reject"}},
    },
}
"""The two of each kind that every cluster has, and that stay as they are (but for `exempt`'s own shares)."""


def _conditions(r: Report, data: JsonMap) -> None:
    seen: set[str] = set()
    for at, condition in items(part(data, "status"), "conditions", "status.conditions"):
        kind = text(condition, "type")
        if kind in seen:
            r.duplicate(f"{at}.type", kind)
        seen.add(kind)
        if not kind:
            r.required(f"{at}.type")


def status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A status of either kind: conditions with types, each once."""
    meta_update(r, new, old)
    _conditions(r, new)


# -- FlowSchema --------------------------------------------------------------------------------------------------------


def flow_schema(r: Report, data: JsonMap) -> None:
    """Which requests belong to which level."""
    subdomain(r, data, namespaced=False)
    name, spec = text(part(data, "metadata"), "name"), part(data, "spec")
    _schema_spec(r, spec, name)
    if name in MANDATORY_SCHEMAS and not same(spec, MANDATORY_SCHEMAS[name]):
        r.invalid("spec", spec, f"spec of '{name}' must equal the fixed value")
    _conditions(r, data)


def flow_schema_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed schema."""
    meta_update(r, new, old)
    flow_schema(r, new)


def _schema_spec(r: Report, spec: JsonMap, name: str) -> None:
    path, precedence = "spec.matchingPrecedence", number(spec, "matchingPrecedence")
    if precedence <= 0:
        r.invalid(path, precedence, "must be a positive value")
    if precedence > MOST_PRECEDENCE:
        r.invalid(path, precedence, f"must not be greater than {MOST_PRECEDENCE}")
    if precedence == 1 and name != "exempt":
        r.invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")
    method = spec.get("distinguisherMethod")
    if method is not None and text(method, "type") not in DISTINGUISHERS:
        r.not_supported("spec.distinguisherMethod.type", Struct(Type=text(method, "type")), DISTINGUISHERS)
    path, level = "spec.priorityLevelConfiguration.name", text(part(spec, "priorityLevelConfiguration"), "name")
    if level:
        r.syntax(names.is_dns1123_subdomain, path, level)
    else:
        r.required(path, "must reference a priority level")
    for at, rule in items(spec, "rules", "spec.rules"):
        _rule(r, rule, at)


def _rule(r: Report, rule: JsonMap, path: str) -> None:
    if not rule.get("subjects"):
        r.required(f"{path}.subjects", "subjects must contain at least one value")
    for at, subject in items(rule, "subjects", f"{path}.subjects"):
        _subject(r, subject, at)
    if not rule.get("resourceRules") and not rule.get("nonResourceRules"):
        r.required(path, "at least one of resourceRules and nonResourceRules has to be non-empty")
    for at, one in items(rule, "resourceRules", f"{path}.resourceRules"):
        _resource_rule(r, one, at)
    for at, one in items(rule, "nonResourceRules", f"{path}.nonResourceRules"):
        _url_rule(r, one, at)


def _subject(r: Report, subject: JsonMap, path: str) -> None:
    """One of three sorts, and nothing said of the others."""
    kind = text(subject, "kind")
    if kind not in SUBJECTS:
        r.not_supported(f"{path}.kind", kind, sorted(SUBJECTS))
        return
    field = SUBJECTS[kind]
    found, at = subject.get(field), f"{path}.{field}"
    if found is None:
        r.required(at, f"{field} is required when subject kind is '{kind}'")
    elif not text(found, "name"):
        r.required(f"{at}.name")
    elif kind == "ServiceAccount" and found["name"] != "*":
        r.syntax(names.is_dns1123_subdomain, f"{at}.name", found["name"])
    if found is not None and kind == "ServiceAccount":
        if text(found, "namespace"):
            r.syntax(names.is_dns1123_label, f"{at}.namespace", found["namespace"])
        else:
            r.required(f"{at}.namespace", "must specify namespace for service account")
    for other, name in SUBJECTS.items():
        if other != kind and subject.get(name) is not None:
            r.forbidden(f"{path}.{name}", f"{name} is forbidden when subject kind is not '{other}'")


def _verbs(r: Report, rule: JsonMap, path: str) -> None:
    verbs = rule.get("verbs") or []
    if not verbs:
        r.required(f"{path}.verbs", "verbs must contain at least one value")
    elif "*" in verbs:
        _alone(r, verbs, f"{path}.verbs", "verbs")
    elif not set(verbs) <= set(VERBS):
        r.not_supported(f"{path}.verbs", verbs, VERBS)


def _alone(r: Report, found: list[str], path: str, said: str) -> None:
    if len(found) > 1 and "*" in found:
        r.invalid(path, found, f"if '*' is present, must not specify other {said}")


def _resource_rule(r: Report, rule: JsonMap, path: str) -> None:
    _verbs(r, rule, path)
    for name, one, many in (("apiGroups", "api group", "api groups"), ("resources", "resource", "resources")):
        found = rule.get(name) or []
        if not found:
            r.required(f"{path}.{name}", f"resource rules must supply at least one {one}")
        _alone(r, found, f"{path}.{name}", many)
    namespaces = rule.get("namespaces") or []
    if not namespaces and not rule.get("clusterScope"):
        said = "resource rules that are not cluster scoped must supply at least one namespace"
        r.required(f"{path}.namespaces", said)
    elif "*" in namespaces:
        _alone(r, namespaces, f"{path}.namespaces", "namespaces")
    else:
        for i, namespace in enumerate(namespaces):
            for message in names.is_dns1123_label(namespace):
                said = f"each member of this list must be '*' or a DNS-1123 label; {message}"
                r.invalid(f"{path}.namespaces[{i}]", namespace, said)


def _url_rule(r: Report, rule: JsonMap, path: str) -> None:
    _verbs(r, rule, path)
    path, urls = f"{path}.nonResourceURLs", rule.get("nonResourceURLs") or []
    if not urls:
        r.required(path, "nonResourceURLs must contain at least one value")
    elif "*" in urls:
        _alone(r, urls, path, "non-resource URLs")
    else:
        for i, url in enumerate(urls):
            if wrong := _wrong_url(url):
                r.invalid(f"{path}[{i}]", url, wrong)


def _wrong_url(url: str) -> str:
    """What is wrong with the path of a URL, "" if nothing is."""
    if not url:
        return "must not be empty"
    if not url.startswith("/"):
        return "must start with slash"
    if " " in url:
        return "must not contain white-space"
    if "//" in url:
        return "must not contain double slash"
    stars = url.count("*")
    return "wildcard can only do suffix matching" if stars > 1 or (stars and not url.endswith("/*")) else ""


# -- PriorityLevelConfiguration ----------------------------------------------------------------------------------------


def priority_level(r: Report, data: JsonMap) -> None:
    """How many requests of a level are served at once, and what becomes of the others."""
    subdomain(r, data, namespaced=False)
    meta, spec = part(data, "metadata"), part(data, "spec")
    name = text(meta, "name")
    if KEEP_ZERO in part(meta, "annotations"):
        r.forbidden("metadata.annotations", f"annotation '{KEEP_ZERO}' is forbidden")
    _level_spec(r, spec, name)
    compared = {k: v for k, v in spec.items() if k != "exempt"} if name == "exempt" else spec
    if name in MANDATORY_LEVELS and not same(compared, MANDATORY_LEVELS[name]):
        but = " except the 'spec.exempt' field" if name == "exempt" else ""
        r.invalid("spec", spec, f"spec of '{name}'{but} must equal the fixed value")
    _conditions(r, data)
    _union(r, spec)


def priority_level_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed level."""
    meta_update(r, new, old)
    priority_level(r, new)


def _union(r: Report, spec: JsonMap) -> None:
    """What belongs to one type stands with no other."""
    kind = text(spec, "type")
    _member(r, spec, "exempt", "spec.exempt", wanted=kind == "Exempt", needed=False)
    _member(r, spec, "limited", "spec.limited", wanted=kind == "Limited", needed=True)
    if not kind:
        r.declared_required("spec.type")
    if spec.get("limited") is None:
        return
    path, response = "spec.limited.limitResponse", part(spec["limited"], "limitResponse")
    answer = text(response, "type")
    _member(r, response, "queuing", f"{path}.queuing", wanted=answer == "Queue", needed=True)
    if not answer:
        r.declared_required(f"{path}.type")


def _member(r: Report, data: JsonMap, name: str, path: str, *, wanted: bool, needed: bool) -> None:
    given = data.get(name) is not None
    if given and not wanted:
        r.declared_forbidden(path)
    elif wanted and needed and not given:
        r.declared_required(path)


def _level_spec(r: Report, spec: JsonMap, name: str) -> None:
    kind = text(spec, "type")
    if (name == "exempt") != (kind == "Exempt"):
        r.invalid("spec.type", kind, "must be 'Exempt' if and only if `name` is 'exempt'")
    if kind == "Exempt":
        _shares(r, part(spec, "exempt"), "spec.exempt")
        _lendable(r, part(spec, "exempt"), "spec.exempt")
    elif kind == "Limited" and spec.get("limited") is not None:
        _limited(r, spec["limited"], "spec.limited")
    elif kind and kind not in ENABLEMENTS:
        r.not_supported("spec.type", kind, ENABLEMENTS)


def _shares(r: Report, found: JsonMap, path: str) -> None:
    if number(found, "nominalConcurrencyShares") < 0:
        r.invalid(f"{path}.nominalConcurrencyShares", found["nominalConcurrencyShares"], NOT_BELOW_ZERO)


def _lendable(r: Report, found: JsonMap, path: str) -> None:
    if not 0 <= number(found, "lendablePercent") <= 100:
        r.invalid(f"{path}.lendablePercent", found["lendablePercent"], "must be between 0 and 100, inclusive")


def _limited(r: Report, found: JsonMap, path: str) -> None:
    _shares(r, found, path)
    response = part(found, "limitResponse")
    kind, at = text(response, "type"), f"{path}.limitResponse"
    if kind == "Queue" and response.get("queuing") is not None:
        _queuing(r, response["queuing"], f"{at}.queuing")
    elif kind and kind not in RESPONSES:
        r.not_supported(f"{at}.type", kind, RESPONSES)
    _lendable(r, found, path)
    if number(found, "borrowingLimitPercent") < 0:
        r.invalid(f"{path}.borrowingLimitPercent", found["borrowingLimitPercent"], f"if specified, {NOT_BELOW_ZERO}")


def _queuing(r: Report, found: JsonMap, path: str) -> None:
    """A hand of queues is dealt by 60 bits of a hash, which must be enough: queues ** hand <= 2 ** 60."""
    length, queues, hand = (number(found, name) for name in ("queueLengthLimit", "queues", "handSize"))
    if length <= 0:
        r.invalid(f"{path}.queueLengthLimit", length, "must be positive")
    if queues <= 0:
        r.invalid(f"{path}.queues", queues, "must be positive")
    elif queues > MOST_QUEUES:
        r.invalid(f"{path}.queues", queues, f"must not be greater than {MOST_QUEUES}")
    if hand <= 0:
        r.invalid(f"{path}.handSize", hand, "must be positive")
    elif hand > queues:
        r.invalid(f"{path}.handSize", hand, f"should not be greater than queues ({queues})")
    elif queues > 1 and (hand > HASH_BITS or queues**hand > 2**HASH_BITS):
        said = f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {HASH_BITS}"
        r.invalid(f"{path}.handSize", hand, said)
