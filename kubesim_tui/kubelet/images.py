"""Having a container's image on the node: the pull policy, and what is said of it (upstream: images/image_manager.go).

A failed pull is `ErrImagePull`; until its back-off (10 s doubling to 5 min, per Pod and image) is over, the answer is
`ImagePullBackOff`, with the words of the last failure. How many may begin in a second is configured (5, in a burst 10).
"""

from __future__ import annotations

from attrs import define, field, frozen

from kubesim_tui.apiserver.client import Bucket
from kubesim_tui.kubelet.backoff import Backoff
from kubesim_tui.kubelet.configuration import DEFAULTS, Configuration
from kubesim_tui.world.errors import InvalidReference
from kubesim_tui.world.reference import parse

ERR_PULL, BACK_OFF, NEVER, INVALID = "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"
ERR_INSPECT = "ImageInspectError"
QPS_EXCEEDED = "pull QPS exceeded"


def pull_bucket(configuration: Configuration) -> Bucket:
    """How many pulls may begin: registryPullQPS and registryBurst."""
    return Bucket(configuration.registry_pull_qps, configuration.registry_burst)


@frozen
class Failure:
    """Why there is no image: the waiting reason and its message."""

    reason: str
    message: str


@frozen
class Say:
    """An event about the container."""

    type: str  # Normal, Warning
    reason: str
    message: str


@frozen
class Verdict:
    """What to do for an image: `pull` it, or there is a `failure`, or neither (it is there). `events`: what to say."""

    pull: bool = False
    failure: Failure | None = None
    events: tuple[Say, ...] = ()


@define(eq=False)
class ImageManager:
    """What is remembered of pulls on one node: back-offs and the last failure by (uid of the Pod, image)."""

    backoff: Backoff = field(factory=Backoff)
    bucket: Bucket = field(factory=lambda: pull_bucket(DEFAULTS))
    last_errors: dict[tuple[str, str], str] = field(factory=dict)
    _there: dict[str, Verdict] = field(factory=dict)  # what is said of images that are there

    def ensure(
        self,
        uid: str,
        image: str,
        policy: str,
        present: bool,
        now: int,
        inspect_error: str = "",
        *,
        closed: bool = False,
    ) -> Verdict:
        """Decide on an image that a container is about to use.

        `inspect_error`: why nobody knows whether it is here; `closed`: it is, but not for this Pod.
        """
        if present and not closed and policy != "Always":
            known = self._there.get(image)
            if known is None:
                known = self._there[image] = _without_pull(image, True)
            return known
        try:
            parse(image)
        except InvalidReference as wrong:
            text = f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": {wrong}'
            return Verdict(False, Failure(INVALID, text), (Say("Warning", "InspectFailed", text),))
        if inspect_error and policy != "Always":
            text = f'Failed to inspect image "{image}": {inspect_error}'
            return Verdict(False, Failure(ERR_INSPECT, text), (Say("Warning", "InspectFailed", text),))
        if policy == "Never":
            return _without_pull(image, False) if not present else _closed(image)
        key = (uid, image)
        if self.backoff.since_update(key, now):
            said = f'Back-off pulling image "{image}"'
            why = self.last_errors.get(key)
            whole = f"{said}: {why}" if why else said
            return Verdict(False, Failure(BACK_OFF, whole), (Say("Normal", "BackOff", said),))
        self.last_errors.pop(key, None)
        return Verdict(True, None, (Say("Normal", "Pulling", f'Pulling image "{image}"'),))

    def take(self, now: int) -> bool:
        """Whether the rate limit allows one more pull."""
        return self.bucket.take(now)

    def failed(self, uid: str, image: str, error: str, now: int) -> Verdict:
        """A pull has failed."""
        key = (uid, image)
        self.backoff.next(key, now, now)
        self.last_errors[key] = f"{ERR_PULL}: {error}"
        return Verdict(
            False, Failure(ERR_PULL, error), (Say("Warning", "Failed", f'Failed to pull image "{image}": {error}'),)
        )

    def forget(self, uid: str) -> None:
        """A Pod is gone."""
        self.backoff.forget(uid)
        for key in [key for key in self.last_errors if key[0] == uid]:
            del self.last_errors[key]


def pulled(image: str, took_ms: int, waited_ms: int, size: int) -> Say:
    """`Successfully pulled image "x" in 1.2s (1.2s including waiting). Image size: N bytes.`"""
    took, whole = go_duration(took_ms), go_duration(took_ms + waited_ms)
    said = f'Successfully pulled image "{image}" in {took} ({whole} including waiting). Image size: {size} bytes.'
    return Say("Normal", "Pulled", said)


def _without_pull(image: str, present: bool) -> Verdict:
    if present:
        said = f'Container image "{image}" already present on machine and can be accessed by the pod'
        return Verdict(events=(Say("Normal", "Pulled", said),))
    said = f'Container image "{image}" is not present with pull policy of Never'
    return Verdict(False, Failure(NEVER, said), (Say("Warning", NEVER, said),))


def _closed(image: str) -> Verdict:
    """The image is there, but this Pod has none of the credentials with which it came."""
    said = f'Container image "{image}" is present with pull policy of Never '
    said += "but does not have the proper credentials to access the image"
    return Verdict(False, Failure(NEVER, said), (Say("Warning", NEVER, said),))


def default_tag(image: str) -> str:
    """The image with `:latest` if it has neither tag nor digest. Raises InvalidReference."""
    reference = parse(image)
    tagged = reference.digest or image.endswith(f":{reference.tag}")
    return image if tagged else f"{image}:{reference.tag}"


def go_duration(ms: int) -> str:
    """Go's words for milliseconds: `640ms`, `1.2s`, `1m5.03s`."""
    if ms < 1000:
        return f"{ms}ms" if ms else "0s"
    minutes, rest = divmod(ms, 60_000)
    seconds = f"{rest // 1000}.{rest % 1000:03}".rstrip("0").rstrip(".") + "s"
    return f"{minutes}m{seconds}" if minutes else seconds
