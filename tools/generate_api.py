"""Generate kubesim_tui/api/types/*.py and kubesim_tui/api/data/schema.json from the published schemas.

    .venv/bin/python tools/generate_api.py        (or: make generate)

Source: kubernetes-validate 1.37.0 (a development dependency), which packs the OpenAPI definitions of Kubernetes.
Two products:

- data/schema.json: for the closure of every served kind, each definition's fields with their type, and how lists and
  maps are merged by a patch. Strict decoding, patches and `explain` read it. data/descriptions.json.gz: the texts.
- types/: frozen attrs classes, but only for the classes and fields that the engine *reads* (tools/typed.py). The rest
  of an object is kept as frozen JSON.

Type codes: s string · i integer · n number · b boolean · q Quantity · t Time · T MicroTime · x IntOrString · y bytes
(base64) · * any JSON · []C list of C · {}C map of C · a definition's short name.
"""

import gzip
import json
import pathlib
import re

import kubernetes_validate
from typed import KINDS, NULLABLE, READ_AS, TYPED

ROOT = pathlib.Path(__file__).parent.parent / "kubesim_tui" / "api"
SOURCE = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema/v1.37.0-local/_definitions.json"
PREFIXES = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apimachinery.pkg.",
    "io.k8s.apiextensions-apiserver.pkg.apis.",
    "io.k8s.kube-aggregator.pkg.apis.",
)
SCALARS = {
    "meta.v1.Time": "t",
    "meta.v1.MicroTime": "T",
    "api.resource.Quantity": "q",
    "util.intstr.IntOrString": "x",
    "runtime.RawExtension": "*",
    "meta.v1.FieldsV1": "*",
    "apiextensions.v1.JSON": "*",
    "apiextensions.v1.JSONSchemaPropsOrArray": "*",
    "apiextensions.v1.JSONSchemaPropsOrBool": "*",
    "apiextensions.v1.JSONSchemaPropsOrStringArray": "*",
}


def short(name):
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def code(schema):
    """The type code of a property's schema."""
    if "$ref" in schema:
        name = short(schema["$ref"].rsplit("/", 1)[1])
        return SCALARS.get(name, name)
    kind = schema.get("type")
    kinds = [k for k in (kind if isinstance(kind, list) else [kind]) if k != "null"]
    if kinds == ["array"]:
        return "[]" + code(schema["items"])
    if kinds == ["object"]:
        inner = schema.get("additionalProperties")
        return "{}" + code(inner) if isinstance(inner, dict) else "*"
    if kinds == ["string"]:
        return "y" if schema.get("format") == "byte" else "s"
    return {"integer": "i", "number": "n", "boolean": "b"}.get(kinds[0], "*") if kinds and kinds[0] else "*"


def merge(schema):
    """How a strategic or server-side merge treats this list or map, or None if it simply replaces it."""
    found = {
        "key": schema.get("x-kubernetes-patch-merge-key"),
        "strategy": schema.get("x-kubernetes-patch-strategy"),
        "list": schema.get("x-kubernetes-list-type"),
        "keys": schema.get("x-kubernetes-list-map-keys"),
        "map": schema.get("x-kubernetes-map-type"),
    }
    return {k: v for k, v in found.items() if v} or None


def references(type_code):
    inner = re.sub(r"^(\[\]|\{\})+", "", type_code)
    return [inner] if "." in inner else []


def build_schema(definitions):
    """The closure of every served kind: {short name: {"fields": {...}, "required": [...], "merge": {...}}}."""
    wanted, table, texts = [d for d, *_ in KINDS], {}, {}
    while wanted:
        name = wanted.pop()
        if name in table:
            continue
        schema = definitions[name]
        fields = {p: code(s) for p, s in sorted(schema.get("properties", {}).items())}
        entry = {"fields": fields}
        if schema.get("required"):
            entry["required"] = schema["required"]
        merges = {p: m for p, s in sorted(schema.get("properties", {}).items()) if (m := merge(s))}
        if merges:
            entry["merge"] = merges
        if not schema.get("properties"):
            entry["open"] = True
        table[name] = entry
        texts[name] = {"": schema.get("description", "")} | {
            p: s.get("description", "") for p, s in sorted(schema.get("properties", {}).items())
        }
        wanted += [r for c in fields.values() for r in references(c)]
    return dict(sorted(table.items())), dict(sorted(texts.items()))


