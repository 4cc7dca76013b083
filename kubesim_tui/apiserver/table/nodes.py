"""The rows of Nodes and Namespaces."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.apiserver.table.model import (
    NONE,
    UNKNOWN,
    Cell,
    Data,
    Kind,
    age,
    at,
    columns,
    meta,
    name,
    spec,
    status,
)

ROLE_PREFIX, ROLE_LABEL = "node-role.kubernetes.io/", "kubernetes.io/role"


def node_status(o: Data) -> str:
    """`Ready`, `NotReady` or `Unknown`, and `,SchedulingDisabled` for a cordoned one."""
    ready = {c.get("type"): c.get("status") for c in status(o).get("conditions") or ()}.get("Ready")
    text = UNKNOWN[1:-1].title() if ready is None else "Ready" if ready == "True" else "NotReady"
    return f"{text},SchedulingDisabled" if spec(o).get("unschedulable") else text


def roles(labels: Mapping[str, str]) -> str:
    """The roles that a node's labels name, sorted."""
    found = {k.removeprefix(ROLE_PREFIX) for k in labels if k.startswith(ROLE_PREFIX)} | {labels.get(ROLE_LABEL, "")}
    return ",".join(sorted(found - {""})) or NONE


def _address(o: Data, kind: str) -> str:
    for address in status(o).get("addresses") or ():
        if address.get("type") == kind:
            return str(address.get("address", ""))
    return NONE


def _node(o: Data, now: int, wide: bool) -> list[Cell]:
    info = at(o, "status", "nodeInfo") or {}
    row: list[Cell] = [
        name(o),
        node_status(o),
        roles(meta(o).get("labels") or {}),
        age(o, now),
        info.get("kubeletVersion", ""),
    ]
    if wide:
        row += [_address(o, "InternalIP"), _address(o, "ExternalIP")]
        os, kernel, runtime = (info.get(k) or UNKNOWN for k in ("osImage", "kernelVersion", "containerRuntimeVersion"))
        row += [os, f"{kernel} ({info['architecture']})" if info.get("architecture") else kernel, runtime]
    return row


def _namespace(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), status(o).get("phase", ""), age(o, now)]


KINDS = {
    "core.v1.Node": Kind(
        columns(
            "Name",
            "Status",
            "Roles",
            "Age",
            "Version",
            wide=("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"),
        ),
        _node,
    ),
    "core.v1.Namespace": Kind(columns("Name", "Status", "Age"), _namespace),
}
