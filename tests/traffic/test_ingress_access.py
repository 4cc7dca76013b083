"""What the ingress controller answers itself: a table of annotations and answers."""

import base64

import pytest

from kubesim_tui.api.types import ConfigMap, Deployment, Ingress, Service
from tests.boards import APP, Board, image

HOST = "shop.example.com"
AUTH = "http://auth.default.svc.cluster.local/"
ASKS = {"auth-type": "basic", "auth-secret": "people"}
ASKING = (("authorization", "Basic " + base64.b64encode(b"ann:secret").decode()),)


@pytest.fixture(scope="module")
def settled() -> Board:
    board = Board(nodes=2)
    board.app("web")
    board.app("auth", 1, "quay.io/vouch/vouch-proxy:0.40", container={"ports": []}, probe=False, target=9090)
    board.route(HOST, "web")
    data = {"auth": base64.b64encode(b"ann:$apr1$x$y\nbob:{SHA}z\n").decode()}
    board.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "people"}, "data": data})
    board.settle()
    return board


def annotate(board: Board, name: str = "web", **notes: str | None) -> None:
    """An Ingress says so (`_` for `-`)."""
    given = {f"nginx.ingress.kubernetes.io/{key.replace('_', '-')}": value for key, value in notes.items()}
    board.patch(Ingress, name, {"metadata": {"annotations": given}})
    board.tick(3)


def configure(board: Board, **data: str) -> None:
    """The controller's ConfigMap says so."""
    given = {key.replace("_", "-"): value for key, value in data.items()}
    board.client.patch(ConfigMap, "ingress-nginx", "ingress-nginx-controller", {"data": given})
    board.tick(8)


def ask(board: Board, path: str = "/", host: str = HOST, **more) -> int:
    """The status of one request from outside."""
    return board.cluster.world.net.from_outside(f"http://{host}{path}", **more).status


@pytest.mark.parametrize(
    "notes, status",
    [
        ({"whitelist_source_range": "0.0.0.0/0"}, 200),
        ({"whitelist_source_range": "203.0.113.0/24"}, 403),
        ({"allowlist_source_range": "203.0.113.0/24"}, 403),
        ({"denylist_source_range": "0.0.0.0/0"}, 403),
        ({"denylist_source_range": "203.0.113.7"}, 200),
        ({"whitelist_source_range": "office"}, 503),
        ({"auth_type": "basic", "auth_secret": "people"}, 401),
        ({"auth_type": "basic", "auth_secret": "default/people"}, 401),
        ({"auth_type": "basic", "auth_secret": "other/people"}, 503),
        ({"auth_type": "basic", "auth_secret": "nobody"}, 503),
        ({"auth_type": "basic"}, 503),
        ({"auth_url": AUTH + "validate"}, 401),
        ({"auth_url": AUTH + "healthcheck"}, 200),
        ({"auth_url": AUTH + "nothing"}, 200),
        ({"auth_url": "http://missing.default.svc.cluster.local/validate"}, 500),
        (
            {"auth_url": AUTH + "validate", "auth_signin": "https://sso.example.com/"},
            302,
        ),
        ({"auth_url": "validate"}, 503),
        ({"satisfy": "any", "whitelist_source_range": "0.0.0.0/0", "auth_type": "basic", "auth_secret": "people"}, 200),
        ({"satisfy": "any", "whitelist_source_range": "9.9.9.9", "auth_type": "basic", "auth_secret": "people"}, 401),
        ({"permanent_redirect": "https://elsewhere.example.com"}, 301),
        ({"permanent_redirect": "https://elsewhere.example.com", "permanent_redirect_code": "308"}, 308),
        ({"permanent_redirect": "https://elsewhere.example.com", "permanent_redirect_code": "404"}, 301),
        ({"temporal_redirect": "https://elsewhere.example.com"}, 302),
        ({"app_root": "/start"}, 302),
    ],
)
def test_what_a_request_without_credentials_is_answered(board, notes, status):
    annotate(board, **notes)
    assert ask(board) == status


@pytest.mark.parametrize(
    "notes, length, status",
    [
        ({}, 1 << 20, 200),
        ({}, (1 << 20) + 1, 413),
        ({"proxy_body_size": "8m"}, (1 << 20) + 1, 200),
        ({"proxy_body_size": "1k"}, 1025, 413),
        ({"proxy_body_size": "0"}, 1 << 22, 200),
        ({"proxy_body_size": "much"}, (1 << 20) + 1, 413),
    ],
)
def test_a_body_may_be_so_large(board, notes, length, status):
    annotate(board, **notes)
    assert ask(board, method="POST", body="x" * length) == status


def test_who_is_named_in_the_secret_may_come_in(board):
    annotate(board, auth_type="basic", auth_secret="people")
    assert [ask(board, headers=headers) for headers in ((), ASKING)] == [401, 200]


def test_a_location_is_served_as_soon_as_its_secret_is_there(board):
    annotate(board, auth_type="basic", auth_secret="later")
    before = ask(board)
    data = {"auth": base64.b64encode(b"ann:x").decode()}
    board.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "later"}, "data": data})
    board.tick(4)
    assert (before, ask(board)) == (503, 401)


def test_users_addresses_are_seen_only_where_the_controllers_service_keeps_to_its_own_machine(board):
    annotate(board, whitelist_source_range="192.0.2.0/24")
    before = ask(board)
    board.client.patch(
        Service, "ingress-nginx", "ingress-nginx-controller", {"spec": {"externalTrafficPolicy": "Local"}}
    )
    board.tick(3)
    assert (before, ask(board)) == (403, 200)


