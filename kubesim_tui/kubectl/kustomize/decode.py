"""A kustomization file, checked: which fields it may have, and of what types. Old spellings become the new ones.

Faults name the file and the field: `k8s/kustomization.yaml: images[0].newTag: must be text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.yamlgo import nodes
from kubesim_tui.api.yamlgo.build import Builder, BuildProblem
from kubesim_tui.api.yamlgo.nodes import SyntaxProblem
from kubesim_tui.kubectl.kustomize.model import Data, KustomizeError

Shape = Any
"""What a field may hold: a name of a scalar, `[shape]`, `{"*": shape}` for a map, or the fields of an object."""

TEXT, NUMBER, SWITCH, ANY = "text", "number", "switch", "any"
PAIRS = {"*": TEXT}
SPEC = {"group": TEXT, "version": TEXT, "kind": TEXT, "path": TEXT, "create": SWITCH}
TARGET = {
    **dict.fromkeys(("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"), TEXT),
}
OPTIONS = {"labels": PAIRS, "annotations": PAIRS, "disableNameSuffixHash": SWITCH, "immutable": SWITCH}
GENERATOR = {
    **dict.fromkeys(("name", "namespace", "behavior", "env", "type"), TEXT),
    "literals": [TEXT],
    "files": [TEXT],
    "envs": [TEXT],
    "options": OPTIONS,
}
PATCH = {"path": TEXT, "patch": TEXT, "target": TARGET, "options": {"*": SWITCH}}
CUT = {"delimiter": TEXT, "index": NUMBER, "create": SWITCH, "encoding": TEXT}
REPLACEMENT = {
    "path": TEXT,
    "source": {**TARGET, "fieldPath": TEXT, "options": CUT},
    "sourceValue": TEXT,
    "targets": [{"select": TARGET, "reject": [TARGET], "fieldPaths": [TEXT], "options": CUT}],
}
IMAGE = dict.fromkeys(("name", "newName", "newTag", "digest", "tagSuffix"), TEXT)
LABEL = {"pairs": PAIRS, "includeSelectors": SWITCH, "includeTemplates": SWITCH, "fields": [SPEC]}
LEGACY = {"orderFirst": [TEXT], "orderLast": [TEXT]}

FIELDS: dict[str, Shape] = {
    **dict.fromkeys(("apiVersion", "kind", "namePrefix", "nameSuffix", "namespace"), TEXT),
    "metadata": ANY,
    "resources": [TEXT],
    "bases": [TEXT],
    "components": [TEXT],
    **dict.fromkeys(("commonLabels", "commonAnnotations"), PAIRS),
    "labels": [LABEL],
    "patches": [PATCH],
    "patchesStrategicMerge": [TEXT],
    "patchesJson6902": [PATCH],
    "images": [IMAGE],
    "imageTags": [IMAGE],
    "replicas": [{"name": TEXT, "count": NUMBER}],
    "replacements": [REPLACEMENT],
    "configMapGenerator": [GENERATOR],
    "secretGenerator": [GENERATOR],
    "generatorOptions": OPTIONS,
    "sortOptions": {"order": TEXT, "legacySortOptions": LEGACY},
}
UNSUPPORTED = (
    *(
        "buildMetadata",
        "configurations",
        "crds",
        "generators",
        "helmChartInflationGenerator",
        "helmCharts",
        "helmGlobals",
        "inventory",
    ),
    *("openapi", "transformers", "validators", "vars"),
)
"""Fields of kustomize that are not built here (docs/FIDELITY.md)."""

DEPRECATED = {
    "bases": "resources",
    "imageTags": "images",
    "commonLabels": "labels",
    "patchesJson6902": "patches",
    "patchesStrategicMerge": "patches",
}
EDIT_FIX = "Run 'kustomize edit fix' to update your Kustomization automatically."
_WORDS = {TEXT: "text", NUMBER: "a whole number", SWITCH: "true or false"}
_TYPES: Mapping[str, tuple[type, ...]] = {TEXT: (str,), NUMBER: (int,), SWITCH: (bool,)}


def parse_yaml(text: str, file: str) -> Any:
    """The JSON value of a YAML text; KustomizeError if it is none."""
    try:
        root = nodes.parse(text)
        return thaw(Builder().build(root)) if root is not None else None
    except (SyntaxProblem, BuildProblem) as wrong:
        raise KustomizeError(f"{file}: {wrong}") from None


def objects(text: str, file: str) -> list[Data]:
    """Every object of a manifest; KustomizeError for the first that is none."""
    found = []
    for document in manifest.read(text, file):
        if document.error is not None:
            raise KustomizeError(str(document.error))
        for where, line in document.duplicates:
            raise KustomizeError(f'{file}:{line}: mapping key "{where[-1]}" already defined')
        data = thaw(document.data)
        meta = data.get("metadata")
        for path, value in (("kind", data.get("kind")), ("apiVersion", data.get("apiVersion"))):
            if not isinstance(value, str) or not value:
                raise KustomizeError(f"{file}:{document.line}: missing {path}")
        if not isinstance(meta, dict) or not (meta.get("name") or meta.get("generateName")):
            raise KustomizeError(f"{file}:{document.line}: missing metadata.name")
        found.append(data)
    return found


def kustomization(text: str, file: str) -> tuple[Data, list[str]]:
    """(the fields of a kustomization file, warnings). KustomizeError for what does not belong there."""
    data = parse_yaml(text, file)
    if not data:
        raise KustomizeError(f"{file} is empty")
    if not isinstance(data, dict):
        raise KustomizeError(f"{file}: the fields of a kustomization are expected here")
    for name in data:
        if name in UNSUPPORTED:
            raise KustomizeError(f"{file}: {name}: not built here")
    found = _checked(data, FIELDS, file, "")
    _identify(found, file)
    warnings = [
        f"# Warning: '{old}' is deprecated. Please use '{new}' instead. {EDIT_FIX}"
        for old, new in DEPRECATED.items()
        if old in found
    ]
    for old, new in (("bases", "resources"), ("imageTags", "images")):
        found[new] = [*(found.get(new) or ()), *(found.pop(old, None) or ())]
    return found, warnings


def _identify(data: Data, file: str) -> None:
    kind = data.setdefault("kind", "Kustomization")
    if kind not in ("Kustomization", "Component"):
        raise KustomizeError(f"{file}: kind should be Kustomization or Component")
    version = "v1beta1" if kind == "Kustomization" else "v1alpha1"
    if data.get("apiVersion", f"kustomize.config.k8s.io/{version}") != f"kustomize.config.k8s.io/{version}":
        raise KustomizeError(f"{file}: apiVersion for {kind} should be kustomize.config.k8s.io/{version}")


def replacements(text: str, file: str) -> list[Data]:
    """The replacements of a file: one, or a list."""
    data = parse_yaml(text, file)
    found: list[Data] = _checked(data if isinstance(data, list) else [data], [REPLACEMENT], file, "")
    return found


def _checked(value: Any, shape: Shape, file: str, path: str) -> Any:
    """A value of a shape; nulls are left out."""
    if shape == ANY:
        return value
    if isinstance(shape, str):
        if not isinstance(value, _TYPES[shape]) or (shape == NUMBER and isinstance(value, bool)):
            raise _wrong(file, path, _WORDS[shape], value)
        return value
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise _wrong(file, path, "a list", value)
        return [_checked(v, shape[0], file, f"{path}[{i}]") for i, v in enumerate(value) if v is not None]
    if not isinstance(value, dict):
        raise _wrong(file, path, "a map", value)
    found = {}
    for name, inner in value.items():
        name = _known(name, shape)
        known = shape.get(name, shape.get("*"))
        if known is None:
            raise KustomizeError(f'{file}: {f"{path}: " if path else ""}json: unknown field "{name}"')
        if inner is not None:
            found[name] = _checked(inner, known, file, f"{path}.{name}".lstrip("."))
    return found


def _known(name: str, shape: dict[str, Shape]) -> str:
    """A field's name as it is spelled: Go's decoder does not mind capitals."""
    return next((n for n in shape if n.lower() == name.lower()), name)


def _wrong(file: str, path: str, wanted: str, value: Any) -> KustomizeError:
    return KustomizeError(f"{file}: {path or 'the file'}: must be {wanted}, not {value!r}")
