"""Objects deleted, changed or added by mistake: what users feel, what it is laid to, and that undoing it helps."""

import pytest

from kubesim_tui.api.types import ConfigMap, Deployment, Pod, Secret, Service
from kubesim_tui.cluster.spec import OutsideSystem
from kubesim_tui.explain.chain import name_of
from tests.boards import Board, image
from tests.cluster.test_webhooks import SERVICE, configuration, deployment, hook
from tests.explain.scenes import NEEDS_URL
from tests.faults.striking import do, proves

DATABASE = OutsideSystem("db.example.com", "postgres:17", env={"POSTGRES_PASSWORD": "secret"})
URL = "postgres://db.example.com:5432/x"
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}


@pytest.fixture
def board() -> Board:
    found = Board(nodes=2)
    found.app("web", 2)
    found.route("shop.example.com", "web")
    found.settle()
    found.users(timeout_us=1_000_000)
    return found


def why(board: Board, ticks: int = 8) -> tuple[str, str]:
    """(cause, object) at which the explanation of what fails now ends."""
    board.tick(ticks)
    assert board.cluster.traffic.streams["web"].stream.last.failed
    chain = board.why()
    return chain.cause, name_of(chain.object)


def well(board: Board, ticks: int = 30) -> bool:
    """Whether everybody is served after a while."""
    board.tick(ticks)
    last = board.cluster.traffic.streams["web"].stream.last
    return last.failed == 0 < last.served


def remake(board: Board, app: str = "web") -> None:
    """All Pods of an application die."""
    for pod in board.list(Pod):
        if pod.metadata.labels.get("app") == app:
            board.delete(Pod, pod.metadata.name)


def configured(kind: str = "ConfigMap", key: str = "configMapKeyRef", optional: bool = True) -> Board:
    """web reads the address of its database out of `settings`."""
    board = Board(nodes=2, images=[image("api", text=NEEDS_URL)], outside=[DATABASE])
    data = {"data": {"url": URL}} if kind == "ConfigMap" else {"stringData": {"url": URL}}
    board.create({"apiVersion": "v1", "kind": kind, "metadata": {"name": "settings"}} | data)
    source = {key: {"name": "settings", "key": "url", "optional": optional}}
    board.app("web", 2, "test/api", container={"env": [{"name": "DB_URL", "valueFrom": source}]})
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=1_000_000)
    return board


def restart(board: Board) -> None:
    board.patch(Deployment, "web", {"spec": {"template": {"metadata": {"annotations": {"again": str(board.now)}}}}})


@proves("bad-config")
def test_a_key_that_is_gone_is_missed_at_the_next_rollout():
    board = configured()
    assert do(board, "bad-config:configmap/settings,key=url") == ["bad-config settings"]
    assert well(board, 10)
    restart(board)
    assert why(board, 40) == ("env-empty", "configmap/settings")
    board.patch(ConfigMap, "settings", {"data": {"url": URL}})
    restart(board)
    assert well(board, 60)


def test_a_wrong_password_is_refused_by_the_database_and_the_old_one_comes_back():
    board = configured("Secret", "secretKeyRef")
    before = board.get(Secret, "settings").data
    do(board, f"bad-config:secret/settings,key=url,value={URL.replace('db', 'postgres:guess@db')},for=1")
    assert board.get(Secret, "settings").data == before
    do(board, f"bad-config:secret/settings,key=url,value={URL.replace('db', 'postgres:guess@db', 1)}")
    restart(board)
    assert why(board, 40) == ("wrong-password", "deployment/web")


@proves("secret-deleted")
def test_a_deleted_secret_keeps_new_pods_from_running_until_it_is_back():
    board = configured("Secret", "secretKeyRef", optional=False)
    assert do(board, "secret-deleted:secret/settings") == ["secret-deleted settings"]
    assert well(board, 10)
    remake(board)
    assert why(board, 20) == ("config-missing", "secret/settings")
    board.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "settings"}, "stringData": {"url": URL}})
    assert well(board, 90)


@proves("service-deleted")
def test_a_deleted_service_is_not_found_and_comes_back_as_it_was(board):
    before = board.get(Service, "web").spec
    assert do(board, "service-deleted:web") == ["service-deleted web"]
    assert why(board) == ("service-not-found", "ingress/web")
    assert any(link.text == "it was deleted by somebody" for link in board.why().links)
    board.service("web")
    assert well(board)
    told = do(board, "service-deleted:default/service/web,for=5")
    assert told == ["service-deleted web", "service-deleted web healed"]
    assert (board.get(Service, "web").spec.selector, well(board)) == (before.selector, True)


