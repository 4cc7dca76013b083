"""Objects as text: JSON, YAML, names, JSONPath, custom columns, templates.

`printer` reads -o; commands that print whole objects hand them over one by one, `get` as a list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubesim_tui.api import jsonpath
from kubesim_tui.api.scheme import Resource
from kubesim_tui.kubectl import discovery, tabwriter
from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import error

Data = dict[str, Any]
Printer = Callable[[Data], str]
"""One object (or a List) → its text, newline included."""

FORMATS = (
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "yaml",
)
COLUMNS = ("custom-columns", "custom-columns-file")


def printer(env: Env, *, get: bool = False) -> Printer | None:
    """The printer that -o asks for; None for the human form. Fail for an unknown format."""
    text = env.flags.text("output")
    if not text or (get and text == "wide"):
        return None
    name, equals, argument = text.partition("=")
    if name in ("json", "yaml", "kyaml", "name") and not equals:
        named: dict[str, Printer] = {"json": to_json, "yaml": _Yaml(), "kyaml": _kyaml, "name": _Names(env)}
        return named[name]
    if name in ("jsonpath", "jsonpath-as-json", "jsonpath-file"):
        return _jsonpath(env, name, argument if equals else env.flags.text("template"))
    if get and name in COLUMNS:
        return _columns(env, name, argument)
    if name in ("go-template", "template", "go-template-file", "templatefile"):
        return _template(env, name, argument if equals else env.flags.text("template"))
    allowed = ",".join(sorted((*FORMATS, *COLUMNS, "wide") if get else FORMATS))
    raise error(f'unable to match a printer suitable for the output format "{text}", allowed formats are: {allowed}')


def shown(env: Env, data: Data) -> Data:
    """An object as it is printed: without managedFields, unless they are asked for."""
    meta = data.get("metadata")
    if isinstance(meta, dict) and "managedFields" in meta and not env.flags["show-managed-fields"]:
        data = {**data, "metadata": {k: v for k, v in meta.items() if k != "managedFields"}}
    return data


def to_json(data: Data, indent: int = 4) -> str:
    """Indented JSON with sorted keys, as Go writes a map; a typed object (kind comes first) keeps its own order."""
    ordered = data if next(iter(data), "") == "kind" else dict(sorted(data.items()))
    ordered = {k: _sorted(v) for k, v in ordered.items()}
    text = json.dumps(ordered, indent=indent, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + "\n"


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _sorted(v) for k, v in sorted(value.items())}
    return [_sorted(v) for v in value] if isinstance(value, list | tuple) else value


def to_yaml(data: Data) -> str:
    """YAML."""
    from kubesim_tui.api.manifest import dump

    return dump(data)


class _Yaml:
    """YAML documents, `---` between them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, data: Data) -> str:
        self.count += 1
        return ("---\n" if self.count > 1 else "") + to_yaml(data)


def _kyaml(data: Data) -> str:
    from kubesim_tui.kubectl.kyaml import dump

    return dump(data)


def list_of(items: Sequence[Data]) -> Data:
    """The List that `get` makes of several objects."""
    return {"apiVersion": "v1", "items": list(items), "kind": "List", "metadata": {"resourceVersion": ""}}


