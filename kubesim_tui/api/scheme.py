"""The scheme: which kinds are served, under which names, and which class holds them.

Built-in kinds are constant and read from data/schema.json (generated from the published schemas). Custom kinds live
in an overlay that each API server holds for itself.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from attrs import frozen

from kubesim_tui.api import types


@frozen
class Resource:
    """One served kind: its names, whether it lives in a namespace, its definition in the schema."""

    definition: str  # "apps.v1.Deployment"
    group: str  # "" for the core group
    version: str
    plural: str
    singular: str
    short_names: tuple[str, ...]
    namespaced: bool
    categories: tuple[str, ...]
    kind: str
    cls: type[types.Object]

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> str:
        """`pods` or `deployments.apps`, as messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def __deepcopy__(self, _memo: Any) -> Resource:
        return self


@frozen
class Definition:
    """One definition of the schema: each field's type code, what is required, how a patch merges its lists."""

    fields: dict[str, str]
    required: tuple[str, ...]
    merge: dict[str, dict[str, Any]]
    open: bool  # no properties are published: anything goes


@cache
def _document() -> dict[str, Any]:
    text = resources.files("kubesim_tui.api").joinpath("data/schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@cache
def definition(name: str) -> Definition:
    """A definition by its short name (`core.v1.PodSpec`); KeyError if it is not in the closure of a served kind."""
    row = _document()["definitions"][name]
    return Definition(row["fields"], tuple(row.get("required", ())), row.get("merge", {}), row.get("open", False))


@cache
def builtin() -> tuple[Resource, ...]:
    """Every built-in kind, in the order in which discovery lists them."""
    return tuple(_resource(row) for row in _document()["kinds"])


def _resource(row: list[Any]) -> Resource:
    name, group, version, plural, singular, short_names, namespaced, categories = row
    kind = name.rsplit(".", 1)[1]
    cls = getattr(types, kind, None)
    fits = isinstance(cls, type) and issubclass(cls, types.Object) and cls.api_version == _api_version(group, version)
    found: type[types.Object] = cls if fits else types.Unstructured  # type: ignore[assignment]
    return Resource(
        name, group, version, plural, singular, tuple(short_names), namespaced, tuple(categories), kind, found
    )


def _api_version(group: str, version: str) -> str:
    return f"{group}/{version}" if group else version


@cache
def _by_kind() -> dict[tuple[str, str], Resource]:
    return {(r.api_version, r.kind): r for r in builtin()}


@cache
def _by_plural() -> dict[str, Resource]:
    """First wins: `events` is the core kind, `horizontalpodautoscalers` autoscaling/v2 (the preferred version)."""
    found: dict[str, Resource] = {}
    for r in sorted(builtin(), key=lambda r: r.definition.startswith("autoscaling.v1.")):
        found.setdefault(r.plural, r)
    return found


def for_kind(api_version: str, kind: str) -> Resource | None:
    """The resource of an apiVersion and kind, or None."""
    return _by_kind().get((api_version, kind))


@cache
def _stable() -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for r in builtin():
        if r.version != "v1beta1":
            found.setdefault(r.kind, r)
    return found


def named(kind: str) -> Resource | None:
    """The resource of a kind by its name alone, in its stable version; None if it is not built in."""
    return _stable().get(kind)


@cache
def _by_group_resource() -> dict[str, Resource]:
    return {r.group_resource: r for r in reversed(builtin())}


def for_group_resource(name: str) -> Resource | None:
    """The resource that messages name `deployments.apps`, in its first version; None if it is not built in."""
    return _by_group_resource().get(name)


def for_plural(plural: str) -> Resource:
    """The preferred resource of a plural name; KeyError if it is not built in."""
    return _by_plural()[plural]


def of(obj: types.Object) -> Resource:
    """The resource of a typed object; KeyError if its kind is not built in."""
    return _by_kind()[obj.api_version, obj.kind]