@proves("selector-changed")
def test_a_selector_that_finds_nobody_leaves_a_service_without_endpoints(board):
    do(board, "selector-changed:web")
    assert why(board) == ("selector-mismatch", "service/web")
    board.patch(Service, "web", {"spec": {"selector": {"release": None}}}, "merge")
    assert well(board)
    do(board, "selector-changed:web,label=app=wbe,for=3")
    assert (board.get(Service, "web").spec.selector, well(board)) == ({"app": "web"}, True)


def test_a_deleted_namespace_takes_its_routes_with_it():
    board = Board(nodes=1)
    for kind, spec in (("Namespace", None), ("Service", {"selector": {"app": "web"}, "ports": [{"port": 80}]})):
        meta = {"name": "shop"} if spec is None else {"name": "web", "namespace": "shop"}
        board.create({"apiVersion": "v1", "kind": kind, "metadata": meta} | ({"spec": spec} if spec else {}))
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec = {"rules": [{"host": "shop.example.com", "http": {"paths": paths}}]}
    meta = {"name": "web", "namespace": "shop"}
    board.create({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec})
    board.users(timeout_us=1_000_000)
    assert do(board, "namespace-deleted:shop") == ["namespace-deleted shop"]
    assert why(board, 20) == ("namespace-deleted", "namespace/shop")
    assert do(board, "namespace-deleted:default") == []  # nobody may


@proves("quota-tightened")
def test_a_quota_lets_nothing_be_replaced_until_it_is_gone(board):
    assert do(board, "quota-tightened:default") == ["quota-tightened default"]
    assert well(board, 10)
    remake(board)
    assert why(board, 20) == ("not-created", "deployment/web")
    assert do(board, "quota-tightened:default,pods=1") == []  # there is one already
    board.cluster.hand.delete_object(("resourcequota", "default", "tightened"))
    assert well(board, 90)


@proves("policy-closed")
def test_a_policy_that_denies_everything_closes_the_door_until_it_is_gone(board):
    do(board, "policy-closed:default")
    assert why(board) == ("network-policy", "networkpolicy/default-deny")
    assert board.cluster.hand.delete_object(("networkpolicy", "default", "default-deny"))
    assert well(board)


@proves("rbac-removed")
def test_a_controller_without_its_rights_replaces_nothing_until_they_are_back(board):
    binding = "system:controller:replicaset-controller"
    assert do(board, f"rbac-removed:clusterrolebinding/{binding}") == [f"rbac-removed {binding}"]
    assert well(board, 10)
    remake(board)
    assert why(board, 20) == ("forbidden", "deployment/web")
    assert board.cluster.hand.restore_object(("clusterrolebinding", "default", binding))
    assert well(board, 120)


@proves("webhook-down")
def test_a_webhook_that_nobody_finds_keeps_pods_from_being_made(board):
    board.create(deployment())
    board.create(SERVICE)
    board.settle()
    board.create(configuration(hook("/pods", rules=[PODS], failurePolicy="Fail")))
    assert do(board, "webhook-down:hooks") == ["webhook-down hooks"]
    assert well(board, 10)
    remake(board)
    assert why(board, 20) == ("webhook-down", "validatingwebhookconfiguration/hooks")
    board.create(SERVICE)
    assert well(board, 120)


@proves("priority-cascade")
def test_pods_of_a_high_priority_take_the_places_of_others_until_they_are_gone():
    board = Board(nodes=2)
    board.app("web", 2, container={"resources": {"requests": {"cpu": "1"}}})
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=1_000_000)
    assert do(board, "priority-cascade:default") == ["priority-cascade default"]
    assert why(board, 30) == ("preempted", "deployment/urgent")
    board.delete(Deployment, "urgent")
    assert well(board, 60)


@pytest.mark.parametrize(
    "text",
    [
        "bad-config:configmap/nothing,key=x",
        "secret-deleted:secret/nothing",
        "service-deleted:nobody",
        "selector-changed:nobody",
        "namespace-deleted:nowhere",
        "quota-tightened:nowhere",
        "policy-closed:nowhere",
        "rbac-removed:clusterrolebinding/nobody",
        "rbac-removed:nokind/nobody",
        "webhook-down:nobody",
    ],
)
def test_what_is_not_there_is_not_struck(board, text):
    before = board.cluster.etcd.revision
    assert (do(board, text), board.cluster.etcd.revision) == ([], before)
