"""Who depends on whom: from each owner's uid to the objects that name it. Kept from the watch of every resource."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import define, field, frozen

from kubesim_tui.api.types import Object, ObjectMeta


@frozen(order=True)
class Ref:
    """Names one object of any kind; `resource` is like "pods" or "replicasets.apps"."""

    resource: str
    namespace: str
    name: str


@define(eq=False)
class Graph:
    """The edges. Objects themselves stay in the caches."""

    _dependents: dict[str, dict[Ref, None]] = field(factory=dict)

    def update(self, ref: Ref, before: Object | None, now: Object | None) -> None:
        """An object came, changed or went: its edges follow."""
        old = _owners(before)
        new = _owners(now)
        if old == new:
            return
        for uid in old:
            if uid not in new:
                self._remove(uid, ref)
        for uid in new:
            if uid not in old:
                self._dependents.setdefault(uid, {})[ref] = None

    def _remove(self, uid: str, ref: Ref) -> None:
        found = self._dependents.get(uid)
        if found is not None:
            found.pop(ref, None)
            if not found:
                del self._dependents[uid]

    def of(self, uid: str) -> Iterator[Ref]:
        """The objects that name an owner with this uid, in the order of their coming."""
        return iter(tuple(self._dependents.get(uid, ())))

    def count(self, uid: str) -> int:
        """How many."""
        return len(self._dependents.get(uid, ()))

    def clear(self) -> None:
        """Forget all."""
        self._dependents.clear()


def _owners(obj: Object | None) -> tuple[str, ...]:
    references = obj.metadata.owner_references if obj is not None else ()
    return tuple([r.uid for r in references])


def blocks(meta: ObjectMeta, uid: str) -> bool:
    """Whether an object blocks the foreground deletion of the owner with this uid."""
    return any(r.uid == uid and r.block_owner_deletion for r in meta.owner_references)
