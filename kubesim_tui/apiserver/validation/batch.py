"""Job and CronJob (pkg/apis/batch/validation)."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.api.helpers import cron
from kubesim_tui.apiserver.validation import metadata, pods, workloads
from kubesim_tui.apiserver.validation.job_policies import failure_policy, success_policy
from kubesim_tui.apiserver.validation.report import JsonMap, Report, number, part, same, text

MOST_INDEXES, MOST_AT_ONCE, LONGEST_MANAGER = 100_000, 10_000, 63
UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")
NAME_LABELS = ("job-name", "batch.kubernetes.io/job-name")
CRON_NAME = 52


def job(r: Report, data: JsonMap) -> None:
    """A new Job."""
    meta, spec = part(data, "metadata"), part(data, "spec")
    metadata.object_meta(r, meta, names.is_dns1123_subdomain, namespaced=True)
    _generated_selector(r, meta, spec)
    job_spec(r, spec)
    completions = spec.get("completions")
    if text(spec, "completionMode") == "Indexed" and completions:
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
    for key, wanted in ((UID_LABELS[0], uid), (NAME_LABELS[0], name)):
        _has_label(r, found, key, wanted)
    for key, wanted in ((UID_LABELS[1], uid), (NAME_LABELS[1], name)):
        if key in found:
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


def job_spec(r: Report, spec: JsonMap, *, matches: bool = True) -> None:
    """A Job's spec, with its selector (which must choose its Pods: `matches`)."""
    template_spec(r, spec, "spec")
    if spec.get("selector") is None:
        r.required("spec.selector")
    else:
        r.add(labels.validate_object(spec["selector"], "spec.selector"))
        if matches:
            workloads.template_labels(r, spec, "spec")


def template_spec(r: Report, spec: JsonMap, path: str) -> None:
    """A Job's spec without its selector, as a CronJob's template has it."""
    for name in ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit"):
        r.not_negative(f"{path}.{name}", spec.get(name))
    for name in ("ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"):
        r.not_negative(f"{path}.{name}", spec.get(name))
    _words(r, spec, path)
    _indexes(r, spec, path)
    failure_policy(r, spec, f"{path}.podFailurePolicy")
    success_policy(r, spec, f"{path}.successPolicy")
    pods.template(r, part(spec, "template"), f"{path}.template")
    _restart_policy(r, spec, f"{path}.template.spec.restartPolicy")


def _words(r: Report, spec: JsonMap, path: str) -> None:
    """Words that must be known, and the path of another manager."""
    mode, replacement = spec.get("completionMode"), spec.get("podReplacementPolicy")
    if mode is not None and mode not in ("NonIndexed", "Indexed"):
        r.not_supported(f"{path}.completionMode", mode, ("NonIndexed", "Indexed"))
    if replacement is not None:
        words = ("Failed", "TerminatingOrFailed") if spec.get("podFailurePolicy") is None else ("Failed",)
        if replacement not in words:
            r.not_supported(f"{path}.podReplacementPolicy", replacement, words)
    manager = spec.get("managedBy")
    if manager is not None:
        r.syntax(names.is_domain_prefixed_path, f"{path}.managedBy", manager)
        if len(manager) > LONGEST_MANAGER:
            r.too_long(f"{path}.managedBy", LONGEST_MANAGER)


