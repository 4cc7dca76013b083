"""Images on their way: policy, speed, failures, back-off, second by second."""

from kubesim_tui.api.types import Pod
from tests.kubelet.rig import Rig

MIB = 1 << 20


def rig(speed=10 * MIB, **of):
    r = Rig(have=of.pop("have", ()), **of)
    r.world.machines["node-a"].runtime.store.registry("docker.io").speed_bytes_s = speed
    return r


def waiting(r, name="web"):
    found = r.get(Pod, name).status.container_statuses[0].state.waiting
    return found.reason, found.message


def test_a_pull_takes_its_time():
    """30 MiB at 10 MiB a second, and a quarter of a second for the rest."""
    r = rig()
    r.pod()
    assert r.history(8) == [(0, "Pending app=ContainerCreating"), (5, "Running app=Running*")]
    assert r.said()[:2] == [
        'Pulling: Pulling image "test/app"',
        'Pulled: Successfully pulled image "test/app" in 3.25s (3.25s including waiting). Image size: 31457280 bytes.',
    ]


def test_pulls_stand_in_line():
    """A node pulls one image after the other; who waits for one that came meanwhile has it in a moment."""
    r = rig()
    r.pod("first")
    r.pod("second")
    r.tick(10)
    assert r.said("Pulled", about="second") == [
        'Pulled: Successfully pulled image "test/app" in 250ms (4.25s including waiting). Image size: 31457280 bytes.'
    ]


def test_containers_wait_for_those_before_them():
    """The second has its image, but the first is still being pulled: a Pod starts its containers in order."""
    r = rig(have=("busybox:1.36",))
    one = {"name": "one", "image": "test/app", "imagePullPolicy": "IfNotPresent"}
    two = {"name": "two", "image": "busybox:1.36", "command": ["sleep", "99"], "imagePullPolicy": "IfNotPresent"}
    r.pod(spec={"containers": [one, two]})
    assert r.history(8) == [
        (0, "Pending one=ContainerCreating two=ContainerCreating"),
        (5, "Running one=Running* two=Running*"),
    ]


def test_policy_always_asks_each_time():
    r = rig(have=("test/app",))
    r.pod(imagePullPolicy="Always")
    r.tick(4)
    assert r.said("Pulling", "Pulled") == [
        'Pulling: Pulling image "test/app"',
        'Pulled: Successfully pulled image "test/app" in 250ms (250ms including waiting). Image size: 31457280 bytes.',
    ]


def test_policy_never():
    r = rig()
    r.pod(imagePullPolicy="Never")
    r.tick(1)
    said = 'Container image "test/app" is not present with pull policy of Never'
    assert waiting(r) == ("ErrImageNeverPull", said)
    assert r.said() == [f"ErrImageNeverPull: {said}", "Failed: Error: ErrImageNeverPull"]


def test_a_name_that_is_none():
    r = rig()
    r.pod(image="Test/App:1")
    r.tick(1)
    why = "invalid reference format: repository name (App) must be lowercase"
    said = f'Failed to apply default image tag "Test/App:1": couldn\'t parse image name "Test/App:1": {why}'
    assert waiting(r) == ("InvalidImageName", said)
    assert r.said() == [f"InspectFailed: {said}", "Failed: Error: InvalidImageName"]


def test_an_image_that_does_not_exist():
    """The back-off counts from a failure: 10, 20, 40, 80 s. The kubelet looks every 10 s whether it is over."""
    r = rig()
    r.pod(image="nginx:nope")
    attempts = []
    for tick in range(200):
        r.tick()
        pulls = r.world.machines["node-a"].runtime.store.pulls.values()
        attempts += [tick] * sum(p.started == tick for p in pulls)
    assert attempts == [0, 12, 33, 74, 155]
    reason, message = waiting(r)
    assert reason == "ImagePullBackOff"
    why = "ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image"
    assert message.startswith(f'Back-off pulling image "nginx:nope": {why} "docker.io/library/nginx:nope"')


def test_a_failing_pull_is_told():
    r = rig()
    r.pod(image="nginx:nope")
    r.tick(3)
    failed = r.said("Failed")
    assert failed[0].startswith(
        'Failed: Failed to pull image "nginx:nope": rpc error: code = NotFound desc = failed to'
    )
    assert failed[1:] == ["Failed: Error: ErrImagePull", "Failed: Error: ImagePullBackOff"]
    assert r.said("BackOff") == ['BackOff: Back-off pulling image "nginx:nope"']


def test_a_registry_that_is_down_and_comes_back():
    r = rig()
    registry = r.world.machines["node-a"].runtime.store.registry("docker.io")
    registry.down()
    r.pod()
    r.tick(31)
    assert waiting(r)[0] == "ErrImagePull"
    assert waiting(r)[1].endswith("i/o timeout")
    registry.recover()
    assert r.history(60)[-1][1] == "Running app=Running*"


def test_images_show_in_the_node():
    """With the next look at the node, every 10 s."""
    r = rig()
    r.pod()
    r.tick(10)
    assert r.node().status.images == ()
    r.tick(1)
    assert [(i.names[1], i.size_bytes) for i in r.node().status.images] == [("docker.io/test/app:latest", 31457280)]
