"""Admission policies in CEL and their bindings, validating and mutating (admissionregistration/validation)."""

from __future__ import annotations

import re
from collections.abc import Callable

from attrs import evolve

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation.admission_rules import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    REINVOCATION_POLICIES,
    Words,
    expression,
    match_conditions,
    rule,
)
from kubesim_tui.apiserver.validation.conditions import conditions
from kubesim_tui.apiserver.validation.core import meta_update, subdomain
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, same, text

REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
ACTIONS = ("Audit", "Deny", "Warn")
PATCHES = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}
MADE = frozenset({"Object", "JSONPatch"})
"""Of what types mutations make objects."""
MUTATING_OPERATIONS = ("*", "CONNECT", "CREATE", "UPDATE")
MOST_ANNOTATIONS, LONGEST_VALUE = 20, 5 * 1024
RESERVED = (
    *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import"),
    *("let", "loop", "package", "namespace", "return", "var", "void", "while"),
)
TWICE_TOLD = "repeating the same validation failure information in the API response and headers serves no purpose"
NOTHING = "validations or auditAnnotations must contain at least one item"
EXCLUSIVE = "name and selector are mutually exclusive"


# -- what both sorts have ----------------------------------------------------------------------------------------------


def _head(r: Report, data: JsonMap) -> None:
    """Whom a policy is about."""
    subdomain(r, data, namespaced=False)
    spec = part(data, "spec")
    r.one_of("spec.failurePolicy", text(spec, "failurePolicy"), FAILURE_POLICIES)
    if spec.get("paramKind") is not None:
        _param_kind(r, spec["paramKind"], "spec.paramKind")
    constraints, path = spec.get("matchConstraints"), "spec.matchConstraints"
    if constraints is None:
        r.required(path)
    else:
        _match_resources(r, constraints, path)
        if not constraints.get("resourceRules"):
            r.required(f"{path}.resourceRules")


def _conditions(r: Report, data: JsonMap, old: JsonMap | None) -> None:
    """When a policy is asked. Conditions that were stored are not read again."""
    spec, before = part(data, "spec"), part(old or {}, "spec")
    if old is None or not all(same(spec.get(n), before.get(n)) for n in ("paramKind", "matchConditions")):
        match_conditions(r, spec, "spec.matchConditions", Words(params=spec.get("paramKind") is not None))


def _param_kind(r: Report, given: JsonMap, path: str) -> None:
    version, kind = text(given, "apiVersion"), text(given, "kind")
    if not version:
        r.required(f"{path}.apiVersion")
    elif version.count("/") > 1:
        r.invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    else:
        _group_version(r, version, f"{path}.apiVersion")
    if not kind:
        r.required(f"{path}.kind")
    elif wrong := names.is_dns1035_label(kind.lower()):
        r.invalid(f"{path}.kind", kind, f"may have mixed case, but should otherwise match: {','.join(wrong)}")


def _group_version(r: Report, given: str, path: str) -> None:
    group, _, version = given.rpartition("/")
    if group and (wrong := names.is_dns1123_subdomain(group)):
        r.invalid(path, group, ",".join(wrong))
    if not version:
        r.invalid(path, given, "version must be specified")
    elif wrong := names.is_dns1035_label(version):
        r.invalid(path, version, ",".join(wrong))


def _match_resources(r: Report, data: JsonMap, path: str) -> None:
    r.one_of(f"{path}.matchPolicy", text(data, "matchPolicy"), MATCH_POLICIES)
    for name in ("namespaceSelector", "objectSelector"):
        if data.get(name) is None:
            r.required(f"{path}.{name}")
        else:
            r.add(labels.validate_object(data[name], f"{path}.{name}"))
    for name in ("resourceRules", "excludeResourceRules"):
        for at, one in items(data, name, f"{path}.{name}"):
            _named_rule(r, one, at)


def _named_rule(r: Report, data: JsonMap, path: str) -> None:
    given = data.get("resourceNames") or []
    for i, name in enumerate(given):
        r.syntax(names.is_path_segment_name, f"{path}.resourceNames[{i}]", name)
        if name in given[:i]:
            r.duplicate(f"{path}.resourceNames[{i}]", name)
    rule(r, data, path)


