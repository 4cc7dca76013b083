"""Chains of causes: from the symptom, link by link, to a cause code of docs/CAUSES.md and the object to look at."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from kubesim_tui.api.types import Object

Subject = tuple[str, str, str]
"""(kind, namespace, name)."""


@frozen
class Link:
    """One link: what is so, who says it, since when, of which object, and the Event that told it."""

    text: str
    component: str = ""
    tick: int | None = None
    object: Subject | None = None
    event: str = ""

    def __deepcopy__(self, _memo: Any) -> Link:
        return self


@frozen
class Chain:
    """The links from symptom to cause, the cause's code, and the object that it is about."""

    links: tuple[Link, ...]
    cause: str
    object: Subject | None

    def __deepcopy__(self, _memo: Any) -> Chain:
        return self

    def after(self, *links: Link) -> Chain:
        """The same cause behind further symptoms."""
        return evolve(self, links=(*links, *self.links))

    def then(self, link: Link) -> Chain:
        """The same, and what is behind the cause."""
        return evolve(self, links=(*self.links, link))

    def seen_at(self, tick: int) -> Chain:
        """The same, where links that do not know since when they hold tell when that was seen."""
        links = tuple(link if link.tick is not None else evolve(link, tick=tick) for link in self.links)
        return evolve(self, links=links)


def subject(obj: Object) -> Subject:
    """What names an object."""
    return obj.kind, obj.metadata.namespace, obj.metadata.name


def name_of(about: Subject | None) -> str:
    """`configmap/api-config`, as traps and `why` write it; a system outside by its bare name."""
    if about is None:
        return ""
    kind, _, name = about
    return name if kind == "Outside" else f"{kind.lower()}/{name}"
