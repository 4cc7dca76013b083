"""labels, commonLabels, commonAnnotations, replicas and images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from kubesim_tui.kernel.regex import RegexError, compiled
from kubesim_tui.kernel.regex.posix import quoted
from kubesim_tui.kubectl.kustomize import specs
from kubesim_tui.kubectl.kustomize.fields import FieldSpec, add_pairs, each
from kubesim_tui.kubectl.kustomize.model import Data, Id, Items, KustomizeError, matching

_TAG = r"(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?"


def label(items: Items, entries: Iterable[Data], common: dict[str, str]) -> None:
    """Add labels: to the metadata, to Pod templates, to selectors, as each entry wants."""
    for entry in entries:
        own = [FieldSpec(**{"path": "", **field}) for field in entry.get("fields") or ()]
        if not all(spec.steps for spec in own):
            raise KustomizeError("labels: each of the fields must have a path")
        found: Iterable[FieldSpec] = specs.LABELS
        if entry.get("includeSelectors"):
            found = specs.COMMON_LABELS
        elif entry.get("includeTemplates"):
            found = (*specs.LABELS, *specs.TEMPLATE_LABELS)
        _add(items, (*own, *found), entry.get("pairs") or {})
    _add(items, specs.COMMON_LABELS, common)


def annotate(items: Items, pairs: dict[str, str]) -> None:
    """Add annotations to metadata and Pod templates."""
    _add(items, specs.ANNOTATIONS, pairs)


def _add(items: Items, where: Iterable[FieldSpec], pairs: dict[str, str]) -> None:
    found = tuple(where)
    for item in items if pairs else ():
        each(item, found, add_pairs(pairs), dict)


def replicas(items: Items, entry: Data) -> None:
    """Set how many Pods a workload has."""
    name, count = entry.get("name", ""), entry.get("count", 0)
    done = False
    for spec in specs.REPLICAS:
        for item in matching(items, partial(_called, name, spec.kind)):
            each(item, (spec,), lambda _old: count, int)
            done = True
    if not done:
        kinds = " ".join(f"{spec.kind}.[noVer].[noGrp]" for spec in specs.REPLICAS)
        raise KustomizeError(f"resource with name {name} does not match a config with the following GVK [{kinds}]")


def _called(name: str, kind: str, found: Id) -> bool:
    return found.name == name and found.kind == kind


# -- images ----------------------------------------------------------------------------------------------------------


def images(items: Items, entry: Data) -> None:
    """Give an image another name, tag or digest, wherever containers name it."""
    change = _renamed(entry)
    for item in items:
        if item.data.get("kind") != "CustomResourceDefinition":
            for container in _containers(item.data):
                container["image"] = change(container["image"])
        each(item, specs.IMAGES, change)


def _containers(value: Any) -> Iterator[Data]:
    """Every container in a resource, at any depth."""
    if isinstance(value, list):
        for part in value:
            yield from _containers(part)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _containers(inner)
            if name in ("containers", "initContainers") and isinstance(inner, list):
                yield from (c for c in inner if isinstance(c, dict) and isinstance(c.get("image"), str))


def _renamed(entry: Data) -> Callable[[Any], Any]:
    try:
        pattern = compiled(f"^{entry.get('name', '')}{_TAG}$")
    except RegexError:
        pattern = compiled(f"^{quoted(entry.get('name', ''))}{_TAG}$")

    def changed(image: Any) -> Any:
        if not isinstance(image, str) or not pattern.matches(image):
            return image
        name, tag, digest = split(image)
        name = entry.get("newName") or name
        if entry.get("newTag") or entry.get("digest"):
            tag, digest = entry.get("newTag") or "", entry.get("digest") or ""
        elif entry.get("tagSuffix"):
            tag, digest = tag + entry["tagSuffix"], ""
        return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")

    return changed


def split(image: str) -> tuple[str, str, str]:
    """(name, tag, digest); a registry's port is no tag."""
    rest, _, digest = image.partition("@")
    slash = max(rest.find("/"), 0)
    colon = rest.find(":", slash)
    return (rest[:colon], rest[colon + 1 :], digest) if colon >= 0 else (rest, "", digest)
