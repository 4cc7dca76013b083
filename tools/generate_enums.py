"""Generate kubesim_tui/kubectl/data/enums.json: the values that fields of enumerated types may have, for explain.

    go mod download k8s.io/api@v0.37.2 k8s.io/kube-openapi        (published Go modules; no dependencies of the project)
    .venv/bin/python tools/generate_enums.py PATH_TO_K8S_IO_API PATH_TO_KUBE_OPENAPI

The published JSON schemas leave the values out; an API server writes them, with their comments, behind a field's
description. Product: {definition: {field: [[value, comment], …]}}, and under "types" what Time and others are.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent / "kubesim_tui"
OUT = ROOT / "kubectl" / "data" / "enums.json"
SERVED = ROOT / "api" / "data" / "schema.json"
TYPES = "pkg/openapiconv/testdata_generated_from_k8s/v3_api.v1.json"  # where Time and others are described
TYPE = re.compile(r"^type (\w+) string\b")
CONST = re.compile(r'^\s*(?:const )?(\w+)\s+(\w+)\s*=\s*(?:\w+\()?"([^"]*)"')
STRUCT = re.compile(r"^type (\w+) struct \{")
FIELD = re.compile(r'^\t\w+\s+\*?(\w+)\s+`.*?json:"(\w+)')
SCALARS = {
    "t": "apis.meta.v1.Time",
    "T": "apis.meta.v1.MicroTime",
    "q": "api.resource.Quantity",
    "x": "util.intstr.IntOrString",
}


def read(path):
    """(names of enumerated types, (type, value, comment) of constants, (struct, field, type) of fields) of a file."""
    enums, values, fields, comment, struct = [], [], [], [], ""
    for line in path.read_text().splitlines():
        text = line.strip()
        if text.startswith("//"):
            comment.append(text[2:].strip())
            continue
        if match := TYPE.match(line):
            if "+enum" in comment:
                enums.append(match[1])
        elif match := STRUCT.match(line):
            struct = match[1]
        elif line == "}":
            struct = ""
        elif struct and (match := FIELD.match(line)):
            fields.append((struct, match[2], match[1]))
        elif not struct and (match := CONST.match(line)):
            name, kind, value = match.groups()
            words = " ".join(c for c in comment if not c.startswith("+")).strip()
            values.append((kind, value, words.removeprefix(name).strip()))
        comment = []
    return enums, values, fields


def main(api, openapi):
    found = {}
    served = json.loads(SERVED.read_text())["definitions"]
    for path in sorted(pathlib.Path(api).glob("*/v*/types.go")):
        group, version = path.parts[-3:-1]
        enums, values, fields = read(path)
        for struct, field, kind in fields:
            rows = sorted([value, comment] for of, value, comment in values if of == kind)
            definition = f"{group}.{version}.{struct}"
            if kind in enums and rows and definition in served:
                found.setdefault(definition, {})[field] = rows
    schemas = json.loads((pathlib.Path(openapi) / TYPES).read_text())["components"]["schemas"]
    found["types"] = {code: schemas[f"io.k8s.apimachinery.pkg.{name}"]["description"] for code, name in SCALARS.items()}
    OUT.write_text(json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
