"""Registries: where images come from, and what a kubelet reads when they do not come.

A registry of any name exists (its images are those of the catalogue, or unknown ones) unless it was declared to be
down or not to exist. One that has users is private: it wants their passwords. The words of
a failure are those of the container runtime (world/brands.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field, frozen

from kubesim_tui.world.brands import CONTAINERD, Brand
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.images import ImageSpec
from kubesim_tui.world.reference import HUB, Reference
from kubesim_tui.world.shared import Shared

DIAL_TIMEOUT_TICKS = 30
ANSWER_TICKS = 1
SPEED = 50 << 20


@frozen
class Credentials(Shared):
    """Who pulls."""

    user: str
    password: str


@define(eq=False, repr=False)
class Registry:
    """One registry. `speed_bytes_s` is what it gives a machine, all pulls together; a `limited` one refuses with 429.

    `users` (name → password) make it private; those that are `forbidden` are known, but may not pull.
    """

    name: str
    up: bool = True
    speed_bytes_s: int = SPEED
    limited: bool = False
    exists: bool = True
    users: Mapping[str, str] = field(factory=dict)
    forbidden: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()  # names of images that were removed from it
    throttled_bytes_s: int = 0  # what it gives instead of its speed while it is slow
    rotated: Mapping[str, str] | None = None  # the passwords that held before somebody changed them all

    @property
    def gives_bytes_s(self) -> int:
        """What it gives a machine now."""
        return self.throttled_bytes_s or self.speed_bytes_s

    def remove(self, image: str) -> bool:
        """An image is removed; whoever has it keeps it. False if it is gone already."""
        if image in self.gone:
            return False
        self.gone = (*self.gone, image)
        return True

    def put_back(self, image: str) -> bool:
        """It is pushed again."""
        there = len(self.gone)
        self.gone = tuple(name for name in self.gone if name != image)
        return len(self.gone) < there

    def rotate(self) -> bool:
        """All passwords are changed: those that are in use no longer hold. False if there are none."""
        if not self.users or self.rotated is not None:
            return False
        self.rotated = self.users
        self.users = {user: password + "'" for user, password in self.users.items()}
        return True

    def rotate_back(self) -> bool:
        """The old passwords hold again."""
        if self.rotated is None:
            return False
        self.users, self.rotated = self.rotated, None
        return True

    def down(self) -> None:
        """It stops answering; pulls time out."""
        self.up = False

    def recover(self) -> None:
        """It answers again."""
        self.up = True


@frozen(eq=False, repr=False)
class Found(Shared):
    """An image that can be pulled."""

    reference: Reference
    spec: ImageSpec


@frozen(eq=False, repr=False)
class NotFound(Shared):
    """Why an image cannot be pulled (a key of `Brand.pulls`), and how many ticks it takes to learn that."""

    why: str
    ticks: int = ANSWER_TICKS


def resolve(
    registry: Registry, reference: Reference, catalogue: Catalogue, reachable: bool, who: Credentials | None = None
) -> Found | NotFound:
    """Ask a registry for an image."""
    if not registry.exists:
        return NotFound("no-host")
    if not (registry.up and reachable):
        return NotFound("timeout", DIAL_TIMEOUT_TICKS)
    if registry.limited:
        return NotFound("limited")
    if registry.users:
        refused = _unauthorized(registry, who)
        if refused:
            return NotFound(refused)
    spec = catalogue.find(reference) if reference.name not in registry.gone else None
    if spec is not None:
        return Found(reference, spec)
    return NotFound("denied" if catalogue.absent(reference.repository) else "not-found")


def _unauthorized(registry: Registry, who: Credentials | None) -> str:
    """What a private registry has against somebody."""
    if who is None:
        return "anonymous"
    if registry.users.get(who.user) != who.password:
        return "unauthorized"
    return "forbidden" if who.user in registry.forbidden else ""


def pull_error(brand: Brand, reference: Reference, why: str) -> CriError:
    """The words of a container runtime for a pull that has failed."""
    bare = reference.path.removeprefix("library/") if reference.domain == HUB else reference.repository
    version = reference.digest or reference.tag
    text = brand.pulls[why].format(
        name=reference.name,
        repository=reference.repository,
        path=reference.path,
        version=version,
        host=_host(reference.domain),
        address=_address(reference.domain),
        bare=bare,
        short=f"{bare}:{version}",
    )
    return CriError("NotFound" if why == "not-found" and brand is CONTAINERD else "Unknown", text)


def _host(name: str) -> str:
    return "registry-1.docker.io" if name == HUB else name


def _address(name: str) -> str:
    """A made-up but steady address of a registry, out of the documentation range."""
    host, _, port = name.partition(":")
    return f"203.0.113.{1 + sum(host.encode()) % 250}:{port or 443}"