def test_the_configmap_speaks_where_no_annotation_does(board):
    configure(board, whitelist_source_range="203.0.113.0/24", proxy_body_size="1k")
    barred, large = ask(board), ask(board, method="POST", body="x" * 2000)
    annotate(board, whitelist_source_range="0.0.0.0/0", proxy_body_size="1m")
    assert (barred, large, ask(board, method="POST", body="x" * 2000)) == (403, 413, 200)


def test_the_configmap_bars_addresses_for_all(board):
    configure(board, block_cidrs="0.0.0.0/0")
    annotate(board, denylist_source_range="203.0.113.0/24")
    assert ask(board) == 403


@pytest.mark.parametrize("code, status", [("301", 301), ("307", 307), ("200", 308)])
def test_the_configmap_says_with_which_status_users_are_sent_on(board, code, status):
    configure(board, http_redirect_code=code)
    annotate(board, force_ssl_redirect="true")
    assert ask(board) == status


def test_where_certificates_are_proved_nobody_is_asked_or_sent_to_https(board):
    path = "/.well-known/acme-challenge/x"
    board.route(HOST, "web", path, name="challenge", notes={"force-ssl-redirect": "true", **ASKS})
    annotate(board, force_ssl_redirect="true")
    before = [ask(board, one) for one in ("/", path)]
    configure(board, no_tls_redirect_locations="", no_auth_locations="")
    assert (before, ask(board, path)) == ([308, 200], 308)


def test_app_root_is_for_the_root_alone(board):
    annotate(board, app_root="/start")
    assert [ask(board, path) for path in ("/", "/start", "/other")] == [302, 200, 200]


def test_aliases_are_further_names_of_a_host(board):
    annotate(board, server_alias="store.example.com, *.shop.example.org")
    assert [ask(board, host=host) for host in ("store.example.com", "other.example.com")] == [200, 404]


def test_users_follow_redirects_to_hosts_that_are_served_here(board):
    board.route("old.example.com", "web", name="old", notes={"permanent-redirect": f"http://{HOST}/"})
    annotate(board, from_to_www_redirect="true")
    users = [board.users("old", "http://old.example.com/"), board.users("www", f"http://www.{HOST}/")]
    board.tick(3)
    assert [(one.stream.failed, one.stream.served > 0) for one in users] == [(0, True), (0, True)]
    assert ask(board, host=f"www.{HOST}") == 308


def test_who_is_sent_round_in_a_circle_gives_up(board):
    board.route("old.example.com", "web", name="old", notes={"permanent-redirect": f"http://{HOST}/"})
    annotate(board, permanent_redirect="http://old.example.com/")
    users = board.users()
    board.tick(3)
    assert {f.fail.code for f in users.stream.failures.values()} == {"redirect"}


# Ingresses that are not taken


@pytest.mark.parametrize(
    "notes, status",
    [
        ({"limit-rps": "ten"}, 404),
        ({"load-balance": "fastest"}, 404),
        ({"custom-http-errors": "404,oops"}, 404),
        ({"permanent-redirect": "https://x.example.com/;return 200"}, 404),
        ({"configuration-snippet": "more_set_headers x"}, 404),
        ({"server-snippet": "return 200;"}, 404),
        ({"proxy-read-timeout": "30s"}, 200),
        ({"ssl-redirect": "yes"}, 200),
        ({"nobody-knows-this": "x"}, 200),
    ],
)
def test_an_ingress_with_a_risky_or_wrong_annotation_is_left_out(board, notes, status):
    board.route("new.example.com", "web", name="new", notes=notes)
    board.tick(3)
    assert ask(board, host="new.example.com") == status


def test_a_wrong_change_leaves_an_ingress_as_it_was(board):
    annotate(board, whitelist_source_range="203.0.113.0/24")
    annotate(board, whitelist_source_range=None, limit_rps="ten")
    assert ask(board) == 403


def test_snippets_are_taken_where_the_configmap_allows_the_risk(board):
    configure(board, annotations_risk_level="Critical")
    board.route("new.example.com", "web", name="new", notes={"configuration-snippet": "more_set_headers x"})
    board.tick(3)
    assert ask(board, host="new.example.com") == 200


# how Pods are asked


@pytest.mark.parametrize(
    "name, protocol, status",
    [
        ("web", None, 200),
        ("web", "HTTP", 200),
        ("web", "HTTPS", 502),
        ("web", "grpcs", 502),
        ("web", "smoke signals", 200),
        ("api", None, 400),
        ("api", "HTTPS", 200),
    ],
)
def test_pods_are_asked_in_the_protocol_that_the_ingress_names(name, protocol, status):
    board = Board(images=[image("secure", text=APP.replace("protocol: http}", "protocol: https}"))])
    board.app(name, 1, "test/secure" if name == "api" else "test/app", probe=False)
    board.route(HOST, name)
    board.settle()
    annotate(board, name, backend_protocol=protocol)
    assert ask(board) == status


def test_by_the_service_a_request_goes_as_kube_proxy_has_it(board):
    """No Pod of web is on the controller's machine: the controller itself does not mind, kube-proxy does."""
    board.patch(Service, "web", {"spec": {"internalTrafficPolicy": "Local"}})
    board.tick(3)
    itself = ask(board)
    annotate(board, service_upstream="true")
    local = ask(board)
    board.patch(Service, "web", {"spec": {"internalTrafficPolicy": "Cluster"}})
    board.tick(3)
    assert (itself, local, ask(board)) == (200, 502, 200)


def test_by_a_service_without_endpoints_it_is_a_502(board):
    annotate(board, service_upstream="true")
    board.client.patch(Deployment, "default", "web", {"spec": {"replicas": 0}})
    board.tick(5)
    assert ask(board) == 502
