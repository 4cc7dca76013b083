"""kubectl describe node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.api import quantity, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.resources import pod_limits, pod_requests
from kubesim_tui.api.quantity import Quantity
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.table.nodes import roles
from kubesim_tui.kubectl.describe.writer import UNSET, Data, Writer, date, lower, meta

STANDARD = ("cpu", "memory", "ephemeral-storage", "pods")
INFO = (
    ("Machine ID", "machineID"),
    ("System UUID", "systemUUID"),
    ("Boot ID", "bootID"),
    ("Kernel Version", "kernelVersion"),
    ("OS Image", "osImage"),
    ("Operating System", "operatingSystem"),
    ("Architecture", "architecture"),
    ("Container Runtime Version", "containerRuntimeVersion"),
    ("Kubelet Version", "kubeletVersion"),
)
Amounts = dict[str, Quantity]


def describe(w: Writer, o: Data) -> None:
    """One Node."""
    spec, status, name = o.get("spec") or {}, o.get("status") or {}, str(meta(o).get("name", ""))
    w(0, f"Name:\t{name}")
    w(0, f"Roles:\t{roles(meta(o).get('labels') or {})}")
    w.about(o)
    w.created(o)
    taints = sorted(spec.get("taints") or (), key=lambda t: f"{t.get('effect', '')},{t.get('key', '')}")
    w.column("Taints:", [_taint(t) for t in taints])
    w(0, f"Unschedulable:\t{lower(spec.get('unschedulable'))}")
    _lease(w, name)
    _conditions(w, status)
    w(0, "Addresses:")
    for address in status.get("addresses") or ():
        w(1, f"{address.get('type', '')}:\t{address.get('address', '')}")
    for key in ("capacity", "allocatable"):
        if status.get(key):
            w(0, f"{key.title()}:")
            for resource, amount in sorted(status[key].items()):
                w(1, f"{resource}:\t{amount}")
    w(0, "System Info:")
    info = status.get("nodeInfo") or {}
    for title, key in INFO:
        w(1, f"{title}:\t{info.get(key, '')}")
    if spec.get("podCIDR"):
        w(0, f"PodCIDR:\t{spec['podCIDR']}")
    if spec.get("podCIDRs"):
        w(0, f"PodCIDRs:\t{','.join(spec['podCIDRs'])}")
    if spec.get("providerID"):
        w(0, f"ProviderID:\t{spec['providerID']}")
    _pods(w, name, status)
    w.events(o, uids=[str(meta(o).get("uid", "")), name])


def _taint(t: Data) -> str:
    """`key=value:Effect`, without what is empty."""
    value = f"={t['value']}" if t.get("value") else ""
    return f"{t.get('key', '')}{value}:{t.get('effect', '')}" if t.get("effect") else f"{t.get('key', '')}{value}"


def _lease(w: Writer, name: str) -> None:
    try:
        spec = encode_object(w.env.get(for_plural("leases"), "kube-node-lease", name)).get("spec") or {}
    except ApiError as failure:
        w(0, f"Lease:\tFailed to get lease: {failure}")
        return
    w(0, "Lease:")
    w(1, f"HolderIdentity:\t{spec.get('holderIdentity') or UNSET}")
    for title, key in (("AcquireTime", "acquireTime"), ("RenewTime", "renewTime")):
        w(1, f"{title}:\t{date(spec[key]) if spec.get(key) else UNSET}")


def _conditions(w: Writer, status: Data) -> None:
    if not status.get("conditions"):
        return
    w(0, "Conditions:")
    w(0, "  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage")
    w(1, "----\t------\t-----------------\t------------------\t------\t-------")
    for c in status["conditions"]:
        times = f"{date(c.get('lastHeartbeatTime'))} \t{date(c.get('lastTransitionTime'))}"
        w(1, f"{c.get('type')} \t{c.get('status')} \t{times} \t{c.get('reason', '')} \t{c.get('message', '')}")


# -- Pods ------------------------------------------------------------------------------------------------------------


def _pods(w: Writer, name: str, status: Data) -> None:
    fields = f"spec.nodeName={name},status.phase!=Succeeded,status.phase!=Failed"
    try:
        pods: list[Any] = w.env.list(for_plural("pods"), "", "", fields)
    except StatusError as refused:
        if refused.reason != "Forbidden":
            raise
        w(0, "Pods:\tnot authorized")
        return
    allocatable = _amounts(status.get("allocatable") or status.get("capacity") or {})
    w(0, f"Non-terminated Pods:\t({len(pods)} in total)")
    w(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge")
    w(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---")
    total: tuple[Amounts, Amounts] = ({}, {})
    for pod in pods:
        requests, limits = of_pod(pod)
        for sums, more in zip(total, (requests, limits), strict=True):
            for resource, amount in more.items():
                sums[resource] = _add(sums.get(resource), amount)
        cells = [
            f"{amounts.get(r, ZERO)} ({percent(amounts.get(r, ZERO), allocatable.get(r, ZERO), r)}%)"
            for r in ("cpu", "memory")
            for amounts in (requests, limits)
        ]
        created = encode_object(pod)["metadata"].get("creationTimestamp")
        w(1, f"{pod.metadata.namespace}\t{pod.metadata.name}\t\t" + "\t".join(cells) + f"\t{w.since(created)}")
    _allocated(w, total, allocatable)


def _allocated(w: Writer, total: tuple[Amounts, Amounts], allocatable: Amounts) -> None:
    w(0, "Allocated resources:")
    w(0, "  (Total limits may be over 100 percent, i.e., overcommitted.)")
    w(1, "Resource\tRequests\tLimits")
    w(1, "--------\t--------\t------")
    huge = sorted(r for r in allocatable if r.startswith("hugepages-"))
    for resource in (*STANDARD[:3], *huge):
        cells = [t.get(resource, ZERO) for t in total]
        shown = [f"{a} ({percent(a, allocatable.get(resource, ZERO), resource)}%)" for a in cells]
        w(1, f"{resource}\t" + "\t".join(shown))
    for resource in sorted(set(allocatable) - set(STANDARD) - set(huge)):
        w(1, f"{resource}\t" + "\t".join(str(t.get(resource, ZERO)) for t in total))


ZERO = quantity.parse("0")


def of_pod(pod: types.Pod) -> tuple[Amounts, Amounts]:
    """(requests, limits) of a Pod."""
    spec = pod.spec or types.PodSpec()
    return dict(pod_requests(spec)), dict(pod_limits(spec))


def _amounts(found: Mapping[str, str]) -> Amounts:
    return {k: quantity.parse(str(v)) for k, v in found.items()}


def _add(a: Quantity | None, b: Quantity) -> Quantity:
    return b if a is None else Quantity(a.nano + b.nano, a.format)


def percent(part: Quantity, whole: Quantity, resource: str) -> int:
    """How much of what there is, in whole per cent rounded down."""
    if resource == "cpu":
        return part.milli_value() * 100 // whole.milli_value() if whole.nano else 0
    return part.value() * 100 // whole.value() if whole.nano else 0
