"""TLS at the ingress controller: which certificate a host shows, who believes it, and who is sent to https."""

import base64

import pytest

from kubesim_tui.api.types import ConfigMap, Ingress, Secret
from tests.boards import Board
from tests.pem import pem

HOST, YEAR = "shop.example.com", 365 * 86_400


def secret(board: Board, text: str, name: str = "shop-tls", key: str = "a key") -> None:
    """A Secret of type kubernetes.io/tls."""
    data = {"tls.crt": text, "tls.key": key}
    encoded = {k: base64.b64encode(v.encode()).decode() for k, v in data.items()}
    meta = {"name": name}
    board.create({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": meta, "data": encoded})


def certificate(board: Board, *names: str, **more) -> str:
    now = board.cluster.engine.clock.now
    return pem(*(names or (HOST,)), **({"begins": now - 100, "ends": now + YEAR} | more))


def tls(board: Board, name: str = "web", hosts=(HOST,), secret_name: str = "shop-tls", **notes: str) -> None:
    """An Ingress gets a `tls` section and annotations (`_` for `-`)."""
    section = {"hosts": list(hosts)} | ({"secretName": secret_name} if secret_name else {})
    annotations = {f"nginx.ingress.kubernetes.io/{k.replace('_', '-')}": v for k, v in notes.items()}
    board.patch(Ingress, name, {"metadata": {"annotations": annotations}, "spec": {"tls": [section]}})
    board.tick(3)


@pytest.fixture(scope="module")
def settled() -> Board:
    board = Board(nodes=2)
    board.app("web", 2)
    board.route(HOST, "web")
    board.settle()
    return board


def failing(board: Board, url: str = f"https://{HOST}/", ticks: int = 3) -> set[str]:
    """What requests fail with: the reason, or what is said of the certificate."""
    users = board.users("users", url)
    board.tick(ticks)
    found = [f.fail for f in users.stream.failures.values()]
    return {fail.detail if fail.code == "certificate" else fail.reason for fail in found}


def test_a_host_with_a_good_certificate_is_served_by_https(board):
    secret(board, certificate(board))
    tls(board)
    assert failing(board) == set()


@pytest.mark.parametrize(
    "prepare, said, cause",
    [
        (lambda b: None, f"x509: certificate is valid for ingress.local, not {HOST}", "certificate-missing"),
        (lambda b: tls(b), f"x509: certificate is valid for ingress.local, not {HOST}", "certificate-missing"),
        (
            lambda b: (secret(b, "nonsense"), tls(b)),
            f"x509: certificate is valid for ingress.local, not {HOST}",
            "certificate-missing",
        ),
        (
            lambda b: (secret(b, certificate(b, "other.example.com")), tls(b)),
            f"x509: certificate is valid for ingress.local, not {HOST}",
            "certificate-missing",
        ),
        (
            lambda b: (secret(b, certificate(b, subject="me", issuer="me")), tls(b)),
            "x509: certificate signed by unknown authority",
            "certificate-unknown",
        ),
    ],
    ids=["no tls section", "no Secret", "nonsense", "for another host", "self-signed"],
)
def test_what_clients_do_not_believe_and_why(board, prepare, said, cause):
    prepare(board)
    board.tick(3)
    assert failing(board) == {said}
    assert board.why("users").cause == cause


def test_a_certificate_ends_while_users_are_there(board):
    now = board.cluster.engine.clock.now
    secret(board, certificate(board, ends=now + 10))
    tls(board)
    assert failing(board, ticks=4) == set()
    board.tick(10)
    (said,) = {f.fail.detail for f in board.cluster.traffic.streams["users"].stream.failures.values()}
    assert said.startswith("x509: certificate has expired or is not yet valid: current time ")
    chain = board.why("users")
    assert (chain.cause, chain.object) == ("certificate-expired", ("Secret", "default", "shop-tls"))


def test_a_new_certificate_in_the_secret_is_shown_at_once(board):
    secret(board, "nonsense")
    tls(board)
    assert len(failing(board)) == 1
    text = base64.b64encode(certificate(board).encode()).decode()
    board.patch(Secret, "shop-tls", {"data": {"tls.crt": text}})
    board.tick(2)
    before = board.cluster.traffic.streams["users"].stream.failed
    board.tick(5)
    assert board.cluster.traffic.streams["users"].stream.failed == before


@pytest.mark.parametrize("name, good", [("*.example.com", True), ("*.com", False), ("SHOP.example.com", True)])
def test_a_wildcard_stands_for_one_label(board, name, good):
    secret(board, certificate(board, name))
    tls(board)
    assert (failing(board) == set()) is good


def test_a_secret_that_covers_the_host_is_found_where_none_is_named_for_it(board):
    secret(board, certificate(board))
    tls(board, hosts=("other.example.com",))
    assert failing(board) == set()


# from http to https


def test_who_comes_by_http_is_sent_to_https_and_it_takes_longer(board):
    users = board.users("before", f"http://{HOST}/", rate=200)
    board.tick(5)
    before = next(reversed(list(users.stream.samples))).percentile(100)
    secret(board, certificate(board))
    tls(board)
    board.tick(5)
    assert users.stream.failed == 0
    assert next(reversed(list(users.stream.samples))).percentile(100) > before


@pytest.mark.parametrize(
    "notes, config, found",
    [
        ({}, {}, 308),
        ({"ssl_redirect": "false"}, {}, 200),
        ({}, {"ssl-redirect": "false"}, 200),
        ({"ssl_redirect": "true"}, {"ssl-redirect": "false"}, 308),
        ({"ssl_redirect": "false", "force_ssl_redirect": "true"}, {}, 308),
    ],
)
def test_a_single_request_is_told_to_come_again(board, notes, config, found):
    secret(board, certificate(board))
    tls(board, **notes)
    board.client.patch(ConfigMap, "ingress-nginx", "ingress-nginx-controller", {"data": config})
    board.tick(3)
    answer = board.cluster.world.net.from_outside(f"http://{HOST}/a?b=c")
    assert answer.status == found
    assert found == 200 or dict(answer.headers)["Location"].startswith(f"https://{HOST}/a")


def test_without_a_tls_section_only_force_sends_to_https(board):
    net = board.cluster.world.net
    assert net.from_outside(f"http://{HOST}/").status == 200
    note = {"nginx.ingress.kubernetes.io/force-ssl-redirect": "true"}
    board.patch(Ingress, "web", {"metadata": {"annotations": note}})
    board.tick(3)
    assert net.from_outside(f"http://{HOST}/").status == 308


def test_a_single_request_does_not_believe_the_fake_certificate(board):
    found = board.cluster.world.net.from_outside(f"https://{HOST}/")
    assert (found.error, "ingress.local" in found.body) == ("certificate error", True)
