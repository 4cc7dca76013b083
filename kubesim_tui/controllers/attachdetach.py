"""persistentvolume-attach-detach-controller, together with the CSI driver's attacher: disks follow their Pods.

As pkg/controller/volume/attachdetach. A network disk is attached to the node of a Pod that uses it, noted in a
VolumeAttachment. One that only one node may have must first leave the other: at once if the kubelet there is heard
(it has unmounted the disk before its Pod is gone), after six minutes if it is not, at once if somebody has tainted the
node out of service. Volumes that need no attaching in truth (NFS …) are treated alike (FIDELITY.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, cast

from kubesim_tui.api import quantity, scheme
from kubesim_tui.api.frozen import FrozenMap, freeze
from kubesim_tui.api.helpers.claims import claims_of, handle_of
from kubesim_tui.api.helpers.conditions import is_pod_terminal
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Node, Object, ObjectMeta, PersistentVolume, PersistentVolumeClaim, Pod, Unstructured
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, lookup
from kubesim_tui.controllers.disks import DiskError
from kubesim_tui.controllers.nodelifecycle.decide import ready_status
from kubesim_tui.controllers.persistentvolume.users import Users
from kubesim_tui.controllers.podgc import is_out_of_service
from kubesim_tui.kernel.engine import Key

ATTACH_TIMEOUT = 120
"""Seconds that the CSI plugin waits for its driver's attacher."""
ASK_AGAIN = 10
"""Seconds after which a driver that does not answer is asked again."""
DETACH_ERROR = "rpc error: code = DeadlineExceeded desc = context deadline exceeded"
"""What external-attacher notes of a driver that has not detached a disk in time."""
FORCE_AFTER = 360
"""Seconds after which a disk is taken from a node that is not heard of."""
_SHARED = frozenset({"ReadWriteMany", "ReadOnlyMany"})


def is_attachable(volume: PersistentVolume) -> bool:
    """Whether it is a disk elsewhere (and not a directory of a node)."""
    spec = volume.spec
    return spec is not None and spec.host_path is None and "local" not in spec.rest


def may_be_shared(volume: PersistentVolume) -> bool:
    """Whether several nodes may have it at a time."""
    return volume.spec is not None and bool(_SHARED.intersection(volume.spec.access_modes))


def multi_attach_message(volume: str, pod: Pod, others: Iterable[Pod]) -> str:
    """What a Pod is told whose disk is elsewhere; `others`: the Pods that use it there."""
    users = list(others)
    local = sorted(p.metadata.name for p in users if p.metadata.namespace == pod.metadata.namespace)
    foreign = len(users) - len(local)
    if not users:
        text = "Volume is already exclusively attached to one node and can't be attached to another"
    elif local:
        text = f"Volume is already used by pod(s) {', '.join(local)}"
        text += f" and {foreign} pod(s) in different namespaces" if foreign else ""
    else:
        text = f"Volume is already used by {foreign} pod(s) in different namespaces"
    return f'Multi-Attach error for volume "{volume}" {text}'


def attachment_name(handle: str, driver: str, node: str) -> str:
    """The name that the CSI plugin gives."""
    return f"csi-{sha256(f'{handle}{driver}{node}'.encode()).hexdigest()}"


