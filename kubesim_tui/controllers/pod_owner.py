"""What DaemonSets and Jobs share in hearing of Pods: whose a Pod is, and what of the owner's expectations it meets.

ReplicaSets hear of many more Pods and so leave out changes that do not matter to them: see `replicaset.controller`.
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.types import Object
from kubesim_tui.controllers.base import Controller, Kit
from kubesim_tui.controllers.expectations import Expectations
from kubesim_tui.controllers.pod_control import PodControl


class PodOwner(Controller):
    """The base of a controller that makes the Pods of owners of one kind."""

    owner_kind = ""

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.expected = Expectations()
        self.control = PodControl(self.client, self.recorder)

    def stop(self) -> None:
        """Expectations are memory."""
        super().stop()
        self.expected.clear()

    def pod_changed(self, before: Object | None, now: Object | None) -> None:
        """A handler: a Pod came, changed or went."""
        obj = cast(Object, now or before)
        ref = controller_of(obj)
        if ref is None:
            if now is not None and now.metadata.deletion_timestamp is None:
                self.offer(now)
            return
        if ref.kind != self.owner_kind:
            return
        key = (obj.metadata.namespace, ref.name)
        if before is None and now is not None:
            self.expected.saw_creation(key)
        if now is None or now.metadata.deletion_timestamp is not None:
            self.expected.saw_deletion(key, obj.metadata.uid)
        self.enqueue(key)

    def offer(self, orphan: Object) -> None:
        """An orphan: every owner that chooses it may want it."""
        raise NotImplementedError
