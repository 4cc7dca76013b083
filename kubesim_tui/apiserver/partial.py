"""PartialObjectMetadata: objects of which only the metadata are wanted (`as=PartialObjectMetadata` in Accept)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.types import Object, Unstructured

VERSION, KIND = "meta.k8s.io/v1", "PartialObjectMetadata"


def answer(found: Any) -> Any:
    """An answer of the door, an object or a list of them, as metadata only. What is neither stays as it is."""
    if isinstance(found, Object):
        return Unstructured(VERSION, KIND, found.metadata)
    return [answer(obj) for obj in found] if isinstance(found, list) else found
