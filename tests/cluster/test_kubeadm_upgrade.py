"""kubeadm upgrade: what it says, what it does to the control plane, and what when a component does not come up."""

from __future__ import annotations

import copy

import pytest

from kubesim_tui.api.types import ConfigMap, Node, Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.kubeadm.main import run
from kubesim_tui.cluster.kubeadm.packages import apt_get, provide
from kubesim_tui.cluster.kubeadm.running import Run
from kubesim_tui.cluster.kubeadm.upgrade.plan import Upgrade, possible
from kubesim_tui.cluster.kubeadm.upgrade.policy import Versions, enforce
from tests.boards import Board

PARTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
GATE = "JobManagedBy=true"


def kubeadm(board: Board, line: str, machine: str = "control-plane", most: int = 600) -> tuple[list[str], int]:
    """Run it to its end: (all lines, exit code)."""
    return finish(board, begin(board, line, machine), most)


def begin(board: Board, line: str, machine: str = "control-plane") -> Run | tuple:
    return run(board.cluster, board.cluster.world.machines[machine], line.split())


def finish(board: Board, answer: Run | tuple, most: int = 600) -> tuple[list[str], int]:
    if not isinstance(answer, Run):
        return [*answer[0], *answer[1]], answer[2]
    for _ in range(most):
        if answer.done:
            break
        board.tick()
    assert answer.done
    return [text for _, text in answer.lines], answer.code


def images(board: Board, machine: str) -> dict[str, str]:
    """The tag of each component's mirror Pod."""
    pods = {name: board.client.get(Pod, "kube-system", f"{name}-{machine}") for name in PARTS}
    return {name: pod.spec.containers[0].image.rpartition(":")[2] for name, pod in pods.items()}


def answers(board: Board) -> bool:
    try:
        board.client.list(Node, "")
    except ApiError:
        return False
    return True


def give_gate(board: Board) -> None:
    """The API server was told of a feature gate which is on anyway, years ago."""
    text = board.client.get(ConfigMap, "kube-system", "kubeadm-config").data["ClusterConfiguration"]
    given = f"apiServer:\n  extraArgs:\n  - name: feature-gates\n    value: {GATE}\n"
    data = {"ClusterConfiguration": text.replace("apiServer: {}\n", given)}
    board.client.patch(ConfigMap, "kube-system", "kubeadm-config", {"data": data})


@pytest.fixture(scope="module")
def one():
    return Board(nodes=1, warm=12)


@pytest.fixture(scope="module")
def upgraded(one):
    """A cluster of one machine before its upgrade, what was said, in which seconds the API answered, and after."""
    board = copy.deepcopy(one)
    provide(board.cluster.world.machines["control-plane"], "v1.37.2")
    answer, seen = begin(board, "upgrade apply v1.37.2 --yes"), []
    while not answer.done:
        board.tick()
        seen.append(answers(board))
    return board, [text for _, text in answer.lines], seen


def test_components_are_replaced_one_after_the_other(upgraded):
    _, said, _ = upgraded
    done = [line.split('"')[1] for line in said if line.endswith("upgraded successfully!") and '"' in line]
    assert done == list(PARTS)
    assert said[-3:] == [
        '[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "v1.37.2".',
        "",
        "[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order.",
    ]


def test_the_api_server_is_away_meanwhile_and_serves_in_its_new_release(upgraded):
    board, _, seen = upgraded
    assert (seen.count(False) > 0, seen[-1], board.client.road.release()) == (True, True, "v1.37.2")


def test_the_mirrors_show_the_new_images_and_etcd_keeps_its_own(upgraded):
    assert images(upgraded[0], "control-plane") == {"etcd": "3.7.0-0", **dict.fromkeys(PARTS[1:], "v1.37.2")}


def test_the_configuration_of_the_cluster_names_the_new_release(upgraded):
    data = upgraded[0].client.get(ConfigMap, "kube-system", "kubeadm-config").data
    assert "kubernetesVersion: v1.37.2\n" in data["ClusterConfiguration"]


def test_certificates_are_new_and_old_manifests_kept(one, upgraded):
    before = one.cluster.trust.certificate("kube-apiserver", "control-plane").ends
    after = upgraded[0].cluster.trust.certificate("kube-apiserver", "control-plane").ends
    kept = [path for path in upgraded[0].cluster.world.machines["control-plane"].files if "/tmp/kubeadm-backup" in path]
    assert (after > before, [path.rpartition("/")[2] for path in kept]) == (True, [f"{name}.yaml" for name in PARTS])


def test_kubelets_stay_as_they_are_until_they_are_brought_and_restarted(upgraded):
    board = copy.deepcopy(upgraded[0])
    machine = board.cluster.world.machines["node-a"]
    out, _, code = apt_get(machine, ["install", "-y", "kubelet=1.37.2-*"])
    board.tick(15)
    before = versions(board)["node-a"]
    board.cluster.hand.stop_process("node-a", "kubelet")
    board.cluster.hand.start_process("node-a", "kubelet")
    board.tick(3)
    assert (code, out[-1], before, versions(board)["node-a"]) == (
        0,
        "Setting up kubelet (1.37.2-1.1) ...",
        "v1.37.0",
        "v1.37.2",
    )


