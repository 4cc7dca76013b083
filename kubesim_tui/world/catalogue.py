"""All images that are known, by the names of their repositories, and what to think of one that is not.

A catalogue never changes once it is made (what it has read it keeps), so clusters and checkpoints share it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache

from kubesim_tui.world.image_loader import Raw, assets, load, load_checked, repositories, structure
from kubesim_tui.world.images import ImageSpec
from kubesim_tui.world.reference import Reference
from kubesim_tui.world.shared import Shared

APP = "app"
"""The program of an image that nobody described."""
_UNKNOWN: Raw = {
    "known": False,
    "entrypoint": [APP],
    "programs": {
        APP: {
            "start": "1s",
            "ready": "0ms",
            "ports": [{"port": "${expected}", "protocol": "any"}],
            "routes": [{"path": "/", "body": "OK\n", "service": "2ms", "cpu": "500us"}],
            "memory": {"base": "20Mi"},
            "stop": {"after": "50ms"},
        }
    },
}


class Catalogue(Shared):
    """Finds the spec of a reference."""

    __slots__ = ("_made", "_raw", "_texts")

    def __init__(self, raw: dict[str, Raw] | None = None, texts: dict[str, tuple[str, str]] | None = None) -> None:
        self._raw = dict(raw or {})
        self._texts = dict(texts or {})  # repository → (file, text), not read yet
        self._made: dict[tuple[str, str], ImageSpec] = {}

    @classmethod
    def bundled(cls) -> Catalogue:
        """The images that come with the program."""
        return cls(texts=_bundled_texts())

    def with_texts(self, texts: dict[str, str]) -> Catalogue:
        """The same for texts by file name."""
        raw = dict(self._raw)
        for file, text in texts.items():
            image = load_checked(text, file, self.read)
            raw.update(dict.fromkeys(image["repositories"], image))
        return Catalogue(raw, self._texts)

    def names(self) -> list[str]:
        """The repositories of all known images."""
        return sorted({*self._raw, *self._texts})

    def describes(self, repository: str) -> bool:
        """Whether a file describes this repository."""
        return repository in self._raw or repository in self._texts

    def find(self, reference: Reference) -> ImageSpec | None:
        """The image of a reference; None if there is no such repository or tag."""
        spec = self._spec(reference.repository, reference.tag or "latest")
        if spec.absent or (spec.tags and reference.tag and not any(fnmatchcase(reference.tag, t) for t in spec.tags)):
            return None
        return spec

    def absent(self, repository: str) -> bool:
        """Whether a file says that the repository does not exist."""
        return self._spec(repository, "latest").absent

    def _spec(self, repository: str, tag: str) -> ImageSpec:
        key = (repository, tag)
        spec = self._made.get(key)
        if spec is None:
            raw = self.read(repository)
            made = structure(raw, repository, tag, self.read) if raw is not None else unknown(repository, tag)
            spec = self._made[key] = made
        return spec

    def read(self, repository: str) -> Raw | None:
        """What stands in the file of a repository; None if there is no such file."""
        raw = self._raw.get(repository)
        if raw is None and repository in self._texts:
            file, text = self._texts[repository]
            raw = load(text, file)
            self._raw.update(dict.fromkeys(raw["repositories"], raw))
        return raw


@cache
def _bundled_texts() -> dict[str, tuple[str, str]]:
    texts: dict[str, tuple[str, str]] = {}
    for path in sorted((assets() / "images").glob("*.yaml")):
        text = path.read_text("utf-8")
        texts.update(dict.fromkeys(repositories(text), (path.name, text)))
    return texts


def unknown(repository: str, tag: str) -> ImageSpec:
    """An image that nobody described: up after a second, listening where it is expected, answering with success."""
    return structure({**_UNKNOWN, "repositories": [repository]}, repository, tag)
