"""Defaults of batch/v1 (pkg/apis/batch/v1/defaults.go)."""

from __future__ import annotations

from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, each, fill, fill_zero, part, some
from kubesim_tui.apiserver.defaults.pods import pod_template

MOST = 2**31 - 1


def job(data: JsonMap) -> None:
    """One completion, six retries; labels of the template if it has none of its own."""
    spec = part(data, "spec")
    pod_template(part(spec, "template"))
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    fill(spec, parallelism=1, completionMode="NonIndexed", suspend=False, manualSelector=False)
    fill(spec, backoffLimit=6 if spec.get("backoffLimitPerIndex") is None else MOST)
    fill(spec, podReplacementPolicy="TerminatingOrFailed" if spec.get("podFailurePolicy") is None else "Failed")
    labels = some(some(spec["template"], "metadata"), "labels")
    if labels and not some(data, "metadata").get("labels"):
        part(data, "metadata")["labels"] = dict(labels)
    _failure_policy(spec)


def _failure_policy(spec: JsonMap) -> None:
    for rule in each(some(spec, "podFailurePolicy"), "rules"):
        for pattern in each(rule, "onPodConditions"):
            fill_zero(pattern, status="True")


def cron_job(data: JsonMap) -> None:
    """Runs may overlap; three good and one bad are kept."""
    spec = part(data, "spec")
    fill_zero(spec, concurrencyPolicy="Allow")
    fill(spec, suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    template = part(spec, "jobTemplate")
    part(template, "metadata")
    spec = part(template, "spec")
    pod_template(part(spec, "template"))
    _failure_policy(spec)


DEFAULTERS: dict[str, Defaulter] = {"batch.v1.Job": job, "batch.v1.CronJob": cron_job}