class AttachDetachController(Controller):
    """See the module. Keys: names of PersistentVolumes."""

    account = "attachdetach-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.disks = kit.extras.disks
        self.pods, self.nodes = self.watch(kit.shared("pods")), self.watch(kit.shared("nodes"))
        self.claims = self.watch(kit.shared("persistentvolumeclaims"))
        self.volumes = self.watch(kit.shared("persistentvolumes"))
        self.attachments = self.watch(kit.shared("volumeattachments"))
        self.users = Users(self.pods)
        self._on: dict[str, dict[str, str]] = {}  # volume → node → attachment
        self._leaving: dict[tuple[str, str], int] = {}  # (volume, node) → since when it should go
        self._coming: dict[tuple[str, str], int] = {}  # (volume, node) → since when the driver is at it
        self._told: dict[str, str] = {}  # Pod uid → the Multi-Attach error that it was told
        self.pods.on_change(self._pod_changed)
        self.claims.on_change(self._claim_changed)
        self.attachments.on_change(self._attachment_changed)
        self.nodes.on_change(self._node_changed)

    def stop(self) -> None:
        """All this is memory."""
        super().stop()
        self._on.clear()
        self._leaving.clear()
        self._coming.clear()
        self._told.clear()

    # -- events ------------------------------------------------------------------------------------------------

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        old, new = cast("Pod | None", before), cast("Pod | None", now)
        pod = cast(Pod, new or old)
        if new is None:
            self._told.pop(pod.metadata.uid, None)
        elif old is not None and old.spec is new.spec and is_pod_terminal(old) == is_pod_terminal(new):
            return
        for name in claims_of(pod):
            claim = lookup(self.claims, PersistentVolumeClaim, pod.metadata.namespace, name)
            if claim is not None and claim.spec is not None and claim.spec.volume_name:
                self.enqueue(claim.spec.volume_name)

    def _claim_changed(self, _before: Object | None, now: Object | None) -> None:
        claim = cast("PersistentVolumeClaim | None", now)
        if claim is not None and claim.spec is not None and claim.spec.volume_name:
            self.enqueue(claim.spec.volume_name)

    def _attachment_changed(self, before: Object | None, now: Object | None) -> None:
        obj = cast(Object, now or before)
        spec = generic.plain(obj, "spec")
        volume, node = (spec.get("source") or {}).get("persistentVolumeName") or "", spec.get("nodeName") or ""
        nodes = self._on.setdefault(volume, {})
        if now is None:
            nodes.pop(node, None)
        else:
            nodes[node] = obj.metadata.name
        if volume:
            self.enqueue(volume)

    def _node_changed(self, before: Object | None, now: Object | None) -> None:
        old, new = cast("Node | None", before), cast("Node | None", now)
        if old is not None and new is not None and _health(old) == _health(new):
            return
        name = cast(Node, new or old).metadata.name
        for volume, node in list(self._leaving):
            if node == name:
                self.enqueue(volume)

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Bring one disk where it is wanted."""
        name = cast(str, key)
        volume = lookup(self.volumes, PersistentVolume, "", name)
        if volume is not None and not is_attachable(volume):
            return
        pods = self._pods_of(volume)
        wanted: dict[str, list[Pod]] = {}
        for pod in pods:
            assert pod.spec is not None
            wanted.setdefault(pod.spec.node_name, []).append(pod)
        for node in sorted(self._on.get(name, {})):
            if node in wanted:
                self._leaving.pop((name, node), None)
            else:
                self._detach(name, volume, node)
        if volume is None:
            return
        for node in sorted(wanted):
            if node not in self._on.get(name, {}):
                self._attach(volume, node, wanted)
            else:
                self._finish(volume, node, wanted[node])

    def _pods_of(self, volume: PersistentVolume | None) -> list[Pod]:
        """The Pods on nodes that use a volume and have not finished."""
        ref = volume.spec.claim_ref if volume is not None and volume.spec is not None else None
        claim = lookup(self.claims, PersistentVolumeClaim, ref.namespace, ref.name) if ref is not None else None
        if claim is None or claim.spec is None or volume is None or claim.spec.volume_name != volume.metadata.name:
            return []
        found = self.users.of(claim)
        return [p for p in found if p.spec is not None and p.spec.node_name and not is_pod_terminal(p)]

    # -- attach ------------------------------------------------------------------------------------------------

    def _attach(self, volume: PersistentVolume, node: str, wanted: dict[str, list[Pod]]) -> None:
        name = volume.metadata.name
        elsewhere = [n for n in self._on.get(name, {}) if n != node]
        if elsewhere and not may_be_shared(volume):
            self._refuse(name, wanted[node], [p for n in elsewhere for p in wanted.get(n, [])])
            return
        driver, handle = _driver(volume), handle_of(volume)
        spec = {"attacher": driver, "nodeName": node, "source": {"persistentVolumeName": name}}
        made = Unstructured(
            api_version="storage.k8s.io/v1",
            kind="VolumeAttachment",
            metadata=ObjectMeta(name=attachment_name(handle, driver, node)),
            rest=FrozenMap({"spec": freeze(spec)}),
        )
        try:
            self.client.create(made)
        except StatusError as refused:
            if refused.reason != "AlreadyExists":
                raise
        self._finish(volume, node, wanted[node])

    def _finish(self, volume: PersistentVolume, node: str, pods: Sequence[Pod]) -> None:
        """What the driver does when it sees the VolumeAttachment."""
        found = self.attachments.get("", self._on.get(volume.metadata.name, {}).get(node, ""))
        if found is None or generic.plain(found, "status").get("attached"):
            return
        name, handle = volume.metadata.name, handle_of(volume)
        if not self._attached_by_now(volume, node, pods):
            return
        capacity = volume.spec.capacity.get("storage", "1Gi") if volume.spec is not None else "1Gi"
        try:
            self.disks.create(handle, quantity.value(capacity))
            if said := self.disks.refusal(handle):
                raise DiskError(said)
            self.disks.attach(handle, node)
        except DiskError as refused:
            for pod in pods:
                text = f'AttachVolume.Attach failed for volume "{name}" : {refused}'
                self.recorder.event(pod, WARNING, "FailedAttachVolume", text)
            raise ApiError(str(refused)) from refused
        self.client.update_status(generic.with_part(found, "status", {"attached": True}))
        for pod in pods:
            text = f'AttachVolume.Attach succeeded for volume "{name}" '
            self.recorder.event(pod, NORMAL, "SuccessfulAttachVolume", text)

    def _attached_by_now(self, volume: PersistentVolume, node: str, pods: Sequence[Pod]) -> bool:
        """Whether the driver has had the time that it takes; Pods are told when it does not answer."""
        tick, place = self.engine.clock.tick, (volume.metadata.name, node)
        since, takes = self._coming.setdefault(place, tick), self.disks.seconds
        if takes is not None and tick >= since + takes:
            del self._coming[place]
            return True
        if takes is None and tick >= since + ATTACH_TIMEOUT:
            driver = f"external-attacher of {_driver(volume)} CSI driver"
            text = f'AttachVolume.Attach failed for volume "{place[0]}" : '
            text += f"timed out waiting for {driver} to attach volume {handle_of(volume)}"
            for pod in pods:
                self.recorder.event(pod, WARNING, "FailedAttachVolume", text)
            self._coming[place] = tick
        self.enqueue_after(ASK_AGAIN if takes is None else since + takes - tick, place[0])
        return False

    def _refuse(self, volume: str, pods: Sequence[Pod], others: Sequence[Pod]) -> None:
        for pod in pods:
            text = multi_attach_message(volume, pod, others)
            if self._told.get(pod.metadata.uid) != text:
                self._told[pod.metadata.uid] = text
                self.recorder.event(pod, WARNING, "FailedAttachVolume", text)

    # -- detach ------------------------------------------------------------------------------------------------

    def _detach(self, name: str, volume: PersistentVolume | None, node: str) -> None:
        tick, place = self.engine.clock.tick, (name, node)
        since = self._leaving.setdefault(place, tick)
        found = lookup(self.nodes, Node, "", node)
        heard = found is not None and ready_status(found) == "True"
        given_up = found is not None and is_out_of_service(found)
        if not heard and not given_up and tick < since + FORCE_AFTER:
            if since == tick:
                self.enqueue_after(FORCE_AFTER, name)
            return
        takes = self.disks.seconds
        if takes is None or tick < since + takes:
            self.enqueue_after(ASK_AGAIN if takes is None else since + takes - tick, name)
            return
        handle = handle_of(volume) if volume is not None else name
        if self.disks.hangs(handle):
            self._hang(name, node)
            return
        try:
            self.disks.detach(handle, node)
        except DiskError as refused:
            raise ApiError(str(refused)) from refused
        self._remove(self._on[name][node])
        self._leaving.pop(place, None)

    def _remove(self, attachment: str) -> None:
        """Delete a VolumeAttachment; one that was held for its disk is let go."""
        found = self.attachments.get("", attachment)
        if found is not None and found.metadata.deletion_timestamp is not None:
            self._hold(attachment, None)
        else:
            generic.delete(self.client, scheme.for_plural("volumeattachments"), "", attachment, Options())

    def _hold(self, attachment: str, finalizers: list[str] | None) -> Object:
        body = {"metadata": {"finalizers": finalizers}}
        resource = scheme.for_plural("volumeattachments")
        request = Request(self.client.user, "patch", resource, "", attachment, body=body, patch_type="merge")
        return cast(Object, self.client.send(request))

    def _hang(self, name: str, node: str) -> None:
        """The driver tries in vain: its attacher holds the VolumeAttachment, which should go, and asks again."""
        found = self.attachments.get("", self._on[name][node])
        if found is not None and found.metadata.deletion_timestamp is None:
            driver = generic.plain(found, "spec")["attacher"].replace(".", "-").replace("/", "-")
            status = {
                **generic.plain(found, "status"),
                "detachError": {"message": DETACH_ERROR, "time": format_time(self.now)},
            }
            held = self._hold(found.metadata.name, [f"external-attacher/{driver}"])
            self.client.update_status(generic.with_part(held, "status", status))
            self._remove(found.metadata.name)
        self.enqueue_after(ASK_AGAIN, name)


def _health(node: Node) -> tuple[str, bool]:
    return ready_status(node), is_out_of_service(node)


def _driver(volume: PersistentVolume) -> str:
    csi: Any = volume.spec.csi if volume.spec is not None else None
    return csi.driver if csi is not None else "kubernetes.io/disk"
