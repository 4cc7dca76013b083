"""ResourceQuota: what is made is charged to the quotas of its namespace, before it is written.

The last plugin of all. It goes by status.hard and status.used, as the quota controller has written them, and writes
the new status.used itself. Charged objects that then fail to be written are counted anew by the controller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.api.frozen import freeze
from kubesim_tui.api.helpers import quota, quota_scopes
from kubesim_tui.api.types import Object, Pod, Unstructured
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.admission.plugin import by_name
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

STATION = "admission/ResourceQuota"
QUOTAS = "resourcequotas"
UPDATES = frozenset({quota.SERVICES, quota.CLAIMS})
"""Of these a change can use more, too; of Pods one that gives them a deadline."""


class ResourceQuotas:
    """See the module."""

    def __init__(self, etcd: Etcd) -> None:
        self.etcd = etcd
        self._by_namespace = etcd.table(QUOTAS).by_namespace

    def charge(self, request: Request, obj: Object, old: Object | None) -> None:
        """403 if a quota has no room for a new or changed object; else it is charged."""
        found = self._by_namespace.get(request.namespace)
        if not found or not request.namespace or request.resource.group_resource in quota.NOT_COUNTED:
            return
        resource = request.resource.group_resource
        if old is not None and resource not in UPDATES and not _scope_changes(obj, old):
            return
        charged = [
            (q, used)
            for q in sorted(found.values(), key=by_name)
            if isinstance(q, Unstructured) and (used := self._charged(request, q, obj, old)) is not None
        ]
        if not request.options.dry_run:
            for q, used in charged:
                self._write(q, used)

    def _charged(self, request: Request, q: Unstructured, obj: Object, old: Object | None) -> quota.Usage | None:
        """The quota's new usage; None if the object is none of its business."""
        resource = request.resource.group_resource
        status = q.rest.get("status") or {}
        hard, used = quota.amounts_of(status.get("hard")), quota.amounts_of(status.get("used"))
        tracked = [name for name in hard if quota.tracks(resource, name)]
        spec = q.rest.get("spec") or {}
        if not tracked or not quota_scopes.in_scopes(spec, obj):
            return None
        name = q.metadata.name
        if isinstance(obj, Pod) and (why := quota.undeclared(obj, tracked)):
            raise _refused(request, obj, f"failed quota: {name}: {why}")
        if any(n not in used for n in tracked):
            raise _refused(request, obj, f"status unknown for quota: {name}, resources: {','.join(sorted(tracked))}")
        more = self._more(resource, obj, old if old is not None and quota_scopes.in_scopes(spec, old) else None)
        asked = {n: a for n, a in more.items() if n in hard and a.nano > 0}
        total = quota.added(used, asked)
        over = quota.exceeded({n: total[n] for n in asked}, hard)
        if over:
            asked_text, used_text, hard_text = (quota.as_text(a, over) for a in (asked, used, hard))
            why = f"exceeded quota: {name}, requested: {asked_text}, used: {used_text}, limited: {hard_text}"
            raise _refused(request, obj, why)
        return total if asked else None

    def _more(self, resource: str, obj: Object, old: Object | None) -> Mapping[str, Any]:
        now = self.etcd.clock.now
        new = quota.usage(resource, obj, now)
        if old is None:
            return new
        before = quota.usage(resource, old, now)
        return {name: a.sub(before[name]) if name in before else a for name, a in new.items()}

    def _write(self, q: Unstructured, used: quota.Usage) -> None:
        meta = q.metadata
        status = {**(q.rest.get("status") or {}), "used": {name: str(used[name]) for name in sorted(used)}}
        new = q.evolve(rest=q.rest.merged(status=freeze(status)))  # type: ignore[attr-defined]
        self.etcd.put(QUOTAS, (meta.namespace, meta.name), new)


def _scope_changes(obj: Object, old: Object) -> bool:
    if not isinstance(obj, Pod) or not isinstance(old, Pod) or obj.spec is None or old.spec is None:
        return False
    return quota_scopes.is_terminating(obj.spec) != quota_scopes.is_terminating(old.spec)


def _refused(request: Request, obj: Object, why: str) -> StatusError:
    r = request.resource
    return errors.forbidden(r.group, r.plural, obj.metadata.name, why).at(STATION)
