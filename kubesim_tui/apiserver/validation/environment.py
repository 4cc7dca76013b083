"""Environment variables of containers."""

from __future__ import annotations

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import downward
from kubesim_tui.apiserver.validation.paths import no_backsteps
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text
from kubesim_tui.apiserver.validation.walk import every_container

SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
NONE = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
SEVERAL = "may not have more than one field specified at a time"


def env(r: Report, container: JsonMap, path: str) -> None:
    """Single variables."""
    for at, variable in items(container, "env", path):
        if not text(variable, "name"):
            r.required(f"{at}.name")
        else:
            r.syntax(names.is_relaxed_env_var_name, f"{at}.name", variable["name"])
        if variable.get("valueFrom") is not None:
            _value_from(r, variable["valueFrom"], f"{at}.valueFrom", text(variable, "value"))


def _value_from(r: Report, source: JsonMap, path: str, value: str) -> None:
    given = [name for name in SOURCES if source.get(name) is not None]
    for name in given:
        _source(r, name, source[name], f"{path}.{name}")
    if not given:
        r.invalid(path, "", NONE)
    elif value:
        r.invalid(path, "", "may not be specified when `value` is not empty")
    elif len(given) > 1:
        r.invalid(path, "", SEVERAL)


def _source(r: Report, kind: str, source: JsonMap, path: str) -> None:
    if kind == "fieldRef":
        downward.field_ref(r, source, path, downward.ENV_FIELDS)
    elif kind == "resourceFieldRef":
        downward.resource_ref(r, source, path, volume=False)
    elif kind == "fileKeyRef":
        _file_key(r, source, path)
    else:
        _key(r, source, path)


def _file_key(r: Report, source: JsonMap, path: str) -> None:
    for name, check in (("key", names.is_relaxed_env_var_name), ("volumeName", names.is_dns1123_label)):
        if not text(source, name):
            r.required(f"{path}.{name}")
        else:
            r.syntax(check, f"{path}.{name}", source[name])
    if not text(source, "path"):
        r.required(f"{path}.path")
    else:
        no_backsteps(r, source["path"], f"{path}.path")


def file_volumes(r: Report, spec: JsonMap, path: str) -> None:
    """A file that variables come from lies in an emptyDir."""
    sources = {text(v, "name"): v for v in spec.get("volumes") or ()}
    for at, one in every_container(spec, path):
        for variable_at, variable in items(one, "env", f"{at}.env"):
            reference = part(variable, "valueFrom").get("fileKeyRef")
            if reference is None:
                continue
            name, where = text(reference, "volumeName"), f"{variable_at}.valueFrom.fileKeyRef.volumeName"
            if name not in sources:
                r.not_found(where, name)
            elif sources[name].get("emptyDir") is None:
                r.invalid(where, name, "referenced volume must be of type emptyDir")


def _key(r: Report, source: JsonMap, path: str) -> None:
    r.syntax(names.is_dns1123_subdomain, f"{path}.name", text(source, "name"))
    if not text(source, "key"):
        r.required(f"{path}.key")
    else:
        r.syntax(names.is_config_map_key, f"{path}.key", source["key"])


def env_from(r: Report, container: JsonMap, path: str) -> None:
    """Whole ConfigMaps and Secrets. (Upstream names the list, not the item, when the source is wrong.)"""
    for at, one in items(container, "envFrom", path):
        if text(one, "prefix"):
            r.syntax(names.is_relaxed_env_var_name, f"{at}.prefix", one["prefix"])
        given = [name for name in ("configMapRef", "secretRef") if one.get(name) is not None]
        for name in given:
            _reference(r, one[name], f"{at}.{name}.name")
        if not given:
            r.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(given) > 1:
            r.invalid(path, "", SEVERAL)


def _reference(r: Report, source: JsonMap, path: str) -> None:
    name = text(source, "name")
    if not name:
        r.required(path)
    for message in names.is_dns1123_subdomain(names.mask_trailing_dash(name)) if name else ():
        r.invalid(path, name, message)
