"""Registries: where images come from, and what a kubelet reads when they do not come.

A registry of any name exists (its images are those of the catalogue, or unknown ones) unless it was declared to be
down or not to exist. The texts are containerd's.
"""

from __future__ import annotations

from attrs import define, frozen

from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.errors import CriError
from kubesim_tui.world.images import ImageSpec
from kubesim_tui.world.reference import HUB, Reference
from kubesim_tui.world.shared import Shared

DIAL_TIMEOUT_TICKS = 30
ANSWER_TICKS = 1
SPEED = 50 << 20


@define(eq=False, repr=False)
class Registry:
    """One registry. `speed_bytes_s` is what each pull gets; a `limited` one refuses with 429."""

    name: str
    up: bool = True
    speed_bytes_s: int = SPEED
    limited: bool = False
    exists: bool = True

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


def resolve(registry: Registry, reference: Reference, catalogue: Catalogue, reachable: bool) -> Found | NotFound:
    """Ask a registry for an image."""
    if not registry.exists:
        host = _host(registry.name)
        return NotFound(_failed(reference, f"{_head(reference)}: dial tcp: lookup {host}: no such host"))
    if not (registry.up and reachable):
        return NotFound(unreachable(registry, reference), DIAL_TIMEOUT_TICKS)
    if registry.limited:
        return NotFound(_limited(reference))
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
    version = reference.digest or reference.tag
    url = f"https://{_host(reference.domain)}/v2/{reference.path}/manifests/{version}"
    return f'failed to do request: Head "{url}"'


def _denied(reference: Reference) -> CriError:
    server = "server message: insufficient_scope: authorization failed"
    why = f"pull access denied, repository does not exist or may require authorization: {server}"
    return _failed(reference, why)


def _limited(reference: Reference) -> CriError:
    limit = "You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"
    url = f"https://{_host(reference.domain)}/v2/{reference.path}/manifests/{reference.tag}"
    answer = f"unexpected status from HEAD request to {url}: 429 Too Many Requests"
    return _failed(reference, f"{answer}\ntoomanyrequests: {limit}")


def _host(name: str) -> str:
    return "registry-1.docker.io" if name == HUB else name


def _address(name: str) -> str:
    """A made-up but steady address of a registry, out of the documentation range."""
    host, _, port = name.partition(":")
    return f"203.0.113.{1 + sum(host.encode()) % 250}:{port or 443}"
