"""resourcequota-controller: what is used of each quota, counted anew when a quota changes or something goes.

What comes is charged by admission at the door; a quota without this controller's word refuses all (`status unknown
for quota`). As pkg/controller/resourcequota.
"""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api.helpers import quota, quota_scopes
from kubesim_tui.api.helpers.conditions import is_pod_terminal
from kubesim_tui.api.types import Object, PersistentVolumeClaim, Pod, Service
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import Controller, Kit, key_of, lookup
from kubesim_tui.controllers.customs import CustomKinds
from kubesim_tui.kernel.engine import Key

LATE = 5
"""Priority in the phase: once a tick, after those who delete."""


class ResourceQuotaController(Controller):
    """See the module."""

    account = "resourcequota-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.quotas = self.watch(kit.shared("resourcequotas"))
        self.counted: dict[str, Informer] = {}
        for resource in generic.watchable():
            if resource.namespaced and resource.group_resource not in quota.NOT_COUNTED:
                informer = self.watch(kit.shared(resource.plural))
                self.counted[resource.group_resource] = informer
                informer.on_change(self._changed)
        self.quotas.on_change(self._quota_changed)
        self.customs = CustomKinds(self, kit, self._changed)

    # -- events ------------------------------------------------------------------------------------------------

    def _quota_changed(self, before: Object | None, now: Object | None) -> None:
        if now is None:
            return
        if before is None or generic.plain(before, "spec") != generic.plain(now, "spec"):
            self.enqueue(key_of(now), LATE)

    def _changed(self, before: Object | None, now: Object | None) -> None:
        """Something went, ended, or (of Services and claims) may use less now."""
        if before is None or not self.quotas.table.by_namespace:
            return
        if now is not None and not _uses_less(before, now):
            return
        namespace = before.metadata.namespace
        kind = self.customs.resource(before.api_version, before.kind)
        resource = kind.group_resource if kind is not None else ""
        for found in self.quotas.table.in_namespace(namespace):
            hard = generic.plain(found, "spec").get("hard") or {}
            if any(quota.tracks(resource, name) for name in hard):
                self.enqueue(key_of(found), LATE)

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Count one quota."""
        found = lookup(self.quotas, Object, *cast(Name, key))
        if found is None:
            return
        spec, status = generic.plain(found, "spec"), generic.plain(found, "status")
        hard = spec.get("hard") or {}
        used = self._used(found.metadata.namespace, spec, hard)
        known = quota.amounts_of(status.get("used"))
        same = set(known) == set(used) and all(known[n].cmp(a) == 0 for n, a in used.items())
        if same and quota.amounts_of(status.get("hard")) == quota.amounts_of(hard):
            return
        made = {"hard": hard, "used": {name: str(used[name]) for name in sorted(used)}}
        self.client.update_status(generic.with_part(found, "status", made))

    def _used(self, namespace: str, spec: dict[str, Any], hard: dict[str, Any]) -> quota.Usage:
        total: quota.Usage = {}
        customs = {name: informer for name, (_, informer) in self.customs.informers.items()}
        for resource, cache in {**self.counted, **customs}.items():
            names = [n for n in hard if quota.tracks(resource, n)]
            if not names:
                continue
            total = quota.added(dict.fromkeys(names, quota.ZERO), total)
            for obj in cache.table.in_namespace(namespace):
                if quota_scopes.in_scopes(spec, obj):
                    more = quota.usage(resource, obj, self.now)
                    total = quota.added(total, {n: more[n] for n in names if n in more})
        return total


def _uses_less(before: Object, now: Object) -> bool:
    if isinstance(before, Pod) and isinstance(now, Pod):
        return is_pod_terminal(now) and not is_pod_terminal(before)
    return isinstance(now, Service | PersistentVolumeClaim) and getattr(before, "spec", 0) != getattr(now, "spec", 0)
