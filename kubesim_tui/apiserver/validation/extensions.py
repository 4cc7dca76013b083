"""Aggregated APIs, and kinds of which only the metadata count."""

from __future__ import annotations

from kubesim_tui.api import fielderror, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import decoded, meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text

STATUSES = ("True", "False", "Unknown")


def api_service(r: Report, data: JsonMap) -> None:
    """An aggregated API is named after its version and group, and served here or by a Service."""
    spec = part(data, "spec")
    group, version = text(spec, "group"), text(spec, "version")

    def named(name: str) -> list[str]:
        wanted = f"{version}.{group}"
        said = f'must be `spec.version+"."+spec.group`: {fielderror.quoted(wanted)}'
        return metadata.any_name(name) or ([] if name == wanted else [said])

    metadata.object_meta(r, part(data, "metadata"), named, namespaced=False)
    if not group and version != "v1":
        r.required("spec.group", "only v1 may have an empty group and it better be legacy kube")
    if group:
        r.syntax(names.is_dns1123_subdomain, "spec.group", group)
    r.syntax(names.is_dns1035_label, "spec.version", version)
    for name, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        if not 0 < number(spec, name) <= most:
            r.invalid(f"spec.{name}", number(spec, name), f"must be positive and less than {most}")
    if spec.get("service") is None:
        _local(r, spec)
    else:
        _service(r, spec)


def _local(r: Report, spec: JsonMap) -> None:
    if text(spec, "caBundle"):
        size = len(decoded(spec["caBundle"]))
        r.invalid("spec.caBundle", f"{size} bytes", "local APIServices may not have a caBundle")
    if spec.get("insecureSkipTLSVerify"):
        r.invalid("spec.insecureSkipTLSVerify", True, "local APIServices may not have insecureSkipTLSVerify")


def _service(r: Report, spec: JsonMap) -> None:
    service = spec["service"]
    for name in ("namespace", "name"):
        if not text(service, name):
            r.required(f"spec.service.{name}")
    if wrong := names.is_valid_port_num(number(service, "port")):
        r.invalid("spec.service.port", number(service, "port"), f"port is not valid: {', '.join(wrong)}")
    if spec.get("insecureSkipTLSVerify") and text(spec, "caBundle"):
        r.invalid("spec.insecureSkipTLSVerify", True, "may not be true if caBundle is present")


def api_service_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed API."""
    meta_update(r, new, old)
    api_service(r, new)


def api_service_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Whether it is available."""
    meta_update(r, new, old)
    for at, condition in items(part(new, "status"), "conditions", "status.conditions"):
        if text(condition, "status") not in STATUSES:
            r.not_supported(f"{at}.status", text(condition, "status"), STATUSES)


def other(r: Report, data: JsonMap) -> None:
    """A cluster-scoped kind of which only the metadata are looked at."""
    metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=False)
