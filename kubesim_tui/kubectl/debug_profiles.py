"""Profiles of `kubectl debug`: what a debugger may do, and what is taken from a copy (upstream: debug/profiles.go).

A profile changes the Pod that is about to be sent, in place: (Pod, the debugger's name, how it is debugged, what a copy
keeps).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import attrs

from kubesim_tui.apiserver.patch import strategic
from kubesim_tui.kubectl.fail import Fail, error

Data = dict[str, Any]
KINDS = ("initContainers", "containers", "ephemeralContainers")
HOST_ROOT = "host-root"
PROBES = ("liveness", "readiness", "startup")
FIXED = ("name", "command", "image", "lifecycle", "volumeDevices")


class Style(Enum):
    """How something is debugged."""

    EPHEMERAL = "ephemeral"
    COPY = "copy"
    NODE = "node"


@attrs.frozen
class Keep:
    """What a copy keeps of the original."""

    labels: bool = False
    annotations: bool = False
    liveness: bool = False
    readiness: bool = False
    startup: bool = False
    init_containers: bool = True

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Those of the flags `--keep-…`."""
        return tuple(f.name for f in attrs.fields(cls))


Profile = Callable[[Data, str, Style, Keep], None]


def find(name: str) -> Profile:
    """The profile of a name. Fail if there is none."""
    if name not in PROFILES:
        raise error(f"unknown profile: {name}")
    return PROFILES[name]


# -- the profiles ----------------------------------------------------------------------------------------------------


def _legacy(pod: Data, name: str, style: Style, _keep: Keep) -> None:
    if style is Style.NODE:
        _mount_root(pod, name)
        _host_namespaces(pod)
    elif style is Style.COPY:
        pod["metadata"].pop("labels", None)


def _general(pod: Data, name: str, style: Style, keep: Keep) -> None:
    if style is Style.NODE:
        _mount_root(pod, name)
        _clear(pod, name)
        _host_namespaces(pod)
        return
    if style is Style.COPY:
        _remove(pod, keep)
        _share_processes(pod)
    _add_capabilities(pod, name, "SYS_PTRACE")


def _baseline(pod: Data, name: str, style: Style, keep: Keep) -> None:
    _clear(pod, name)
    if style is Style.COPY:
        _remove(pod, keep)
        _share_processes(pod)


def _restricted(pod: Data, name: str, style: Style, keep: Keep) -> None:
    _baseline(pod, name, style, keep)
    _context(pod, name).update(
        runAsNonRoot=True,
        capabilities={"drop": ["ALL"]},
        allowPrivilegeEscalation=False,
        seccompProfile={"type": "RuntimeDefault"},
    )


def _netadmin(pod: Data, name: str, style: Style, keep: Keep) -> None:
    _add_capabilities(pod, name, "NET_ADMIN", "NET_RAW")
    if style is Style.NODE:
        _host_namespaces(pod)
    elif style is Style.COPY:
        _remove(pod, keep)
        _share_processes(pod)


def _sysadmin(pod: Data, name: str, style: Style, keep: Keep) -> None:
    _context(pod, name)["privileged"] = True
    if style is Style.NODE:
        _host_namespaces(pod)
        _mount_root(pod, name)
    elif style is Style.COPY:
        _remove(pod, keep)
        _share_processes(pod)


PROFILES: dict[str, Profile] = {
    "legacy": _legacy,
    "general": _general,
    "baseline": _baseline,
    "restricted": _restricted,
    "netadmin": _netadmin,
    "sysadmin": _sysadmin,
}


# -- what they are made of -------------------------------------------------------------------------------------------


def _container(pod: Data, name: str) -> Data:
    """The first container of a name, as upstream looks for it."""
    return next(c for kind in KINDS for c in pod["spec"].get(kind) or () if c["name"] == name)


def _context(pod: Data, name: str) -> Data:
    found: Data = _container(pod, name).setdefault("securityContext", {})
    return found


def _clear(pod: Data, name: str) -> None:
    _container(pod, name).pop("securityContext", None)


def _add_capabilities(pod: Data, name: str, *added: str) -> None:
    held = _context(pod, name).setdefault("capabilities", {})
    held["add"] = [*(held.get("add") or ()), *added]


def _mount_root(pod: Data, name: str) -> None:
    """The node's files, under /host."""
    pod["spec"].setdefault("volumes", []).append({"name": HOST_ROOT, "hostPath": {"path": "/"}})
    _container(pod, name).setdefault("volumeMounts", []).append({"name": HOST_ROOT, "mountPath": "/host"})


def _host_namespaces(pod: Data) -> None:
    pod["spec"] |= {"hostNetwork": True, "hostPID": True, "hostIPC": True}


def _share_processes(pod: Data) -> None:
    pod["spec"].setdefault("shareProcessNamespace", True)


def _remove(pod: Data, keep: Keep) -> None:
    """A copy gets no traffic and is not restarted by probes, unless that is asked for."""
    for name in ("labels", "annotations"):
        if not getattr(keep, name):
            pod["metadata"].pop(name, None)
    for container in pod["spec"]["containers"]:
        for probe in PROBES:
            if not getattr(keep, probe):
                container.pop(f"{probe}Probe", None)
    if not keep.init_containers:
        pod["spec"].pop("initContainers", None)


# -- the player's own ------------------------------------------------------------------------------------------------


def check_custom(custom: Data | None) -> None:
    """Fail for what a custom profile may not say."""
    if custom and any(custom.get(field) for field in FIXED):
        raise Fail("error: name, command, image, lifecycle and volume devices are not modifiable via custom profile")


def customise(pod: Data, name: str, custom: Data) -> None:
    """Merge a part of a container spec into the debugger."""
    for kind in KINDS:
        for at, one in enumerate(pod["spec"].get(kind) or ()):
            if one["name"] == name:
                pod["spec"][kind][at] = strategic.apply("core.v1.Container", one, custom)
                return
