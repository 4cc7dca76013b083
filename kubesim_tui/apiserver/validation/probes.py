"""Probes and lifecycle hooks: the handlers that both are made of."""

from __future__ import annotations

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation.report import JsonMap, Report, number, text

HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def port(r: Report, value: object, path: str) -> None:
    """A port by number or name."""
    if isinstance(value, str):
        r.syntax(names.is_valid_port_name, path, value)
    else:
        found = value if isinstance(value, int) else 0
        for message in names.is_valid_port_num(found):
            r.invalid(path, found, message)


def _exec(r: Report, action: JsonMap, path: str) -> None:
    if not action.get("command"):
        r.required(f"{path}.command")


def _http_get(r: Report, action: JsonMap, path: str) -> None:
    if not text(action, "path"):
        r.required(f"{path}.path")
    port(r, action.get("port"), f"{path}.port")
    if text(action, "scheme") not in ("HTTP", "HTTPS"):
        r.not_supported(f"{path}.scheme", text(action, "scheme"), ("HTTP", "HTTPS"))
    for header in action.get("httpHeaders") or ():
        r.syntax(names.is_http_header_name, f"{path}.httpHeaders", text(header, "name"))


def _port_only(r: Report, action: JsonMap, path: str) -> None:
    port(r, action.get("port"), f"{path}.port")


def handler(r: Report, data: JsonMap, path: str, grace: int | None) -> None:
    """Exactly one kind of handler."""
    given = [name for name in HANDLERS if data.get(name) is not None]
    for i, name in enumerate(given):
        if i:
            r.forbidden(f"{path}.{name}", "may not specify more than 1 handler type")
        elif name == "sleep":
            _sleep(r, data[name], f"{path}.sleep", grace)
        else:
            rule = {"exec": _exec, "httpGet": _http_get}.get(name, _port_only)
            rule(r, data[name], f"{path}.{name}")
    if not given:
        r.required(path, "must specify a handler type")


def _sleep(r: Report, action: JsonMap, path: str, grace: int | None) -> None:
    seconds = number(action, "seconds")
    if grace is not None and not 0 <= seconds <= grace:
        said = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        r.invalid(path, seconds, said)


def probe(r: Report, data: JsonMap | None, path: str, grace: int | None) -> None:
    """A probe of any sort, if there is one."""
    if data is None:
        return
    handler(r, data, path, grace)
    for name in TIMES:
        r.not_negative(f"{path}.{name}", data.get(name))
    own = data.get("terminationGracePeriodSeconds")
    if own is not None and own <= 0:
        r.invalid(f"{path}.terminationGracePeriodSeconds", own, "must be greater than 0")


def probes(r: Report, container: JsonMap, path: str, grace: int | None) -> None:
    """The three probes of a container."""
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        data, at = container.get(name), f"{path}.{name}"
        probe(r, data, at, grace)
        if data is None:
            continue
        if name == "readinessProbe":
            own = data.get("terminationGracePeriodSeconds")
            if own is not None:
                r.invalid(f"{at}.terminationGracePeriodSeconds", own, "must not be set for readinessProbes")
        elif number(data, "successThreshold") != 1:
            r.invalid(f"{at}.successThreshold", number(data, "successThreshold"), "must be 1")


def lifecycle(r: Report, data: JsonMap | None, path: str, grace: int | None) -> None:
    """What runs after the start and before the stop of a container."""
    for name in ("postStart", "preStop"):
        if data is not None and data.get(name) is not None:
            handler(r, data[name], f"{path}.{name}", grace)