def snake(name):
    name = name.replace("IPs", "Ips").replace("CIDR", "Cidr").replace("ID", "Id").replace("IPC", "Ipc")
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()
    return name + "_" if name in {"from", "continue"} else name


def class_name(definition):
    return CLASH.get(definition, definition.rsplit(".", 1)[1])


CLASH = {"discovery.v1.EndpointPort": "EndpointSlicePort", "core.v1.EndpointPort": "EndpointsPort"}


def annotation(type_code, definition, field, required):
    """(annotation, default) of a Python attribute."""
    dotted = f"{definition.rsplit('.', 1)[1]}.{field}"
    if type_code.startswith("[]"):
        inner = type_code[2:]
        return f"tuple[{python(inner)}, ...]", "()"
    if type_code.startswith("{}"):
        return f"Mapping[str, {python(type_code[2:])}]", "EMPTY"
    if type_code in "sqy":
        return ("str | None", "None") if dotted in NULLABLE else ("str", '""')
    if type_code in ("i", "n"):
        counts = required or (definition.endswith("Status") and dotted not in NULLABLE)
        return ("int", "0") if counts else ("int | None", "None")
    if type_code == "b":
        return ("bool", "False") if required else ("bool | None", "None")
    if type_code == "x":
        return "int | str | None", "None"
    if type_code in ("t", "T"):
        return "int | None", "None"
    if type_code in TYPED:
        return f"{class_name(type_code)} | None", "None"
    return "Json", "None"


def python(type_code):
    if type_code in TYPED:
        return class_name(type_code)
    if type_code.startswith("[]"):
        return f"tuple[{python(type_code[2:])}, ...]"
    return {"s": "str", "q": "str", "y": "str", "i": "int", "b": "bool", "t": "int", "T": "int", "x": "int | str"}.get(
        type_code, "Json"
    )


def engine_code(type_code, required):
    """The code in FIELDS: as in the schema, untyped definitions as `*`, and `!` for what is written even when zero."""
    prefix = ""
    while type_code[:2] in ("[]", "{}"):
        prefix, type_code = prefix + type_code[:2], type_code[2:]
    if "." in type_code:
        type_code = class_name(type_code) if type_code in TYPED else "*"
    return prefix + type_code + ("!" if required and not prefix and type_code in "sib" else "")


def read_as(type_code):
    """A field's code, with the definition that the engine takes for it."""
    prefix = "[]" if type_code.startswith("[]") else ""
    inner = type_code.removeprefix(prefix)
    return prefix + READ_AS.get(inner, inner)


def emit_class(definition, table, kind_of):
    entry, name = table[definition], class_name(definition)
    required = set(entry.get("required", ()))
    own = ("apiVersion", "kind") if definition in kind_of else ()
    fields = TYPED[definition] or [f for f in entry["fields"] if f not in own]
    unknown = [f for f in fields if f not in entry["fields"]]
    if unknown:
        raise SystemExit(f"tools/typed.py: {definition} has no field {', '.join(unknown)}")
    rows, attributes = [], []
    for field in fields:
        type_code, attr = read_as(entry["fields"][field]), snake(field)
        if definition == "meta.v1.ObjectMeta" and field in ("resourceVersion",):
            rows.append((field, attr, "r"))
            attributes.append(f"    {attr}: int = 0")
            continue
        hint, default = annotation(type_code, definition, field, field in required)
        if definition in kind_of and field == "metadata":
            hint, default = "ObjectMeta", "NO_META"
        rows.append((field, attr, engine_code(type_code, field in required)))
        attributes.append(f"    {attr}: {hint} = {default}")
    lines = [
        "@frozen(eq=False, repr=False, weakref_slot=False)",
        f"class {name}({'Object' if definition in kind_of else 'Struct'}):",
    ]
    lines.append(f'    """{definition}."""')
    lines.append("")
    if definition in kind_of:
        lines.append(f'    api_version: ClassVar[str] = "{kind_of[definition]}"')
        lines.append(f'    kind: ClassVar[str] = "{definition.rsplit(".", 1)[1]}"')
    lines.append(f"    FIELDS: ClassVar[Rows] = {tuple(rows)!r}")
    lines += attributes
    lines.append("    rest: Mapping[str, Json] = EMPTY")
    return "\n".join(lines)


