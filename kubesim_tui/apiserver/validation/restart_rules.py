"""When a single container restarts: its own restartPolicy, and rules by the exit code of its process."""

from __future__ import annotations

from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

POLICIES = ("Always", "Never", "OnFailure")
ACTIONS = ("Restart", "RestartAllContainers")
OPERATORS = ("In", "NotIn")
MOST_RULES, MOST_CODES = 20, 255


def restart_rules(r: Report, container: JsonMap, path: str, *, init: bool = False) -> None:
    """The policy and the rules of a container; those of an init container without a policy are not looked at."""
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or ()
    if policy is None:
        if not rules:
            return
        r.required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used")
        if init:
            return
    elif policy not in POLICIES:
        r.not_supported(f"{path}.restartPolicy", policy, POLICIES)
    at = f"{path}.restartPolicyRules"
    if len(rules) > MOST_RULES:
        r.too_many(at, len(rules), MOST_RULES)
    for rule_at, rule in items(container, "restartPolicyRules", at):
        _rule(r, rule, rule_at)


def _rule(r: Report, rule: JsonMap, path: str) -> None:
    if text(rule, "action") not in ACTIONS:
        r.not_supported(f"{path}.action", text(rule, "action"), ACTIONS)
    codes = rule.get("exitCodes")
    if codes is None:
        r.required(f"{path}.exitCodes", "must be specified")
        return
    if text(codes, "operator") not in OPERATORS:
        r.not_supported(f"{path}.exitCodes.operator", text(codes, "operator"), OPERATORS)
    count = len(codes.get("values") or ())
    if count > MOST_CODES:
        r.too_many(f"{path}.exitCodes.values", count, MOST_CODES)


def may_restart(container: JsonMap, spec: JsonMap, exit_code: int) -> bool:
    """Whether a container that ended so may run again: by its rules, its own policy, or else the Pod's."""
    own = container.get("restartPolicy")
    if own is not None and any(_matches(rule, exit_code) for rule in container.get("restartPolicyRules") or ()):
        return True
    policy = own if own in POLICIES else text(spec, "restartPolicy")
    return policy not in ("OnFailure", "Never") or (policy == "OnFailure" and exit_code != 0)


def _matches(rule: JsonMap, exit_code: int) -> bool:
    codes = part(rule, "exitCodes")
    inside = exit_code in (codes.get("values") or ())
    operator = text(codes, "operator")
    return (operator == "In" and inside) or (operator == "NotIn" and not inside)


def may_restart_all(spec: JsonMap) -> bool:
    """Whether some container's rules can start all of them anew."""
    return any(
        text(rule, "action") == "RestartAllContainers"
        for kind in ("initContainers", "containers")
        for container in spec.get(kind) or ()
        for rule in container.get("restartPolicyRules") or ()
    )
