"""Changes of a Pod's status: what the kubelet, the scheduler and whoever sets conditions may say."""

from __future__ import annotations

from kubesim_tui.api import addresses, names
from kubesim_tui.apiserver.validation.report import IMMUTABLE, JsonMap, Report, items, number, part, text
from kubesim_tui.apiserver.validation.restart_rules import may_restart, may_restart_all

STATUSES = (
    ("containerStatuses", "containers"),
    ("initContainerStatuses", "initContainers"),
    ("ephemeralContainerStatuses", ""),
)
"""Of each list of statuses, the list of the spec that it tells of; ephemeral containers never restart."""
NOT_NEGATIVE = "must be a non-negative integer"
MOST_UID = 2**32 - 1


def pod_status_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A status may not lose the Pod's class, nor bring finished containers back to life."""
    status, before, spec = part(new, "status"), part(old, "status"), part(old, "spec")
    _conditions(r, status)
    _nomination(r, status, before, text(spec, "nodeName"))
    if number(status, "observedGeneration") < 0:
        r.invalid("status.observedGeneration", status["observedGeneration"], NOT_NEGATIVE)
    if text(status, "qosClass") and text(status, "qosClass") != text(before, "qosClass"):
        r.invalid("status.qosClass", status["qosClass"], IMMUTABLE)
    for name, kind in STATUSES:
        _transitions(r, status, before, name, spec, kind)
    _resource_claims(r, status, spec)
    _pod_addresses(r, status, before)
    _host_addresses(r, status, before)
    for name, _ in STATUSES:
        _users(r, status, name, spec)


def _conditions(r: Report, status: JsonMap) -> None:
    for at, condition in items(status, "conditions", "status.conditions"):
        if number(condition, "observedGeneration") < 0:
            r.invalid(f"{at}.observedGeneration", condition["observedGeneration"], NOT_NEGATIVE)
        kind = text(condition, "type")
        if kind not in ("PodScheduled", "Ready", "Initialized"):
            r.syntax(names.is_qualified_name, f"{at}.Type", kind)


def _nomination(r: Report, status: JsonMap, before: JsonMap, node: str) -> None:
    name = text(status, "nominatedNodeName")
    if name and name != text(before, "nominatedNodeName"):
        r.syntax(names.is_dns1123_subdomain, "status.nominatedNodeName", name)
        if node:
            said = "may not be set on pods that are already bound to a node"
            r.forbidden("status.nominatedNodeName", said)


def _transitions(r: Report, status: JsonMap, before: JsonMap, name: str, spec: JsonMap, kind: str) -> None:
    """What has ended stays so, unless it may restart."""
    if kind and may_restart_all(spec):
        return
    known = {text(c, "name"): c for c in reversed(spec.get(kind) or ())}
    now = {text(s, "name"): s for s in reversed(status.get(name) or ())}
    for at, was in items(before, name, f"status.{name}"):
        ended, found = part(was, "state").get("terminated"), now.get(text(was, "name"))
        if ended is None or found is None or part(found, "state").get("terminated") is not None:
            continue
        container = known.get(text(was, "name"))
        if container is None or not may_restart(container, spec, number(ended, "exitCode")):
            r.forbidden(f"{at}.state", "may not be transitioned to non-terminated state")


def _resource_claims(r: Report, status: JsonMap, spec: JsonMap) -> None:
    known = {text(c, "name") for c in spec.get("resourceClaims") or ()}
    seen: set[str] = set()
    for at, claim in items(status, "resourceClaimStatuses", "status.resourceClaimStatuses"):
        name = text(claim, "name")
        if name not in known:
            r.invalid(f"{at}.name", name, "must match the name of an entry in `spec.resourceClaims`")
        if name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)
        if claim.get("resourceClaimName") is not None:
            r.syntax(names.is_dns1123_subdomain, f"{at}.resourceClaimName", claim["resourceClaimName"])


def _pod_addresses(r: Report, status: JsonMap, before: JsonMap) -> None:
    first, found = text(status, "podIP"), _addresses(r, status, before, "podIPs")
    if bool(first) != bool(found):
        said = "podIP and podIPs must either both be set or both be unset"
        r.invalid("status.podIPs", status.get("podIPs"), said)
    elif found and found[0] != first:
        r.invalid("status.podIPs[0].ip", found[0], "must be equal to `podIP`")


def _host_addresses(r: Report, status: JsonMap, before: JsonMap) -> None:
    found = [text(one, "ip") for one in status.get("hostIPs") or ()]
    if found and found[0] != text(status, "hostIP"):
        r.invalid("status.hostIPs[0].ip", found[0], "must be equal to `hostIP`")
    _addresses(r, status, before, "hostIPs")


def _addresses(r: Report, status: JsonMap, before: JsonMap, name: str) -> list[str]:
    """The addresses of a list: valid (or there before), one of each family."""
    kept = {text(one, "ip") for one in before.get(name) or ()}
    found = [text(one, "ip") for one in status.get(name) or ()]
    for i, ip in enumerate(found):
        if ip not in kept:
            r.syntax(addresses.is_valid_legacy_ip, f"status.{name}[{i}]", ip)
    families = [":" in ip for ip in found]
    if len(set(families)) < len(families):
        r.invalid(f"status.{name}", status[name], "may specify no more than one IP for each IP family")
    return found


def _users(r: Report, status: JsonMap, name: str, spec: JsonMap) -> None:
    """Who the processes run as. (A runtime may report more user ids than a spec may ask for.)"""
    windows = text(part(spec, "os"), "name") == "windows"
    for at, one in items(status, name, f"status.{name}"):
        user, path = part(one, "user").get("linux"), f"{at}.user.linux"
        if user is None:
            continue
        if windows:
            r.forbidden(path, "cannot be set for a windows pod")
            continue
        for message in names.is_in_range(number(user, "uid"), 0, MOST_UID):
            r.invalid(f"{path}.uid", number(user, "uid"), message)
        groups = [(f"{path}.gid", number(user, "gid"))]
        groups += [(f"{path}.supplementalGroups[{i}]", g) for i, g in enumerate(user.get("supplementalGroups") or ())]
        for group_at, group in groups:
            for message in names.is_valid_group_id(group):
                r.invalid(group_at, group, message)
