"""Forms of configuration: keys of ConfigMaps and Secrets, variables of the environment."""

from __future__ import annotations

from typing import Any

from kubesim_tui.game.form import About, Line, Values, quote
from kubesim_tui.game.menu_texts import label
from kubesim_tui.game.state import Field


def addresses(about: About, value: str) -> tuple[str, ...]:
    """The same address at each other system outside that is like the one it names."""
    outside = [system.name for system in about.game.level.cluster.outside]
    here = next((name for name in outside if name in value), "")
    return tuple(value.replace(here, name) for name in outside if name != here) if here else ()


def key(about: About) -> list[Field]:
    """The value of one key."""
    if about.data.get("kind") == "Secret":
        there = about.data.get("data", {}).get(about.part, "")
        size = len(there) * 3 // 4 - there.count("=")
        hint = f"{label('secret', about.language, n=size)}; {label('encoded', about.language)}"
        return [about.field("value", "", hint=hint, word=about.part)]
    value = str(about.data.get("data", {}).get(about.part, ""))
    return [about.field("value", value, addresses(about, value), word=about.part)]


def write_key(about: About, values: Values) -> Line:
    """A patch of that key."""
    return _write(about, about.part, values["value"])


def new_key(about: About) -> list[Field]:
    """A key and its value."""
    hint = label("encoded", about.language) if about.data.get("kind") == "Secret" else ""
    return [about.field("key", ""), about.field("value", "", hint=hint)]


def write_new_key(about: About, values: Values) -> Line:
    """A patch that adds it."""
    return _write(about, about.word(values, "key"), values["value"])


def _write(about: About, name: str, value: str) -> Line:
    part = "stringData" if about.data.get("kind") == "Secret" else "data"
    return about.patch({part: {name: value}})


def env(about: About) -> list[Field]:
    """A variable and its value; where the value comes from now is said."""
    names = tuple(e["name"] for c in about.containers for e in c.get("env", ()))
    there: dict[str, Any] = next((e for c in about.containers for e in c.get("env", ())), {})
    value = str(there.get("value", ""))
    source = _source(there)
    shown = _from_config(about, there)
    choices = addresses(about, value or shown)
    hint = label("from", about.language, source=source) if source else ""
    name = about.field("name", names[0] if names else "", names)
    return [*about.which(), name, about.field("value", value or shown, choices, hint=hint)]


def _source(variable: dict[str, Any]) -> str:
    """`configmap/api-config db_url`."""
    for word, kind in (("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")):
        if found := variable.get("valueFrom", {}).get(word):
            return f"{kind}/{found.get('name', '')} {found.get('key', '')}"
    return ""


def _from_config(about: About, variable: dict[str, Any]) -> str:
    """What a variable that comes from a ConfigMap would be."""
    found = variable.get("valueFrom", {}).get("configMapKeyRef")
    if not found:
        return ""
    where = (about.ref.namespace, found.get("name", ""))
    config: Any = about.game.cluster.etcd.get("configmaps", where)
    return str(config.data.get(found.get("key", ""), "")) if config is not None else ""


def write_env(about: About, values: Values) -> Line:
    """kubectl set env."""
    name = about.word(values, "name")
    which = f" -c {about.container(values)['name']}" if len(about.containers) > 1 else ""
    return Line(f"kubectl set env {about.name}{which} {quote(name + '=' + values['value'])}")
