"""ttl-after-finished-controller: Jobs that have ended go after spec.ttlSecondsAfterFinished."""

from __future__ import annotations

from typing import cast

from kubesim_tui.api import scheme
from kubesim_tui.api.times import parse_time
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import Controller, Kit, key_of, lookup
from kubesim_tui.kernel.engine import Key


def expires(obj: Object) -> int | None:
    """When a Job goes (Unix seconds); None if it has not ended or has no limit. Pure."""
    ttl = generic.plain(obj, "spec").get("ttlSecondsAfterFinished")
    if ttl is None or obj.metadata.deletion_timestamp is not None:
        return None
    for condition in generic.plain(obj, "status").get("conditions") or ():
        if condition.get("type") in ("Complete", "Failed") and condition.get("status") == "True":
            return parse_time(condition["lastTransitionTime"]) + int(ttl)
    return None


class TTLAfterFinishedController(Controller):
    """See the module."""

    account = "ttl-after-finished-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.jobs = self.watch(kit.shared("jobs"))
        self.jobs.on_change(self._changed)

    def _changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None and expires(now) is not None:
            self.enqueue(key_of(now))

    def sync(self, key: Key) -> None:
        """Delete it, or wait."""
        obj = lookup(self.jobs, Object, *cast(Name, key))
        at = expires(obj) if obj is not None else None
        if obj is None or at is None:
            return
        if at > self.now:
            self.enqueue_after(at - self.now, key)
            return
        meta = obj.metadata
        options = Options(propagation="Foreground", uid=meta.uid)
        generic.delete(self.client, scheme.for_plural("jobs"), meta.namespace, meta.name, options)