HEADER = '''"""{title}: the typed part of these kinds. Generated by tools/generate_api.py; do not edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import frozen

from kubesim_tui.api.frozen import EMPTY, Json
from kubesim_tui.api.struct import Struct
{imports}
Rows = tuple[tuple[str, str, str], ...]
'''


def module_of(definition):
    return definition.rsplit(".", 1)[0].replace(".", "_")


def emit_types(table):
    kind_of = {d: (f"{g}/{v}" if g else v) for d, g, v, *_ in KINDS}
    modules = {}
    for definition in TYPED:
        modules.setdefault(module_of(definition), []).append(definition)
    exported = {}
    for module, definitions in modules.items():
        used = set()
        for d in definitions:
            for f in TYPED[d] or table[d]["fields"]:
                used |= {r for r in references(table[d]["fields"][f]) if r in TYPED and module_of(r) != module}
        imports = ""
        for other in sorted({module_of(u) for u in used} - {"meta_v1"}):
            names = sorted(class_name(u) for u in used if module_of(u) == other)
            imports += f"from kubesim_tui.api.types.{other} import {', '.join(names)}\n"
        meta = sorted({class_name(u) for u in used if module_of(u) == "meta_v1"})
        if module != "meta_v1" and any(d in kind_of for d in definitions):
            meta += ["NO_META", "Object"]
        if meta:
            imports += f"from kubesim_tui.api.types.meta_v1 import {', '.join(sorted(set(meta)))}\n"
        body = [HEADER.format(title=module.replace("_", "/"), imports=imports)]
        for d in definitions:
            body.append(emit_class(d, table, kind_of))
            exported[class_name(d)] = module
        if module == "meta_v1":
            body.append(META_TAIL)
        (ROOT / "types" / f"{module}.py").write_text("\n\n\n".join(b.strip("\n") for b in body) + "\n")
    lines = ['"""All typed kinds and their pieces, by name. Generated by tools/generate_api.py; do not edit."""', ""]
    for module in sorted(modules):
        names = sorted(n for n, m in exported.items() if m == module)
        if module == "meta_v1":
            names = sorted([*names, "NO_META", "Object", "Unstructured"])
        lines.append(f"from kubesim_tui.api.types.{module} import " + ", ".join(f"{n} as {n}" for n in names))
    (ROOT / "types" / "__init__.py").write_text("\n".join(lines) + "\n")


META_TAIL = '''
NO_META = ObjectMeta()


class Object(Struct):
    """What every kind has: an apiVersion, a kind and metadata."""

    __slots__ = ()
    api_version: ClassVar[str] = ""
    kind: ClassVar[str] = ""
    metadata: ObjectMeta
    rest: Mapping[str, Json]


@frozen(eq=False, repr=False, weakref_slot=False)
class Unstructured(Object):
    """An object of a kind that the engine only keeps: everything but its metadata is frozen JSON in `rest`."""

    FIELDS: ClassVar[Rows] = (("metadata", "metadata", "ObjectMeta"),)
    api_version: str = ""  # type: ignore[misc]
    kind: str = ""  # type: ignore[misc]
    metadata: ObjectMeta = NO_META
    rest: Mapping[str, Json] = EMPTY
'''


def main():
    definitions = {short(n): s for n, s in json.loads(SOURCE.read_text())["$defs"].items()}
    table, texts = build_schema(definitions)
    kinds = [list(row) for row in KINDS]
    (ROOT / "data").mkdir(exist_ok=True)
    (ROOT / "types").mkdir(exist_ok=True)
    document = {"kinds": kinds, "definitions": table}
    (ROOT / "data" / "schema.json").write_text(json.dumps(document, separators=(",", ":"), sort_keys=False) + "\n")
    packed = gzip.compress(json.dumps(texts, separators=(",", ":")).encode(), mtime=0)
    (ROOT / "data" / "descriptions.json.gz").write_bytes(packed)
    emit_types(table)
    print(f"{len(table)} definitions, {len(TYPED)} typed, {len(KINDS)} kinds")


if __name__ == "__main__":
    main()
