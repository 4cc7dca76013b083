"""Having a Pod's volumes mounted before its containers start (upstream: volumemanager, operationexecutor).

A mount that fails is tried again after 1, 2, 4 … s, at most 2 min 2 s, with a FailedMount event each time; a Pod waits
2 min 3 s for its volumes before it says so too. What shows ConfigMaps or Secrets follows them with the Pod's next
regular sync: within a minute, while the environment of a container never changes.
"""

from __future__ import annotations

from typing import Protocol

from attrs import define, field

from kubesim_tui.api.helpers.claims import claim_name, handle_of
from kubesim_tui.api.quantity import value
from kubesim_tui.api.types import PersistentVolume, PersistentVolumeClaim, Pod, Volume
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.record import WARNING
from kubesim_tui.kubelet.container_config import Mounted, is_storage_limited
from kubesim_tui.kubelet.events import Events
from kubesim_tui.kubelet.objects import Objects
from kubesim_tui.kubelet.volume.payload import MountError, Source, is_made_of_objects, make_files, references
from kubesim_tui.world import disk
from kubesim_tui.world.errors import NoSpace

FIRST_RETRY, MOST_RETRY = 1, 122
PATIENCE = 123
SYNC_PERIOD = 60
UNREADABLE = "rpc error: code = Internal desc = mount failed: exit status 32: can't read superblock"
API_ACCESS = "kube-api-access-"
"""How the API server names the volume that it adds to every Pod."""


class Store(Protocol):
    """The disks that a machine can reach."""

    def local(self, id: str, capacity_bytes: int | None, in_memory: bool) -> disk.Volume:
        """A directory that the kubelet made for a Pod; it outlives the kubelet, not the Pod."""
        ...

    def drop(self, id: str) -> None:
        """Remove it, with all that is in it."""
        ...

    def host_path(self, path: str, type_: str) -> disk.Volume:
        """A directory of the machine. MountError if it is not what `type_` wants."""
        ...

    def attached(self, handle: str) -> disk.Volume | None:
        """A network disk that is attached to this machine, None if it is not."""
        ...


@define(eq=False)
class Mounts:
    """The volumes of one Pod."""

    mounted: dict[str, Mounted] = field(factory=dict)
    errors: dict[str, tuple[str, int, int]] = field(factory=dict)  # volume → (text, tick of the retry, delay)
    since: int = -1  # when the Pod began to wait, -1: it does not
    refresh: int = -1  # when object volumes are to be looked at again


