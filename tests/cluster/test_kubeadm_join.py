"""kubeadm join and reset: how a machine leaves a cluster, and how it is let in again."""

from __future__ import annotations

import copy

import pytest

from kubesim_tui.api.helpers.nodes import is_ready
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import ConfigMap, Deployment, Node, Pod, Secret
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.kubeadm.join_plane import NO_ENDPOINT
from tests.boards import ADMIN, Board
from tests.cluster.test_kubeadm_upgrade import begin, finish, kubeadm

WHERE = "172.18.0.2:6443"


def ready(board: Board) -> dict[str, bool]:
    return {n.metadata.name: is_ready(n) for n in board.client.list(Node, "")}


def command(board: Board, flags: str = "", machine: str = "control-plane") -> str:
    """What `kubeadm token create --print-join-command` says, without its first word."""
    (line,), code = kubeadm(board, f"token create --print-join-command {flags}", machine)
    assert code == 0
    board.tick(2)  # the signer hears of it
    return line.removeprefix("kubeadm ")


def requests(board: Board) -> list[dict]:
    found = board.client.send(Request(ADMIN, "list", for_plural("certificatesigningrequests")))
    return [dict(one.rest) for one in found]


@pytest.fixture(scope="module")
def one():
    board = Board(nodes=2, warm=12)
    board.app("web", 2)
    board.settle()
    return board


@pytest.fixture(scope="module")
def gone(one):
    """A cluster of which a node was reset and deleted, what was said, and when its Node was NotReady."""
    board = copy.deepcopy(one)
    said, code = kubeadm(board, "reset -f", "node-b")
    assert code == 0
    board.tick(60)
    was = ready(board)
    board.client.delete(Node, "", "node-b")
    board.tick(5)
    return board, said, was


def test_a_reset_stops_all_that_ran_there_and_leaves_the_node_to_be_deleted(gone):
    board, said, was = gone
    machine = board.cluster.world.machines["node-b"]
    assert said[:3] == [
        "[preflight] Running pre-flight checks",
        "[reset] Deleted contents of the etcd data directory: /var/lib/etcd",
        "[reset] Stopping the kubelet service",
    ]
    assert (was["node-b"], list(ready(board))) == (False, ["control-plane", "node-a"])
    assert (machine.runs("kubelet"), len(machine.runtime.containers)) == (False, 0)
    board.cluster.hand.start_process("node-b", "kubelet")
    assert "config.yaml: no such file or directory" in machine.process("kubelet").failure


def test_a_machine_joins_with_a_token_and_gets_pods_again(gone):
    board = copy.deepcopy(gone[0])
    said, code = kubeadm(board, command(board), "node-b")
    board.tick(30)
    assert (code, said[-7:-2]) == (
        0,
        [
            "",
            "This node has joined the cluster:",
            "* Certificate signing request was sent to apiserver and a response was received.",
            "* The Kubelet was informed of the new secure connection details.",
            "",
        ],
    )
    (request,) = requests(board)
    assert (
        request["spec"]["username"].startswith("system:bootstrap:"),
        request["status"]["conditions"][0]["reason"],
    ) == (
        True,
        "AutoApproved",
    )
    assert ready(board)["node-b"]
    board.client.patch(Deployment, "default", "web", {"spec": {"replicas": 6}})
    board.tick(15)
    assert any(pod.spec.node_name == "node-b" for pod in board.list(Pod))


def test_where_a_node_is_already_nothing_joins(one):
    board = copy.deepcopy(one)
    said, code = kubeadm(board, command(board), "node-b")
    assert (code, [line for line in said if line.startswith("\t[ERROR")]) == (
        1,
        [
            "\t[ERROR FileAvailable--etc-kubernetes-kubelet.conf]: /etc/kubernetes/kubelet.conf already exists",
            "\t[ERROR Port-10250]: Port 10250 is in use",
        ],
    )


