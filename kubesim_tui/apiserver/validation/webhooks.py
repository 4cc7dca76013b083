"""Configurations of admission webhooks (pkg/apis/admissionregistration/validation, apiserver/pkg/util/webhook)."""

from __future__ import annotations

from urllib.parse import urlsplit

from attrs import frozen

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation.admission_rules import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    REINVOCATION_POLICIES,
    Words,
    match_conditions,
    rule,
)
from kubesim_tui.apiserver.validation.core import meta_update, subdomain
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, same, text

SIDE_EFFECTS = ("None", "NoneOnDryRun")
ALL_EFFECTS = (*SIDE_EFFECTS, "Some", "Unknown")
REVIEWS = ("v1", "v1beta1")
SELECTORS = ("namespaceSelector", "objectSelector")
FORM = "; desired format: https://host[/path]"


@frozen
class Tolerated:
    """What an update need not mend, the stored configuration being wrong in this already."""

    conditions: bool = False
    side_effects: bool = False
    versions: bool = False
    names: bool = False
    selector_values: bool = False


def webhooks(r: Report, data: JsonMap) -> None:
    """A configuration of webhooks, of either sort."""
    _webhooks(r, data, Tolerated())


def webhooks_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed configuration."""
    meta_update(r, new, old)
    _webhooks(r, new, _tolerated(new, old))


def _tolerated(new: JsonMap, old: JsonMap) -> Tolerated:
    now, before = new.get("webhooks") or [], old.get("webhooks") or []
    given = [text(hook, "name") for hook in before]
    versions = [hook.get("admissionReviewVersions") or [] for hook in before]
    return Tolerated(
        conditions=same([_conditions_of(hook) for hook in now], [_conditions_of(hook) for hook in before]),
        side_effects=any(hook.get("sideEffects") not in SIDE_EFFECTS for hook in before),
        versions=any(found and not set(found) & set(REVIEWS) for found in versions),
        names=len(set(given)) < len(given),
        selector_values=any(labels.validate_object(hook.get(name), "") for hook in before for name in SELECTORS),
    )


def _conditions_of(hook: JsonMap) -> JsonMap:
    """A webhook's conditions. (Never empty: a list of hooks without any says how many they are.)"""
    return {"of": "hook", "matchConditions": hook.get("matchConditions")}


def _webhooks(r: Report, data: JsonMap, tolerated: Tolerated) -> None:
    subdomain(r, data, namespaced=False)
    seen: set[str] = set()
    for at, hook in items(data, "webhooks", "webhooks"):
        name = text(hook, "name")
        _webhook(r, hook, at, tolerated)
        versions, said = hook.get("admissionReviewVersions") or [], "must specify one of v1, v1beta1"
        path = f"{at}.admissionReviewVersions"
        review_versions(r, versions, path, missing=said, any_known=tolerated.versions)
        if name and name in seen and not tolerated.names:
            r.duplicate(f"{at}.name", name)
        seen.add(name)


def _webhook(r: Report, hook: JsonMap, path: str, tolerated: Tolerated) -> None:
    r.syntax(names.is_fully_qualified_name, f"{path}.name", text(hook, "name"))
    for at, one in items(hook, "rules", f"{path}.rules"):
        rule(r, one, at)
    _word(r, hook, "failurePolicy", FAILURE_POLICIES, path)
    _word(r, hook, "matchPolicy", MATCH_POLICIES, path)
    effects = ALL_EFFECTS if tolerated.side_effects else SIDE_EFFECTS
    if hook.get("sideEffects") is None:
        r.required(f"{path}.sideEffects", f"must specify one of {', '.join(effects)}")
    _word(r, hook, "sideEffects", effects, path)
    seconds = hook.get("timeoutSeconds")
    if seconds is not None and not 1 <= seconds <= 30:
        r.invalid(f"{path}.timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds")
    for name in SELECTORS:
        r.add(labels.validate_object(hook.get(name), f"{path}.{name}", any_value=tolerated.selector_values))
    _word(r, hook, "reinvocationPolicy", REINVOCATION_POLICIES, path)
    client_config(r, part(hook, "clientConfig"), f"{path}.clientConfig")
    if not tolerated.conditions:
        match_conditions(r, hook, f"{path}.matchConditions", Words())


def _word(r: Report, hook: JsonMap, name: str, words: tuple[str, ...], path: str) -> None:
    if hook.get(name) is not None and hook[name] not in words:
        r.not_supported(f"{path}.{name}", hook[name], words)


def review_versions(r: Report, versions: list[str], path: str, *, missing: str = "", any_known: bool = False) -> None:
    """The versions of reviews that a webhook understands: one at least that the server does, too."""
    if not versions:
        r.required(path, missing)
        return
    for i, version in enumerate(versions):
        if version in versions[:i]:
            r.invalid(f"{path}[{i}]", version, "duplicate version")
        else:
            r.syntax(names.is_dns1035_label, f"{path}[{i}]", version)
    if not any_known and not set(versions) & set(REVIEWS):
        r.invalid(path, versions, "must include at least one of v1, v1beta1")


# -- who is called -----------------------------------------------------------------------------------------------------


def client_config(r: Report, config: JsonMap, path: str) -> None:
    """Who is called: a URL, or a Service."""
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
        r.invalid(path, host, f"host must be specified{FORM}")
    if at:
        r.invalid(path, user, "user information is not permitted in the URL")
    if found.fragment:
        r.invalid(path, found.fragment, "fragments are not permitted in the URL")
    if found.query:
        r.invalid(path, found.query, "query parameters are not permitted in the URL")


def _service(r: Report, service: JsonMap, path: str) -> None:
    if not text(service, "namespace"):
        r.required(f"{path}.name")  # upstream's rule takes the two in the other order
    if not text(service, "name"):
        r.required(f"{path}.namespace")
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