@define(eq=False)
class VolumeManager:
    """Mounts and unmounts."""

    node: str
    store: Store
    objects: Objects
    client: Client
    events: Events

    def mount(self, pod: Pod, mounts: Mounts, source: Source, now: int) -> bool:
        """Mount what is not mounted yet; True if all is."""
        assert pod.spec is not None
        missing = False
        for volume in pod.spec.volumes:
            if volume.name not in mounts.mounted:
                missing = not self._try(pod, volume, mounts, source, now) or missing
        if not missing:
            mounts.since = -1
        elif mounts.since < 0:
            mounts.since = now
        return not missing

    def next_retry(self, mounts: Mounts) -> int:
        """When to try again, or to lose patience."""
        return min([*(at for _, at, _ in mounts.errors.values()), mounts.since + PATIENCE])

    def out_of_patience(self, pod: Pod, mounts: Mounts, now: int) -> bool:
        """Whether the Pod has waited too long; it says so and begins to wait anew."""
        if mounts.since < 0 or now < mounts.since + PATIENCE:
            return False
        assert pod.spec is not None
        waiting = [v for v in pod.spec.volumes if v.name not in mounts.mounted]
        missing = " ".join(v.name for v in waiting)
        elsewhere = " ".join(v.name for v in waiting if claim_name(v, pod.metadata.name))
        said = f"Unable to attach or mount volumes: unmounted volumes=[{missing}], unattached volumes=[{elsewhere}], "
        self.events.pod(pod, WARNING, "FailedMount", said + "failed to process volumes=[]: context deadline exceeded")
        mounts.since = -1
        return True

    def _try(self, pod: Pod, volume: Volume, mounts: Mounts, source: Source, now: int) -> bool:
        known = mounts.errors.get(volume.name)
        if known is not None and now < known[1]:
            return False
        delay = min(MOST_RETRY, 2 * known[2]) if known is not None else FIRST_RETRY
        try:
            mounts.mounted[volume.name] = self._mount(pod, volume, source)
        except NotYet:
            mounts.errors[volume.name] = ("", now + delay, delay)
            return False
        except (MountError, NoSpace) as wrong:
            mounts.errors[volume.name] = (str(wrong), now + delay, delay)
            said = f'MountVolume.SetUp failed for volume "{_spec_name(pod, volume, self)}" : {wrong}'
            self.events.pod(pod, WARNING, "FailedMount", said)
            return False
        mounts.errors.pop(volume.name, None)
        return True

    def _mount(self, pod: Pod, volume: Volume, source: Source) -> Mounted:
        if is_made_of_objects(volume):
            return self._show_objects(pod, volume, source)
        if claim_name(volume, pod.metadata.name):
            return self._claim(pod, volume)
        if volume.host_path is not None:
            return Mounted(self.store.host_path(volume.host_path.path, volume.host_path.type or ""))
        empty = volume.empty_dir
        in_memory = empty is not None and empty.medium == "Memory"
        limit = value(empty.size_limit) if in_memory and empty is not None and empty.size_limit else None
        found = self.store.local(_id(pod, volume), limit, in_memory)
        found.limited = is_storage_limited(pod) or (empty is not None and bool(empty.size_limit))
        return Mounted(found)

    # -- objects

    def _show_objects(self, pod: Pod, volume: Volume, source: Source) -> Mounted:
        if volume.name.startswith(API_ACCESS):
            return self._api_access(pod, volume, source)
        files = make_files(volume, source)
        found = self.store.local(_id(pod, volume), None, True)
        found.replace(files)
        for kind, name in references(volume):
            self.objects.reads((pod.metadata.namespace, pod.metadata.name), kind, name)
        return Mounted(found, shows_objects=True)

    def _api_access(self, pod: Pod, volume: Volume, source: Source) -> Mounted:
        """What every Pod gets to speak to the API server with: the same for all of a ServiceAccount, so one volume."""
        namespace, account = pod.metadata.namespace, pod.spec.service_account_name if pod.spec is not None else ""
        found = self.store.local(f"{API_ACCESS}{namespace}/{account}", None, True)
        maps = [name for kind, name in references(volume) if kind == "ConfigMap"]
        if not found.files or any(self.objects.config_map(namespace, name) is None for name in maps):
            found.replace(make_files(volume, source))
        return Mounted(found, shows_objects=True)

    def refresh(self, pod: Pod, mounts: Mounts, source: Source) -> None:
        """Let the volumes follow their objects; one whose object is gone stays as it is."""
        assert pod.spec is not None
        mounts.refresh = -1
        for volume in pod.spec.volumes:
            mounted = mounts.mounted.get(volume.name)
            if mounted is not None and mounted.shows_objects and not volume.name.startswith(API_ACCESS):
                try:
                    mounted.volume.replace(make_files(volume, source))
                except MountError as wrong:
                    said = f'MountVolume.SetUp failed for volume "{volume.name}" : {wrong}'
                    self.events.pod(pod, WARNING, "FailedMount", said)

    # -- claims

    def _claim(self, pod: Pod, volume: Volume) -> Mounted:
        ref = volume.persistent_volume_claim
        pv = self.persistent_volume(pod, claim_name(volume, pod.metadata.name))
        spec = pv.spec
        read_only = ref is not None and bool(ref.read_only)
        if spec is None:
            raise NotYet
        local = spec.rest.get("local")
        if spec.host_path is not None:
            found = self.store.host_path(spec.host_path.path, spec.host_path.type or "")
        elif local:
            found = self.store.host_path(local["path"], "")
        else:
            attached = self.store.attached(handle_of(pv))
            if attached is None:
                raise NotYet  # the attach-detach controller has not brought it here yet, and says why
            found = attached
        if not found.mounted():
            raise MountError(UNREADABLE)
        return Mounted(found, read_only=read_only)

    def persistent_volume(self, pod: Pod, claim: str) -> PersistentVolume:
        """The volume of a claim. NotYet if it is not bound, or cannot be read now."""
        try:
            pvc = self.client.get(PersistentVolumeClaim, pod.metadata.namespace, claim)
            if pvc.spec is None or not pvc.spec.volume_name or pvc.status is None or pvc.status.phase != "Bound":
                raise NotYet
            return self.client.get(PersistentVolume, "", pvc.spec.volume_name)
        except StatusError as wrong:
            raise MountError(wrong.message) from wrong
        except ApiError as wrong:
            raise NotYet from wrong

    def unmount(self, pod: Pod, mounts: Mounts) -> None:
        """The Pod's containers are gone: remove what was made for it alone."""
        assert pod.spec is not None
        key = (pod.metadata.namespace, pod.metadata.name)
        for volume in pod.spec.volumes:
            if volume.name not in mounts.mounted:
                continue
            if volume.name.startswith(API_ACCESS):
                continue
            for kind, name in references(volume):
                self.objects.reads_no_more(key, kind, name)
            if not (volume.host_path or claim_name(volume, pod.metadata.name)):
                self.store.drop(_id(pod, volume))
        mounts.mounted.clear()
        mounts.errors.clear()


class NotYet(Exception):
    """A volume is not there yet; somebody else is at it."""


def _id(pod: Pod, volume: Volume) -> str:
    return f"{pod.metadata.uid}/{volume.name}"


def _spec_name(pod: Pod, volume: Volume, manager: VolumeManager) -> str:
    """Events name a claim's PersistentVolume, and any other volume as the Pod does."""
    claim = claim_name(volume, pod.metadata.name)
    if not claim:
        return volume.name
    try:
        return manager.persistent_volume(pod, claim).metadata.name
    except (NotYet, MountError):
        return volume.name
