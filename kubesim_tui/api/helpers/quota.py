"""What objects count for in a ResourceQuota (pkg/quota/v1/evaluator): admission charges it, the controller adds it up.

Every object counts 1 under count/PLURAL.GROUP; a few kinds have names of their own besides. Pods also count what they
request and are limited to, claims their storage (in all, and by class), Services their node ports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubesim_tui.api.helpers.resources import pod_limits, pod_requests
from kubesim_tui.api.quantity import Quantity, from_int, parse
from kubesim_tui.api.types import Object, PersistentVolumeClaim, Pod, Service

Usage = dict[str, Quantity]
Amounts = Mapping[str, Quantity]
ONE, ZERO = from_int(1), from_int(0)
PODS, SERVICES, CLAIMS = "pods", "services", "persistentvolumeclaims"
ALIASES = frozenset({"configmaps", "resourcequotas", "replicationcontrollers", "secrets"})
"""Kinds that are also counted under their plain name."""
NOT_COUNTED = frozenset({"events", "events.events.k8s.io"})

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_LONG = tuple(f"{prefix}.{name}" for prefix in ("requests", "limits") for name in _COMPUTE)
_POD_NAMES = frozenset({"pods", "count/pods", *_COMPUTE, *_LONG})
_MUST_DECLARE = frozenset({"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})
_SERVICE_NAMES = frozenset({"count/services", "services", "services.nodeports", "services.loadbalancers"})
_CLAIM_NAMES = ("persistentvolumeclaims", "requests.storage")
_BY_CLASS = ".storageclass.storage.k8s.io/"
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"


def tracks(resource: str, name: str) -> bool:
    """Whether objects of a resource ("pods", "deployments.apps") count under a name of a quota."""
    if name == f"count/{resource}":
        return True
    if resource == PODS:
        return name in _POD_NAMES or name.startswith(("hugepages-", "requests.hugepages-")) or _is_extended(name)
    if resource == SERVICES:
        return name in _SERVICE_NAMES
    if resource == CLAIMS:
        return name in _CLAIM_NAMES or any(name.endswith(_BY_CLASS + n) for n in _CLAIM_NAMES)
    return resource in ALIASES and name == resource


def _is_extended(name: str) -> bool:
    """`requests.example.com/gpu`"""
    return name.startswith("requests.") and _is_foreign(name)


def _is_foreign(name: str) -> bool:
    return "/" in name and "kubernetes.io/" not in name


def usage(resource: str, obj: Object, now: int) -> Usage:
    """What one object counts for; `now`: Unix seconds."""
    if isinstance(obj, Pod):
        return pod_usage(obj, now)
    found: Usage = {f"count/{resource}": ONE}
    if isinstance(obj, Service):
        found.update(_service(obj))
    elif isinstance(obj, PersistentVolumeClaim):
        found.update(_claim(obj))
    elif resource in ALIASES:
        found[resource] = ONE
    return found


# -- Pods --------------------------------------------------------------------------------------------------------


def pod_usage(pod: Pod, now: int) -> Usage:
    """A Pod that has ended, or should be gone, counts as an object only."""
    found: Usage = {"count/pods": ONE}
    if pod.spec is not None and not _ended(pod, now):
        found.update(compute_usage(pod_requests(pod.spec), pod_limits(pod.spec)))
        found["pods"] = ONE
    return found


def _ended(pod: Pod, now: int) -> bool:
    if pod.status is not None and pod.status.phase in ("Succeeded", "Failed"):
        return True
    gone, grace = pod.metadata.deletion_timestamp, pod.metadata.deletion_grace_period_seconds
    return gone is not None and grace is not None and now > gone + grace


def compute_usage(requests: Amounts, limits: Amounts) -> Usage:
    """Under which names requests and limits are counted."""
    found: Usage = {}
    for name, amount in requests.items():
        if name in _COMPUTE or name.startswith("hugepages-"):
            found[name] = found[f"requests.{name}"] = amount
        elif _is_foreign(name):
            found[f"requests.{name}"] = amount
    found.update({f"limits.{name}": limits[name] for name in _COMPUTE if name in limits})
    return found


def undeclared(pod: Pod, tracked: Iterable[str]) -> str:
    """What containers must declare because a quota tracks it: `must specify cpu for: app; memory for: app`, or ""."""
    spec = pod.spec
    if spec is None or (spec.resources is not None and (spec.resources.requests or spec.resources.limits)):
        return ""
    required = sorted(_MUST_DECLARE.intersection(tracked))
    missing: dict[str, set[str]] = {}
    for container in (*spec.containers, *spec.init_containers):
        resources = container.resources
        declared = compute_usage(_parsed(resources.requests), _parsed(resources.limits)) if resources else {}
        for name in required:
            if name not in declared:
                missing.setdefault(name, set()).add(container.name)
    if not missing:
        return ""
    return "must specify " + "; ".join(f"{name} for: {','.join(sorted(missing[name]))}" for name in sorted(missing))


def _parsed(amounts: Mapping[str, str]) -> Usage:
    return {name: parse(text) for name, text in amounts.items()}


# -- Services and claims -----------------------------------------------------------------------------------------


def _service(service: Service) -> Usage:
    spec = service.spec
    found = {"services": ONE, "services.nodeports": ZERO, "services.loadbalancers": ZERO}
    if spec is None:
        return found
    balancer = spec.type == "LoadBalancer"
    if balancer:
        found["services.loadbalancers"] = ONE
    if balancer and spec.allocate_load_balancer_node_ports is False:
        found["services.nodeports"] = from_int(sum(1 for p in spec.ports if p.node_port))
    elif balancer or spec.type == "NodePort":
        found["services.nodeports"] = from_int(len(spec.ports))
    return found


def _claim(claim: PersistentVolumeClaim) -> Usage:
    counted: Usage = {"persistentvolumeclaims": ONE}
    spec = claim.spec
    if spec is not None and spec.resources is not None and "storage" in spec.resources.requests:
        counted["requests.storage"] = parse(spec.resources.requests["storage"]).round_up(0)[0]
    name = claim.metadata.annotations.get(_CLASS_ANNOTATION) or (spec.storage_class_name if spec else "") or ""
    return {**counted, **({f"{name}{_BY_CLASS}{n}": q for n, q in counted.items()} if name else {})}


# -- sums --------------------------------------------------------------------------------------------------------


def added(total: Amounts, more: Amounts) -> Usage:
    """The sum, with the names of both."""
    found = dict(total)
    for name, amount in more.items():
        found[name] = found[name].add(amount) if name in found else amount
    return found


def exceeded(total: Amounts, hard: Amounts) -> list[str]:
    """The names, sorted, under which more is used than the quota allows."""
    return sorted(name for name, amount in total.items() if name in hard and amount.cmp(hard[name]) > 0)


def as_text(amounts: Amounts, names: Iterable[str]) -> str:
    """`cpu=1,pods=2`, as messages have it."""
    return ",".join(f"{name}={amounts[name]}" for name in names if name in amounts)


def amounts_of(texts: Mapping[str, Any] | None) -> Usage:
    """`status.hard` or `status.used` as quantities."""
    return {name: parse(str(text)) for name, text in (texts or {}).items()}