def _indexes(r: Report, spec: JsonMap, path: str) -> None:
    """Indexes, and what only indexed Jobs have."""
    failed, per_index = spec.get("maxFailedIndexes"), spec.get("backoffLimitPerIndex")
    if failed is not None and per_index is None:
        r.required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified")
    if text(spec, "completionMode") == "Indexed":
        _indexed(r, spec, path)
    elif spec.get("completionMode") in (None, "NonIndexed"):
        for name, value in (("backoffLimitPerIndex", per_index), ("maxFailedIndexes", failed)):
            if value is not None:
                r.invalid(f"{path}.{name}", value, "requires indexed completion mode")


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
    """A Job keeps its completions, selector and template."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    spec, before = part(new, "spec"), part(old, "spec")
    job_spec(r, spec, matches=same(spec.get("selector"), before.get("selector")))
    _completions(r, spec, before)
    r.immutable("spec.selector", spec.get("selector"), before.get("selector"))
    _template(r, spec, before, part(old, "status"))
    for name in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
        r.immutable(f"spec.{name}", spec.get(name), before.get(name))


def _completions(r: Report, spec: JsonMap, before: JsonMap) -> None:
    now, was = spec.get("completions"), before.get("completions")
    if now == was:
        return
    if text(spec, "completionMode") != "Indexed":
        r.immutable("spec.completions", now, was)
    elif now is not None and spec.get("parallelism") != now:
        r.invalid("spec.completions", now, "can only be modified in tandem with spec.parallelism")


def _template(r: Report, spec: JsonMap, before: JsonMap, status: JsonMap) -> None:
    """While a Job is suspended and has never run, its template's scheduling may change."""
    now, was = part(spec, "template"), part(before, "template")
    if before.get("suspend") and status.get("startTime") is None:
        now, was = _without_scheduling(now), _without_scheduling(was)
    if not same(now, was):
        r.invalid("spec.template", spec.get("template"), "field is immutable")


def _without_scheduling(template: JsonMap) -> JsonMap:
    inner = dict(part(template, "spec"))
    for name in ("nodeSelector", "tolerations", "schedulingGates"):
        inner.pop(name, None)
    inner["affinity"] = {k: v for k, v in part(inner, "affinity").items() if k != "nodeAffinity"}
    meta = {k: v for k, v in part(template, "metadata").items() if k not in ("labels", "annotations")}
    return {**template, "metadata": meta, "spec": inner}


def job_status(r: Report, new: JsonMap, _old: JsonMap) -> None:
    """Counts that are possible."""
    status = part(new, "status")
    for name in ("active", "succeeded", "failed", "ready", "terminating"):
        r.not_negative(f"status.{name}", status.get(name))


# -- CronJob ---------------------------------------------------------------------------------------------------------


def cron_job(r: Report, data: JsonMap) -> None:
    """A new CronJob: its name leaves room for the 11 characters of its Jobs'."""
    meta = part(data, "metadata")
    metadata.object_meta(r, meta, names.is_dns1123_subdomain, namespaced=True)
    _cron_spec(r, part(data, "spec"))
    if len(text(meta, "name")) > CRON_NAME:
        r.invalid("metadata.name", meta["name"], f"must be no more than {CRON_NAME} characters")


def _cron_spec(r: Report, spec: JsonMap) -> None:
    schedule = text(spec, "schedule")
    if not schedule:
        r.required("spec.schedule")
    else:
        _schedule(r, schedule)
    r.not_negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    r.one_of("spec.concurrencyPolicy", text(spec, "concurrencyPolicy"), ("Allow", "Forbid", "Replace"))
    inner = part(part(spec, "jobTemplate"), "spec")
    template_spec(r, inner, "spec.jobTemplate.spec")
    if inner.get("selector") is not None:
        said = "`selector` will be auto-generated"
        r.invalid("spec.jobTemplate.spec.selector", inner["selector"], said)
    if inner.get("manualSelector"):
        r.not_supported("spec.jobTemplate.spec.manualSelector", True, ("nil", "false"))
    for name in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        r.not_negative(f"spec.{name}", spec.get(name))
    if spec.get("timeZone") is not None:
        _time_zone(r, spec["timeZone"], "spec.timeZone")


def _time_zone(r: Report, zone: str, path: str) -> None:
    """A name of the time zone database."""
    if not zone:
        r.invalid(path, zone, "timeZone must be nil or non-empty string")
        return
    if zone.casefold() == "local":
        said = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        r.invalid(path, zone, said)
        return
    try:
        cron.load_zone(zone)
    except cron.CronError as wrong:
        r.invalid(path, zone, str(wrong))


def _schedule(r: Report, schedule: str) -> None:
    if "TZ" in schedule:
        said = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        r.invalid("spec.schedule", schedule, said)
        return
    try:
        cron.parse(schedule)
    except cron.CronError as wrong:
        r.invalid("spec.schedule", schedule, str(wrong))


def cron_job_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed CronJob."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    _cron_spec(r, part(new, "spec"))
