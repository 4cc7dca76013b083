"""Registries: where images come from, and what a kubelet reads when they do not come.

A registry of any name exists (its images are those of the catalogue, or unknown ones) unless it was declared to be
down or not to exist. One that has users is private: it wants their passwords. The texts are containerd's.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field, frozen

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
    rotated: Mapping[str, str] | None = None  # the passwords that held before somebody changed them all

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
    """Why an image cannot be pulled, and how many ticks it takes to learn that."""

    error: CriError
    ticks: int = ANSWER_TICKS


def resolve(
    registry: Registry, reference: Reference, catalogue: Catalogue, reachable: bool, who: Credentials | None = None
) -> Found | NotFound:
    """Ask a registry for an image."""
    if not registry.exists:
        host = _host(registry.name)
        return NotFound(_failed(reference, f"{_head(reference)}: dial tcp: lookup {host}: no such host"))
    if not (registry.up and reachable):
        return NotFound(unreachable(registry, reference), DIAL_TIMEOUT_TICKS)
    if registry.limited:
        return NotFound(_limited(reference))
    if registry.users:
        refused = _unauthorized(registry, reference, who)
        if refused is not None:
            return NotFound(refused)
    spec = catalogue.find(reference)
    if spec is not None:
        return Found(reference, spec)
    if catalogue.absent(reference.repository):
        return NotFound(_denied(reference))
    return NotFound(_failed(reference, f"{reference.name}: not found", code="NotFound"))


def unreachable(registry: Registry, reference: Reference) -> CriError:
    """The registry does not answer."""
    return _failed(reference, f"{_head(reference)}: dial tcp {_address(registry.name)}: i/o timeout")


def interrupted(registry: Registry, reference: Reference) -> CriError:
    """The registry went away in the middle of a pull."""
    dial = f"dial tcp {_address(registry.name)}: i/o timeout"
    get = f'failed to do request: Get "https://{_host(registry.name)}/v2/{reference.path}/blobs/": {dial}'
    return CriError("Unknown", f"{_unpack(reference)}: failed to copy: httpReadSeeker: failed open: {get}")


def _unpack(reference: Reference) -> str:
    return f'failed to pull and unpack image "{reference.name}"'


def _failed(reference: Reference, why: str, code: str = "Unknown") -> CriError:
    return CriError(code, f'{_unpack(reference)}: failed to resolve reference "{reference.name}": {why}')


def _head(reference: Reference) -> str:
    return f'failed to do request: Head "{_manifest(reference)}"'


def _manifest(reference: Reference) -> str:
    version = reference.digest or reference.tag
    return f"https://{_host(reference.domain)}/v2/{reference.path}/manifests/{version}"


def _denied(reference: Reference) -> CriError:
    server = "server message: insufficient_scope: authorization failed"
    why = f"pull access denied, repository does not exist or may require authorization: {server}"
    return _failed(reference, why)


def _unauthorized(registry: Registry, reference: Reference, who: Credentials | None) -> CriError | None:
    """What a private registry answers to somebody who may not pull."""
    if who is None:
        why = "pull access denied, repository does not exist or may require authorization"
        return _failed(reference, f"{why}: authorization failed: no basic auth credentials")
    if registry.users.get(who.user) != who.password:
        return _failed(reference, f"{_status(reference)}: 401 Unauthorized")
    if who.user in registry.forbidden:
        return _failed(reference, f"{_status(reference)}: 403 Forbidden")
    return None


def _status(reference: Reference) -> str:
    return f"unexpected status from HEAD request to {_manifest(reference)}"


def _limited(reference: Reference) -> CriError:
    limit = "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"
    return _failed(reference, f"{_status(reference)}: 429 Too Many Requests\ntoomanyrequests: {limit}")


def _host(name: str) -> str:
    return "registry-1.docker.io" if name == HUB else name


def _address(name: str) -> str:
    """A made-up but steady address of a registry, out of the documentation range."""
    host, _, port = name.partition(":")
    return f"203.0.113.{1 + sum(host.encode()) % 250}:{port or 443}"
