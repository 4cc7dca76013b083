"""The folders of a build: a kustomization reads below its own folder, and may name other folders as bases."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Protocol

from attrs import evolve, field, frozen

from kubesim_tui.kubectl.kustomize.model import KustomizeError

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
REMOTE = ("http://", "https://", "git@", "github.com/", "ssh://", "git::")
DEEPEST, MOST = 64, 500


class Files(Protocol):
    """Where a build reads."""

    def read(self, path: str) -> str:
        """A file's text; OSError if it cannot be read."""
        ...

    def list(self, path: str) -> Sequence[str]:
        """Names in a folder; OSError if it is none."""
        ...


@frozen(eq=False)
class Folder:
    """One folder of a build, and those from which it was reached."""

    files: Files
    path: str
    above: tuple[str, ...] = ()
    anywhere: bool = False  # files may lie outside
    entered: list[str] = field(factory=list)  # every folder that the build has entered, in order

    def read(self, name: str) -> str:
        """A file in or below this folder."""
        path = self.place(name)
        if not self.anywhere and not within(path, self.path):
            raise KustomizeError(f"security; file '{path}' is not in or below '{self.path}'")
        try:
            return self.files.read(path)
        except OSError as failure:
            raise KustomizeError(f"open {path}: {(failure.strerror or str(failure)).lower()}") from None

    def place(self, name: str) -> str:
        """The path of a file that is named from here."""
        return posixpath.normpath(posixpath.join(self.path, name))

    def is_folder(self, name: str) -> bool:
        """Whether a name is that of a folder."""
        try:
            self.files.list(self.place(name))
        except OSError:
            return False
        return True

    def enter(self, name: str) -> Folder:
        """Another folder, as a base; KustomizeError for a circle."""
        if name.startswith(REMOTE):
            raise KustomizeError(f"{name}: the game has no way out to the network; give a folder")
        path = self.place(name)
        if path in (*self.above, self.path):
            circle = " > ".join((*self.above, self.path, path))
            raise KustomizeError(f"cycle detected: {circle}")
        if len(self.above) >= DEEPEST:
            raise KustomizeError(f"{path}: bases are nested deeper than {DEEPEST} folders")
        self.entered.append(path)
        if len(self.entered) > MOST:
            raise KustomizeError(f"{path}: a build of more than {MOST} folders")
        return evolve(self, path=path, above=(*self.above, self.path))

    def kustomization(self) -> tuple[str, str]:
        """(text, path) of the kustomization file."""
        if not self.is_folder("."):
            raise KustomizeError(
                f"must build at directory: not a valid directory: evalsymlink failure on '{self.path}' : "
                f"lstat {self.path}: no such file or directory"
            )
        found = []
        for name in NAMES:
            try:
                found.append((self.files.read(self.place(name)), self.place(name)))
            except OSError:
                continue
        if not found:
            names = "', '".join(NAMES[:-1])
            raise KustomizeError(f"unable to find one of '{names}' or '{NAMES[-1]}' in directory '{self.path}'")
        if len(found) > 1:
            raise KustomizeError(f"Found multiple kustomization files under: {self.path}")
        return found[0]


def within(path: str, folder: str) -> bool:
    """Whether a path lies in or below a folder."""
    if folder == ".":
        return not path.startswith(("../", "/")) and path != ".."
    return path == folder or path.startswith(folder.rstrip("/") + "/")
