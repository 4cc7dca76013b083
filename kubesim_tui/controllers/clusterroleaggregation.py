"""clusterrole-aggregation-controller: a ClusterRole with an aggregationRule has the rules of those that it selects.

As pkg/controller/clusterroleaggregation: each rule once, the selected roles by their names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from kubesim_tui.api import labels
from kubesim_tui.api.frozen import freeze
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import Controller, Kit
from kubesim_tui.kernel.engine import Key

JsonMap = dict[str, Any]


def decide(role: JsonMap, others: Sequence[JsonMap]) -> list[JsonMap]:
    """The rules that a role should have, given all others."""
    found: list[JsonMap] = []
    for selector in (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ():
        wanted = labels.from_object(selector)
        for other in sorted(others, key=lambda o: str(o["metadata"]["name"])):
            if not wanted.matches(other["metadata"].get("labels") or {}):
                continue
            found += [rule for rule in other.get("rules") or () if rule not in found]
    return found


class ClusterRoleAggregationController(Controller):
    """See the module."""

    account = "clusterrole-aggregation-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.roles = self.watch(kit.shared("clusterroles"))
        self.roles.on_change(self._changed)

    def _changed(self, _before: Object | None, _now: Object | None) -> None:
        """Any role may be part of any that aggregates."""
        for _, name in sorted(self.roles.table.objects):
            if _aggregates(self.roles.table.objects["", name]):
                self.enqueue(name)

    def sync(self, key: Key) -> None:
        """Write the rules of one role."""
        name = cast(str, key)
        role = self.roles.get("", name)
        if role is None or not _aggregates(role):
            return
        table = self.roles.table.objects
        others = [_plain(other) for (_, at), other in table.items() if at != name]
        rules = decide(_plain(role), others)
        known = cast(Unstructured, role).rest.get("rules") or ()
        if freeze(rules) != known:
            self.client.update(generic.with_part(role, "rules", cast(Any, rules)))


def _aggregates(role: Object) -> bool:
    return bool(cast(Unstructured, role).rest.get("aggregationRule"))


def _plain(role: Object) -> JsonMap:
    rest = cast(Unstructured, role).rest
    meta = {"name": role.metadata.name, "labels": role.metadata.labels}
    return {"metadata": meta, "rules": rest.get("rules"), "aggregationRule": rest.get("aggregationRule")}
