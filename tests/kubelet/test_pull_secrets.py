"""Images that need credentials."""

import base64
import json

import pytest

from kubesim_tui.api.types import Pod, Secret
from kubesim_tui.kubelet.configuration import read
from kubesim_tui.kubelet.credentials import look_up
from kubesim_tui.world.registry import Credentials, Registry
from tests.kubelet.rig import Rig

HOST = "registry.example.com"
IMAGE = f"{HOST}/shop/web:1.0"
REFUSED = f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}"'


def rig(**of):
    r = Rig(have=("busybox:1.36",), **of)
    users = {"deploy": "s3cret", "guest": "guest"}
    r.world.registries[HOST] = Registry(HOST, users=users, forbidden=("guest",))
    return r


def auth(user, password):
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def secret_data(auths):
    return {".dockerconfigjson": base64.b64encode(json.dumps({"auths": auths}).encode()).decode()}


def secret(r, name="regcred", user="deploy", password="s3cret", where=HOST):
    r.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "type": "kubernetes.io/dockerconfigjson",
            "data": secret_data({where: auth(user, password)}),
        }
    )


def pod(r, *secrets, name="web", policy="IfNotPresent"):
    container = {"name": "app", "image": IMAGE, "imagePullPolicy": policy}
    r.pod(name, spec={"containers": [container], "imagePullSecrets": [{"name": s} for s in secrets]})


def waiting(r, name="web"):
    found = r.get(Pod, name).status.container_statuses[0].state.waiting
    return found.reason, found.message


def test_with_its_secret_a_pod_gets_its_image():
    r = rig()
    secret(r)
    pod(r, "regcred")
    r.tick(8)
    assert r.status().startswith("Running")


def test_without_credentials_nobody_gets_anything():
    r = rig()
    pod(r)
    r.tick(2)
    why = "pull access denied, repository does not exist or may require authorization: authorization failed"
    said = f"rpc error: code = Unknown desc = {REFUSED}: {why}: no basic auth credentials"
    assert waiting(r) == ("ErrImagePull", said)


@pytest.mark.parametrize(
    "user, password, status",
    [
        ("deploy", "old", "401 Unauthorized"),
        ("nobody", "s3cret", "401 Unauthorized"),
        ("guest", "guest", "403 Forbidden"),
    ],
)
def test_what_the_registry_answers_to_others(user, password, status):
    r = rig()
    secret(r, user=user, password=password)
    pod(r, "regcred")
    r.tick(2)
    asked = f"unexpected status from HEAD request to https://{HOST}/v2/shop/web/manifests/1.0"
    assert waiting(r)[1].endswith(f"{REFUSED}: {asked}: {status}")


def test_a_secret_that_is_missing_is_told_and_the_pull_tried_all_the_same():
    r = rig()
    pod(r, "regcred", "other")
    r.tick(2)
    said = "Unable to retrieve some image pull secrets (regcred, other); attempting to pull the image may not succeed."
    assert r.said("FailedToRetrieveImagePullSecret")[0].startswith(f"FailedToRetrieveImagePullSecret: {said}")
    assert waiting(r)[0] == "ErrImagePull"


def test_one_of_several_credentials_is_enough():
    r = rig()
    secret(r, "wrong", password="old")
    secret(r, "right")
    pod(r, "wrong", "right")
    r.tick(10)
    assert r.status().startswith("Running")


def test_an_image_that_another_pod_has_pulled_is_not_open_to_all():
    r = rig()
    secret(r)
    pod(r, "regcred")
    r.tick(8)
    pod(r, "regcred", name="same")
    pod(r, name="stranger")
    pod(r, name="never", policy="Never")
    r.tick(4)
    assert r.status("same").startswith("Running")
    assert waiting(r, "stranger")[0] == "ImagePullBackOff"
    assert waiting(r, "never") == (
        "ErrImageNeverPull",
        f'Container image "{IMAGE}" is present with pull policy of Never '
        "but does not have the proper credentials to access the image",
    )


def test_after_the_passwords_have_changed_what_is_there_still_runs_and_nothing_new_comes():
    r = rig()
    secret(r)
    pod(r, "regcred")
    r.tick(8)
    r.world.registries[HOST].rotate()
    pod(r, "regcred", name="same")
    pod(r, "regcred", name="asks", policy="Always")
    r.tick(4)
    assert r.status("same").startswith("Running")
    assert waiting(r, "asks")[1].endswith("401 Unauthorized")


DEPLOY = Credentials("deploy", "x")


@pytest.mark.parametrize(
    "where, image, fits",
    [
        ("registry.example.com", "registry.example.com/a:1", True),
        ("https://registry.example.com/", "registry.example.com/a:1", True),
        ("*.example.com", "registry.example.com/a:1", True),
        ("*.example.com", "a.b.example.com/a:1", False),
        ("registry.example.com/shop", "registry.example.com/shop/web", True),
        ("registry.example.com/shop", "registry.example.com/shopping/web", False),
        ("registry.example.com:5000", "registry.example.com/a", False),
        ("https://index.docker.io/v1/", "nginx", True),
        ("docker.io", "nginx", True),
        ("registry.example.com", "Bad Name", False),
    ],
)
def test_which_entries_fit_an_image(where, image, fits):
    found = Secret(type="kubernetes.io/dockerconfigjson", data=secret_data({where: auth("deploy", "x")}))
    assert look_up([found], image) == ((DEPLOY,) if fits else ())


def test_the_most_specific_entry_comes_first():
    auths = {HOST: auth("a", "1"), f"{HOST}/shop": {"username": "b", "password": "2"}}
    found = look_up([Secret(type="kubernetes.io/dockerconfigjson", data=secret_data(auths))], IMAGE)
    assert [who.user for who in found] == ["b", "a"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "[" * 100_000,
        '{"auths": 3}',
        '{"auths": {"registry.example.com": {"auth": "?"}}}',
        '{"auths": {"registry.example.com": {"auth": "é"}}}',
    ],
    ids=lambda text: text[:50],
)
def test_a_secret_that_cannot_be_read_holds_nothing(text):
    data = {".dockerconfigjson": base64.b64encode(text.encode()).decode()}
    assert look_up([Secret(type="kubernetes.io/dockerconfigjson", data=data)], IMAGE) == ()


def two_images(**kubelet):
    """Two Pods with an image each of 30 MiB, from a registry that gives 10 MiB a second; when each has started."""
    r = Rig(have=(), configuration=read(kubelet))
    for name in ("one.example.com", "docker.io"):
        r.world.machines["node-a"].runtime.store.registry(name).speed_bytes_s = 10 << 20
    r.pod("a", image="test/app:1")
    r.pod("b", image="test/app:2")
    found = {}
    for tick in range(20):
        r.tick()
        found.update({n: tick for n in "ab" if n not in found and r.status(n).startswith("Running")})
    return found["a"], found["b"]


def test_serial_pulls_come_one_after_the_other_and_parallel_ones_share_the_registry():
    serial, parallel = two_images(), two_images(serializeImagePulls=False)
    assert (serial, parallel) == ((5, 9), (8, 8))
