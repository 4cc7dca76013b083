"""What webhooks and admission policies share: rules, and conditions in CEL (admissionregistration/validation)."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.api import names
from kubesim_tui.apiserver.apiextensions.cel.check import Variables, wrong_expression
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, text

OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
SCOPES = ("*", "Cluster", "Namespaced")
MATCH_POLICIES, FAILURE_POLICIES = ("Equivalent", "Exact"), ("Fail", "Ignore")
REINVOCATION_POLICIES = ("IfNeeded", "Never")
MOST_CONDITIONS = 64
REQUEST = frozenset({"object", "oldObject", "request", "namespaceObject"})


@frozen
class Words:
    """What the expressions of one policy (or webhook) may speak of."""

    params: bool = False
    variables: tuple[str, ...] | None = None

    def known(self, *, authorizer: bool = True) -> Variables:
        """The variables of one of its expressions."""
        more = (("authorizer", authorizer), ("params", self.params), ("variables", self.variables is not None))
        declared = REQUEST | {name for name, given in more if given}
        return Variables(declared, {"variables": self.variables} if self.variables is not None else {})


def expression(r: Report, source: str, path: str, known: Variables, *returns: str) -> None:
    """An expression can be read, speaks of what is there, and gives what is wanted of it."""
    if wrong := wrong_expression(source, known, returns):
        r.invalid(path, source, wrong)


def match_conditions(r: Report, data: JsonMap, path: str, words: Words) -> None:
    """Names, each once, and expressions that are true or false."""
    found = data.get("matchConditions") or ()
    if len(found) > MOST_CONDITIONS:
        r.too_many(path, len(found), MOST_CONDITIONS)
    seen: set[str] = set()
    for at, condition in items(data, "matchConditions", path):
        name, source = text(condition, "name"), text(condition, "expression").strip()
        if source:
            expression(r, source, f"{at}.expression", words.known(), "bool")
        else:
            r.required(f"{at}.expression")
        if not name:
            r.required(f"{at}.name")
            continue
        r.syntax(names.is_qualified_name, f"{at}.name", name)
        if name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)


# -- rules -------------------------------------------------------------------------------------------------------------


def rule(r: Report, data: JsonMap, path: str) -> None:
    """Which operations on which resources."""
    operations = data.get("operations") or []
    if not operations:
        r.required(f"{path}.operations")
    _alone(r, operations, f"{path}.operations", "operations")
    for i, operation in enumerate(operations):
        if operation not in OPERATIONS:
            r.not_supported(f"{path}.operations[{i}]", operation, OPERATIONS)
    for name, said in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        if not data.get(name):
            r.required(f"{path}.{name}")
        _alone(r, data.get(name) or [], f"{path}.{name}", said)
    for i, version in enumerate(data.get("apiVersions") or ()):
        if not version:
            r.required(f"{path}.apiVersions[{i}]")
    _resources(r, data.get("resources") or [], f"{path}.resources")
    if data.get("scope") is not None and data["scope"] not in SCOPES:
        r.not_supported(f"{path}.scope", data["scope"], SCOPES)


def _alone(r: Report, found: list[str], path: str, said: str) -> None:
    if len(found) > 1 and "*" in found:
        r.invalid(path, found, f"if '*' is present, must not specify other {said}")


def _resources(r: Report, resources: list[str], path: str) -> None:
    """`pods`, `pods/status`, `pods/*`, `*/scale`, `*/*`, `*`: none that another one covers."""
    if not resources:
        r.required(path)
    all_of: set[str] = set()
    everywhere: set[str] = set()
    for i, name in enumerate(resources):
        if not name:
            r.required(f"{path}[{i}]")
            continue
        resource, slash, sub = name.partition("/")
        if not slash:
            continue
        if resource in all_of:
            r.invalid(f"{path}[{i}]", name, f"if '{resource}/*' is present, must not specify {name}")
        if sub in everywhere:
            r.invalid(f"{path}[{i}]", name, f"if '*/{sub}' is present, must not specify {name}")
        if sub == "*":
            all_of.add(resource)
        if resource == "*":
            everywhere.add(sub)
    if len(resources) > 1 and "*/*" in resources:
        r.invalid(path, resources, "if '*/*' is present, must not specify other resources")
    plain = [name for name in resources if name and "/" not in name]
    if "*" in plain and plain[-1] != "*":
        r.invalid(path, resources, "if '*' is present, must not specify other resources without subresources")
