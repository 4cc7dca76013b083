"""The rows of workloads: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and what belongs to them."""

from __future__ import annotations

from kubesim_tui.api import duration
from kubesim_tui.api.frozen import Json
from kubesim_tui.api.times import parse_time
from kubesim_tui.apiserver.table.model import (
    NONE,
    Cell,
    Data,
    Kind,
    age,
    at,
    columns,
    containers,
    labels,
    meta,
    name,
    selector,
    since,
    spec,
    status,
)

WIDE = ("Containers", "Images", "Selector")


def _template(o: Data) -> Data:
    return at(o, "spec", "template", "spec") or {}


def _wide(o: Data) -> list[Cell]:
    return [*containers(_template(o)), selector(spec(o).get("selector"))]


def _count(o: Data, key: str) -> int:
    return int(status(o).get(key) or 0)


def _wanted(o: Data) -> int:
    return int(spec(o).get("replicas") or 0)


def _deployment(o: Data, now: int, wide: bool) -> list[Cell]:
    row: list[Cell] = [
        name(o),
        f"{_count(o, 'readyReplicas')}/{_wanted(o)}",
        _count(o, "updatedReplicas"),
        _count(o, "availableReplicas"),
        age(o, now),
    ]
    return [*row, *containers(_template(o)), selector(spec(o).get("selector"), "")] if wide else row


def _replica_set(o: Data, now: int, wide: bool) -> list[Cell]:
    row: list[Cell] = [name(o), _wanted(o), _count(o, "replicas"), _count(o, "readyReplicas"), age(o, now)]
    return row + _wide(o) if wide else row


def _replication_controller(o: Data, now: int, wide: bool) -> list[Cell]:
    row: list[Cell] = [name(o), _wanted(o), _count(o, "replicas"), _count(o, "readyReplicas"), age(o, now)]
    return [*row, *containers(_template(o)), labels(spec(o).get("selector"))] if wide else row


def _stateful_set(o: Data, now: int, wide: bool) -> list[Cell]:
    row: list[Cell] = [name(o), f"{_count(o, 'readyReplicas')}/{_wanted(o)}", age(o, now)]
    return row + containers(_template(o)) if wide else row


def _daemon_set(o: Data, now: int, wide: bool) -> list[Cell]:
    keys = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled")
    row: list[Cell] = [
        name(o),
        *(_count(o, k) for k in keys),
        _count(o, "numberAvailable"),
        labels(_template(o).get("nodeSelector")),
        age(o, now),
    ]
    return row + _wide(o) if wide else row


def has_condition(o: Data, kind: str) -> bool:
    """Whether the first condition of a type is True."""
    for c in status(o).get("conditions") or ():
        if c.get("type") == kind:
            return bool(c.get("status") == "True")
    return False


def job_status(o: Data) -> str:
    """The STATUS of a Job."""
    for kind in ("Complete", "Failed"):
        if has_condition(o, kind):
            return kind
    if meta(o).get("deletionTimestamp"):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget"):
        if has_condition(o, kind):
            return kind
    return "Running"


def job_completions(o: Data) -> str:
    """`1/3`, or `1/1 of 4` for a work queue."""
    wanted, at_once = spec(o).get("completions"), int(spec(o).get("parallelism") or 0)
    done = _count(o, "succeeded")
    if wanted is not None:
        return f"{done}/{wanted}"
    return f"{done}/1 of {at_once}" if at_once > 1 else f"{done}/1"


def job_duration(o: Data, now: int) -> str:
    """How long a Job has run or ran, "" before it starts."""
    start, end = status(o).get("startTime"), status(o).get("completionTime")
    if not start:
        return ""
    return duration.human_seconds((parse_time(end) if end else now) - parse_time(start))


def _job(o: Data, now: int, wide: bool) -> list[Cell]:
    row: list[Cell] = [name(o), job_status(o), job_completions(o), job_duration(o, now), age(o, now)]
    return row + _wide(o) if wide else row


def bool_text(value: Json) -> str:
    """`True`, `False`, or <unset>."""
    return "<unset>" if value is None else str(bool(value))


def _cron_job(o: Data, now: int, wide: bool) -> list[Cell]:
    last = status(o).get("lastScheduleTime")
    row: list[Cell] = [
        name(o),
        spec(o).get("schedule", ""),
        spec(o).get("timeZone") or NONE,
        bool_text(spec(o).get("suspend")),
        len(status(o).get("active") or ()),
        since(last, now) if last else NONE,
        age(o, now),
    ]
    job = at(o, "spec", "jobTemplate") or {}
    return row + _wide(job) if wide else row


def _controller_revision(o: Data, now: int, _wide: bool) -> list[Cell]:
    owner = NONE
    for ref in meta(o).get("ownerReferences") or ():
        if ref.get("controller"):
            group, slash, _ = ref.get("apiVersion", "").partition("/")
            owner = f"{ref.get('kind', '')}{f'.{group}' if slash else ''}".lower() + f"/{ref.get('name', '')}"
            break
    return [name(o), owner, o.get("revision") or 0, age(o, now)]


def _pod_template(o: Data, _now: int, _wide: bool) -> list[Cell]:
    template = o.get("template") or {}
    return [name(o), *containers(template.get("spec")), labels(meta(template).get("labels"))]


def _disruption_budget(o: Data, now: int, _wide: bool) -> list[Cell]:
    low, high = spec(o).get("minAvailable"), spec(o).get("maxUnavailable")
    return [
        name(o),
        "N/A" if low is None else str(low),
        "N/A" if high is None else str(high),
        _count(o, "disruptionsAllowed"),
        age(o, now),
    ]


_REPLICAS = columns("Name", "Desired:integer", "Current:integer", "Ready:integer", "Age", wide=WIDE)
KINDS = {
    "apps.v1.Deployment": Kind(columns("Name", "Ready", "Up-to-date", "Available", "Age", wide=WIDE), _deployment),
    "apps.v1.ReplicaSet": Kind(_REPLICAS, _replica_set),
    "core.v1.ReplicationController": Kind(_REPLICAS, _replication_controller),
    "apps.v1.StatefulSet": Kind(columns("Name", "Ready", "Age", wide=WIDE[:2]), _stateful_set),
    "apps.v1.DaemonSet": Kind(
        columns(
            "Name",
            "Desired:integer",
            "Current:integer",
            "Ready:integer",
            "Up-to-date:integer",
            "Available:integer",
            "Node Selector",
            "Age",
            wide=WIDE,
        ),
        _daemon_set,
    ),
    "batch.v1.Job": Kind(columns("Name", "Status", "Completions", "Duration", "Age", wide=WIDE), _job),
    "batch.v1.CronJob": Kind(
        columns("Name", "Schedule", "Timezone", "Suspend:boolean", "Active:integer", "Last Schedule", "Age", wide=WIDE),
        _cron_job,
    ),
    "apps.v1.ControllerRevision": Kind(columns("Name", "Controller", "Revision", "Age"), _controller_revision),
    "core.v1.PodTemplate": Kind(columns("Name", "Containers", "Images", "Pod Labels"), _pod_template),
    "policy.v1.PodDisruptionBudget": Kind(
        columns("Name", "Min Available", "Max Unavailable", "Allowed Disruptions:integer", "Age"), _disruption_budget
    ),
}
