"""The checks of the Pod Security Standards, each a function of a Pod's JSON that says why it is forbidden.

A check belongs to the baseline or the restricted level and to the versions since which it is part of it. The
restricted level has its own form of three of the baseline's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from attrs import frozen

from kubesim_tui.api.fielderror import quoted

JsonMap = dict[str, Any]
Found = tuple[str, str] | None
"""Reason and detail, or None if all is well."""

APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
DEFAULT_CAPABILITIES = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP"),
        *("SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
_IPV4 = ("ip_local_port_range", "ip_local_reserved_ports", "ip_unprivileged_port_start", "ping_group_range")
_TCP = ("fin_timeout", "keepalive_intvl", "keepalive_probes", "keepalive_time", "rmem", "syncookies", "wmem")
SAFE_SYSCTLS = frozenset(
    {"kernel.shm_rmid_forced", *(f"net.ipv4.{n}" for n in _IPV4), *(f"net.ipv4.tcp_{n}" for n in _TCP)}
)
SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
INLINE_VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "projected", "secret"}
    | {"persistentVolumeClaim"}
)
PROFILES = ("RuntimeDefault", "Localhost")


# -- helpers -----------------------------------------------------------------------------------------------------


def containers(spec: JsonMap) -> Iterator[JsonMap]:
    """All containers, in upstream's order."""
    for name in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(name) or ()


def context(owner: JsonMap) -> JsonMap:
    """The securityContext of a Pod's spec or a container."""
    return owner.get("securityContext") or {}


def names(items: Iterable[JsonMap]) -> list[str]:
    """Their names."""
    return [item.get("name") or "" for item in items]


def many(word: str, found: list[str]) -> str:
    """`container "a"`, `containers "a", "b"`."""
    return f"{word if len(found) == 1 else word + 's'} {joined(found)}"


def joined(found: Iterable[str]) -> str:
    """`"a", "b"`."""
    return ", ".join(quoted(name) for name in found)


def setters(pod: bool, bad: list[str]) -> str:
    """`pod and container "a"`."""
    return " and ".join((["pod"] if pod else []) + ([many("container", bad)] if bad else []))


def _windows(spec: JsonMap) -> bool:
    return (spec.get("os") or {}).get("name") == "windows"


# -- baseline ----------------------------------------------------------------------------------------------------