def _variables(r: Report, spec: JsonMap) -> Words:
    """Variables know those before them; returns what all of them are for the expressions after them."""
    params, known = spec.get("paramKind") is not None, list[str]()
    for at, variable in items(spec, "variables", "spec.variables"):
        name, source = text(variable, "name"), text(variable, "expression")
        if not name.strip():
            r.required(f"{at}.name", "name is not specified")
        elif not re.fullmatch("[_a-zA-Z][_a-zA-Z0-9]*", name) or name in RESERVED:
            r.invalid(f"{at}.name", name, "must be a valid CEL identifier")
        if not source.strip():
            r.required(f"{at}.expression", "expression is not specified")
        else:
            expression(r, source, f"{at}.expression", Words(params, tuple(known)).known())
        known.append(name)
    return Words(params, tuple(known) if known else None)


# -- ValidatingAdmissionPolicy -----------------------------------------------------------------------------------------


def validating_policy(r: Report, data: JsonMap, old: JsonMap | None = None) -> None:
    """What must hold of an object, or is written down about it."""
    _head(r, data)
    _conditions(r, data, old)
    spec, name = part(data, "spec"), text(part(data, "metadata"), "name")
    words = _variables(r, spec)
    annotations = spec.get("auditAnnotations") or []
    if not spec.get("validations") and not annotations:
        for field in ("validations", "auditAnnotations"):
            r.required(f"spec.{field}", NOTHING)
    for at, validation in items(spec, "validations", "spec.validations"):
        _validation(r, validation, at, words)
    if len(annotations) > MOST_ANNOTATIONS:
        r.invalid("spec.auditAnnotations", annotations, f"must not have more than {MOST_ANNOTATIONS} auditAnnotations")
    seen: set[str] = set()
    for at, annotation in items(spec, "auditAnnotations", "spec.auditAnnotations"):
        _annotation(r, annotation, at, name, words)
        key = text(annotation, "key")
        if key in seen:
            r.duplicate(f"{at}.key", key)
        seen.add(key)


def validating_policy_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed policy."""
    meta_update(r, new, old)
    validating_policy(r, new, old)


def _validation(r: Report, data: JsonMap, path: str, words: Words) -> None:
    source, said, message = (text(data, name) for name in ("expression", "messageExpression", "message"))
    if not source.strip():
        r.required(f"{path}.expression", "expression is not specified")
    else:
        expression(r, source, f"{path}.expression", words.known(), "bool")
    if said and not said.strip():
        r.invalid(f"{path}.messageExpression", said, "must be non-empty if specified")
    elif said:
        expression(r, said, f"{path}.messageExpression", words.known(authorizer=False), "string")
    if message and not message.strip():
        r.invalid(f"{path}.message", message, "must be non-empty if specified")
    elif re.search("[\n\r]", message.strip()):
        r.invalid(f"{path}.message", message, "must not contain line breaks")
    if data.get("reason") is not None and data["reason"] not in REASONS:
        r.not_supported(f"{path}.reason", data["reason"], REASONS)


def _annotation(r: Report, data: JsonMap, path: str, policy: str, words: Words) -> None:
    key, given = text(data, "key"), text(data, "valueExpression")
    if policy:
        r.syntax(names.is_qualified_name, f"{path}.key", f"{policy}/{key}")
    else:
        r.invalid(f"{path}.key", key, "requires metadata.name be non-empty")
    source = given.strip()
    if not source:
        r.required(f"{path}.valueExpression", "valueExpression is not specified")
    elif len(source.encode()) > LONGEST_VALUE:
        r.required(f"{path}.valueExpression", f"must not exceed {LONGEST_VALUE} bytes in length")
    else:
        expression(r, source, f"{path}.valueExpression", words.known(), "string", "null_type")


def validating_policy_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """What the type checker found."""
    meta_update(r, new, old)
    path, status = "status.typeChecking.expressionWarnings", part(new, "status")
    for at, warning in items(part(status, "typeChecking"), "expressionWarnings", path):
        if not text(warning, "warning"):
            r.required(f"{at}.warning")
        if not text(warning, "fieldRef").strip():
            r.required(f"{at}.fieldRef")
    conditions(r, status.get("conditions") or [], "status.conditions")


# -- MutatingAdmissionPolicy -------------------------------------------------------------------------------------------


def mutating_policy(r: Report, data: JsonMap, old: JsonMap | None = None) -> None:
    """What is changed of an object on its way in."""
    _head(r, data)
    spec = part(data, "spec")
    _mutating(r, part(spec, "matchConstraints"), "spec.matchConstraints")
    _conditions(r, data, old)
    words = _variables(r, spec)
    if not spec.get("mutations"):
        r.required("spec.mutations", "mutations must contain at least one item")
    for at, mutation in items(spec, "mutations", "spec.mutations"):
        _mutation(r, mutation, at, words)
    r.one_of("spec.reinvocationPolicy", text(spec, "reinvocationPolicy"), REINVOCATION_POLICIES)


def mutating_policy_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed policy."""
    meta_update(r, new, old)
    mutating_policy(r, new, old)


