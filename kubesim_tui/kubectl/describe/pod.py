"""kubectl describe pod."""

from __future__ import annotations

from kubesim_tui.api.helpers import qos
from kubesim_tui.api.helpers.static_pods import CONFIG_MIRROR
from kubesim_tui.kubectl.describe import containers, template, volumes
from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer, at, date, meta, owner


def describe(w: Writer, o: Data) -> None:
    """One Pod."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    w.name(o)
    if spec.get("priority") is not None:
        w(0, f"Priority:\t{spec['priority']}")
    for title, key in (
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ):
        if spec.get(key):
            w(0, f"{title}:\t{spec[key]}")
    node = spec.get("nodeName")
    w(0, f"Node:\t{node}/{status.get('hostIP', '')}" if node else f"Node:\t{NONE}")
    if status.get("startTime"):
        w(0, f"Start Time:\t{date(status['startTime'])}")
    w.about(o)
    _status(w, o, spec, status)
    w(0, f"IP:\t{status.get('podIP', '')}")
    _ips(w, status)
    if owner(o):
        w(0, f"Controlled By:\t{owner(o)}")
    if status.get("nominatedNodeName"):
        w(0, f"NominatedNodeName:\t{status['nominatedNodeName']}")
    if spec.get("resources") is not None:
        w(0, "Resources:")
        containers.resources(w, spec["resources"], 1)
    _containers(w, o, spec, status)
    _conditions(w, spec, status)
    volumes.describe(w, spec.get("volumes") or [], "")
    w(0, f"QoS Class:\t{_qos_class(o)}")
    template.placement(w, spec, "")
    template.spread(w, spec, "")
    template.group(w, spec, "")
    mirror = (meta(o).get("annotations") or {}).get(CONFIG_MIRROR)
    w.events(o, kind=False, uids=[mirror] if mirror else None)


def _qos_class(o: Data) -> str:
    from kubesim_tui.api import types
    from kubesim_tui.api.codec import decode_object

    pod = decode_object(types.Pod, o)
    assert isinstance(pod, types.Pod)
    return qos.pod_qos(pod)


def _status(w: Writer, o: Data, spec: Data, status: Data) -> None:
    deleted = meta(o).get("deletionTimestamp")
    if deleted and status.get("phase") not in ("Failed", "Succeeded"):
        w(0, f"Status:\tTerminating (lasts {w.since(deleted)})")
        w(0, f"Termination Grace Period:\t{meta(o).get('deletionGracePeriodSeconds', 0)}s")
    else:
        w(0, f"Status:\t{status.get('phase', '')}")
    for key in ("reason", "message"):
        if status.get(key):
            w(0, f"{key.title()}:\t{status[key]}")
    profile = at(spec, "securityContext", "seccompProfile")
    if profile:
        w(0, f"SeccompProfile:\t{profile.get('type', '')}")
        if profile.get("type") == "Localhost":
            w(0, f"LocalhostProfile:\t{profile.get('localhostProfile', '')}")


def _ips(w: Writer, status: Data) -> None:
    if not status.get("podIPs"):
        w(0, f"IPs:\t{NONE}")
        return
    w(0, "IPs:")
    for ip in status["podIPs"]:
        w(1, f"IP:\t{ip.get('ip', '')}")


def _containers(w: Writer, o: Data, spec: Data, status: Data) -> None:
    for title, key, statuses in (
        ("Init Containers", "initContainers", "initContainerStatuses"),
        ("Containers", "containers", "containerStatuses"),
        ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
    ):
        if spec.get(key) or key == "containers":
            containers.describe(w, title, spec.get(key) or [], status.get(statuses) or [], o, "")


def _conditions(w: Writer, spec: Data, status: Data) -> None:
    found = status.get("conditions") or []
    if spec.get("readinessGates"):
        w(0, "Readiness Gates:")
        w(0, "  Type\tStatus")
        for gate in spec["readinessGates"]:
            name = gate.get("conditionType", "")
            state = next((c.get("status", "") for c in found if c.get("type") == name), NONE)
            w(1, f"{name} \t{state} ")
    if found:
        w(0, "Conditions:")
        w(0, "  Type\tStatus")
        for c in found:
            w(1, f"{c.get('type', '')} \t{c.get('status', '')} ")


def missing(w: Writer, namespace: str, name: str, failure: str) -> bool:
    """A Pod that is gone, but of which Events still speak."""
    if not w.env.show_events:
        return False
    about = f"involvedObject.name={name},involvedObject.namespace={namespace}"
    found = w.list("events", namespace, "", about)
    if not found:
        return False
    w(0, f"Pod '{name}': error '{failure}', but found events.")
    w.event_rows(found)
    return True
