"""Defaults: what the API server fills in, on plain JSON objects and in place.

One function a kind, after upstream's `pkg/apis/*/v*/defaults.go`; one file a group. A field counts as left out when it
is missing or null, and where Go tests for the zero value, also when it is "", 0 or empty. Filling in twice changes
nothing. The objects have passed strict decoding, so that every field has its published type.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.defaults import admission, apps, batch, core, devices, flow, network, policy, storage
from kubesim_tui.apiserver.defaults.base import Defaulter

DEFAULTERS: dict[str, Defaulter] = {
    **core.DEFAULTERS,
    **apps.DEFAULTERS,
    **batch.DEFAULTERS,
    **network.DEFAULTERS,
    **storage.DEFAULTERS,
    **policy.DEFAULTERS,
    **admission.DEFAULTERS,
    **flow.DEFAULTERS,
    **devices.DEFAULTERS,
}
"""By the definition's short name (`apps.v1.Deployment`)."""


def set_defaults(resource: Resource, data: dict[str, Any]) -> None:
    """Fill in what was left out of an object of a resource."""
    defaulter = DEFAULTERS.get(resource.definition)
    if defaulter is not None:
        defaulter(data)


STATUS = frozenset({"Service", "Namespace", "Node", "PersistentVolume", "PersistentVolumeClaim"})
"""Kinds of the core group whose status has defaults."""


def set_status_defaults(resource: Resource, data: dict[str, Any]) -> None:
    """Fill in what was left out of a status, the spec having been filled in before."""
    if resource.kind in STATUS:
        set_defaults(resource, data)
    elif resource.definition == "core.v1.Pod" and isinstance(data.get("status"), dict):
        _pod_addresses(data["status"])


def _pod_addresses(status: dict[str, Any]) -> None:
    """podIP is the first of podIPs, and counts where they differ (pkg/apis/core/v1/conversion.go)."""
    first, every = status.get("podIP"), status.get("podIPs") or []
    if first and (not every or every[0].get("ip") != first):
        status["podIPs"] = [{"ip": first}]
    elif every and not first:
        status["podIP"] = every[0].get("ip", "")