def _mutating(r: Report, data: JsonMap, path: str) -> None:
    """Nothing can be changed of what is deleted."""
    for one in data.get("resourceRules") or ():
        for operation in one.get("operations") or ():
            if operation not in MUTATING_OPERATIONS:
                r.not_supported(f"{path}.resourceRules.operations", operation, MUTATING_OPERATIONS)


def _mutation(r: Report, data: JsonMap, path: str, words: Words) -> None:
    kind = text(data, "patchType")
    r.one_of(f"{path}.patchType", kind, PATCHES)
    if kind not in PATCHES:
        return
    name = PATCHES[kind]
    if data.get(name) is None:
        r.required(f"{path}.{name}", f"must be specified when patchType is {kind}")
    elif source := text(data[name], "expression").strip():
        known = words.known()
        expression(r, source, f"{path}.{name}.expression", evolve(known, names=known.names | MADE))
    else:
        r.required(f"{path}.{name}.expression")
    for other in PATCHES.values():
        if other != name and data.get(other) is not None:
            r.invalid(f"{path}.{other}", f"{{{other}}}", f"must not be specified when patchType is {kind}")


# -- bindings ----------------------------------------------------------------------------------------------------------


def validating_binding(r: Report, data: JsonMap) -> None:
    """Where a policy holds, and what becomes of who breaks it."""
    _binding(r, data, r.declared_required)
    spec, path = part(data, "spec"), "spec.validationActions"
    given = spec.get("validationActions") or []
    for i, action in enumerate(given):
        if action not in ACTIONS:
            r.not_supported(f"{path}[{i}]", action, ACTIONS)
        if action in given[:i]:
            r.duplicate(f"{path}[{i}]", action)
    if {"Deny", "Warn"} <= set(given):
        r.invalid(path, given, f"must not contain both Deny and Warn ({TWICE_TOLD})")
    if not given:
        r.declared_required(path)


def validating_binding_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed binding."""
    meta_update(r, new, old)
    validating_binding(r, new)


def mutating_binding(r: Report, data: JsonMap) -> None:
    """Where a policy holds."""
    _binding(r, data, r.required)
    _mutating(r, part(part(data, "spec"), "matchResources"), "spec.matchResources")


def mutating_binding_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed binding."""
    meta_update(r, new, old)
    mutating_binding(r, new)


def _binding(r: Report, data: JsonMap, missing: Callable[[str], None]) -> None:
    subdomain(r, data, namespaced=False)
    spec = part(data, "spec")
    if text(spec, "policyName"):
        r.syntax(names.is_dns1123_subdomain, "spec.policyName", spec["policyName"])
    else:
        missing("spec.policyName")
    if spec.get("paramRef") is not None:
        _param_ref(r, spec["paramRef"], "spec.paramRef")
    if spec.get("matchResources") is not None:
        _match_resources(r, spec["matchResources"], "spec.matchResources")


def _param_ref(r: Report, data: JsonMap, path: str) -> None:
    name, selector = text(data, "name"), data.get("selector")
    if name:
        r.syntax(names.is_path_segment_name, f"{path}.name", name)
        if selector is not None:
            r.forbidden(f"{path}.name", EXCLUSIVE)
    if selector is not None:
        r.add(labels.validate_object(selector, f"{path}.selector"))
        if name:
            r.forbidden(f"{path}.selector", EXCLUSIVE)
    if not name and selector is None:
        r.required(path, "one of name or selector must be specified")
    r.one_of(f"{path}.parameterNotFoundAction", text(data, "parameterNotFoundAction"), ("Deny", "Allow"))
