"""What only Pods for Windows may say, and what neither they nor those for Linux may."""

from __future__ import annotations

import re

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, text
from kubesim_tui.apiserver.validation.walk import every_container

LINUX_ONLY = "cannot be set for a windows pod"
WINDOWS_ONLY = "windows options cannot be set for a linux pod"
ALL_OR_NONE = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
SYSTEMS = ("linux", "windows")
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
    "seLinuxChangePolicy",
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
POINTERS = ("hostUsers", "shareProcessNamespace")
"""False is not the same as left out."""
MOST_SPEC_KIB, MOST_DOMAIN, MOST_USER = 64, 256, 104
_NETBIOS = r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}'
_DNS_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DNS = rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*"
_NOT_IN_USER = r'["/\\:;|=,+*?<>@\[\]]'


def operating_system(r: Report, spec: JsonMap, path: str) -> None:
    """What a Pod for Linux or Windows may not say."""
    system = spec.get("os")
    if system is None:
        return
    name = text(system, "name")
    if not name:
        r.required(f"{path}.os.name")
    elif name not in SYSTEMS:
        r.not_supported(f"{path}.os", name, SYSTEMS)
    elif name == "linux":
        _pod_without(r, spec, path, ("windowsOptions",), WINDOWS_ONLY)
        _containers_without(r, spec, path, ("windowsOptions",), WINDOWS_ONLY)
    else:
        _pod_without(r, spec, path, POD_FIELDS, LINUX_ONLY)
        _linux_namespaces(r, spec, path)
        _containers_without(r, spec, path, CONTAINER_FIELDS, LINUX_ONLY)


def _linux_namespaces(r: Report, spec: JsonMap, path: str) -> None:
    for name in ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"):
        if spec.get(name) or (spec.get(name) is False and name in POINTERS):
            r.forbidden(f"{path}.{name}", LINUX_ONLY)


def _pod_without(r: Report, spec: JsonMap, path: str, fields: tuple[str, ...], said: str) -> None:
    for name in fields:
        if part(spec, "securityContext").get(name) not in (None, []):
            r.forbidden(f"{path}.securityContext.{name}", said)


def _containers_without(r: Report, spec: JsonMap, path: str, fields: tuple[str, ...], said: str) -> None:
    for at, one in every_container(spec, path):
        for name in fields:
            if part(one, "securityContext").get(name) is not None:
                r.forbidden(f"{at}.securityContext.{name}", said)


def options(r: Report, data: JsonMap | None, path: str) -> None:
    """The windowsOptions of a Pod or container, if there are any."""
    if data is None:
        return
    spec_name, spec, user = (data.get(n) for n in ("gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName"))
    if spec_name is not None:
        r.syntax(names.is_dns1123_subdomain, f"{path}.gmsaCredentialSpecName", spec_name)
    if spec == "":
        r.invalid(f"{path}.gmsaCredentialSpec", spec, "gmsaCredentialSpec cannot be an empty string")
    elif spec is not None and len(spec.encode()) > MOST_SPEC_KIB * 1024:
        said = f"gmsaCredentialSpec size must be under {MOST_SPEC_KIB} KiB"
        r.invalid(f"{path}.gmsaCredentialSpec", spec, said)
    if user is not None:
        r.syntax(_run_as, f"{path}.runAsUserName", user)


def _run_as(value: str) -> list[str]:
    """What is wrong with `USER` or `DOMAIN\\USER`."""
    if not value:
        return ["runAsUserName cannot be an empty string"]
    if re.search(r"[\x00-\x1f\x7f]", value):
        return ["runAsUserName cannot contain control characters"]
    if value.count("\\") > 1:
        return ["runAsUserName cannot contain more than one backslash"]
    domain, slash, user = value.rpartition("\\")
    return (_domain(domain) if slash else []) + _user(user)


def _domain(domain: str) -> list[str]:
    found = []
    if len(domain.encode()) >= MOST_DOMAIN:
        found.append(f"runAsUserName's Domain length must be under {MOST_DOMAIN} characters")
    if not re.fullmatch(_NETBIOS, domain) and not re.fullmatch(_DNS, domain):
        found.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    return found


def _user(user: str) -> list[str]:
    found = []
    if not user:
        found.append("runAsUserName's User cannot be empty")
    elif len(user.encode()) > MOST_USER:
        found.append(f"runAsUserName's User length must not be longer than {MOST_USER} characters")
    if re.fullmatch("[. ]+", user):
        found.append("runAsUserName's User cannot contain only periods or spaces")
    if re.search(_NOT_IN_USER, user):
        found.append("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
    return found


def host_process(r: Report, spec: JsonMap, path: str) -> None:
    """Either all containers are processes of the host, on its network, or none is."""
    own = _host_process(spec)
    found = []
    for at, one in every_container(spec, path):
        given = _host_process(one)
        if own is not None and given is not None and own != given:
            said = f"pod hostProcess value must be identical if both are specified, was {str(own).lower()}"
            r.invalid(f"{at}.securityContext.windowsOptions.hostProcess", given, said)
        found.append(own if given is None else given)
    if not any(found):
        return
    if not all(found):
        r.invalid(
            path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        )
    if not spec.get("hostNetwork"):
        said = "hostNetwork must be true if pod contains any hostProcess containers"
        r.invalid(f"{path}.hostNetwork", False, said)


def _host_process(data: JsonMap) -> bool | None:
    return part(part(data, "securityContext"), "windowsOptions").get("hostProcess")