def app_armor(meta: JsonMap, spec: JsonMap) -> Found:
    """Only the runtime's profile and those of the node."""
    own = _bad_profile(spec, "appArmorProfile")
    bad = [c for c in containers(spec) if _bad_profile(c, "appArmorProfile")]
    values = sorted({p for o in (spec, *bad) if (p := _bad_profile(o, "appArmorProfile"))})
    notes = sorted(
        f"{key}={quoted(value)}"
        for key, value in (meta.get("annotations") or {}).items()
        if key.startswith(APP_ARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    )
    if not values and not notes:
        return None
    who = [text for text in (setters(bool(own), names(bad)), "") if text]
    who += [f"annotation{'s' if len(notes) > 1 else ''}"] if notes else []
    all_values = values + notes
    reason = "forbidden AppArmor profile" + ("s" if len(all_values) > 1 else "")
    return reason, f"{' and '.join(who)} must not set AppArmor profile type to {joined(all_values)}"


def _bad_profile(owner: JsonMap, field: str) -> str:
    """The type of a profile that is neither the runtime's nor the node's."""
    profile = context(owner).get(field)
    kind = (profile or {}).get("type") or ""
    return kind if profile and kind not in PROFILES else ""


def capabilities_baseline(_meta: JsonMap, spec: JsonMap) -> Found:
    """Nothing beyond the default capabilities."""
    bad = {c["name"]: more for c in containers(spec) if (more := _added(c, DEFAULT_CAPABILITIES))}
    if not bad:
        return None
    values = sorted({name for more in bad.values() for name in more})
    who = many("container", list(bad))
    return "non-default capabilities", f"{who} must not include {joined(values)} in securityContext.capabilities.add"


def _added(container: JsonMap, allowed: frozenset[str]) -> list[str]:
    return [c for c in (context(container).get("capabilities") or {}).get("add") or () if c not in allowed]


def host_namespaces(_meta: JsonMap, spec: JsonMap) -> Found:
    """None of the node's namespaces."""
    found = [f"{name}=true" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    return ("host namespaces", ", ".join(found)) if found else None


def host_path_volumes(_meta: JsonMap, spec: JsonMap) -> Found:
    """No files of the node."""
    found = names(v for v in spec.get("volumes") or () if v.get("hostPath") is not None)
    return ("hostPath volumes", many("volume", found)) if found else None


def host_ports(_meta: JsonMap, spec: JsonMap) -> Found:
    """No ports of the node."""
    used = {c["name"]: [p["hostPort"] for p in c.get("ports") or () if p.get("hostPort")] for c in containers(spec)}
    bad = [name for name, ports in used.items() if ports]
    if not bad:
        return None
    ports = sorted({str(p) for found in used.values() for p in found})
    verb, noun = "uses" if len(bad) == 1 else "use", "hostPort" if len(ports) == 1 else "hostPorts"
    return "hostPort", f"{many('container', bad)} {verb} {noun} {', '.join(ports)}"


def hosts(_meta: JsonMap, spec: JsonMap) -> Found:
    """Probes and hooks speak to the Pod itself."""
    used = {c["name"]: list(_hosts(c)) for c in containers(spec)}
    bad = sorted(name for name, found in used.items() if found)
    if not bad:
        return None
    values = sorted({host for found in used.values() for host in found})
    verb, noun = "uses" if len(bad) == 1 else "use", "probe or lifecycle host" + ("s" if len(values) > 1 else "")
    return "probe or lifecycle host", f"{many('container', bad)} {verb} {noun} {joined(values)}"


def _hosts(container: JsonMap) -> Iterator[str]:
    lifecycle = container.get("lifecycle") or {}
    handlers = [container.get(name) for name in ("livenessProbe", "readinessProbe", "startupProbe")]
    for handler in (*handlers, lifecycle.get("postStart"), lifecycle.get("preStop")):
        for action in ("httpGet", "tcpSocket"):
            if host := ((handler or {}).get(action) or {}).get("host"):
                yield host


def privileged(_meta: JsonMap, spec: JsonMap) -> Found:
    """No privileged containers."""
    bad = names(c for c in containers(spec) if context(c).get("privileged"))
    return ("privileged", f"{many('container', bad)} must not set securityContext.privileged=true") if bad else None


def proc_mount(_meta: JsonMap, spec: JsonMap) -> Found:
    """The usual masks of /proc."""
    bad = [c for c in containers(spec) if context(c).get("procMount") not in (None, "", "Default")]
    if not bad:
        return None
    values = sorted({context(c)["procMount"] for c in bad})
    who = many("container", names(bad))
    return "procMount", f"{who} must not set securityContext.procMount to {joined(values)}"


def selinux(_meta: JsonMap, spec: JsonMap) -> Found:
    """Only SELinux types for containers."""
    options = [context(o).get("seLinuxOptions") or {} for o in (spec, *containers(spec))]
    wrong = [_bad_selinux(o) for o in options]
    if not any(wrong):
        return None
    bad = [name for name, w in zip(names(containers(spec)), wrong[1:], strict=True) if w]
    types = sorted({o["type"] for o in options if (o.get("type") or "") not in SELINUX_TYPES})
    data = [many("type", types)] if types else []
    data += [f"{field} may not be set" for field in ("user", "role") if any(o.get(field) for o in options)]
    who = setters(wrong[0], bad)
    return "seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}"


def _bad_selinux(options: JsonMap) -> bool:
    return (options.get("type") or "") not in SELINUX_TYPES or bool(options.get("user") or options.get("role"))


def seccomp_baseline(_meta: JsonMap, spec: JsonMap) -> Found:
    """Seccomp is not switched off."""
    own = _bad_profile(spec, "seccompProfile")
    bad = [c for c in containers(spec) if _bad_profile(c, "seccompProfile")]
    values = sorted({p for o in (spec, *bad) if (p := _bad_profile(o, "seccompProfile"))})
    if not values:
        return None
    who = setters(bool(own), names(bad))
    return "seccompProfile", f"{who} must not set securityContext.seccompProfile.type to {joined(values)}"


def sysctls(_meta: JsonMap, spec: JsonMap) -> Found:
    """Only sysctls that are safe."""
    bad = [n for n in names(context(spec).get("sysctls") or ()) if n not in SAFE_SYSCTLS]
    return ("forbidden sysctls", ", ".join(bad)) if bad else None


def host_process(_meta: JsonMap, spec: JsonMap) -> Found:
    """No Windows process of the node itself."""
    own = _host_process(spec)
    bad = names(c for c in containers(spec) if _host_process(c))
    if not own and not bad:
        return None
    return "hostProcess", f"{setters(own, bad)} must not set securityContext.windowsOptions.hostProcess=true"


def _host_process(owner: JsonMap) -> bool:
    return bool((context(owner).get("windowsOptions") or {}).get("hostProcess"))


# -- restricted --------------------------------------------------------------------------------------------------


def privilege_escalation(_meta: JsonMap, spec: JsonMap) -> Found:
    """No container gains privileges."""
    bad = names(c for c in containers(spec) if context(c).get("allowPrivilegeEscalation") is not False)
    if not bad or _windows(spec):
        return None
    detail = f"{many('container', bad)} must set securityContext.allowPrivilegeEscalation=false"
    return "allowPrivilegeEscalation != false", detail


def capabilities_restricted(_meta: JsonMap, spec: JsonMap) -> Found:
    """All capabilities are dropped; one may be added."""
    if _windows(spec):
        return None
    undropped, adding = [], {}
    for c in containers(spec):
        if "ALL" not in ((context(c).get("capabilities") or {}).get("drop") or ()):
            undropped.append(c["name"])
        if more := _added(c, frozenset({"NET_BIND_SERVICE"})):
            adding[c["name"]] = more
    details = []
    if undropped:
        details.append(f'{many("container", undropped)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        values = joined(sorted({name for more in adding.values() for name in more}))
        details.append(
            f"{many('container', list(adding))} must not include {values} in securityContext.capabilities.add"
        )
    return ("unrestricted capabilities", "; ".join(details)) if details else None


def restricted_volumes(_meta: JsonMap, spec: JsonMap) -> Found:
    """Only volumes that reach neither the node nor the network."""
    bad = [v for v in spec.get("volumes") or () if not INLINE_VOLUMES.intersection(v)]
    if not bad:
        return None
    types = sorted({next((k for k in v if k != "name"), "unknown") for v in bad})
    verb = "uses" if len(bad) == 1 else "use"
    return "restricted volume types", f"{many('volume', names(bad))} {verb} {many('restricted volume type', types)}"


def run_as_non_root(_meta: JsonMap, spec: JsonMap) -> Found:
    """Containers say that they do not run as root."""
    reason, own = "runAsNonRoot != true", context(spec).get("runAsNonRoot")
    bad = names(c for c in containers(spec) if context(c).get("runAsNonRoot") is False)
    if own is False or bad:
        return reason, f"{setters(own is False, bad)} must not set securityContext.runAsNonRoot=false"
    silent = names(c for c in containers(spec) if context(c).get("runAsNonRoot") is None)
    if own is None and silent:
        return reason, f"pod or {many('container', silent)} must set securityContext.runAsNonRoot=true"
    return None


def run_as_user(_meta: JsonMap, spec: JsonMap) -> Found:
    """Nobody asks for user 0."""
    own = context(spec).get("runAsUser") == 0
    bad = names(c for c in containers(spec) if context(c).get("runAsUser") == 0)
    return ("runAsUser=0", f"{setters(own, bad)} must not set runAsUser=0") if own or bad else None


def seccomp_restricted(meta: JsonMap, spec: JsonMap) -> Found:
    """Seccomp is switched on."""
    if _windows(spec):
        return None
    found = seccomp_baseline(meta, spec)
    silent = names(c for c in containers(spec) if context(c).get("seccompProfile") is None)
    if found is not None or not silent or context(spec).get("seccompProfile") is not None:
        return found
    wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return "seccompProfile", f"pod or {many('container', silent)} {wanted}"


@frozen
class Check:
    """One check: its name, the minor version since which it counts, the function; what it stands for instead."""

    name: str
    since: int
    run: Callable[[JsonMap, JsonMap], Found]
    instead_of: str = ""


BASELINE = (
    Check("appArmorProfile", 0, app_armor),
    Check("capabilities_baseline", 0, capabilities_baseline),
    Check("hostNamespaces", 0, host_namespaces),
    Check("hostPathVolumes", 0, host_path_volumes),
    Check("hostPorts", 0, host_ports),
    Check("hostProbesAndHostLifecycle", 34, hosts),
    Check("privileged", 0, privileged),
    Check("procMount", 0, proc_mount),
    Check("seLinuxOptions", 0, selinux),
    Check("seccompProfile_baseline", 19, seccomp_baseline),
    Check("sysctls", 0, sysctls),
    Check("windowsHostProcess", 0, host_process),
)
RESTRICTED = (
    Check("allowPrivilegeEscalation", 8, privilege_escalation),
    Check("capabilities_restricted", 22, capabilities_restricted, "capabilities_baseline"),
    Check("restrictedVolumes", 0, restricted_volumes, "hostPathVolumes"),
    Check("runAsNonRoot", 0, run_as_non_root),
    Check("runAsUser", 23, run_as_user),
    Check("seccompProfile_restricted", 19, seccomp_restricted, "seccompProfile_baseline"),
)
"""Both by name, as messages list them."""


def checks(level: str, minor: int) -> list[Check]:
    """The checks of a level as of version 1.MINOR, in the order of their messages."""
    restricted = [c for c in RESTRICTED if c.since <= minor] if level == "restricted" else []
    replaced = {c.instead_of for c in restricted}
    return [c for c in BASELINE if c.since <= minor and c.name not in replaced] + restricted
