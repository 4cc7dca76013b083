"""A rule of RBAC: whom it lets do what, and what it covers of other rules (k8s.io/component-helpers/auth/rbac)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.fielderror import quoted

ALL = "*"


@frozen
class Rule:
    """verbs on resources of API groups (of those names only, if any are given), or on URLs."""

    verbs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    def allows(self, verb: str, group: str, resource: str, subresource: str) -> bool:
        """Whether a request for a resource is let pass (names are another question)."""
        return has(self.verbs, verb) and has(self.groups, group) and self._resource_matches(resource, subresource)

    def _resource_matches(self, resource: str, subresource: str) -> bool:
        if not subresource:
            return has(self.resources, resource)
        return has(self.resources, f"{resource}/{subresource}") or f"*/{subresource}" in self.resources

    def allows_name(self, name: str) -> bool:
        """Whether an object of this name is meant."""
        return not self.names or name in self.names

    def allows_url(self, verb: str, path: str) -> bool:
        """Whether a request for a URL is let pass."""
        return has(self.verbs, verb) and any(url == ALL or url_covers(url, path) for url in self.urls)

    def __str__(self) -> str:
        """As messages have it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`."""
        parts = (
            ("APIGroups", self.groups),
            ("Resources", self.resources),
            ("NonResourceURLs", self.urls),
            ("ResourceNames", self.names),
            ("Verbs", self.verbs),
        )
        return "{" + ", ".join(f"{k}:[{' '.join(quoted(v) for v in values)}]" for k, values in parts if values) + "}"


def from_json(data: Mapping[str, Any]) -> Rule:
    """A PolicyRule as Roles have it."""
    return Rule(
        tuple(data.get("verbs") or ()),
        tuple(data.get("apiGroups") or ()),
        tuple(data.get("resources") or ()),
        tuple(data.get("resourceNames") or ()),
        tuple(data.get("nonResourceURLs") or ()),
    )


def has(words: tuple[str, ...], wanted: str) -> bool:
    """Whether a word, or the star, is among words."""
    return wanted in words or ALL in words


def url_covers(url: str, path: str) -> bool:
    """`/apis/*` covers all that begins with `/apis/`."""
    return url == path or (url.endswith(ALL) and path.startswith(url.rstrip(ALL)))


# -- covering ----------------------------------------------------------------------------------------------------


def uncovered(owner: Iterable[Rule], servant: Iterable[Rule]) -> list[Rule]:
    """What of the servant's rules no rule of the owner covers, broken down to single combinations."""
    owned = tuple(owner)
    return [piece for rule in servant for piece in broken_down(rule) if not any(covers(o, piece) for o in owned)]


def broken_down(rule: Rule) -> Iterator[Rule]:
    """A rule as rules of one verb, one group, one resource, one name."""
    for group in rule.groups:
        for resource in rule.resources:
            for verb in rule.verbs:
                for name in rule.names or (None,):
                    yield Rule((verb,), (group,), (resource,), (name,) if name is not None else ())
    for url in rule.urls:
        for verb in rule.verbs:
            yield Rule((verb,), urls=(url,))


def covers(owner: Rule, piece: Rule) -> bool:
    """Whether one rule covers one combination."""
    return (
        _covers_all(owner.verbs, piece.verbs)
        and _covers_all(owner.groups, piece.groups)
        and all(_covers_resource(owner.resources, r) for r in piece.resources)
        and (not owner.names or (bool(piece.names) and all(n in owner.names for n in piece.names)))
        and all(any(url_covers(o, u) for o in owner.urls) for u in piece.urls)
    )


def _covers_all(owned: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return ALL in owned or all(w in owned for w in wanted)


def _covers_resource(owned: tuple[str, ...], wanted: str) -> bool:
    if has(owned, wanted):
        return True
    _, slash, subresource = wanted.partition("/")
    return bool(slash) and f"*/{subresource}" in owned


def compact(rules: Iterable[Rule]) -> list[Rule]:
    """Rules of the same single group and resource as one with all their verbs."""
    found: list[Rule] = []
    at: dict[tuple[str, ...], int] = {}
    for rule in rules:
        simple = len(rule.groups) == len(rule.resources) == 1 and not rule.names and not rule.urls
        key = (*rule.groups, *rule.resources) if simple else ()
        if key and key in at:
            old = found[at[key]]
            found[at[key]] = Rule((*old.verbs, *rule.verbs), old.groups, old.resources)
            continue
        if key:
            at[key] = len(found)
        found.append(rule)
    return found
