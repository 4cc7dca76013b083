"""Aggregated APIs, and kinds of which only the metadata count."""

from __future__ import annotations

from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, text


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


def other(r: Report, data: JsonMap) -> None:
    """A cluster-scoped kind of which only the metadata are looked at."""
    metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=False)
