"""Configurations of admission webhooks (pkg/apis/admissionregistration/validation, apiserver/pkg/util/webhook)."""

from __future__ import annotations

from urllib.parse import urlsplit

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

SIDE_EFFECTS = ("None", "NoneOnDryRun")
REVIEWS = ("v1", "v1beta1")
OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
SCOPES = ("*", "Cluster", "Namespaced")
WORDS = (
    ("failurePolicy", ("Fail", "Ignore")),
    ("matchPolicy", ("Equivalent", "Exact")),
    ("reinvocationPolicy", ("IfNeeded", "Never")),
)
FORM = "; desired format: https://host[/path]"
MOST_CONDITIONS = 64


def webhooks(r: Report, data: JsonMap) -> None:
    """A configuration of webhooks, of either sort."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=False)
    seen: set[str] = set()
    for at, hook in items(data, "webhooks", "webhooks"):
        name = text(hook, "name")
        _webhook(r, hook, at)
        _reviews(r, hook.get("admissionReviewVersions") or [], f"{at}.admissionReviewVersions")
        if name and name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)


def webhooks_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed configuration."""
    meta_update(r, new, old)
    webhooks(r, new)


def _webhook(r: Report, hook: JsonMap, path: str) -> None:
    for message in names.is_fully_qualified_name(text(hook, "name")):
        r.invalid(f"{path}.name", text(hook, "name"), message)
    for at, rule in items(hook, "rules", f"{path}.rules"):
        _rule(r, rule, at)
    for name, words in WORDS:
        if hook.get(name) is not None and hook[name] not in words:
            r.not_supported(f"{path}.{name}", hook[name], words)
    if hook.get("sideEffects") is None:
        r.required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun")
    elif hook["sideEffects"] not in SIDE_EFFECTS:
        r.not_supported(f"{path}.sideEffects", hook["sideEffects"], SIDE_EFFECTS)
    seconds = hook.get("timeoutSeconds")
    if seconds is not None and not 1 <= seconds <= 30:
        r.invalid(f"{path}.timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds")
    for name in ("namespaceSelector", "objectSelector"):
        r.add(labels.validate_object(hook.get(name), f"{path}.{name}"))
    _client(r, part(hook, "clientConfig"), f"{path}.clientConfig")
    _conditions(r, hook, f"{path}.matchConditions")


def _reviews(r: Report, versions: list[str], path: str) -> None:
    if not versions:
        r.required(path, "must specify one of v1, v1beta1")
        return
    for i, version in enumerate(versions):
        if version in versions[:i]:
            r.invalid(f"{path}[{i}]", version, "duplicate version")
        else:
            r.syntax(names.is_dns1035_label, f"{path}[{i}]", version)
    if not any(version in REVIEWS for version in versions):
        r.invalid(path, versions, "must include at least one of v1, v1beta1")


# -- rules -------------------------------------------------------------------------------------------------------------


def _rule(r: Report, rule: JsonMap, path: str) -> None:
    operations = rule.get("operations") or []
    if not operations:
        r.required(f"{path}.operations")
    _alone(r, operations, f"{path}.operations", "operations")
    for i, operation in enumerate(operations):
        if operation not in OPERATIONS:
            r.not_supported(f"{path}.operations[{i}]", operation, OPERATIONS)
    for name, said in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        if not rule.get(name):
            r.required(f"{path}.{name}")
        _alone(r, rule.get(name) or [], f"{path}.{name}", said)
    for i, version in enumerate(rule.get("apiVersions") or ()):
        if not version:
            r.required(f"{path}.apiVersions[{i}]")
    _resources(r, rule.get("resources") or [], f"{path}.resources")
    if rule.get("scope") is not None and rule["scope"] not in SCOPES:
        r.not_supported(f"{path}.scope", rule["scope"], SCOPES)


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


# -- who is called -----------------------------------------------------------------------------------------------------


def _client(r: Report, config: JsonMap, path: str) -> None:
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        r.required(path, "exactly one of url or service is required")
    elif url is not None:
        _url(r, url, f"{path}.url")
    else:
        _service(r, service or {}, f"{path}.service")


def _url(r: Report, url: str, path: str) -> None:
    try:
        found = urlsplit(url)
    except ValueError as wrong:
        r.required(path, f"url must be a valid URL: {wrong}{FORM}")
        return
    if found.scheme != "https":
        r.invalid(path, found.scheme, f"'https' is the only allowed URL scheme{FORM}")
    user, at, host = found.netloc.rpartition("@")
    if not host:
        r.invalid(path, host, f"host must be provided{FORM}")
    if at:
        r.invalid(path, user, "user information is not permitted in the URL")
    if found.fragment:
        r.invalid(path, found.fragment, "fragments are not permitted in the URL")
    if found.query:
        r.invalid(path, found.query, "query parameters are not permitted in the URL")


def _service(r: Report, service: JsonMap, path: str) -> None:
    for name in ("name", "namespace"):
        if not text(service, name):
            r.required(f"{path}.{name}", f"service {name} is required")
    port = service.get("port") or 0
    if wrong := names.is_valid_port_num(port):
        r.invalid(f"{path}.port", port, f"port is not valid: {', '.join(wrong)}")
    _path(r, text(service, "path"), f"{path}.path")


def _path(r: Report, given: str, path: str) -> None:
    if given in ("", "/"):
        return
    if given == "//":
        r.invalid(path, given, "segment[0] may not be empty")
        return
    if not given.startswith("/"):
        r.invalid(path, given, "must start with a '/'")
    for i, step in enumerate(given[1:].removesuffix("/").split("/")):
        if not step:
            r.invalid(path, given, f"segment[{i}] may not be empty")
        else:
            for message in names.is_dns1123_subdomain(step):
                r.invalid(path, given, f"segment[{i}]: {message}")


def _conditions(r: Report, hook: JsonMap, path: str) -> None:
    """Names and expressions of conditions; whether an expression can be read, is not looked at here."""
    found = hook.get("matchConditions") or ()
    if len(found) > MOST_CONDITIONS:
        r.too_many(path, len(found), MOST_CONDITIONS)
    seen: set[str] = set()
    for at, condition in items(hook, "matchConditions", path):
        name = text(condition, "name")
        if not text(condition, "expression").strip():
            r.required(f"{at}.expression")
        if not name:
            r.required(f"{at}.name")
            continue
        r.syntax(names.is_qualified_name, f"{at}.name", name)
        if name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)
