"""Bringing statuses of Pods to the API server, and Pods out of it (upstream: pkg/kubelet/status/status_manager.go).

A status is written when it differs from what the server has, at the end of a sync; without a road it stays dirty until
there is one again. A Pod that is being deleted, and of which nothing runs any more, is deleted with no grace.
"""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError, Unreachable
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kubelet.pod_workers import Life, PodWorker


@define(eq=False)
class StatusManager:
    """See the module. `flush` raises Throttled when the client's budget is spent."""

    client: Client
    pods: Informer

    def flush(self, w: PodWorker) -> bool:
        """Write what is new; False if there is no road now."""
        if not self.client.road.open():
            return not w.dirty and not self._may_go(w)
        try:
            if w.dirty and not w.removed:
                self._write(w)
            if self._may_go(w):
                self._delete(w)
        except Unreachable:
            return False
        return True

    def _write(self, w: PodWorker) -> None:
        api = self.pods.get(*w.key)
        if not isinstance(api, Pod) or (not w.mirror and api.metadata.uid != w.uid):
            return
        if w.status is None or api.status is w.status or api.status == w.status:
            w.dirty = False
            return
        try:
            made = self.client.update_status(api.evolve(status=w.status))
        except StatusError as refused:
            if refused.code == 409:
                return  # somebody wrote in between: the watch will tell, and we write again
            w.dirty = refused.code not in (404,)
            return
        w.dirty = False
        if made.status is not None:
            w.status = made.status

    def _may_go(self, w: PodWorker) -> bool:
        deleted = w.pod.metadata.deletion_timestamp is not None
        return deleted and not w.removed and not w.dirty and not w.mirror and w.life is Life.FINISHED

    def _delete(self, w: PodWorker) -> None:
        try:
            self.client.delete(Pod, *w.key, Options(grace=0, uid=w.uid))
        except StatusError:
            return  # gone already, or another Pod of this name
