"""Container runtimes of other makers."""

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.cluster.spec import NodeGroup
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.world.brands import BRANDS, CONTAINERD
from kubesim_tui.world.reference import parse
from kubesim_tui.world.registry import pull_error
from tests.boards import Board


@pytest.mark.parametrize(
    "runtime, version, container, image",
    [
        ("containerd", "containerd://2.1.4", "containerd://", "docker.io/test/app@sha256:"),
        ("cri-o", "cri-o://1.37.0", "cri-o://", "docker.io/test/app@sha256:"),
        ("docker", "docker://28.5.1", "docker://", "docker-pullable://docker.io/test/app@sha256:"),
    ],
)
def test_names_and_ids(runtime, version, container, image):
    board = Board([NodeGroup(runtime=runtime)])
    board.app("web")
    board.settle()
    (pod,) = board.list(Pod)
    (status,) = pod.status.container_statuses
    node = board.cluster.etcd.get("nodes", ("", pod.spec.node_name))
    assert node.status.node_info.container_runtime_version == version
    assert status.container_id.startswith(container)
    assert status.image_id.startswith(image)


@pytest.mark.parametrize(
    "runtime, why, said",
    [
        (
            "cri-o",
            "not-found",
            "initializing source docker://docker.io/library/nginx:nope: reading manifest nope in "
            "docker.io/library/nginx: manifest unknown",
        ),
        (
            "docker",
            "not-found",
            "Error response from daemon: manifest for nginx:nope not found: manifest unknown: manifest unknown",
        ),
        (
            "docker",
            "denied",
            "Error response from daemon: pull access denied for nginx, repository does not exist or may require "
            "'docker login': denied: requested access to the resource is denied",
        ),
    ],
)
def test_each_has_its_own_words_for_a_pull_that_fails(runtime, why, said):
    assert pull_error(BRANDS[runtime], parse("nginx:nope"), why).text == said


@pytest.mark.parametrize("runtime", sorted(BRANDS))
def test_all_have_words_for_the_same(runtime):
    assert sorted(BRANDS[runtime].pulls) == sorted(CONTAINERD.pulls)


def test_a_runtime_that_does_not_run_is_called_by_its_name():
    board = Board([NodeGroup(runtime="cri-o")])
    board.cluster.hand.stop_process("node-a", "crio")
    board.tick(60)
    chain = node_not_ready(board.evidence(), "node-a")
    assert (chain.cause, chain.links[-1].text) == ("runtime-down", "crio on node-a does not run")
