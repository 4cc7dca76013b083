"""Jobs: their spec, and what of it may change (pkg/apis/batch/validation).

A Job that is suspended and has no Pod left may be given other places to run and other resources.
"""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation import metadata, pods, workloads
from kubesim_tui.apiserver.validation.job_policies import failure_policy, success_policy
from kubesim_tui.apiserver.validation.job_status import has_condition
from kubesim_tui.apiserver.validation.report import IMMUTABLE, JsonMap, Report, number, part, same, text

MOST_INDEXES, MOST_AT_ONCE, LONGEST_MANAGER = 100_000, 10_000, 63
UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
MODES = ("NonIndexed", "Indexed")
NOT_NEGATIVE = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")


def job(r: Report, data: JsonMap) -> None:
    """A new Job."""
    meta, spec = part(data, "metadata"), part(data, "spec")
    metadata.object_meta(r, meta, names.is_dns1123_subdomain, namespaced=True)
    _generated_selector(r, meta, spec)
    job_spec(r, spec)
    _name_of_last(r, meta, spec)


def _name_of_last(r: Report, meta: JsonMap, spec: JsonMap) -> None:
    """The Pod of an indexed Job's last index has a name that is a label, too."""
    completions = number(spec, "completions")
    if text(spec, "completionMode") == "Indexed" and completions > 0:
        last = f"{text(meta, 'name')}-{completions - 1}"
        if names.is_dns1123_label(last):
            said = f"will not able to create pod with invalid DNS label: {last}"
            r.invalid("metadata.name", text(meta, "name"), said)


def _generated_selector(r: Report, meta: JsonMap, spec: JsonMap) -> None:
    if spec.get("manualSelector") or spec.get("selector") is None:
        return
    uid, name = text(meta, "uid"), text(meta, "name")
    if not uid:
        r.required("metadata.uid")
    found = part(part(part(spec, "template"), "metadata"), "labels")
    for old_or_prefixed in zip(UID_LABELS, NAME_LABELS, strict=True):
        for key, wanted in zip(old_or_prefixed, (uid, name), strict=True):
            if "/" not in key or key in found:  # those with a prefix came later; the strategy sets them
                _has_label(r, found, key, wanted)
    expected = {**dict.fromkeys(UID_LABELS, uid), **dict.fromkeys(NAME_LABELS, name)}
    try:
        matches = labels.from_object(spec["selector"]).matches(expected)
    except labels.SelectorError:
        return
    if not matches:
        r.invalid("spec.selector", spec["selector"], "`selector` not auto-generated")


def _has_label(r: Report, found: JsonMap, key: str, wanted: str) -> None:
    path = f"spec.template.metadata.labels[{key}]"
    if key not in found:
        r.required(path, f"must be '{wanted}'")
    elif found[key] != wanted:
        r.invalid(path, found, f"must be '{wanted}'")


def job_spec(r: Report, spec: JsonMap, *, any_value: bool = False) -> None:
    """A Job's spec, with its selector, which must choose its Pods. (`any_value`: see labels.validate_object.)"""
    template_spec(r, spec, "spec")
    if spec.get("selector") is None:
        r.required("spec.selector")
    else:
        r.add(labels.validate_object(spec["selector"], "spec.selector", any_value=any_value))
    workloads.template_labels(r, spec, "spec")


def template_spec(r: Report, spec: JsonMap, path: str) -> None:
    """A Job's spec without its selector, as a CronJob's template has it."""
    for name in NOT_NEGATIVE:
        r.not_negative(f"{path}.{name}", spec.get(name))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        r.required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    _manager(r, spec.get("managedBy"), f"{path}.managedBy")
    _indexes(r, spec, path)
    failure_policy(r, spec, f"{path}.podFailurePolicy")
    success_policy(r, spec, f"{path}.successPolicy")
    _replacement(r, spec, f"{path}.podReplacementPolicy")
    pods.template(r, part(spec, "template"), f"{path}.template")
    _restart_policy(r, spec, f"{path}.template.spec.restartPolicy")


def _manager(r: Report, manager: str | None, path: str) -> None:
    """The path of another manager than the Job controller."""
    if manager is not None:
        r.syntax(names.is_domain_prefixed_path, path, manager)
        if len(manager.encode()) > LONGEST_MANAGER:
            r.too_long(path, LONGEST_MANAGER)


def _replacement(r: Report, spec: JsonMap, path: str) -> None:
    policy = spec.get("podReplacementPolicy")
    words = ("Failed", "TerminatingOrFailed") if spec.get("podFailurePolicy") is None else ("Failed",)
    if policy is not None and policy not in words:
        r.not_supported(path, policy, words)


