"""Names in other resources: where a Deployment mounts ConfigMap `app`, it must mount what `app` is called in the end.

For each field that may refer to a kind, the resource is sought that once bore the name written there: in the same
namespace, and among several by the prefixes and suffixes that both have been given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from kubesim_tui.kubectl.kustomize import specs
from kubesim_tui.kubectl.kustomize.fields import FieldSpec, each
from kubesim_tui.kubectl.kustomize.model import Item, Items, KustomizeError, as_map, maps_in
from kubesim_tui.kubectl.kustomize.specs import Referral


@frozen(eq=False)
class Known:
    """Everything that has borne another name, by that name; and the namespaces in which there was anything at first."""

    named: dict[str, Items]
    origins: frozenset[str]

    @classmethod
    def of(cls, items: Items) -> Known:
        """What is known of all resources."""
        named: dict[str, Items] = {}
        for item in items:
            for name in dict.fromkeys(former.name for former in item.former):
                named.setdefault(name, []).append(item)
        return cls(named, frozenset(item.first_id.where for item in items))


def mend(items: Items) -> None:
    """Write the present names wherever former ones stand."""
    known = Known.of(items)
    for referrer in items:
        first = referrer.first_id
        for referral in specs.REFERRALS:
            for field in referral.fields:
                if first.selected(field.group, field.version, field.kind):
                    each(referrer, (FieldSpec(field.path),), _mended(referrer, referral, known, field.path))


def _reachable(referrer: Item, other: Item) -> bool:
    mine, theirs = referrer.id, other.id
    if mine.clustered or theirs.clustered or mine.where == theirs.where:
        return True
    if referrer.data.get("kind") != "RoleBinding":
        return False
    subjects = maps_in(referrer.data.get("subjects"))
    accounts = [s.get("namespace") for s in subjects if s.get("kind") == "ServiceAccount"]
    return other.meta.get("namespace") in accounts


def _mended(referrer: Item, referral: Referral, known: Known, path: str) -> Callable[[Any], Any]:
    def of_name(name: Any) -> Any:
        found = _referred(referrer, referral, known.named.get(str(name), []), path)
        return found.name if found is not None else name

    def of_map(value: dict[str, Any]) -> Any:
        if "name" not in value:
            raise KustomizeError(f"{referrer.id}: {path}: path config error; no 'name' field in node")
        among = known.named.get(str(value["name"]), [])
        if "namespace" in value:
            where = str(value["namespace"])
            among = [c for c in among if (c.first_id if where in known.origins else c.id).where == where]
        found = _referred(referrer, referral, among, path, spaced=True)
        if found is None:
            return value
        namespace = found.meta.get("namespace")
        return {**value, "name": found.name, **({"namespace": namespace} if namespace else {})}

    def change(value: Any) -> Any:
        if isinstance(value, list):
            return [change(v) for v in value]
        return of_map(value) if isinstance(value, dict) else of_name(value)

    return change


def _referred(referrer: Item, referral: Referral, named: Items, path: str, *, spaced: bool = False) -> Item | None:
    """Which of the resources that bore a name is meant (`spaced`: its namespace will be written, too), if any is."""
    found = [c for c in named if _of_type(c, referral.group, referral.version, referral.kind)]
    found = [c for c in found if _reachable(referrer, c)]
    if path.endswith("roleRef/name"):
        ref = as_map(referrer.data.get("roleRef"))
        found = [c for c in found if _of_type(c, ref.get("apiGroup", ""), "", ref.get("kind", ""))]
    found = [c for c in found if _near(referrer, c)]
    for empty in (True, False):
        if len(found) > 1:
            found = [c for c in found if _affixed_alike(referrer, c, empty=empty)]
    if len({(c.name, c.meta.get("namespace") if spaced else "") for c in found}) > 1:
        raise KustomizeError(
            f"updating name reference in '{path}' field of '{referrer.id}': found multiple possible referrals: "
            + ", ".join(str(c.id) for c in found)
        )
    return found[0] if found else None


def _of_type(item: Item, group: str, version: str, kind: str) -> bool:
    return any(i.selected(group, version, kind) for i in item.former)


def _near(referrer: Item, other: Item) -> bool:
    mine, theirs = referrer.id, other.id
    return mine.clustered or theirs.clustered or theirs.kind == "ServiceAccount" or mine.where == theirs.where


def _affixed_alike(a: Item, b: Item, *, empty: bool) -> bool:
    """Whether the prefixes and suffixes of both end alike; with `empty` none is like any."""
    pairs = ((a.prefixes, b.prefixes), (a.suffixes, b.suffixes))
    return all((empty and not (x and y)) or _same_end(x, y) for x, y in pairs)


def _same_end(x: list[str], y: list[str]) -> bool:
    length = min(len(x), len(y))
    return len(x) == len(y) == 0 or (length > 0 and x[-length:] == y[-length:])
