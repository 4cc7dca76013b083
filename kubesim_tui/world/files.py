"""The files that a container sees: its image, its own layer over that, and the volumes mounted over both.

All paths are absolute. What fails raises FileError with the words of strerror. Who may write: root everywhere; another
user in /tmp, where the image says so, and in mounted volumes. A mount or the root may be read-only.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Protocol

from kubesim_tui.world.config import Config, Mount, Sandbox
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.ills import READ_ONLY
from kubesim_tui.world.images import ImageSpec

ABSENT = "No such file or directory"
DENIED = "Permission denied"
_SYSTEM = (
    "/ /bin /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin "
    "/usr/local /usr/local/bin /usr/share /usr/sbin /var /var/cache /var/lib /var/log /var/run /var/tmp "
)
_ALWAYS = frozenset(_SYSTEM.split())
_ANYBODY = ("/tmp", "/var/tmp", "/dev", "/run/lock")


class Owner(Protocol):
    """What is needed of a container."""

    config: Config
    spec: ImageSpec
    sandbox: Sandbox
    removed: dict[str, None] | None

    @property
    def layer(self) -> Volume | None:
        """Its own layer, None while nothing was written."""
        ...

    def own_layer(self) -> Volume:
        """Its own layer, made if it is not there yet."""
        ...


def absolute(path: str, directory: str = "/") -> str:
    """A normalised absolute path."""
    joined = posixpath.normpath(posixpath.join(directory or "/", path))
    return "/" + joined.lstrip("/")


class Files:
    """The view; a passing object, made when somebody needs it."""

    __slots__ = ("_mounts", "_owner")

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._mounts = owner.config.mounts

    # -- reading

    def read(self, path: str) -> str:
        """The text of a file."""
        mount, _ = self._mounted(path)
        if mount is not None and mount.volume.ills.fails:
            raise FileError(mount.volume.ills.refusal(write=False))
        text = self._find(path)
        if text is None:
            raise FileError("Is a directory" if self.is_directory(path) else ABSENT)
        return text

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        return self._find(path) is not None

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        mount, inside = self._mounted(path)
        if mount is not None and mount.volume.is_directory(inside):
            return inside not in mount.volume.files or mount.volume.files[inside] is None
        if mount is not None:
            return False
        if any(m.path.startswith(path.rstrip("/") + "/") for m in self._mounts):
            return True
        return self._find(path) is None and self._has_own_directory(path)

    def exists(self, path: str) -> bool:
        """Whether anything is there."""
        return self.is_file(path) or self.is_directory(path)

    def names(self, path: str) -> list[str]:
        """The sorted names in a directory."""
        if not self.is_directory(path):
            raise FileError("Not a directory" if self.is_file(path) else ABSENT)
        mount, inside = self._mounted(path)
        below = path.rstrip("/") + "/"
        names = set(mount.volume.names(inside)) if mount is not None else self._own_names(below)
        names.update(m.path[len(below) :].split("/", 1)[0] for m in self._mounts if m.path.startswith(below))
        return sorted(names)

    def size(self, path: str) -> int:
        """The bytes of a file."""
        mount, inside = self._mounted(path)
        volume = mount.volume if mount is not None else self._owner.layer
        if volume is not None and (inside.lstrip("/")) in volume.files:
            return volume.size(inside.lstrip("/"))
        return len(self.read(path).encode())

    def volume(self, path: str) -> tuple[Volume, str]:
        """The volume in which a path lies, and the path inside it. The container's own layer is made if need be."""
        mount, inside = self._mounted(path)
        return (mount.volume, inside) if mount is not None else (self._owner.own_layer(), path.lstrip("/"))

    def is_empty(self, path: str, ignoring: tuple[str, ...] = ()) -> bool:
        """Whether a directory holds nothing (or is not there), records included."""
        if self.is_directory(path) and any(name not in ignoring for name in self.names(path)):
            return False
        mount, inside = self._mounted(path)
        volume = mount.volume if mount is not None else self._owner.layer
        below = inside if mount is not None else path.lstrip("/")
        return volume is None or not any(
            kept and (at == below or at.startswith(below + "/")) for (at, _), kept in volume.records.items()
        )

    # -- writing

    def refusal(self, path: str) -> str:
        """Why nothing can be written at a path, "" if it can."""
        mount, _ = self._mounted(path)
        if mount is not None:
            return READ_ONLY if mount.read_only else mount.volume.ills.refusal(write=True)
        config, spec = self._owner.config, self._owner.spec
        if path.startswith("/dev/"):
            return ""
        if config.read_only_root:
            return READ_ONLY
        user = spec.user if config.user is None else config.user
        free = (*_ANYBODY, *spec.writable)
        return "" if user == 0 or any(path == at or path.startswith(at + "/") for at in free) else DENIED

    def write(self, path: str, text: str) -> None:
        """Make a file's content `text`."""
        if self.is_directory(path):
            raise FileError("Is a directory")
        self._check(path)
        volume, inside = self.volume(path)
        volume.write(inside, text)
        self._unremove(path)

    def append(self, path: str, text: str) -> None:
        """Write at the end of a file, which is made if it is not there."""
        self.write(path, (self._find(path) or "") + text)

    def grow(self, path: str, count: int) -> int:
        """Make a file larger by so many bytes of no interest; returns how many there was room for."""
        if not self.is_file(path):
            self.write(path, "")
        volume, inside = self.volume(path)
        return volume.grow(inside, count)

    def make_directory(self, path: str, parents: bool = False) -> None:
        """Make a directory (with `parents`: and those above it, without complaint if it is there)."""
        if self.exists(path):
            if parents and self.is_directory(path):
                return
            raise FileError("File exists")
        above = posixpath.dirname(path)
        if parents and not self.is_directory(above):
            self.make_directory(above, parents=True)
        self._check(path)
        volume, inside = self.volume(path)
        volume.make_directory(inside)
        self._unremove(path)

    def remove(self, path: str) -> None:
        """Remove a file, or a directory with all that is in it."""
        if not self.exists(path):
            raise FileError(ABSENT)
        refused = self.refusal(path)
        if refused:
            raise FileError(refused)
        mount, inside = self._mounted(path)
        if mount is not None and inside == mount.subpath:
            raise FileError("Device or resource busy")
        volume, inside = self.volume(path)
        if inside in volume.files or volume.is_directory(inside):
            volume.remove(inside)
        if mount is None:
            self._hide(path)

    def _check(self, path: str) -> None:
        above = posixpath.dirname(path)
        if not self.is_directory(above):
            raise FileError("Not a directory" if self.is_file(above) else ABSENT)
        refused = self.refusal(path)
        if refused:
            raise FileError(refused)

    # -- the layers

    def _mounted(self, path: str) -> tuple[Mount | None, str]:
        """The mount that covers a path (the deepest), and the path inside its volume."""
        best: Mount | None = None
        for mount in self._mounts:
            at = mount.path
            if (path == at or path.startswith(at.rstrip("/") + "/")) and (best is None or len(at) > len(best.path)):
                best = mount
        if best is None:
            return None, path
        rest = path[len(best.path.rstrip("/")) :].lstrip("/")
        return best, "/".join(part for part in (best.subpath, rest) if part)

    def _find(self, path: str) -> str | None:
        mount, inside = self._mounted(path)
        if mount is not None:
            return mount.volume.files.get(inside)
        layer = self._owner.layer
        if layer is not None and path[1:] in layer.files:
            return layer.files[path[1:]]
        if path in self._owner.sandbox.files:
            return self._owner.sandbox.files[path]
        if path == "/dev/null":
            return ""
        if path == "/etc/hostname":
            return self._owner.sandbox.hostname + "\n"
        return None if self._is_removed(path) else self._image.get(path)

    @property
    def _image(self) -> Mapping[str, str]:
        return self._owner.spec.files

    def _has_own_directory(self, path: str) -> bool:
        layer = self._owner.layer
        if layer is not None and layer.is_directory(path[1:]):
            return True
        if self._is_removed(path):
            return False
        spec = self._owner.spec
        below = path.rstrip("/") + "/"
        return (
            path in _ALWAYS
            or path in spec.directories
            or path in spec.writable
            or path == spec.workdir
            or any(name.startswith(below) for name in (*spec.files, *spec.directories, *spec.writable))
        )

    def _own_names(self, below: str) -> set[str]:
        spec = self._owner.spec
        all_of = (*spec.files, *spec.directories, *spec.writable, *_ALWAYS, *self._owner.sandbox.files, "/etc/hostname")
        names = {name[len(below) :].split("/", 1)[0] for name in all_of if name.startswith(below) and name != below}
        names = {name for name in names if not self._is_removed(below + name)}
        layer = self._owner.layer
        if layer is not None:
            names.update(layer.names(below.strip("/")))
        return names - {""}

    def _is_removed(self, path: str) -> bool:
        removed = self._owner.removed
        if not removed:
            return False
        while path != "/":
            if path in removed:
                return True
            path = posixpath.dirname(path)
        return False

    def _hide(self, path: str) -> None:
        if self._owner.removed is None:
            self._owner.removed = {}
        self._owner.removed[path] = None
        spec = self._owner.spec
        for name in (*spec.files, *spec.directories, *spec.writable):
            if name.startswith(path + "/"):  # so that they stay away when the directory is made anew
                self._owner.removed[name] = None

    def _unremove(self, path: str) -> None:
        """What is made anew where something was removed lies in the own layer; what was below it stays hidden."""
        if self._owner.removed:
            self._owner.removed.pop(path, None)
