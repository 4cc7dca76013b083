"""Image pulls: policy, back-off and words, by upstream's table."""

import pytest

from kubesim_tui.kubelet.backoff import Backoff, duration
from kubesim_tui.kubelet.images import ImageManager, default_tag, go_duration, pulled


def test_latest_is_the_default_tag():
    assert default_tag("busybox") == "busybox:latest"


def test_back_off_says_what_went_wrong():
    """The event names the image only; the waiting message goes on with the failure."""
    manager = ImageManager()
    manager.failed("uid", "x:1", "not found", 0)
    found = manager.ensure("uid", "x:1", "IfNotPresent", False, 9)
    assert (found.failure.message, found.events[0].message) == (
        'Back-off pulling image "x:1": ErrImagePull: not found',
        'Back-off pulling image "x:1"',
    )


def test_bad_name():
    found = ImageManager().ensure("uid", "Bad:Name:x", "Always", False, 0).failure
    assert (found.reason, found.message) == (
        "InvalidImageName",
        'Failed to apply default image tag "Bad:Name:x": couldn\'t parse image name "Bad:Name:x": '
        "invalid reference format",
    )


def test_an_image_of_which_the_runtime_does_not_tell_is_not_pulled_unless_it_always_is():
    manager = ImageManager()
    found = [manager.ensure("uid", "x:1", p, False, 0, "rpc error") for p in ("IfNotPresent", "Never", "Always")]
    said = 'Failed to inspect image "x:1": rpc error'
    assert [(v.failure.reason, v.failure.message) if v.failure else v.pull for v in found] == [
        ("ImageInspectError", said),
        ("ImageInspectError", said),
        True,
    ]


def test_pulled():
    assert pulled("nginx:1.27", 1203, 800, 72_000_000).message == (
        'Successfully pulled image "nginx:1.27" in 1.203s (2.003s including waiting). Image size: 72000000 bytes.'
    )


@pytest.mark.parametrize("ms, text", [(0, "0s"), (640, "640ms"), (1200, "1.2s"), (65_030, "1m5.03s"), (60_000, "1m0s")])
def test_go_duration(ms, text):
    assert go_duration(ms) == text


def test_backoff_doubles_and_forgives():
    """10 s doubling to 300 s; ten minutes without an event, and it starts at 10 s again."""
    backoff, now, delays = Backoff(), 0, []
    for _ in range(7):
        backoff.next(("uid", "c"), now, now)
        delays.append(backoff.get(("uid", "c")))
        now += delays[-1]
    assert delays == [10, 20, 40, 80, 160, 300, 300]
    assert not backoff.since(("uid", "c"), now + 601, now + 602)
    backoff.next(("uid", "c"), now + 601, now + 601)
    assert backoff.get(("uid", "c")) == 10


def test_duration_words():
    assert [duration(s) for s in (10, 40, 80, 300)] == ["10s", "40s", "1m20s", "5m0s"]
