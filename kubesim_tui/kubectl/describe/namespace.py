"""kubectl describe namespace, resourcequota and limitrange."""

from __future__ import annotations

from kubesim_tui.api import quantity
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl.describe.writer import Data, Writer, date, meta

LIMITS = "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio"
RULE = "----\t--------\t---\t---\t---------------\t-------------\t-----------------------"
SCOPES = {
    "Terminating": "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before "
    "being actively terminated by the system.",
    "NotTerminating": "Matches all pods that do not have an active deadline. These pods usually include long running "
    "pods whose container command is not expected to terminate.",
    "BestEffort": "Matches all pods that do not have resource requirements set. These pods have a best effort quality "
    "of service.",
    "NotBestEffort": "Matches all pods that have at least one resource requirement set. These pods have a burstable or "
    "guaranteed quality of service.",
}


def describe(w: Writer, o: Data) -> None:
    """One Namespace."""
    name, status = meta(o).get("name", ""), o.get("status") or {}
    w(0, f"Name:\t{name}")
    w.about(o)
    w(0, f"Status:\t{status.get('phase', '')}")
    if status.get("conditions"):
        w(0, "Conditions:")
        w(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage")
        w(1, "----\t------\t------------------\t------\t-------")
        for c in status["conditions"]:
            row = (c.get("type"), c.get("status"), date(c.get("lastTransitionTime")), c.get("reason"), c.get("message"))
            w(1, "\t".join(str(v or "") for v in row))
    w(0, "")
    _quotas(w, _listed(w, "resourcequotas", name))
    w(0, "")
    _limits(w, _listed(w, "limitranges", name))


def _listed(w: Writer, plural: str, namespace: str) -> list[Data]:
    try:
        return list(w.list(plural, namespace))
    except ApiError:
        return []


def _quotas(w: Writer, found: list[Data]) -> None:
    if not found:
        w(0, "No resource quota.")
        return
    w(0, "Resource Quotas")
    for q in sorted(found, key=lambda q: str(meta(q).get("name"))):
        w(1, f"Name:\t{meta(q).get('name', '')}")
        _scopes(w, q, 1, "* ")
        w(1, "Resource\tUsed\tHard")
        w(1, "--------\t---\t---")
        status = q.get("status") or {}
        for resource, hard in sorted((status.get("hard") or {}).items()):
            w(1, f"{resource}\t{(status.get('used') or {}).get(resource, '0')}\t{hard}")


def _scopes(w: Writer, quota: Data, level: int, bullet: str) -> None:
    scopes = sorted((quota.get("spec") or {}).get("scopes") or ())
    if scopes:
        w(level, f"Scopes:\t{', '.join(scopes)}")
        for scope in scopes:
            if scope in SCOPES:
                w(level, f"{bullet}{SCOPES[scope]}")


def describe_quota(w: Writer, o: Data) -> None:
    """One ResourceQuota."""
    w.name(o)
    _scopes(w, o, 0, " * ")
    w(0, "Resource\tUsed\tHard")
    w(0, "--------\t----\t----")
    status = o.get("status") or {}
    for resource, hard in sorted((status.get("hard") or {}).items()):
        w(0, f"{resource}\t{_like(hard, (status.get('used') or {}).get(resource, '0'))}\t{hard}")


def _like(hard: str, used: str) -> str:
    """An amount in the family of suffixes of another."""
    wanted, found = quantity.parse(str(hard)), quantity.parse(str(used))
    if wanted.format == found.format:
        return str(found)
    return str(quantity.from_int(found.value(), wanted.format))


def _limits(w: Writer, found: list[Data]) -> None:
    if not found:
        w(0, "No LimitRange resource.")
        return
    w(0, "Resource Limits")
    w(0, f" {LIMITS}")
    w(0, f" {RULE}")
    for limit_range in found:
        _limit_rows(w, limit_range, " ")


def _limit_rows(w: Writer, o: Data, prefix: str) -> None:
    keys = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
    for item in (o.get("spec") or {}).get("limits") or ():
        for resource in sorted({r for k in keys for r in item.get(k) or {}}):
            values = [str((item.get(k) or {}).get(resource, "-")) for k in keys]
            w(0, f"{prefix}{item.get('type', '')}\t{resource}\t" + "\t".join(values))


def describe_limits(w: Writer, o: Data) -> None:
    """One LimitRange."""
    w.name(o)
    w(0, LIMITS)
    w(0, RULE)
    _limit_rows(w, o, "")
