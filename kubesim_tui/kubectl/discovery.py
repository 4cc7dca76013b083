"""Which types the server serves, and what people call them: `po`, `pods`, `deploy.apps`, `deploy.v1.apps`, `Pod`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.apiextensions.versions import order as version_order
from kubesim_tui.apiserver.client import Client
from kubesim_tui.kubectl.fail import Fail, error, no_match

GROUP_ORDER = (
    *("", "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io"),
    *("autoscaling", "batch", "certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io"),
    *("storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io"),
    *("coordination.k8s.io", "node.k8s.io", "discovery.k8s.io"),
)
"""Discovery lists the groups in this order (kube-apiserver's priorities); `all` follows it."""


def resources(client: Client) -> tuple[Resource, ...]:
    """Everything served, in the order of discovery. Unreachable without a road to the server."""
    client.call()
    return _ordered(client.server.resources())


@lru_cache(maxsize=16)
def _ordered(found: tuple[Resource, ...]) -> tuple[Resource, ...]:
    def place(r: Resource) -> tuple[int, str, tuple[int, int, int, str], str]:
        known = GROUP_ORDER.index(r.group) if r.group in GROUP_ORDER else len(GROUP_ORDER)
        return known, "" if r.group in GROUP_ORDER else r.group, version_order(r.version), r.plural

    return tuple(sorted(found, key=place))


@lru_cache(maxsize=16)
def _names(found: tuple[Resource, ...]) -> dict[str, Resource]:
    """Every plain name of a type; the first in the order of discovery has it."""
    names: dict[str, Resource] = {}
    for r in found:
        names.setdefault(r.plural, r)
        names.setdefault(r.singular, r)
    for r in found:
        for short in r.short_names:
            names.setdefault(short, r)
    return names


def find(client: Client, word: str) -> Resource | None:
    """The type that a word names, or None."""
    found = resources(client)
    by_kind = [r for r in found if r.kind == word]
    lower = word.lower()
    named = _names(found).get(lower)
    if named is not None or by_kind:
        return named or by_kind[0]
    name, dot, rest = lower.partition(".")
    return _in_group(found, name, rest) if dot else None


def _in_group(found: Iterable[Resource], name: str, rest: str) -> Resource | None:
    """`deployments.apps`, `deployments.v1.apps`, `deploy.v1.` (the core group)."""
    first, _, after = rest.partition(".")
    named = [r for r in found if name in (r.plural, r.singular, r.kind.lower(), *r.short_names)]
    for r in named:
        if r.group == rest or (r.version == first and r.group == after):
            return r
    for r in named:
        if rest and r.group.startswith(f"{rest}."):
            return r
    return None


def resolve(client: Client, word: str) -> Resource:
    """The type that a word names; Fail `error: the server doesn't have a resource type "x"`."""
    found = find(client, word)
    if found is None:
        name, _, group = word.partition(".")
        raise error(no_match(name, group))
    return found


def expand(client: Client, words: str) -> list[Resource]:
    """Types between commas; a category such as `all` stands for its members. Fail if one is not served."""
    types: list[Resource] = []
    for word in words.split(","):
        if not word:
            slash = "arguments in resource/name form may not have more than one slash"
            raise error(no_match("") if words else slash)
        members = [] if find(client, word) else category(client, word)
        for r in members or [resolve(client, word)]:
            if r not in types:
                types.append(r)
    return types


def ambiguous(client: Client, word: str) -> str:
    """What is said of a short name that others have, too; "" if there are none."""
    found = [r for r in resources(client) if word in r.short_names]
    others = dict.fromkeys(r.group_resource for r in found[1:] if r.group_resource != found[0].group_resource)
    if not others:
        return ""
    return f'Warning: short name "{word}" could also match lower priority resource {", ".join(others)}'


def category(client: Client, word: str) -> list[Resource]:
    """The members of a category, each kind in its preferred version."""
    found: dict[str, Resource] = {}
    for r in resources(client):
        if word in r.categories:
            found.setdefault(r.group_resource, r)
    return list(found.values())


def label(resource: Resource) -> str:
    """`pod`, `deployment.apps`: how output names a type before a slash."""
    kind = resource.kind.lower()
    return f"{kind}.{resource.group}" if resource.group else kind


def for_object(client: Client, api_version: str, kind: str) -> Resource | None:
    """The type of an apiVersion and kind, or None."""
    client.call()
    return client.server.resource_for_kind(api_version, kind)


def missing_kind(api_version: str, kind: str, name: str, namespace: str, source: str) -> Fail:
    """What is said of a manifest of a kind that is not served."""
    return Fail(
        f'error: resource mapping not found for name: "{name}" namespace: "{namespace}" from "{source}": '
        f'no matches for kind "{kind}" in version "{api_version}"\nensure CRDs are installed first'
    )
