"""Claims to devices, templates of them and classes of devices (pkg/apis/resource/validation).

Expressions in CEL are not compiled here: only their length counts.
"""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text

MOST_REQUESTS, MOST_CHOICES, MOST_SELECTORS, MOST_CONSTRAINTS, MOST_CONFIGS = 32, 8, 32, 32, 32
LONGEST_EXPRESSION = 10 * 1024
MODES = ("All", "ExactCount")
OPERATORS = ("Equal", "Exists")
EFFECTS = ("NoExecute", "NoSchedule", "None")
NO_REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_IDENTIFIER_RULE = names.regex_error(
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters "
    "or '_'",
    _IDENTIFIER,
    "my_name",
    "MY_NAME",
    "MyName",
)
_DRIVER_RULE = names.regex_error(
    "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character",
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
    "Example.com",
)
ONE_SORT = "exactly one of `exactly` or `firstAvailable` is required"


def claim(r: Report, data: JsonMap) -> None:
    """A new claim."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    claim_spec(r, part(data, "spec"), "spec")


def claim_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """What a claim wants never changes."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    r.declared_immutable("spec", new.get("spec"), old.get("spec"))


def claim_template(r: Report, data: JsonMap) -> None:
    """A new template of claims."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    spec = part(data, "spec")
    metadata.template_meta(r, part(spec, "metadata"), "spec.metadata")
    claim_spec(r, part(spec, "spec"), "spec.spec")


def claim_template_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """What is made from a template never changes."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    r.immutable("spec", new.get("spec"), old.get("spec"))


def device_class(r: Report, data: JsonMap) -> None:
    """A new class."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=False)
    spec = part(data, "spec")
    selectors(r, spec, "spec.selectors")
    if _few(r, spec, "config", "spec.config", MOST_CONFIGS):
        for at, config in items(spec, "config", "spec.config"):
            _configuration(r, config, at)


def device_class_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed class."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    device_class(r, new)


def claim_spec(r: Report, spec: JsonMap, path: str) -> None:
    """What a claim wants."""
    wanted, path = part(spec, "devices"), f"{path}.devices"
    known = Requests.of(wanted)
    if _few(r, wanted, "requests", f"{path}.requests", MOST_REQUESTS):
        _each_once(r, wanted.get("requests") or [], f"{path}.requests")
        for at, request in items(wanted, "requests", f"{path}.requests"):
            _request(r, request, at)
    if _few(r, wanted, "constraints", f"{path}.constraints", MOST_CONSTRAINTS):
        for at, constraint in items(wanted, "constraints", f"{path}.constraints"):
            _references(r, constraint, at, known)
            _constraint(r, constraint, at)
    if _few(r, wanted, "config", f"{path}.config", MOST_CONFIGS):
        for at, config in items(wanted, "config", f"{path}.config"):
            _references(r, config, at, known)
            _configuration(r, config, at)


def _constraint(r: Report, constraint: JsonMap, path: str) -> None:
    """Of which attribute all devices have the same value, or each another."""
    given = [name for name in ("matchAttribute", "distinctAttribute") if constraint.get(name) is not None]
    if not given:
        said = '"matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
        r.required(path, f"exactly one of {said}")
    for name in given[:1]:
        _attribute(r.of_types(), constraint[name], f"{path}.{name}")


def _attribute(r: Report, name: str, path: str) -> None:
    """A domain and a C identifier. (Of more than two parts upstream looks at none.)"""
    domain, slash, rest = name.partition("/")
    if not slash:
        r.invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash")
    elif "/" in rest:
        return
    elif not domain:
        r.invalid(path, "", "prefix must not be empty")
    else:
        for message in names.is_dns1123_subdomain(domain):
            r.invalid(path, domain, f"prefix: {message}")
    if slash and not rest:
        r.invalid(path, "", "name must not be empty")
    elif slash and not re.fullmatch(_IDENTIFIER, rest):
        r.invalid(path, rest, _IDENTIFIER_RULE)


@frozen
class Requests:
    """The names of a claim's requests, and of the choices within them."""

    choices: dict[str, frozenset[str]]

    @classmethod
    def of(cls, wanted: JsonMap) -> Requests:
        """Those of what a claim wants."""
        found = wanted.get("requests") or ()
        return cls({text(q, "name"): frozenset(text(c, "name") for c in q.get("firstAvailable") or ()) for q in found})

    def has(self, name: str) -> bool:
        """Whether there is such a request, or (`request/choice`) such a choice."""
        request, slash, choice = name.partition("/")
        return request in self.choices and (not slash or choice in self.choices[request])


def _few(r: Report, data: JsonMap, name: str, path: str, most: int) -> bool:
    """Whether a list is short enough to be looked at."""
    count = len(data.get(name) or ())
    if count > most:
        r.of_types().too_many(path, count, most)
    return count <= most


