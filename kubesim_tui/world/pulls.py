"""The images that a machine holds, and those on their way. Who asks for one that is being pulled shares that pull.

All that comes from one registry at a time shares what it gives the machine, so pulls side by side are slower each.
"""

from __future__ import annotations

import hashlib

from attrs import define

from kubesim_tui.world.brands import CONTAINERD, Brand
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.disk import Disk
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.images import ImageSpec
from kubesim_tui.world.links import Links
from kubesim_tui.world.reference import Reference, parse
from kubesim_tui.world.registry import ANSWER_TICKS, Credentials, NotFound, Registry, pull_error, resolve


@define(eq=False, repr=False)
class Pull:
    """One pull: it ends, well or with an error, when tick `done` comes (and `Runtime.due` is called in it)."""

    reference: Reference
    started: int
    done: int
    size_bytes: int = 0
    left_bytes: int = 0  # at tick `at`
    at: int = 0
    speed: int = 0  # bytes a second since then
    who: Credentials | None = None
    finished: bool = False
    error: CriError | None = None
    refused: CriError | None = None  # known already, told at its end

    @property
    def image_id(self) -> str:
        """The id of the image that it brings."""
        return image_id(self.reference)


@define(eq=False, repr=False)
class Image:
    """An image on a machine."""

    reference: Reference
    spec: ImageSpec
    size_bytes: int
    pulled: int
    last_used: int
    pulled_by: tuple[Credentials | None, ...] = ()  # with whose credentials it came; none: it was always here

    @property
    def id(self) -> str:
        """`sha256:` and 64 digits."""
        return image_id(self.reference)

    @property
    def digest(self) -> str:
        """The name by its content: `docker.io/library/nginx@sha256:…`."""
        return self.reference.repository + "@" + (self.reference.digest or _sha(f"manifest {self.reference.name}"))


def image_id(reference: Reference) -> str:
    """The id of an image, the same everywhere."""
    return _sha(f"config {reference.name}")


def _sha(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@define(eq=False, repr=False)
class ImageStore:
    """The image half of a runtime."""

    machine: str
    catalogue: Catalogue
    registries: dict[str, Registry]
    links: Links
    disk: Disk
    images: dict[str, Image]
    pulls: dict[tuple[str, Credentials | None], Pull]
    brand: Brand = CONTAINERD

    def find(self, image: str) -> Image | None:
        """An image that is here, by any of its names. Raises InvalidReference."""
        return self.images.get(parse(image).name)

    def pull(self, image: str, now: int, who: Credentials | None = None) -> Pull:
        """Begin to pull an image, or join in. Raises InvalidReference."""
        reference = parse(image)
        key = (reference.name, who)
        running = self.pulls.get(key)
        if running is not None:
            return running
        registry = self.registry(reference.domain)
        found = resolve(registry, reference, self.catalogue, self._reaches(registry), who)
        if isinstance(found, NotFound):
            pull = Pull(
                reference, now, now + found.ticks, refused=pull_error(self.brand, reference, found.why), who=who
            )
        else:
            size = 0 if reference.name in self.images else found.spec.size_bytes  # only what is not here is transferred
            pull = Pull(reference, now, now + ANSWER_TICKS, size, size, now + ANSWER_TICKS, who=who)
        self.pulls[key] = pull
        self._share(registry, now)
        return pull

    def _share(self, registry: Registry, now: int) -> None:
        """All pulls from a registry get equal parts of what it gives; when each of them will be done."""
        under_way = [p for p in self.pulls.values() if p.left_bytes and p.reference.domain == registry.name]
        if not under_way:
            return
        speed = max(1, registry.gives_bytes_s // len(under_way))
        for pull in under_way:
            pull.left_bytes = max(0, pull.left_bytes - max(0, now - pull.at) * pull.speed)
            pull.at, pull.speed = max(now, pull.started + ANSWER_TICKS), speed
            pull.done = pull.at + pull.left_bytes // speed

    def share_anew(self, domain: str, now: int) -> None:
        """A registry gives more or less than before."""
        self._share(self.registry(domain), now)

    def registry(self, domain: str) -> Registry:
        """The registry of a name; one nobody declared exists and works."""
        found = self.registries.get(domain)
        if found is None:
            found = self.registries[domain] = Registry(domain)
        return found

    def due(self, now: int) -> None:
        """End the pulls whose time has come."""
        for key, pull in list(self.pulls.items()):
            if pull.done <= now:
                del self.pulls[key]
                self._end(pull, now)
                self._share(self.registry(pull.reference.domain), now)

    def _end(self, pull: Pull, now: int) -> None:
        registry = self.registry(pull.reference.domain)
        pull.finished = True
        pull.error = pull.refused
        if pull.error is None and not (registry.up and self._reaches(registry)):
            pull.error = pull_error(self.brand, pull.reference, "interrupted")
        elif pull.error is None and self.disk.free_bytes < pull.size_bytes:
            pull.error = pull_error(self.brand, pull.reference, "no-space")
        if pull.error is None:
            self.add(pull.reference, now, pull.who)
            image = self.images.get(pull.reference.name)
            if image is not None and image.pulled_by and pull.who not in image.pulled_by:
                image.pulled_by = (*image.pulled_by, pull.who)

    def add(self, reference: Reference, now: int, *by: Credentials | None) -> None:
        """Put an image here (pulled `by` somebody, or there from the beginning)."""
        spec = self.catalogue.find(reference)
        if spec is not None and reference.name not in self.images:
            self.images[reference.name] = Image(reference, spec, spec.size_bytes, now, now, by)
            self.disk.claim(spec.size_bytes)

    def remove(self, image: str) -> None:
        """Remove an image that is here."""
        found = self.images.pop(parse(image).name, None)
        if found is not None:
            self.disk.claim(-found.size_bytes)

    @property
    def next_due(self) -> int | None:
        """When the next pull ends."""
        return min((pull.done for pull in self.pulls.values()), default=None)

    def _reaches(self, registry: Registry) -> bool:
        return self.links.reachable(self.machine, registry.name)