def versions(board: Board) -> dict[str, str]:
    return {n.metadata.name: n.status.node_info.kubelet_version for n in board.client.list(Node, "")}


def test_what_is_there_already_is_left_alone(upgraded):
    board = copy.deepcopy(upgraded[0])
    said, code = kubeadm(board, "upgrade node")
    equal = [line for line in said if "are equal" in line]
    assert (code, equal) == (
        0,
        [f"[upgrade/staticpods] Current and new manifests of {name} are equal, skipping upgrade" for name in PARTS],
    )


def test_a_plan_shows_what_is_there_and_where_it_can_go(one):
    said, code = kubeadm(copy.deepcopy(one), "upgrade plan")
    first = said.index("COMPONENT   NODE            CURRENT   TARGET")
    assert (code, said[first : first + 16]) == (
        0,
        [
            "COMPONENT   NODE            CURRENT   TARGET",
            "kubelet     control-plane   v1.37.0   v1.37.2",
            "kubelet     node-a          v1.37.0   v1.37.2",
            "",
            "Upgrade to the latest version in the v1.37 series:",
            "",
            "COMPONENT                 NODE            CURRENT   TARGET",
            "kube-apiserver            control-plane   v1.37.0   v1.37.2",
            "kube-controller-manager   control-plane   v1.37.0   v1.37.2",
            "kube-scheduler            control-plane   v1.37.0   v1.37.2",
            "kube-proxy                                1.37.0    v1.37.2",
            "CoreDNS                                   v1.14.6   v1.14.6",
            "etcd                      control-plane   3.7.0-0   3.7.0-0",
            "",
            "You can now apply the upgrade by executing the following command:",
            "",
        ],
    )
    assert "Note: Before you can perform this upgrade, you have to update kubeadm to v1.37.2." in said


def test_a_newer_kubeadm_offers_the_next_minor_release_too():
    series = "version in the v1.37 series"
    assert list(possible("v1.37.0", "v1.38.0", "v1.38.0", "v1.37.2", series)) == [
        Upgrade(series, "v1.37.2", "v1.38.0"),
        Upgrade("stable version", "v1.38.0", "v1.38.0"),
    ]
    assert list(possible("v1.38.0", "v1.38.0", "v1.38.0", "v1.38.0", series)) == []


@pytest.mark.parametrize(
    ("there", "new", "fatal", "skippable"),
    [
        (Versions("v1.37.0", "v1.37.2", ("v1.37.0",)), "v1.37.2", 0, 0),
        (Versions("v1.37.0", "v1.37.0", ("v1.37.0",)), "v1.37.2", 0, 1),
        (Versions("v1.37.0", "v1.37.0", ("v1.37.0",)), "v1.38.0", 1, 0),
        (Versions("v1.36.0", "v1.38.0", ("v1.36.0",)), "v1.38.0", 1, 0),
        (Versions("v1.37.0", "v1.38.0", ("v1.34.0", "v1.37.0")), "v1.38.0", 0, 1),
        (Versions("v1.38.0", "v1.38.0", ("v1.37.0",)), "v1.37.2", 0, 1),
    ],
)
def test_releases_may_follow_each_other_within_limits(there, new, fatal, skippable):
    assert tuple(map(len, enforce(there, new))) == (fatal, skippable)


def test_a_component_that_does_not_come_up_is_rolled_back_after_five_minutes(one):
    """The feature gate was removed in the new release: its API server ends at once, and nobody answers meanwhile."""
    board = copy.deepcopy(one)
    give_gate(board)
    provide(board.cluster.world.machines["control-plane"], "v1.38.0")
    answer = begin(board, "upgrade apply v1.38.0 -y")
    board.tick(60)
    assert not answers(board)
    said, code = finish(board, answer)
    board.tick(5)
    why = "failed to obtain static Pod hash for component kube-apiserver on Node control-plane: Get "
    assert (code, said[-2].split("Errors faced: ")[1].startswith(why), said[-2][:84]) == (
        1,
        True,
        "error execution phase control-plane: couldn't complete the static pod upgrade: could",
    )
    assert (answers(board), board.client.road.release(), images(board, "control-plane")["kube-apiserver"]) == (
        True,
        "v1.37.0",
        "v1.37.0",
    )


def test_images_that_cannot_be_pulled_stop_it_before_anything_is_touched(one):
    board = copy.deepcopy(one)
    provide(board.cluster.world.machines["control-plane"], "v1.37.2")
    board.cluster.hand.remove_image("registry.k8s.io/kube-apiserver:v1.37.2", back=False)
    said, code = kubeadm(board, "upgrade apply v1.37.2 -y")
    assert (code, said[-2], next(line for line in said if line.startswith("\t[ERROR"))[:75]) == (
        1,
        "error execution phase preflight: preflight checks failed",
        "\t[ERROR ImagePull]: failed to pull image registry.k8s.io/kube-apiserver:v1.",
    )
    assert images(board, "control-plane")["kube-apiserver"] == "v1.37.0"


