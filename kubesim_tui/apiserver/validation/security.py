"""Security contexts of Pods and containers."""

from __future__ import annotations

import re

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import windows
from kubesim_tui.apiserver.validation.profiles import app_armor, seccomp
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text
from kubesim_tui.apiserver.validation.walk import every_container

WITHOUT_HOST_USERS = "when `hostUsers` is false"
NET, IPC = "net", "ipc"
IPC_SYSCTLS = frozenset(
    f"kernel.{name}"
    for name in ("sem", "shm", "shmall", "shmmax", "shmmni", "shm_rmid_forced", "msg", "msgmax", "msgmnb", "msgmni")
)
_SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"


def pod_security_context(r: Report, spec: JsonMap, path: str) -> None:
    """`path` is the spec's; the context is what stands in it under securityContext."""
    data, at = part(spec, "securityContext"), f"{path}.securityContext"
    for name, check in (
        ("fsGroup", names.is_valid_group_id),
        ("runAsUser", names.is_valid_user_id),
        ("runAsGroup", names.is_valid_group_id),
    ):
        if data.get(name) is not None:
            for message in check(data[name]):
                r.invalid(f"{at}.{name}", data[name], message)
    for i, gid in enumerate(data.get("supplementalGroups") or ()):
        for message in names.is_valid_group_id(gid):
            r.invalid(f"{at}.supplementalGroups[{i}]", gid, message)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        said = "ShareProcessNamespace and HostPID cannot both be enabled"
        r.invalid(f"{path}.shareProcessNamespace", True, said)
    _sysctls(r, data, f"{at}.sysctls", spec)
    _word(r, data, at, "fsGroupChangePolicy", ("Always", "OnRootMismatch"))
    seccomp(r, data.get("seccompProfile"), f"{at}.seccompProfile")
    windows.options(r, data.get("windowsOptions"), f"{at}.windowsOptions")
    app_armor(r, data.get("appArmorProfile"), f"{at}.appArmorProfile")
    _word(r, data, at, "supplementalGroupsPolicy", ("Merge", "Strict"))
    _word(r, data, at, "seLinuxChangePolicy", ("MountOption", "Recursive"))


def _word(r: Report, data: JsonMap, path: str, name: str, allowed: tuple[str, ...]) -> None:
    if data.get(name) is not None and data[name] not in allowed:
        r.not_supported(f"{path}.{name}", data[name], allowed)


def _sysctls(r: Report, data: JsonMap, path: str, spec: JsonMap) -> None:
    seen: set[str] = set()
    for at, sysctl in items(data, "sysctls", path):
        name = text(sysctl, "name")
        if not name:
            r.required(f"{at}.name")
        elif len(name) > 253 or not re.fullmatch(_SYSCTL, name):
            r.invalid(f"{at}.name", name, f"must have at most 253 characters and match regex ^{_SYSCTL}$")
        elif name in seen:
            r.duplicate(f"{at}.name", name)
        for host, space in (("hostNetwork", NET), ("hostIPC", IPC)):
            if spec.get(host) and _namespace(name) == space:
                r.invalid(f"{at}.name", name, f"may not be specified when '{host}' is true")
        seen.add(name)


def _namespace(sysctl: str) -> str:
    """The kernel's namespace that a sysctl is part of, if it is of the network's or of IPC's."""
    dotted = sysctl.replace("/", ".")
    if dotted.startswith("net."):
        return NET
    return IPC if dotted.startswith("fs.mqueue.") or dotted in IPC_SYSCTLS else ""


def container_security_context(r: Report, data: JsonMap | None, path: str, host_users: bool) -> None:
    """The security context of a container, if there is one. (Privileged containers are allowed here.)"""
    if data is None:
        return
    for name, check in (("runAsUser", names.is_valid_user_id), ("runAsGroup", names.is_valid_group_id)):
        if data.get(name) is not None:
            for message in check(data[name]):
                r.invalid(f"{path}.{name}", data[name], message)
    _word(r, data, path, "procMount", ("Default", "Unmasked"))
    if host_users and data.get("procMount") == "Unmasked":
        r.invalid(f"{path}.procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`")
    seccomp(r, data.get("seccompProfile"), f"{path}.seccompProfile")
    if data.get("allowPrivilegeEscalation") is False:
        if data.get("privileged"):
            said = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            r.invalid(path, data, said)
        if "CAP_SYS_ADMIN" in (part(data, "capabilities").get("add") or ()):
            said = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            r.invalid(path, data, said)
    windows.options(r, data.get("windowsOptions"), f"{path}.windowsOptions")
    app_armor(r, data.get("appArmorProfile"), f"{path}.appArmorProfile")


def host_users(r: Report, spec: JsonMap, path: str) -> None:
    """A user namespace of its own excludes the host's other namespaces, and raw devices."""
    if spec.get("hostUsers") is not False:
        return
    for name, shown in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
        if spec.get(name):
            r.forbidden(f"{path}.{shown}", WITHOUT_HOST_USERS)
    for at, one in every_container(spec, path):
        if one.get("volumeDevices"):
            r.forbidden(f"{at}.volumeDevices", WITHOUT_HOST_USERS)