def test_a_node_that_still_counts_as_ready_is_not_joined_over(one):
    board = copy.deepcopy(one)
    line = command(board)
    kubeadm(board, "reset --force", "node-b")
    said, code = kubeadm(board, line, "node-b")
    assert (code, said[-2]) == (
        1,
        'error execution phase kubelet-start: a Node with name "node-b" and status "Ready" already exists in the '
        "cluster. You must delete the existing Node or change the name of this new joining Node",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda line: line.replace("sha256:", "sha256:" + "0" * 64)[:-65],
            'cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "sha256:',
        ),
        (
            lambda line: line.replace("--token ", "--token abcdef.0123456789abcdef --discovery-token "),
            'could not find a JWS signature in the cluster-info ConfigMap for token ID "abcdef"',
        ),
        (
            lambda line: line.replace(WHERE, "172.18.9.9:6443"),
            'failed to request the cluster-info ConfigMap: Get "https://172.18.9.9:6443/api/v1/namespaces/kube-public',
        ),
    ],
)
def test_a_cluster_that_is_not_the_one_that_was_meant_is_not_joined(gone, change, said):
    board = copy.deepcopy(gone[0])
    told, code = kubeadm(board, change(command(board)), "node-b")
    head = "error execution phase preflight: couldn't validate the identity of the API Server: "
    assert (code, told[-2].startswith(head + said)) == (1, True)


def test_a_token_that_is_over_lets_nobody_in(gone):
    """The cleaner deletes it, and the signer takes its signature away."""
    board = copy.deepcopy(gone[0])
    line = command(board, "--ttl 30s")
    signed = [key for key in info(board) if key.startswith("jws-kubeconfig-")]
    board.tick(40)
    left = [s for s in board.client.list(Secret, "kube-system") if s.type == "bootstrap.kubernetes.io/token"]
    assert (len(signed), [key for key in info(board) if key.startswith("jws")], left) == (1, [], [])
    told, code = kubeadm(board, line, "node-b")
    assert (code, "could not find a JWS signature" in told[-2]) == (1, True)


def info(board: Board) -> dict[str, str]:
    return dict(board.client.get(ConfigMap, "kube-public", "cluster-info").data)


def test_a_token_that_may_only_sign_makes_nobody_of_who_shows_it(gone):
    board = copy.deepcopy(gone[0])
    told, code = kubeadm(board, command(board, "--usages signing --groups="), "node-b")
    assert (code, told[-2]) == (1, 'error execution phase kubelet-start: cannot get Node "node-b": Unauthorized')


def test_without_a_controller_manager_nobody_approves_the_request(gone):
    board = copy.deepcopy(gone[0])
    line = command(board)
    board.cluster.hand.stop_process("control-plane", "kube-controller-manager")
    answer = begin(board, line, "node-b")
    board.tick(60)
    waiting = not answer.done
    board.cluster.hand.start_process("control-plane", "kube-controller-manager")
    assert (waiting, finish(board, answer)[1]) == (True, 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("join", 'discovery: Invalid value: "": bootstrapToken or file must be set'),
        (
            f"join {WHERE} --token nonsense --discovery-token-unsafe-skip-ca-verification",
            '[discovery.bootstrapToken.token: Invalid value: "nonsense": the bootstrap token is invalid, '
            'discovery.tlsBootstrapToken: Invalid value: "nonsense": the bootstrap token is invalid]',
        ),
        (
            f"join {WHERE} --token abcdef.0123456789abcdef",
            'discovery.bootstrapToken.caCertHashes: Invalid value: "": using token-based discovery without '
            "caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass "
            "--discovery-token-unsafe-skip-ca-verification flag to continue",
        ),
    ],
)
def test_who_wants_to_join_must_say_how(one, line, said):
    told, code = kubeadm(one, line, "node-b")
    assert (code, told[0]) == (1, said)


