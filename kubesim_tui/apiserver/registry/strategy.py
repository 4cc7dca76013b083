"""What is particular to a kind when it is created, changed or deleted.

A strategy is a row of functions; the generic store (registry.store) and the door (server) call them. `prepare` works
on the JSON object before it is validated, as upstream's PrepareForCreate and PrepareForUpdate (and a Service's
allocations); the others work on frozen typed objects. A kind without a row has no behaviour of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.registry.context import Context
from kubesim_tui.apiserver.request import User

JsonMap = dict[str, Any]
Requested = Callable[[JsonMap, User], None]
Prepare = Callable[[JsonMap, JsonMap | None, Context], None]


def _nothing(_data: JsonMap, _old: JsonMap | None, _context: Context) -> None:
    pass


def _anybodys(_data: JsonMap, _user: User) -> None:
    pass


def _same(obj: Object, _context: Context) -> Object:
    return obj


def _unchanged(obj: Object) -> Object:
    return obj


def _keep(new: Object, _old: Object, _context: Context) -> Object:
    return new


def _finished(_obj: Object) -> bool:
    return True


METADATA = ("labels", "annotations", "finalizers", "owner_references")
"""What of the metadata clients may write at all."""


@frozen
class Strategy:
    """One kind's row."""

    requested: Requested = _anybodys  # (new JSON, who sends it), of a new object only
    prepare: Prepare = _nothing  # (new JSON, old JSON or None, context): StatusError if it cannot be done
    create: Callable[[Object, Context], Object] = _same
    stored: Callable[[Object], Object] = _unchanged  # a new object, as it is read back: reading fills in defaults, too
    update: Callable[[Object, Object, Context], Object] = _keep  # (new, old, context), of everything but the status
    status: Callable[[Object, Object, Context], Object] = _keep  # (new, old, context), of the status
    leaving: Callable[[Object, Context], Object] = _same  # when its deletion begins
    grace: Callable[[Object, int | None], int] | None = None  # seconds of graceful deletion; None: the kind has none
    finished: Callable[[Object], bool] = _finished  # a deleted object without finalizers may go
    writes: tuple[str, ...] = METADATA  # what of the metadata a write of the status may change, too
    has_status: bool = True  # spec writes cannot touch status, and the other way round
    keeps_status: bool = False  # a new object may bring its status
    generation: bool = False  # metadata.generation counts changes of the spec
    numbered: bool | None = None  # whether a new object has generation 1; None: if changes count
    labels_count: bool = False  # … and of the labels
    orphans: bool = False  # dependents are orphaned unless a deletion says otherwise
    unconditional: bool = True  # an update may leave out the resourceVersion

    @property
    def begins_numbered(self) -> bool:
        """Whether a new object has a generation."""
        return self.generation if self.numbered is None else self.numbered