def _each_once(r: Report, given: list[Any], path: str) -> None:
    """Each name, or each thing by its name, once."""
    known = [one if isinstance(one, str) else text(one, "name") for one in given]
    for i, one in enumerate(given):
        if known[i] in known[:i]:
            r.of_types().duplicate(f"{path}[{i}]", one)


def _request(r: Report, request: JsonMap, path: str) -> None:
    r.syntax(names.is_dns1123_label, f"{path}.name", text(request, "name"))
    exactly, choices = request.get("exactly"), request.get("firstAvailable")
    if exactly is None and not choices:
        r.required(path, ONE_SORT)
    elif exactly is not None and choices:
        r.invalid(path, None, f"{ONE_SORT}, but multiple fields are set")
    elif exactly is not None:
        _devices(r, exactly, f"{path}.exactly")
    elif _few(r, request, "firstAvailable", f"{path}.firstAvailable", MOST_CHOICES):
        _each_once(r, choices or [], f"{path}.firstAvailable")
        for at, choice in items(request, "firstAvailable", f"{path}.firstAvailable"):
            r.syntax(names.is_dns1123_label, f"{at}.name", text(choice, "name"))
            _devices(r, choice, at)


def _devices(r: Report, wanted: JsonMap, path: str) -> None:
    """Devices of one class: how many, and which."""
    name, mode, count = text(wanted, "deviceClassName"), text(wanted, "allocationMode"), number(wanted, "count")
    if name:
        r.syntax(names.is_dns1123_subdomain, f"{path}.deviceClassName", name)
    else:
        r.declared_required(f"{path}.deviceClassName")
    selectors(r, wanted, f"{path}.selectors")
    if mode not in MODES:
        r.of_types().not_supported(f"{path}.allocationMode", mode, MODES)
    elif mode == "All" and count:
        r.invalid(f"{path}.count", count, "must not be specified when allocationMode is 'All'")
    elif mode == "ExactCount" and count <= 0:
        r.invalid(f"{path}.count", count, "must be greater than zero")
    for at, toleration in items(wanted, "tolerations", f"{path}.tolerations"):
        _toleration(r, toleration, at)


def _toleration(r: Report, toleration: JsonMap, path: str) -> None:
    key, operator, value = text(toleration, "key"), text(toleration, "operator"), text(toleration, "value")
    types = r.of_types()
    if key:
        types.syntax(names.is_qualified_name, f"{path}.key", key)
    types.one_of(f"{path}.operator", operator, OPERATORS)
    if operator == "Exists" and value:
        r.invalid(f"{path}.value", value, "must be empty for operator `Exists`")
    elif operator == "Equal":
        r.syntax(names.is_label_value, f"{path}.value", value)
    if text(toleration, "effect") and toleration["effect"] not in EFFECTS:
        types.not_supported(f"{path}.effect", toleration["effect"], EFFECTS)


def selectors(r: Report, data: JsonMap, path: str) -> None:
    """Expressions that choose devices."""
    if not _few(r, data, "selectors", path, MOST_SELECTORS):
        return
    for at, selector in items(data, "selectors", path):
        if selector.get("cel") is None:
            r.required(f"{at}.cel")
        elif len(text(selector["cel"], "expression").encode()) > LONGEST_EXPRESSION:
            r.too_long(f"{at}.cel.expression", LONGEST_EXPRESSION)


def _references(r: Report, data: JsonMap, path: str, known: Requests) -> None:
    """The requests that a constraint or a configuration is about."""
    if not _few(r, data, "requests", f"{path}.requests", MOST_REQUESTS):
        return
    given = list(data.get("requests") or ())
    for i, name in enumerate(given):
        at, parts = f"{path}.requests[{i}]", name.split("/")
        if len(parts) > 2:
            r.invalid(at, name, NO_REQUEST)
            continue
        for one in parts:
            r.syntax(names.is_dns1123_label, at, one)
        if not known.has(name):
            r.invalid(at, name, NO_REQUEST)
    _each_once(r, given, f"{path}.requests")


def _configuration(r: Report, config: JsonMap, path: str) -> None:
    """Parameters for a driver."""
    opaque = config.get("opaque")
    if opaque is None:
        r.required(f"{path}.opaque")
        return
    driver = text(opaque, "driver")
    if not driver:
        r.declared_required(f"{path}.opaque.driver")
    elif names.is_dns1123_subdomain(driver.lower()):
        r.of_types().invalid(f"{path}.opaque.driver", driver, _DRIVER_RULE)
    if not isinstance(opaque.get("parameters"), dict):
        r.required(f"{path}.opaque.parameters")