def test_what_is_a_control_plane_already_is_not_initialized(one):
    told, code = kubeadm(copy.deepcopy(one), "init")
    assert (code, [line.partition("]")[0] for line in told if line.startswith("\t[ERROR")]) == (
        1,
        [
            "\t[ERROR Port-6443",
            "\t[ERROR Port-10259",
            "\t[ERROR Port-10257",
            *(
                f"\t[ERROR FileAvailable--etc-kubernetes-manifests-{name}.yaml"
                for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd")
            ),
            "\t[ERROR Port-10250",
            "\t[ERROR Port-2379",
            "\t[ERROR Port-2380",
            "\t[ERROR DirAvailable--var-lib-etcd",
        ],
    )


# machines of the control plane


@pytest.fixture(scope="module")
def two():
    """Three machines of which one was reset, and its Node deleted."""
    board = Board(nodes=1, control_planes=3, warm=12)
    said, code = kubeadm(board, "reset -f", "cp-2")
    assert (code, said[0][:31]) == (0, "[reset] Reading configuration f")
    board.tick(60)
    board.client.delete(Node, "", "cp-2")
    board.tick(3)
    return board


def key(board: Board) -> str:
    said, code = kubeadm(board, "init phase upload-certs --upload-certs", "cp-1")
    assert (code, said[:2]) == (
        0,
        [
            '[upload-certs] Storing the certificates in Secret "kubeadm-certs" in the "kube-system" Namespace',
            "[upload-certs] Using certificate key:",
        ],
    )
    return said[2]


def test_a_machine_of_the_control_plane_that_is_reset_leaves_etcd(two):
    assert (two.cluster.plane.members.voters, list(ready(two))) == (("cp-1", "cp-3"), ["cp-1", "cp-3", "node-a"])


def test_it_joins_again_with_the_shared_certificates_and_etcd_has_another_member(two):
    board = copy.deepcopy(two)
    line = command(board, f"--certificate-key {key(board)}", "cp-1")
    said, code = kubeadm(board, line, "cp-2")
    board.tick(20)
    assert line.startswith("join balancer:6443 ")
    assert (code, [text for text in said if text.startswith("[etcd]")]) == (
        0,
        [
            "[etcd] Announced new etcd member joining to the existing etcd cluster",
            '[etcd] Creating static Pod manifest for "etcd"',
            "[etcd] Waiting for the new etcd member to join the cluster. This can take up to 40s",
        ],
    )
    assert "This node has joined the cluster and a new control plane instance was created:" in said
    assert (sorted(board.cluster.plane.members.heard), ready(board)["cp-2"]) == (["cp-1", "cp-2", "cp-3"], True)
    board.cluster.hand.crash("cp-1")
    board.tick(5)
    assert ready(board)["cp-2"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--control-plane --certificate-key " + "0" * 64, "error decoding secret data with provided key: cipher"),
        ("--control-plane", "failure loading certificate for CA"),
    ],
)
def test_without_the_right_key_it_does_not_get_them(two, flags, said):
    board = copy.deepcopy(two)
    key(board)
    told, code = kubeadm(board, f"{command(board, machine='cp-1')} {flags}", "cp-2")
    assert (code, any(said in text for text in told)) == (1, True)


def test_the_shared_certificates_are_gone_after_two_hours(two):
    board = copy.deepcopy(two)
    right = key(board)
    board.tick(2 * 3600 + 30)
    line = f"{command(board, machine='cp-1')} --control-plane --certificate-key {right}"
    told, code = kubeadm(board, line, "cp-2")
    assert (code, any('Secret "kubeadm-certs" was not found' in text for text in told)) == (1, True)


def test_a_cluster_of_one_machine_has_no_place_for_another(one):
    board = copy.deepcopy(one)
    line = command(board)
    kubeadm(board, "reset -f", "node-b")
    board.client.delete(Node, "", "node-b")
    told, code = kubeadm(board, f"{line} --control-plane", "node-b")
    said = NO_ENDPOINT
    assert (code, said in told) == (1, True)
