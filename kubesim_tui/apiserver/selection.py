"""Which objects a list call means: label and field selectors."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object


def select(_resource: Resource, found: Iterable[Object], label_selector: str, field_selector: str) -> list[Object]:
    """The objects that both selectors choose."""
    assert not label_selector
    assert not field_selector
    return list(found)
