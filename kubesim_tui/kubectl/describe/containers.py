"""The containers of a Pod or a template: what they run, how they are, what they are given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from kubesim_tui.api import quantity
from kubesim_tui.apiserver.table.network import host_port
from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer, at, boolean, date, go_list, lower

Statuses = Mapping[str, Data]
UNQUOTED = "/$&+,:;=@-_.~"
"""What Go leaves as it is in the path of a URL."""


def describe(w: Writer, label: str, found: list[Data], statuses: list[Data], pod: Data | None, space: str) -> None:
    """All containers of one sort. `pod`: whose fields the environment may refer to (None for a template)."""
    by_name = {s.get("name"): s for s in statuses}
    w(0, f"{space}{label}:{'' if found else ' <none>'}")
    for c in found:
        status = by_name.get(c.get("name"))
        _basics(w, c, status, space)
        for title, key in (("Command", "command"), ("Args", "args")):
            if c.get(key):
                w(2, f"{title}:")
                for text in c[key]:
                    for line in str(text).split("\n"):
                        w(3, line)
        if status is not None:
            _state(w, status)
        resources(w, c.get("resources") or {}, 2)
        for title, key in (("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")):
            if c.get(key):
                w(2, f"{title}:\t{probe(c[key])}")
        if c.get("envFrom"):
            _env_from(w, c)
        _env(w, c, pod)
        _mounts(w, c)


def _basics(w: Writer, c: Data, status: Data | None, space: str) -> None:
    w(1, f"{' ' if space else ''}{c.get('name', '')}:")
    if status is not None:
        w(2, f"Container ID:\t{status.get('containerID', '')}")
    w(2, f"Image:\t{c.get('image', '')}")
    if status is not None:
        w(2, f"Image ID:\t{status.get('imageID', '')}")
    ports = c.get("ports") or []
    for title, key in (("Port", "containerPort"), ("Host Port", "hostPort")):
        text = ", ".join(_port(p, key) for p in ports)
        w(2, f"{title}s:\t{text}" if "," in text else f"{title}:\t{text or NONE}")
    profile = at(c, "securityContext", "seccompProfile")
    if profile:
        w(2, f"SeccompProfile:\t{profile.get('type', '')}")
        if profile.get("type") == "Localhost":
            w(3, f"LocalhostProfile:\t{profile.get('localhostProfile', '')}")


def _port(p: Data, key: str) -> str:
    """`80/TCP (http)`."""
    name = f" ({p['name']})" if p.get("name") else ""
    return f"{p.get(key) or 0}/{p.get('protocol', 'TCP')}{name}"


def _state(w: Writer, status: Data) -> None:
    _one_state(w, "State", status.get("state") or {})
    last = status.get("lastState") or {}
    if last.get("terminated") is not None:
        _one_state(w, "Last State", last)
    w(2, f"Ready:\t{boolean(bool(status.get('ready')))}")
    w(2, f"Restart Count:\t{status.get('restartCount', 0)}")


def _one_state(w: Writer, title: str, state: Data) -> None:
    if (running := state.get("running")) is not None:
        w(2, f"{title}:\tRunning")
        w(3, f"Started:\t{date(running.get('startedAt'))}")
    elif (ended := state.get("terminated")) is not None:
        w(2, f"{title}:\tTerminated")
        for key in ("reason", "message"):
            if ended.get(key):
                w(3, f"{key.title()}:\t{ended[key]}")
        w(3, f"Exit Code:\t{ended.get('exitCode', 0)}")
        if ended.get("signal"):
            w(3, f"Signal:\t{ended['signal']}")
        w(3, f"Started:\t{date(ended.get('startedAt'))}")
        w(3, f"Finished:\t{date(ended.get('finishedAt'))}")
    else:
        w(2, f"{title}:\tWaiting")
        if reason := at(state, "waiting", "reason"):
            w(3, f"Reason:\t{reason}")


def resources(w: Writer, found: Data, level: int) -> None:
    """Limits and requests."""
    for title, key in (("Limits", "limits"), ("Requests", "requests")):
        if found.get(key):
            w(level, f"{title}:")
            for name, amount in sorted(found[key].items()):
                w(level + 1, f"{name}:\t{amount}")


def probe(p: Data) -> str:
    """`http-get http://:8080/health delay=0s timeout=1s period=10s successThreshold=1 failureThreshold=3`."""
    text = (
        f"delay={p.get('initialDelaySeconds') or 0}s timeout={p.get('timeoutSeconds') or 0}s "
        f"period={p.get('periodSeconds') or 0}s successThreshold={p.get('successThreshold') or 0} "
        f"failureThreshold={p.get('failureThreshold') or 0}"
    )
    if p.get("exec") is not None:
        return f"exec {go_list(p['exec'].get('command'))} {text}"
    if (http := p.get("httpGet")) is not None:
        host = host_port(str(http.get("host", "")), http.get("port", ""))
        path = quote(str(http.get("path", "")), UNQUOTED)
        path = f"/{path}" if path and not path.startswith("/") else path
        return f"http-get {str(http.get('scheme', '')).lower()}://{host}{path} {text}"
    if (tcp := p.get("tcpSocket")) is not None:
        return f"tcp-socket {tcp.get('host', '')}:{tcp.get('port', '')} {text}"
    if (grpc := p.get("grpc")) is not None:
        return f"grpc <pod>:{grpc.get('port', '')} {grpc.get('service') or ''} {text}"
    return f"unknown {text}"


def _env_from(w: Writer, c: Data) -> None:
    w(2, "Environment Variables from:")
    for e in c["envFrom"]:
        kind = "ConfigMap" if "configMapRef" in e else "Secret" if "secretRef" in e else ""
        ref = e.get("configMapRef") or e.get("secretRef") or {}
        prefix = f" with prefix '{e['prefix']}'" if e.get("prefix") else ""
        w(3, f"{ref.get('name', '')}\t{kind}{prefix}\tOptional: {lower(ref.get('optional'))}")


def _env(w: Writer, c: Data, pod: Data | None) -> None:
    found = c.get("env") or []
    w(2, f"Environment:{'' if found else f'	{NONE}'}")
    for e in found:
        source = e.get("valueFrom")
        if not source:
            first, *rest = str(e.get("value", "")).split("\n")
            w(3, f"{e.get('name', '')}:\t{first}")
            for line in rest:
                w(3, f"\t{line}")
        elif "fileKeyRef" not in source:  # upstream says nothing of that one
            w(3, f"{e.get('name', '')}:\t{_source(source, c, pod)}")


def _source(source: Data, c: Data, pod: Data | None) -> str:
    if ref := source.get("fieldRef"):
        value = field(pod, ref.get("fieldPath", "")) if pod is not None else ""
        return f"{value} ({ref.get('apiVersion', 'v1')}:{ref.get('fieldPath', '')})"
    if ref := source.get("resourceFieldRef"):
        wanted = str(ref.get("resource", ""))
        value = resource_field(c, wanted, str(ref.get("divisor") or "0"))
        if value == "0" and wanted in ("limits.cpu", "limits.memory"):
            value = "node allocatable"
        return f"{value} ({wanted})"
    ref, what = source.get("secretKeyRef"), "in secret"
    if ref is None:
        ref, what = source.get("configMapKeyRef") or {}, "of config map"
    place = f"<set to the key '{ref.get('key', '')}' {what} '{ref.get('name', '')}'>"
    return f"{place}\tOptional: {lower(ref.get('optional'))}"


def field(pod: Data, path: str) -> str:
    """A Pod's field as the downward API gives it."""
    for prefix in ("metadata.labels", "metadata.annotations"):
        if path.startswith(f"{prefix}['"):
            return str((at(pod, *prefix.split(".")) or {}).get(path[len(prefix) + 2 : -2], ""))
        if path == prefix:
            found = at(pod, *prefix.split(".")) or {}
            return "\n".join(f"{k}={json.dumps(v)}" for k, v in sorted(found.items()))
    if path in ("metadata.name", "metadata.namespace", "metadata.uid"):
        return str(at(pod, *path.split(".")) or "")
    return ""  # kubectl itself knows no more than that


def resource_field(c: Data, wanted: str, divisor: str) -> str:
    """An amount as resourceFieldRef gives it, rounded up to the divisor."""
    kind, _, name = wanted.partition(".")
    amount = at(c, "resources", kind, name) or "0"
    unit = quantity.parse(divisor).nano or quantity.NANO_PER_UNIT
    return str(-(-quantity.parse(str(amount)).nano // unit))


def _mounts(w: Writer, c: Data) -> None:
    found: list[Any] = sorted(c.get("volumeMounts") or (), key=lambda m: m.get("mountPath", ""))
    none = "" if found else f"\t{NONE}"
    w(2, f"Mounts:{none}")
    for m in found:
        flags = ["ro" if m.get("readOnly") else "rw"] + ([f'path="{m["subPath"]}"'] if m.get("subPath") else [])
        w(3, f"{m.get('mountPath', '')} from {m.get('name', '')} ({','.join(flags)})")
    if devices := sorted(c.get("volumeDevices") or (), key=lambda d: d.get("devicePath", "")):
        w(2, f"Devices:{none}")
        for d in devices:
            w(3, f"{d.get('devicePath', '')} from {d.get('name', '')}")
