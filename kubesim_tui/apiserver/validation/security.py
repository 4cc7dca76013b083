"""Security contexts of Pods and containers."""

from __future__ import annotations

import re

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation.paths import descending_path
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
WINDOWS = "cannot be set for a windows pod"
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
        r.invalid(f"{at}.shareProcessNamespace", True, said)
    _sysctls(r, data, f"{at}.sysctls")
    _word(r, data, at, "fsGroupChangePolicy", ("Always", "OnRootMismatch"))
    seccomp(r, data.get("seccompProfile"), f"{at}.seccompProfile")
    app_armor(r, data.get("appArmorProfile"), f"{at}.appArmorProfile")
    _word(r, data, at, "supplementalGroupsPolicy", ("Merge", "Strict"))
    _word(r, data, at, "seLinuxChangePolicy", ("MountOption", "Recursive"))


def _word(r: Report, data: JsonMap, path: str, name: str, allowed: tuple[str, ...]) -> None:
    if data.get(name) is not None and data[name] not in allowed:
        r.not_supported(f"{path}.{name}", data[name], allowed)


def _sysctls(r: Report, data: JsonMap, path: str) -> None:
    seen: set[str] = set()
    for at, sysctl in items(data, "sysctls", path):
        name = text(sysctl, "name")
        if not name:
            r.required(f"{at}.name")
        elif len(name) > 253 or not re.fullmatch(_SYSCTL, name):
            r.invalid(f"{at}.name", name, f"must have at most 253 characters and match regex ^{_SYSCTL}$")
        elif name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)


def seccomp(r: Report, profile: JsonMap | None, path: str) -> None:
    """A seccomp profile, if there is one."""
    if profile is None:
        return
    kind, local = text(profile, "type"), profile.get("localhostProfile")
    if not kind:
        r.required(f"{path}.type", "type is required when seccompProfile is set")
    elif kind not in PROFILES:
        r.not_supported(f"{path}.type", kind, PROFILES)
    if kind == "Localhost":
        if local is None:
            r.required(f"{path}.localhostProfile", "must be set when seccomp type is Localhost")
        else:
            descending_path(r, local, f"{path}.localhostProfile")
    elif local is not None:
        r.invalid(f"{path}.localhostProfile", profile, "can only be set when seccomp type is Localhost")


def app_armor(r: Report, profile: JsonMap | None, path: str) -> None:
    """An AppArmor profile, if there is one."""
    if profile is None:
        return
    kind, local = text(profile, "type"), profile.get("localhostProfile")
    if not kind:
        r.required(f"{path}.type", "type is required when appArmorProfile is set")
    elif kind not in PROFILES:
        r.not_supported(f"{path}.type", kind, PROFILES)
    elif kind != "Localhost":
        if local is not None:
            r.invalid(f"{path}.localhostProfile", local, "can only be set when AppArmor type is Localhost")
    elif local is None or local == "":
        r.required(f"{path}.localhostProfile", "must be set when AppArmor type is Localhost")
    elif local.strip() != local:
        r.invalid(f"{path}.localhostProfile", local, "must not be padded with whitespace")


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
    app_armor(r, data.get("appArmorProfile"), f"{path}.appArmorProfile")


def host_users(r: Report, spec: JsonMap, path: str) -> None:
    """A user namespace of its own excludes the host's other namespaces."""
    if spec.get("hostUsers") is False:
        for name, shown in (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")):
            if spec.get(name):
                r.forbidden(f"{path}.{shown}", "when `pod.Spec.HostUsers` is false")


POD_FIELDS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
)
CONTAINER_FIELDS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)


def operating_system(r: Report, spec: JsonMap, path: str) -> None:
    """What a Pod for Linux or Windows may not say."""
    system = spec.get("os")
    if system is None:
        return
    name = text(system, "name")
    if not name:
        r.required(f"{path}.os.name", "cannot be empty")
    elif name not in ("linux", "windows"):
        r.not_supported(f"{path}.os", name, ("linux", "windows"))
    elif name == "linux":
        _not_given(
            r, spec, path, ("windowsOptions",), ("windowsOptions",), (), "windows options cannot be set for a linux pod"
        )
    else:
        own = ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace")
        _not_given(r, spec, path, POD_FIELDS, CONTAINER_FIELDS, own, WINDOWS)


def _not_given(
    r: Report,
    spec: JsonMap,
    path: str,
    pod: tuple[str, ...],
    container: tuple[str, ...],
    own: tuple[str, ...],
    said: str,
) -> None:
    for name in pod:
        if part(spec, "securityContext").get(name) is not None:
            r.forbidden(f"{path}.securityContext.{name}", said)
    for name in own:
        if spec.get(name) is not None:
            r.forbidden(f"{path}.{name}", said)
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for at, one in items(spec, kind, f"{path}.{kind}"):
            for name in container:
                if part(one, "securityContext").get(name) is not None:
                    r.forbidden(f"{at}.securityContext.{name}", said)