def test_a_cluster_that_is_not_well_is_left_alone(one):
    board = copy.deepcopy(one)
    board.cluster.hand.stop_process("control-plane", "kube-scheduler")
    said, code = kubeadm(board, "upgrade apply v1.37.0 -y")
    (wrong,) = [line for line in said if line.startswith("\t[ERROR")]
    assert (code, wrong.startswith("\t[ERROR CreateJob]: Job "), wrong.partition("did not ")[2]) == (
        1,
        True,
        "complete in 1m0s: no condition of type Complete",
    )


def test_a_worker_has_no_control_plane_to_upgrade(one):
    board = copy.deepcopy(one)
    said, code = kubeadm(board, "upgrade node", "node-a")
    assert (code, said[3:5]) == (
        0,
        [
            "[upgrade/preflight] Skipping prepull. Not a control plane node.",
            "[upgrade/control-plane] Skipping phase. Not a control plane node.",
        ],
    )
    assert kubeadm(board, "upgrade apply v1.37.0", "node-a")[1] == 1


def test_a_machine_that_loses_its_power_takes_the_command_with_it(one):
    board = copy.deepcopy(one)
    answer = begin(board, "upgrade plan")
    board.cluster.hand.crash("control-plane")
    board.tick(2)
    assert (answer.done, answer.lines[-1]) == (True, (True, "Connection to control-plane closed by remote host."))


def test_three_machines_are_upgraded_one_after_the_other_and_the_api_is_never_away():
    board = Board(nodes=1, control_planes=3, warm=12)
    seen = []
    for machine, line in (("cp-1", "upgrade apply v1.37.2 -y"), ("cp-2", "upgrade node"), ("cp-3", "upgrade node")):
        provide(board.cluster.world.machines[machine], "v1.37.2")
        answer = begin(board, line, machine)
        while not answer.done:
            board.tick()
            seen.append(answers(board))
        assert answer.code == 0
        skipped = [text for _, text in answer.lines if "Skipping upgrade of addons" in text]
        assert bool(skipped) == (machine != "cp-3")
    board.tick(5)
    assert ({m: images(board, m)["kube-apiserver"] for m in ("cp-1", "cp-2", "cp-3")}, seen.count(False)) == (
        dict.fromkeys(("cp-1", "cp-2", "cp-3"), "v1.37.2"),
        0,
    )


def test_of_three_the_one_that_does_not_come_up_is_rolled_back_and_nobody_is_refused_meanwhile():
    board = Board(nodes=1, control_planes=3, warm=12)
    give_gate(board)
    provide(board.cluster.world.machines["cp-1"], "v1.38.0")
    answer, seen = begin(board, "upgrade apply v1.38.0 -y", "cp-1"), []
    while not answer.done:
        board.tick()
        seen.append(answers(board))
    late = (
        "static Pod hash for component kube-apiserver on Node cp-1 did not change after 5m0s: context deadline exceeded"
    )
    assert (answer.code, answer.lines[-2][1].endswith(late), seen.count(False)) == (1, True, 0)
    board.tick(15)
    assert images(board, "cp-1")["kube-apiserver"] == "v1.37.0"


def test_images_are_listed_and_pulled_beforehand(one):
    board = copy.deepcopy(one)
    listed, _ = kubeadm(board, "config images list")
    pulled, code = kubeadm(board, "config images pull")
    assert (code, pulled) == (0, [f"[config/images] Pulled {image}" for image in listed])
    assert listed == [
        *(f"registry.k8s.io/{name}:v1.37.2" for name in (*PARTS[1:], "kube-proxy")),
        "registry.k8s.io/coredns/coredns:v1.14.6",
        "registry.k8s.io/pause:3.10.2",
        "registry.k8s.io/etcd:3.7.0-0",
    ]


def test_etcd_can_be_left_as_it_is(one):
    board = copy.deepcopy(one)
    provide(board.cluster.world.machines["control-plane"], "v1.37.2")
    said, code = kubeadm(board, "upgrade apply v1.37.2 -y --etcd-upgrade=false --certificate-renewal=false")
    assert (code, [line for line in said if '"etcd"' in line or "Renewing" in line]) == (0, [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("upgrade apply v1.37.2 --dry-run", "kubesim: kubeadm's --dry-run is not there (docs/FIDELITY.md)"),
        ("upgrade apply v1.37.2 --frob", "unknown flag: --frob"),
        ("reset -x", "unknown shorthand flag: 'x' in -x"),
        (
            "upgrade apply one",
            'version "one" doesn\'t match patterns for neither semantic version nor labels (stable, latest, ...)',
        ),
        ("upgrade apply v1.37.1 v1.37.2", "too many arguments. Required arguments: [version]"),
    ],
)
def test_what_a_command_does_not_take_is_said(one, line, said):
    told, code = kubeadm(one, line)
    assert (code, told[0]) == (1, said)
