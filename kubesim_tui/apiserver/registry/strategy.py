"""What is particular to a kind when it is created, changed or deleted.

A strategy is a row of functions on frozen objects; the generic store (registry.store) calls them. A kind without a row
has no status subresource of its own behaviour and bumps its generation with every change of its spec.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from kubesim_tui.api.types import Object


def _same(obj: Object, _context: object) -> Object:
    return obj


def _keep(new: Object, _old: Object, _context: object) -> Object:
    return new


def _at_once(_obj: Object, _asked: int | None) -> int | None:
    return None


@frozen
class Strategy:
    """One kind's row."""

    create: Callable[[Object, object], Object] = _same  # (object, context): e.g. status reset, addresses allocated
    update: Callable[[Object, Object, object], Object] = _keep  # (new, old, context)
    grace: Callable[[Object, int | None], int | None] = _at_once  # seconds of graceful deletion; None: delete at once
    has_status: bool = True  # spec writes cannot touch status, and the other way round
    generation: bool = True  # metadata.generation counts changes of the spec
    released: Callable[[Object, object], None] | None = None  # after the object is gone: give back what it had
