"""What extends the API: webhooks and aggregated APIs; and Events."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

SIDE_EFFECTS = ("None", "NoneOnDryRun")


def webhooks(r: Report, data: JsonMap) -> None:
    """A configuration of webhooks, of either sort."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=False)
    seen: set[str] = set()
    for at, hook in items(data, "webhooks", "webhooks"):
        name = text(hook, "name")
        for message in names.is_fully_qualified_name(name):
            r.invalid(f"{at}.name", name, message)
        if name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)
        _webhook(r, hook, at)


def _webhook(r: Report, hook: JsonMap, path: str) -> None:
    if not hook.get("admissionReviewVersions"):
        r.required(f"{path}.admissionReviewVersions", "must specify one of v1, v1beta1")
    if hook.get("sideEffects") is None:
        r.required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun")
    elif hook["sideEffects"] not in SIDE_EFFECTS:
        r.not_supported(f"{path}.sideEffects", hook["sideEffects"], SIDE_EFFECTS)
    for name, words in (("failurePolicy", ("Fail", "Ignore")), ("matchPolicy", ("Equivalent", "Exact"))):
        if hook.get(name) is not None and hook[name] not in words:
            r.not_supported(f"{path}.{name}", hook[name], words)
    seconds = hook.get("timeoutSeconds")
    if seconds is not None and not 1 <= seconds <= 30:
        r.invalid(f"{path}.timeoutSeconds", seconds, "the timeout value must be between 1 and 30 seconds")
    for name in ("namespaceSelector", "objectSelector"):
        r.add(labels.validate_object(hook.get(name), f"{path}.{name}"))
    config = part(hook, "clientConfig")
    if (config.get("url") is None) == (config.get("service") is None):
        r.required(f"{path}.clientConfig", "exactly one of url or service is required")
    for at, rule in items(hook, "rules", f"{path}.rules"):
        for name in ("apiGroups", "apiVersions", "resources", "operations"):
            if not rule.get(name):
                r.required(f"{at}.{name}")


def webhooks_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed configuration."""
    meta_update(r, new, old)
    webhooks(r, new)


def api_service(r: Report, data: JsonMap) -> None:
    """An aggregated API is named after its version and group."""
    meta, spec = part(data, "metadata"), part(data, "spec")
    wanted = f"{text(spec, 'version')}.{text(spec, 'group')}"
    metadata.object_meta(r, meta, metadata.any_name, namespaced=False)
    if text(meta, "name") and text(meta, "name") != wanted:
        r.invalid("metadata.name", meta["name"], f'must be `spec.version+"."+spec.group`: "{wanted}"')
    if not text(spec, "version"):
        r.required("spec.version")
    for name in ("groupPriorityMinimum", "versionPriority"):
        value, most = spec.get(name) or 0, 20000 if name.startswith("group") else 1000
        if not 0 < value <= most:
            r.invalid(f"spec.{name}", value, f"must be positive and less than {most}")


def event(r: Report, data: JsonMap) -> None:
    """An Event lies in the namespace of what it speaks of."""
    meta = part(data, "metadata")
    metadata.object_meta(r, meta, names.is_dns1123_subdomain, namespaced=True)
    about = data.get("involvedObject") or data.get("regarding") or {}
    namespace = text(about, "namespace")
    if namespace and namespace != text(meta, "namespace"):
        r.invalid("involvedObject.namespace", namespace, "does not match event.namespace")


def other(r: Report, data: JsonMap) -> None:
    """A cluster-scoped kind of which only the metadata are looked at."""
    metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=False)