def _indexes(r: Report, spec: JsonMap, path: str) -> None:
    """Indexes, and what only indexed Jobs have."""
    mode = spec.get("completionMode")
    if mode not in (None, *MODES):
        r.not_supported(f"{path}.completionMode", mode, MODES)
    if mode == "Indexed":
        _indexed(r, spec, path)
    elif mode in (None, "NonIndexed"):
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(name) is not None:
                r.invalid(f"{path}.{name}", spec[name], "requires indexed completion mode")


def _indexed(r: Report, spec: JsonMap, path: str) -> None:
    completions, failed = spec.get("completions"), spec.get("maxFailedIndexes")
    parallelism, most = number(spec, "parallelism"), f"must be less than or equal to {MOST_INDEXES}"
    if completions is None:
        r.required(f"{path}.completions", "when completion mode is Indexed")
    if parallelism > MOST_INDEXES:
        r.invalid(f"{path}.parallelism", parallelism, f"{most} when completion mode is Indexed")
    if failed is not None and completions is not None and failed > completions:
        r.invalid(f"{path}.maxFailedIndexes", failed, "must be less than or equal to completions")
    if failed is not None and failed > MOST_INDEXES:
        r.invalid(f"{path}.maxFailedIndexes", failed, most)
    if completions is None or completions <= MOST_INDEXES or spec.get("backoffLimitPerIndex") is None:
        return
    if failed is None:
        r.required(f"{path}.maxFailedIndexes", f"must be specified when completions is above {MOST_INDEXES}")
    for name, value in (("parallelism", parallelism), ("maxFailedIndexes", failed or 0)):
        if value > MOST_AT_ONCE:
            said = f"when completions are above {MOST_INDEXES} and used with backoff limit per index"
            r.invalid(f"{path}.{name}", value, f"must be less than or equal to {MOST_AT_ONCE} {said}")


def _restart_policy(r: Report, spec: JsonMap, path: str) -> None:
    policy = text(part(part(spec, "template"), "spec"), "restartPolicy")
    if policy in ("", "Always"):
        r.required(path, 'valid values: "OnFailure", "Never"')
    elif policy not in ("OnFailure", "Never"):
        r.not_supported(path, policy, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        said = 'only "Never" is supported when podFailurePolicy is specified'
        r.invalid(path, policy, said)


def job_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A Job keeps its completions, selector, template and policies."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    spec, before = part(new, "spec"), part(old, "spec")
    job_spec(r, spec, any_value=labels.has_invalid_value(before.get("selector")))
    _completions(r, spec, before)
    r.immutable("spec.selector", spec.get("selector"), before.get("selector"))
    _template(r, spec, old)
    for name in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
        now, was = spec.get(name), before.get(name)
        if not same(now, was) or (now is None) != (was is None):  # a policy without a rule is a policy, too
            r.invalid(f"spec.{name}", now, IMMUTABLE)
    _name_of_last(r, part(new, "metadata"), spec)


def _completions(r: Report, spec: JsonMap, before: JsonMap) -> None:
    now, was = spec.get("completions"), before.get("completions")
    if now == was:
        return
    if text(spec, "completionMode") != "Indexed":
        r.immutable("spec.completions", now, was)
    elif now is not None and spec.get("parallelism") != now:
        r.invalid("spec.completions", now, "can only be modified in tandem with spec.parallelism")


def _template(r: Report, spec: JsonMap, old: JsonMap) -> None:
    """While a Job is suspended without a Pod, its template's scheduling and resources may change."""
    before = part(old, "spec")
    now, was = part(spec, "template"), part(before, "template")
    if _at_rest(old):
        now_spec, was_spec = _without_resources(_without_scheduling(now)), _without_resources(_without_scheduling(was))
        if not same(now_spec.get("spec"), was_spec.get("spec")):
            r.invalid("spec.template.spec", part(now, "spec"), IMMUTABLE)
    else:
        r.immutable("spec.template", spec.get("template"), before.get("template"))


def _at_rest(job: JsonMap) -> bool:
    """Whether a Job is suspended, and has either never begun or been noted as suspended; no Pod is active."""
    status = part(job, "status")
    rests = status.get("startTime") is None or has_condition(status, "Suspended")
    return bool(part(job, "spec").get("suspend")) and rests and not status.get("active")


def _without_scheduling(template: JsonMap) -> JsonMap:
    inner = {k: v for k, v in part(template, "spec").items() if k not in SCHEDULING}
    inner["affinity"] = {k: v for k, v in part(inner, "affinity").items() if k != "nodeAffinity"}
    return {**template, "spec": inner}


def _without_resources(template: JsonMap) -> JsonMap:
    inner = dict(part(template, "spec"))
    for kind in ("containers", "initContainers"):
        inner[kind] = [{k: v for k, v in one.items() if k != "resources"} for one in inner.get(kind) or ()]
    return {**template, "spec": inner}
