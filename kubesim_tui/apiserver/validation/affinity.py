"""Where Pods want to be: affinity, spread, tolerations, node selectors."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation.report import NOT_POSITIVE, JsonMap, Report, items, number, part, text

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
NOT_OPERATOR = "not a valid selector operator"


def affinity(r: Report, data: JsonMap | None, path: str) -> None:
    """All three sorts."""
    if data is None:
        return
    node = data.get("nodeAffinity")
    if node is not None:
        if node.get(REQUIRED) is not None:
            node_selector(r, node[REQUIRED], f"{path}.nodeAffinity.{REQUIRED}")
        for at, term in items(node, PREFERRED, f"{path}.nodeAffinity.{PREFERRED}"):
            _weight(r, term, at)
            node_selector_term(r, part(term, "preference"), f"{at}.preference", values=False)
    for kind in ("podAffinity", "podAntiAffinity"):
        found = part(data, kind)
        for at, term in items(found, REQUIRED, f"{path}.{kind}.{REQUIRED}"):
            _pod_term(r, term, at)
        for at, term in items(found, PREFERRED, f"{path}.{kind}.{PREFERRED}"):
            _weight(r, term, at)
            _pod_term(r, part(term, "podAffinityTerm"), f"{at}.podAffinityTerm")


def _weight(r: Report, term: JsonMap, path: str) -> None:
    if not 1 <= number(term, "weight") <= 100:
        r.invalid(f"{path}.weight", number(term, "weight"), "must be in the range 1-100")


def node_selector(r: Report, selector: JsonMap, path: str) -> None:
    """At least one term."""
    if not selector.get("nodeSelectorTerms"):
        r.required(f"{path}.nodeSelectorTerms", "must have at least one node selector term")
    for at, term in items(selector, "nodeSelectorTerms", f"{path}.nodeSelectorTerms"):
        node_selector_term(r, term, at)


def node_selector_term(r: Report, term: JsonMap, path: str, *, values: bool = True) -> None:
    """Requirements on labels and on the name. `values`: whether label values are looked at."""
    for at, requirement in items(term, "matchExpressions", f"{path}.matchExpressions"):
        _requirement(r, requirement, at, values)
    for at, requirement in items(term, "matchFields", f"{path}.matchFields"):
        _field_requirement(r, requirement, at)


def _requirement(r: Report, requirement: JsonMap, path: str, check_values: bool) -> None:
    operator, values = text(requirement, "operator"), requirement.get("values") or []
    if operator in ("In", "NotIn"):
        if not values:
            r.required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            said = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            r.forbidden(f"{path}.values", said)
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            r.required(f"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        r.invalid(f"{path}.operator", operator, NOT_OPERATOR)
    r.syntax(names.is_qualified_name, f"{path}.key", text(requirement, "key"))
    for i, value in enumerate(values if check_values else ()):
        r.syntax(names.is_label_value, f"{path}.values[{i}]", value)


def _field_requirement(r: Report, requirement: JsonMap, path: str) -> None:
    operator, values = text(requirement, "operator"), requirement.get("values") or []
    if operator not in ("In", "NotIn"):
        r.invalid(f"{path}.operator", operator, NOT_OPERATOR)
    elif len(values) != 1:
        said = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        r.required(f"{path}.values", said)
    if text(requirement, "key") != "metadata.name":
        r.invalid(f"{path}.key", text(requirement, "key"), "not a valid field selector key")
        return
    for i, value in enumerate(values):
        r.syntax(names.is_dns1123_subdomain, f"{path}.values[{i}]", value)


def _pod_term(r: Report, term: JsonMap, path: str) -> None:
    for name in ("labelSelector", "namespaceSelector"):
        r.add(labels.validate_object(term.get(name), f"{path}.{name}"))
    for namespace in term.get("namespaces") or ():
        r.syntax(names.is_dns1123_label, f"{path}.namespace", namespace)
    _label_keys(r, term, path)
    if not text(term, "topologyKey"):
        r.required(f"{path}.topologyKey", "can not be empty")
    r.syntax(names.is_qualified_name, f"{path}.topologyKey", text(term, "topologyKey"))


def _label_keys(r: Report, term: JsonMap, path: str) -> None:
    selector = term.get("labelSelector")
    match, mismatch = term.get("matchLabelKeys") or [], term.get("mismatchLabelKeys") or []
    for name, keys in (("matchLabelKeys", match), ("mismatchLabelKeys", mismatch)):
        if keys and selector is None:
            r.forbidden(f"{path}.{name}", "must not be specified when labelSelector is not set")
            continue
        for i, key in enumerate(keys):
            r.syntax(names.is_qualified_name, f"{path}.{name}[{i}]", key)
    _asked_twice(r, match, selector or {}, path)
    for i, key in enumerate(match):
        if key in mismatch:
            said = "exists in both matchLabelKeys and mismatchLabelKeys"
            r.invalid(f"{path}.matchLabelKeys[{i}]", key, said)


def _asked_twice(r: Report, match: list[str], selector: JsonMap, path: str) -> None:
    """Each key of matchLabelKeys has become one requirement; a second one is the user's own."""
    index = {key: i for i, key in enumerate(match)}
    seen = set(part(selector, "matchLabels"))
    for expression in selector.get("matchExpressions") or ():
        key = text(expression, "key")
        if key in index and key in seen:
            r.invalid(f"{path}[{index[key]}]", key, "exists in both matchLabelKeys and labelSelector")
        seen.add(key)


