"""The disks that a machine can reach: directories that the kubelet makes, the machine's own, attached network disks.

They outlive the kubelet: a restarted one finds an emptyDir as it was.
"""

from __future__ import annotations

from typing import Protocol

from attrs import define

from kubesim_tui.kubelet.volume.payload import MountError
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.machine import Machine


class Cloud(Protocol):
    """Network disks (world.cloud.CloudAccount is one)."""

    disks: dict[str, Volume]
    attached: dict[str, dict[str, None]]


@define(eq=False)
class MachineStore:
    """See the module."""

    machine: Machine
    cloud: Cloud | None = None

    def local(self, id: str, capacity_bytes: int | None, in_memory: bool) -> Volume:
        """A directory made for a Pod; the same one when asked again. One in memory takes nothing from the disk."""
        found = self.machine.volumes.get(id)
        if found is None:
            disk = None if in_memory else self.machine.disk
            found = self.machine.volumes[id] = Volume(id, capacity_bytes, disk)
        return found

    def drop(self, id: str) -> None:
        """Remove it, with all that is in it."""
        self.machine.remove_volume(id)

    def host_path(self, path: str, type_: str) -> Volume:
        """A directory of the machine. MountError if it must be there and is not."""
        path = "/" + path.strip("/")
        found = self.machine.volumes.get(path)
        if found is None:
            if type_ in ("Directory", "File", "Socket", "CharDevice", "BlockDevice") and not _is_there(path, type_):
                raise MountError(f"hostPath type check failed: {path} is not a {_WORDS[type_]}")
            found = self.machine.volume(path)
        return found

    def attached(self, handle: str) -> Volume | None:
        """A network disk that is attached to this machine, None if it is not."""
        if self.cloud is None or self.machine.name not in self.cloud.attached.get(handle, {}):
            return None
        return self.cloud.disks.get(handle)


_WORDS = {
    "Directory": "directory",
    "File": "file",
    "Socket": "socket file",
    "CharDevice": "character device",
    "BlockDevice": "block device",
}
_DIRECTORIES = (
    "/etc",
    "/var",
    "/usr",
    "/lib",
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/tmp",
    "/opt",
    "/mnt",
    "/srv",
    "/home",
)
_SOCKETS = ("/var/run/docker.sock", "/run/containerd/containerd.sock", "/var/run/containerd/containerd.sock")


def _is_there(path: str, type_: str) -> bool:
    """What every Linux machine has."""
    if type_ == "Socket":
        return path in _SOCKETS
    return path == "/" or path.startswith(_DIRECTORIES) if type_ == "Directory" else path.startswith(("/etc", "/dev"))
