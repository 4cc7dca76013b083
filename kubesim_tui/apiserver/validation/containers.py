"""Containers of all sorts."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import environment, probes, resources, security
from kubesim_tui.apiserver.validation.paths import descending_path, has_backsteps
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text
from kubesim_tui.apiserver.validation.restart_rules import restart_rules

PROTOCOLS = ("SCTP", "TCP", "UDP")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
RESTARTABLE_ONLY = "may not be set for init containers without restartPolicy=Always"
RESTART_ON_RESIZE = "must not be set to 'RestartContainer' for non-sidecar initContainers"
NOT_EPHEMERAL = "cannot be set for an Ephemeral Container"
FORBIDDEN_EPHEMERAL = (
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
)


@frozen
class Around:
    """What the rules of a container must know of its Pod."""

    volumes: dict[str, JsonMap]
    claims: frozenset[str]
    grace: int | None
    restart_policy: str
    host_users: bool
    is_pod: bool  # a Pod itself, not a template


def containers(r: Report, spec: JsonMap, path: str, around: Around) -> None:
    """The app containers: at least one."""
    if not spec.get("containers"):
        r.required(path)
        return
    seen: set[str] = set()
    for at, one in items(spec, "containers", path):
        common(r, one, at, around)
        _unique_name(r, one, at, seen)
        probes.lifecycle(r, one.get("lifecycle"), f"{at}.lifecycle", around.grace)
        probes.probes(r, one, at, around.grace)
        restart_rules(r, one, at)
    host_ports(r, list(items(spec, "containers", path)))


def init_containers(r: Report, spec: JsonMap, path: str, around: Around) -> None:
    """Init containers; those with restartPolicy Always (sidecars) may have probes and hooks."""
    seen = {text(c, "name") for c in spec.get("containers") or ()}
    for at, one in items(spec, "initContainers", path):
        common(r, one, at, around)
        restart_rules(r, one, at, init=True)
        _unique_name(r, one, at, seen)
        # They run one by one, so each is checked alone; upstream then takes every one for the first.
        host_ports(r, [(f"{path}[0]", one)])
        if one.get("restartPolicy") == "Always":
            probes.lifecycle(r, one.get("lifecycle"), f"{at}.lifecycle", around.grace)
            probes.probes(r, one, at, around.grace)
        else:
            for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
                if one.get(name) is not None:
                    r.forbidden(f"{at}.{name}", RESTARTABLE_ONLY)
            for policy_at, policy in items(one, "resizePolicy", f"{at}.resizePolicy"):
                if text(policy, "restartPolicy") == "RestartContainer":
                    r.invalid(f"{policy_at}.restartPolicy", "RestartContainer", RESTART_ON_RESIZE)


def ephemeral_containers(r: Report, spec: JsonMap, path: str, around: Around) -> None:
    """Containers added to a running Pod: without ports, probes, hooks, resources."""
    others = {text(c, "name") for kind in ("containers", "initContainers") for c in spec.get(kind) or ()}
    seen = set(others)
    for at, one in items(spec, "ephemeralContainers", path):
        common(r, one, at, around)
        image_spaces(r, one, at)
        _unique_name(r, one, at, seen)
        target = text(one, "targetContainerName")
        if target and target not in others:
            r.not_found(f"{at}.targetContainerName", target)
        for name in FORBIDDEN_EPHEMERAL:
            if one.get(name):
                r.forbidden(f"{at}.{name}", NOT_EPHEMERAL)
        for mount_at, mount in items(one, "volumeMounts", f"{at}.volumeMounts"):
            for name in ("subPath", "subPathExpr"):
                if text(mount, name):
                    r.forbidden(f"{mount_at}.{name}", NOT_EPHEMERAL)


def _unique_name(r: Report, container: JsonMap, path: str, seen: set[str]) -> None:
    name = text(container, "name")
    if name in seen:
        r.duplicate(f"{path}.name", name)
    seen.add(name)


def common(r: Report, data: JsonMap, path: str, around: Around) -> None:
    """What holds for every container."""
    if not text(data, "name"):
        r.required(f"{path}.name")
    else:
        r.syntax(names.is_dns1123_label, f"{path}.name", data["name"])
    if not text(data, "image"):
        r.required(f"{path}.image")
    policies = ("File", "FallbackToLogsOnError")
    r.one_of(f"{path}.terminationMessagePolicy", text(data, "terminationMessagePolicy"), policies)
    ports(r, data, f"{path}.ports")
    environment.env(r, data, f"{path}.env")
    environment.env_from(r, data, f"{path}.envFrom")
    volume_mounts(r, data, f"{path}.volumeMounts", around)
    volume_devices(r, data, f"{path}.volumeDevices", around)
    r.one_of(f"{path}.imagePullPolicy", text(data, "imagePullPolicy"), PULL_POLICIES)
    resources.container_requirements(r, part(data, "resources"), f"{path}.resources", around.claims)
    _resize_policy(r, data, f"{path}.resizePolicy", around.restart_policy)
    security.container_security_context(r, data.get("securityContext"), f"{path}.securityContext", around.host_users)


def image_spaces(r: Report, data: JsonMap, path: str) -> None:
    """In a Pod (not in a template) the image may not be padded."""
    image = text(data, "image")
    if image != image.strip():
        r.invalid(f"{path}.image", image, "must not have leading or trailing whitespace")


def ports(r: Report, data: JsonMap, path: str) -> None:
    """Numbers, names and protocols."""
    seen: set[str] = set()
    for at, port in items(data, "ports", path):
        name = text(port, "name")
        wrong = names.is_valid_port_name(name) if name else []
        for message in wrong:
            r.invalid(f"{at}.name", name, message)
        if name and not wrong and name in seen:
            r.duplicate(f"{at}.name", name)
        seen.add(name)
        if not number(port, "containerPort"):
            r.required(f"{at}.containerPort")
        for field in ("containerPort", "hostPort"):
            for message in names.is_valid_port_num(port[field]) if port.get(field) else ():
                r.invalid(f"{at}.{field}", port[field], message)
        r.one_of(f"{at}.protocol", text(port, "protocol"), PROTOCOLS)


def host_ports(r: Report, found: list[tuple[str, JsonMap]]) -> None:
    """A port of the node can be given once."""
    seen: set[str] = set()
    for path, container in found:
        for at, port in items(container, "ports", f"{path}.ports"):
            if number(port, "hostPort"):
                key = f"{text(port, 'protocol')}/{text(port, 'hostIP')}/{port['hostPort']}"
                if key in seen:
                    r.duplicate(f"{at}.hostPort", key)
                seen.add(key)


def volume_mounts(r: Report, data: JsonMap, path: str, around: Around) -> None:
    """Mounts of volumes that exist, each at a place of its own."""
    devices = {text(d, "name"): text(d, "devicePath") for d in data.get("volumeDevices") or ()}
    places: set[str] = set()
    for at, mount in items(data, "volumeMounts", path):
        name, place = text(mount, "name"), text(mount, "mountPath")
        if not name:
            r.required(f"{at}.name")
        if name not in around.volumes:
            r.not_found(f"{at}.name", name)
        if not place:
            r.required(f"{at}.mountPath")
        if place in places:
            r.invalid(f"{at}.mountPath", place, "must be unique")
        places.add(place)
        if name in devices:
            r.invalid(f"{at}.name", name, "must not already exist in volumeDevices")
        if place in devices.values():
            r.invalid(f"{at}.mountPath", place, "must not already exist as a path in volumeDevices")
        _sub_paths(r, mount, at, path)
        _propagation(r, mount, path, data)


def _sub_paths(r: Report, mount: JsonMap, at: str, path: str) -> None:
    sub, expression = text(mount, "subPath"), text(mount, "subPathExpr")
    if sub:
        descending_path(r, sub, f"{path}.subPath")
    if expression:
        if sub:
            r.invalid(f"{at}.subPathExpr", expression, "subPathExpr and subPath are mutually exclusive")
        descending_path(r, expression, f"{path}.subPathExpr")


def _propagation(r: Report, mount: JsonMap, path: str, container: JsonMap) -> None:
    mode = mount.get("mountPropagation")
    if mode is not None:
        modes = ("Bidirectional", "HostToContainer", "None")
        if mode not in modes:
            r.not_supported(f"{path}.mountPropagation", mode, modes)
        if mode == "Bidirectional" and not part(container, "securityContext").get("privileged"):
            said = "Bidirectional mount propagation is available only to privileged containers"
            r.forbidden(f"{path}.mountPropagation", said)
    recursive = mount.get("recursiveReadOnly")
    if recursive in ("Enabled", "IfPossible"):
        if not mount.get("readOnly"):
            r.forbidden(f"{path}.recursiveReadOnly", "may only be specified when readOnly is true")
        if mode not in (None, "None"):
            said = "may only be specified when mountPropagation is None or not specified"
            r.forbidden(f"{path}.recursiveReadOnly", said)
    elif recursive not in (None, "Disabled"):
        r.not_supported(f"{path}.recursiveReadOnly", recursive, ("Disabled", "Enabled", "IfPossible"))


def volume_devices(r: Report, data: JsonMap, path: str, around: Around) -> None:
    """Raw block devices: only of claims."""
    mounts = {text(m, "name"): text(m, "mountPath") for m in data.get("volumeMounts") or ()}
    seen_names: set[str] = set()
    seen_paths: set[str] = set()
    for at, device in items(data, "volumeDevices", path):
        name, place = text(device, "name"), text(device, "devicePath")
        if not name:
            r.required(f"{at}.name")
        if name in seen_names:
            r.invalid(f"{at}.name", name, "must be unique")
        volume = around.volumes.get(name)
        if volume is None:
            r.not_found(f"{at}.name", name)
        elif volume.get("persistentVolumeClaim") is None and volume.get("ephemeral") is None:
            said = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            r.invalid(f"{at}.name", name, said)
        if not place:
            r.required(f"{at}.devicePath")
        if place in seen_paths:
            r.invalid(f"{at}.devicePath", place, "must be unique")
        if has_backsteps(place):
            r.invalid(f"{at}.devicePath", place, "can not contain backsteps ('..')")
        else:
            seen_paths.add(place)
        if name in mounts:
            r.invalid(f"{at}.name", name, "must not already exist in volumeMounts")
        if place in mounts.values():
            r.invalid(f"{at}.devicePath", place, "must not already exist as a path in volumeMounts")
        if name:
            seen_names.add(name)


def _resize_policy(r: Report, data: JsonMap, path: str, restart_policy: str) -> None:
    seen: set[str] = set()
    for at, policy in items(data, "resizePolicy", path):
        name, restart = text(policy, "resourceName"), text(policy, "restartPolicy")
        if name in seen:
            r.duplicate(at, name)
        seen.add(name)
        r.one_of(path, name, ("cpu", "memory"))
        r.one_of(path, restart, ("NotRequired", "RestartContainer"))
        if restart_policy == "Never" and restart != "NotRequired":
            r.invalid(path, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")
