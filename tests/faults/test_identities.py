"""Faults of who is believed: how each shows, where explanations of it end, what helps."""

from datetime import UTC, datetime

import pytest

from kubesim_tui.api.types import Deployment
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.node import node_not_ready
from tests.boards import Board
from tests.cluster.test_webhooks import SERVICE, configuration, deployment, hook
from tests.faults.striking import do, kubectl, proves
from tests.faults.test_applications import PODS, remake
from tests.faults.test_network import failed, ready, shop, why
from tests.traffic.test_tls import certificate, secret, tls


def why_node(board: Board, name: str = "node-a") -> tuple[str, str]:
    chain = node_not_ready(board.evidence(), name)
    return chain.cause, name_of(chain.object)


@proves("kubelet-cert-expired")
def test_a_kubelet_whose_certificate_is_over_is_not_ready_and_its_containers_run_on_until_it_is_renewed():
    board = shop()
    assert do(board, "kubelet-cert-expired:node-a") == ["kubelet-cert-expired node-a"]
    assert failed(board, 60) == 0
    assert (ready(board)[0], why_node(board)) == ("Unknown", ("certificate-expired", "node/node-a"))
    machine = board.cluster.world.machines["node-a"]
    (container,) = (c for c in machine.runtime.containers.values() if c.config.name == "web")
    machine.runtime.kill(container.id, board.now)
    board.tick(30)
    assert any(c.config.name == "web" and c.exit_code is None for c in machine.runtime.containers.values())
    assert board.cluster.hand.certificate("kubelet", "node-a", good=True)
    board.tick(20)
    assert (ready(board)[0], failed(board, 10)) == ("True", 0)


@proves("apiserver-cert-expired")
def test_without_a_good_certificate_of_the_api_server_everything_stands_still_and_pods_serve_on():
    board = shop()
    assert do(board, "apiserver-cert-expired") == ["apiserver-cert-expired all"]
    assert failed(board, 20) == 0
    now, ends = board.cluster.engine.clock.now, board.cluster.engine.clock.now - 21
    assert kubectl(board) == (
        "Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not "
        f"yet valid: current time {rfc3339(now)} is after {rfc3339(ends)}"
    )
    board.cluster.hand.crash("node-b")
    assert failed(board, 120) > 0
    assert board.evidence().node_ready("node-b")
    assert why_node(board) == ("certificate-expired", "pod/kube-apiserver-control-plane")
    board.cluster.hand.certificate("kube-apiserver", "", good=True)
    board.tick(60)
    assert (board.evidence().node_ready("node-b"), failed(board, 10)) == (False, 0)


def rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


@proves("webhook-cert-expired")
def test_a_webhook_whose_certificate_is_over_keeps_pods_from_being_made_until_it_is_renewed():
    board = shop()
    board.create(deployment())
    board.create(SERVICE)
    board.settle()
    board.create(configuration(hook("/pods", rules=[PODS], failurePolicy="Fail")))
    remake(board)
    board.tick(40)
    assert failed(board, 10) == 0
    assert do(board, "webhook-cert-expired:hooks") == ["webhook-cert-expired hooks"]
    remake(board)
    assert failed(board, 20) > 0
    assert why(board) == ("certificate-expired", "validatingwebhookconfiguration/hooks")
    told = next(link.text for link in board.why().links if "x509" in link.text)
    post = 'failed to call webhook: Post "https://hook.default.svc:443/pods?timeout=10s": '
    assert f'failed calling webhook "hook.example.com": {post}tls: failed to verify certificate: x509: ' in told
    board.cluster.hand.certificate("webhook", "default/hook", good=True)
    board.tick(120)
    assert failed(board, 10) == 0


@proves("clock-skew")
def test_a_clock_that_is_an_hour_behind_takes_certificates_for_not_yet_valid():
    board = shop()
    assert do(board, "clock-skew:node-a") == ["clock-skew node-a"]
    assert failed(board, 60) == 0
    assert (ready(board)[0], why_node(board)) == ("Unknown", ("clock-skew", "node/node-a"))
    assert any("is before" in link.text for link in node_not_ready(board.evidence(), "node-a").links)
    board.cluster.hand.set_clock("node-a", 0)
    board.tick(20)
    assert ready(board)[0] == "True"


def test_a_clock_that_is_set_back_a_little_makes_renewals_look_old_until_they_have_caught_up():
    board = shop()
    do(board, "clock-skew:node-a,seconds=-100")
    board.tick(60)
    assert (ready(board)[0], why_node(board)) == ("Unknown", ("clock-skew", "node/node-a"))
    board.tick(60)
    assert ready(board)[0] == "True"


def test_a_clock_that_is_ahead_is_felt_when_it_is_set_right():
    board = shop()
    do(board, "clock-skew:node-a,seconds=100")
    board.tick(100)
    before = ready(board)[0]
    board.cluster.hand.set_clock("node-a", 0)
    board.tick(60)
    assert (before, ready(board)[0]) == ("True", "Unknown")
    board.tick(60)
    assert ready(board)[0] == "True"


def test_an_api_server_whose_clock_is_behind_believes_nobody():
    board = shop()
    do(board, "clock-skew:control-plane")
    assert failed(board, 60) == 0
    assert kubectl(board).startswith("Unable to connect to the server: tls: failed to verify certificate: x509: ")
    assert why_node(board) == ("clock-skew", "node/control-plane")
    board.cluster.hand.set_clock("control-plane", 0)
    board.patch(Deployment, "web", {"spec": {"replicas": 3}})
    board.tick(40)
    assert board.get(Deployment, "web").status.ready_replicas == 3


def test_of_three_api_servers_the_two_with_the_right_time_go_on():
    board = Board(nodes=2, control_planes=3)
    board.app("web", 2)
    board.settle()
    do(board, "clock-skew:cp-2")
    board.tick(60)
    board.patch(Deployment, "web", {"spec": {"replicas": 3}})
    board.tick(40)
    assert board.get(Deployment, "web").status.ready_replicas == 3


@pytest.mark.parametrize(
    "text",
    [
        "kubelet-cert-expired:node-z",
        "apiserver-cert-expired:node-a",
        "webhook-cert-expired:nobody",
        "clock-skew:node-z",
    ],
)
def test_what_is_not_there_is_not_struck(text):
    assert do(Board(nodes=1), text) == []


@proves("ingress-cert-expired")
def test_users_break_off_when_the_certificate_of_their_host_is_over_until_it_is_renewed():
    board = shop()
    secret(board, certificate(board))
    tls(board)
    assert failed(board, 5) == 0
    assert do(board, "ingress-cert-expired:shop-tls,for=20s") == [
        "ingress-cert-expired shop-tls",
        "ingress-cert-expired shop-tls healed",
    ]
    assert set(board.cluster.traffic.streams["web"].stream.reasons) == {"certificate error"}
    assert why(board) == ("certificate-expired", "secret/shop-tls")
    board.tick(3)
    assert failed(board, 5) == 0


def test_a_certificate_can_be_seen_coming_to_its_end():
    board = shop()
    secret(board, certificate(board))
    tls(board)
    do(board, "ingress-cert-expired:shop-tls,seconds=30")
    assert (failed(board, 25), failed(board, 10) > 0) == (0, True)