def spread(r: Report, spec: JsonMap, path: str) -> None:
    """Topology spread constraints."""
    constraints = list(items(spec, "topologySpreadConstraints", path))
    for i, (at, one) in enumerate(constraints):
        action = text(one, "whenUnsatisfiable")
        if number(one, "maxSkew") <= 0:
            r.invalid(f"{at}.maxSkew", number(one, "maxSkew"), NOT_POSITIVE)
        if not text(one, "topologyKey"):
            r.required(f"{at}.topologyKey", "can not be empty")
        if action not in ("DoNotSchedule", "ScheduleAnyway"):
            r.not_supported(f"{at}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway"))
        pair = (text(one, "topologyKey"), action)
        if any((text(o, "topologyKey"), text(o, "whenUnsatisfiable")) == pair for _, o in constraints[i + 1 :]):
            r.duplicate(f"{at}.{{topologyKey, whenUnsatisfiable}}", f"{{{pair[0]}, {pair[1]}}}")
        _min_domains(r, one, f"{at}.minDomains", action)
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if one.get(name) is not None and one[name] not in ("Honor", "Ignore"):
                r.not_supported(f"{at}.{name}", one[name], ("Honor", "Ignore"))
        _label_keys(r, one, at)
        r.add(labels.validate_object(one.get("labelSelector"), f"{at}.labelSelector"))


def _min_domains(r: Report, constraint: JsonMap, path: str, action: str) -> None:
    least = constraint.get("minDomains")
    if least is None:
        return
    if least <= 0:
        r.invalid(path, least, NOT_POSITIVE)
    if action != "DoNotSchedule":
        said = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        r.invalid(path, least, said)


def taint_effect(r: Report, effect: str, path: str) -> None:
    """One of the three."""
    if effect not in EFFECTS:
        r.not_supported(path, effect, EFFECTS)


def tolerations(r: Report, spec: JsonMap, path: str) -> None:
    """Which taints a Pod bears."""
    for at, one in items(spec, "tolerations", path):
        key, operator, value = text(one, "key"), text(one, "operator"), text(one, "value")
        if key:
            r.syntax(names.is_qualified_name, f"{at}.key", key)
        elif operator != "Exists":
            said = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            r.invalid(f"{at}.operator", operator, said)
        if one.get("tolerationSeconds") is not None and text(one, "effect") != "NoExecute":
            said = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            r.invalid(f"{at}.effect", text(one, "effect"), said)
        _toleration_operator(r, operator, value, at)
        if text(one, "effect"):
            taint_effect(r, one["effect"], f"{at}.effect")


def _toleration_operator(r: Report, operator: str, value: str, path: str) -> None:
    if operator in ("", "Equal"):
        wrong = names.is_label_value(value)
        if wrong:
            r.invalid(f"{path}.operator", value, ";".join(wrong))
    elif operator == "Exists":
        if value:
            r.invalid(f"{path}.operator", value, "value must be empty when `operator` is 'Exists'")
    elif operator in ("Gt", "Lt"):  # behind TaintTolerationComparisonOperators, an alpha feature
        r.not_supported(f"{path}.operator", operator, ("Equal", "Exists", "Lt", "Gt"))
    else:
        r.not_supported(f"{path}.operator", operator, ("Equal", "Exists"))
