"""The containers of a Pod's spec, of all sorts, in upstream's order."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.apiserver.validation.report import JsonMap, items

KINDS = ("initContainers", "containers", "ephemeralContainers")


def every_container(spec: JsonMap, path: str) -> Iterator[tuple[str, JsonMap]]:
    """Each with its path; `path` is the spec's."""
    for kind in KINDS:
        yield from items(spec, kind, f"{path}.{kind}")