def typed_list(items: Sequence[Data]) -> Data:
    """The List that writing commands make of several objects."""
    return {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": list(items)}


class _Names:
    """`pod/web-1`."""

    def __init__(self, env: Env) -> None:
        self.env = env

    def __call__(self, data: Data) -> str:
        if data.get("kind", "").endswith("List") and "items" in data:
            return "".join(self(item) for item in data["items"])
        group, slash, _ = data.get("apiVersion", "").partition("/")
        kind, name = data.get("kind", "").lower(), (data.get("metadata") or {}).get("name", "")
        return f"{kind}.{group}/{name}\n" if slash else f"{kind}/{name}\n"


def _read(env: Env, path: str, what: str = "--template") -> str:
    try:
        return env.terminal.read(path)
    except OSError as failure:
        raise error(f"error reading {what} {path}, open {path}: {(failure.strerror or str(failure)).lower()}") from None


def _jsonpath(env: Env, name: str, template: str) -> Printer:
    if not template:
        raise error("template format specified but no template given")
    if name == "jsonpath-file":
        template = _read(env, template)
    try:
        nodes = jsonpath.parse(template)
    except jsonpath.JsonPathError as wrong:
        raise error(f"error parsing jsonpath {template}, {wrong}") from None
    return _JsonPath(template, nodes, name == "jsonpath-as-json", env.flags["allow-missing-template-keys"] is not False)


class _JsonPath:
    def __init__(self, template: str, nodes: Sequence[jsonpath.Node], as_json: bool, missing: bool) -> None:
        self.template, self.nodes, self.as_json, self.missing = template, nodes, as_json, missing

    def __call__(self, data: Data) -> str:
        try:
            if self.as_json:
                found = jsonpath.find(self.nodes, data, missing=self.missing)
                return json.dumps(found, indent=4, sort_keys=True) + "\n"
            return jsonpath.render(self.nodes, data, missing=self.missing)
        except jsonpath.JsonPathError as wrong:
            raise error(
                f'error executing jsonpath "{self.template}": Error executing template: {wrong}. Printing more '
                f"information for debugging the template:\n\ttemplate was:\n\t\t{self.template}\n\tobject given to "
                f"jsonpath engine was:\n\t\t{go_value(data)}\n\n"
            ) from None


def go_value(value: Any) -> str:
    """A JSON value as Go prints it with %#v."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(k)}:{go_value(v)}" for k, v in sorted(value.items()))
        return f"map[string]interface {{}}{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[]interface {{}}{{{', '.join(map(go_value, value))}}}"
    if value is None:
        return "interface {}(nil)"
    return str(value).lower() if isinstance(value, bool) else json.dumps(value)


def _template(env: Env, name: str, template: str) -> Printer:
    from kubesim_tui.kubectl import template as go

    if not template:
        raise error("template format specified but no template given")
    if name in ("go-template-file", "templatefile"):
        template = _read(env, template)
    return go.Template(template)


def _columns(env: Env, name: str, argument: str) -> Printer:
    if not argument:
        raise error(f"{name} format specified but no custom columns given")
    if name == "custom-columns-file":
        lines = _read(env, argument, "template").splitlines()
        if len(lines) < 2:
            raise error("expected at least two lines of custom columns")
        argument = ",".join(f"{h}:{p}" for h, p in zip(lines[0].split(), lines[1].split(), strict=False))
    headers, paths = [], []
    for part in argument.split(","):
        header, colon, path = part.partition(":")
        if not colon:
            raise error(f"unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
        headers.append(header)
        try:
            paths.append(jsonpath.parse(jsonpath.relaxed(path)))
        except jsonpath.JsonPathError as wrong:
            raise error(str(wrong)) from None
    return _CustomColumns(headers, paths, bool(env.flags["no-headers"]))


class _CustomColumns:
    def __init__(self, headers: list[str], paths: list[tuple[jsonpath.Node, ...]], bare: bool) -> None:
        self.headers, self.paths, self.bare = headers, paths, bare

    def __call__(self, data: Data) -> str:
        items = data["items"] if data.get("kind") == "List" and "items" in data else [data]
        body = [[self._cell(path, item) for path in self.paths] for item in items]
        return "".join(f"{line}\n" for line in tabwriter.rows([] if self.bare else self.headers, body))

    def _cell(self, path: Sequence[jsonpath.Node], item: Data) -> str:
        try:
            found = jsonpath.find(path, item)
        except jsonpath.JsonPathError as wrong:
            raise error(str(wrong)) from None
        return ",".join(_plain(v) for v in found) or "<none>"


def _plain(value: Any) -> str:
    """A value as Go prints it with %v."""
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{k}:{_plain(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(map(_plain, value)) + "]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def report(env: Env, resource: Resource, data: Data, done: str, *, dry: bool = True) -> None:
    """Say what was done with an object: `deployment.apps/web scaled`, or print it as -o asks."""
    suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(env.dry_run(), "") if dry else ""
    text = env.flags.text("output")
    if text and text != "name":
        env.printer = env.printer or printer(env)
        assert env.printer is not None
        env.say_raw(env.printer(shown(env, data)))
        return
    name = f"{discovery.label(resource)}/{data['metadata'].get('name', '')}"
    env.say(name if text == "name" else f"{name} {done}{suffix}")
