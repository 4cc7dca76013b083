"""What a build works on: resources as plain JSON, each with the names that it has borne so far.

A reference in another resource, or a patch, may speak of any of those names; so each transformer that renames notes the
former identity first (`remember`). References are mended at the very end, once every resource has its last name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from attrs import Factory, define, frozen

from kubesim_tui.api import scheme

Data = dict[str, Any]
MOST = 3000  # resources of a build
NO_NAMESPACE = "_non_namespaceable_"


class KustomizeError(Exception):
    """A kustomization that cannot be built."""


def as_map(value: Any) -> Data:
    """A map as it is; an empty one for what stands in its place, which is for the API server to refuse."""
    return value if isinstance(value, dict) else {}


def maps_in(value: Any) -> list[Data]:
    """The maps of a list; none of what stands in its place."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


@cache
def _clustered() -> frozenset[tuple[str, str]]:
    """Group and kind of what has no namespaces, whatever the version."""
    return frozenset((r.group, r.kind) for r in scheme.builtin() if not r.namespaced)


@frozen
class Id:
    """Which resource is meant: group, version, kind, namespace and name."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str

    @property
    def clustered(self) -> bool:
        """Whether the kind has no namespaces; an unknown kind is taken to have them."""
        return (self.group, self.kind) in _clustered()

    @property
    def where(self) -> str:
        """The namespace that counts: none is the same as `default`."""
        return NO_NAMESPACE if self.clustered else self.namespace or "default"

    def same(self, other: Id) -> bool:
        """Whether both name one resource."""
        mine = (self.group, self.version, self.kind, self.name, self.where)
        return mine == (other.group, other.version, other.kind, other.name, other.where)

    def selected(self, group: str, version: str, kind: str) -> bool:
        """Whether the type is the given one; what is empty does not matter."""
        return group in ("", self.group) and version in ("", self.version) and kind in ("", self.kind)

    def __str__(self) -> str:
        """As kustomize prints it: `Deployment.v1.apps/web.[noNs]`."""
        namespace = self.namespace or "[noNs]"
        return f"{self.kind}.{self.version or '[noVer]'}.{self.group or '[noGrp]'}/{self.name}.{namespace}"


@define(eq=False)
class Item:
    """One resource on its way through a build."""

    data: Data
    former: list[Id] = Factory(list)  # its identities before, oldest first
    prefixes: list[str] = Factory(list)
    suffixes: list[str] = Factory(list)
    hashed: bool = False  # its name will end in a hash of its content
    behavior: str = ""  # of a generated one: create, replace or merge

    @property
    def meta(self) -> Data:
        """Its metadata, made if there are none."""
        if not isinstance(self.data.get("metadata"), dict):
            self.data["metadata"] = {}
        found: Data = self.data["metadata"]
        return found

    @property
    def name(self) -> str:
        """Its present name."""
        return str(self.meta.get("name") or "")

    @property
    def id(self) -> Id:
        """Its present identity."""
        group, slash, version = str(self.data.get("apiVersion") or "").rpartition("/")
        namespace = str(self.meta.get("namespace") or "")
        return Id(group if slash else "", version, str(self.data.get("kind") or ""), namespace, self.name)

    @property
    def first_id(self) -> Id:
        """The identity in which it was read."""
        return self.former[0] if self.former else self.id

    @property
    def ids(self) -> list[Id]:
        """All its identities, the present one last."""
        return [*self.former, self.id]

    def remember(self) -> None:
        """Note the present identity: it is about to change."""
        self.former.append(self.id)


Items = list[Item]


def matching(items: Iterable[Item], wanted: Callable[[Id], bool]) -> Items:
    """The resources of which any identity is wanted."""
    return [item for item in items if any(wanted(i) for i in item.ids)]


def append(items: Items, item: Item) -> None:
    """Add a resource; KustomizeError if there is one of that identity."""
    if any(other.name == item.name and other.id.same(item.id) for other in items):
        raise KustomizeError(f"may not add resource with an already registered id: {item.id}")
    if len(items) >= MOST:
        raise KustomizeError(f"more than {MOST} resources are not built here")
    items.append(item)
