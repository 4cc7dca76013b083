"""Why a Pod is not Ready, why a node is not there, where records went."""

import pytest

from kubesim_tui.api.types import Deployment, Node, Pod, StatefulSet
from kubesim_tui.explain.chain import Chain, Link, name_of
from kubesim_tui.explain.container import missing_config
from kubesim_tui.explain.data import lost_records
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pending import not_scheduled
from kubesim_tui.explain.pod import pod_not_ready
from tests.boards import APP, Board, image
from tests.explain.test_requests import whole


def pod(board: Board, app: str = "web") -> Pod:
    return next(p for p in board.list(Pod) if p.metadata.name.startswith(app))


def why(board: Board, app: str = "web") -> Chain | None:
    chain = pod_not_ready(board.evidence(), pod(board, app))
    if chain is not None:
        whole(chain.seen_at(board.now))
    return chain


# the control plane


def chain_of_pending(strike, wait: int = 13) -> list[str]:
    """What is told of a Pod without a node, after the first link, so long after a strike on one of three machines."""
    board = Board(nodes=1, control_planes=3)
    strike(board.cluster.hand)
    board.tick(wait)
    spec = {"containers": [{"name": "app", "image": "test/app"}]}
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec})
    board.tick()
    chain = not_scheduled(board.evidence(), pod(board))
    whole(chain.seen_at(board.now))
    assert chain.cause == "scheduler-down"
    return [link.text for link in chain.links[1:]]


STANDS_BY = "kube-scheduler on cp-2 stands by until that lease is over"


@pytest.mark.parametrize(
    "strike, told",
    [
        (lambda hand: hand.stop_process("cp-1", "kube-scheduler"), "kube-scheduler on cp-1 does not run"),
        (lambda hand: hand.crash("cp-1"), "machine cp-1, on which kube-scheduler led, has no power"),
        (lambda hand: hand.isolate("cp-1"), "machine cp-1, on which kube-scheduler led, is cut off"),
        (
            lambda hand: hand.stop_process("cp-1", "kube-apiserver"),
            "kube-scheduler on cp-1 could not renew its lease: its API server does not serve",
        ),
    ],
)
def test_of_a_scheduler_that_has_lost_the_lead_it_is_told_why_and_who_stands_by(strike, told):
    assert chain_of_pending(strike) == [told, STANDS_BY]


def test_of_a_slow_scheduler_it_is_told_which_and_how_slow():
    board = Board(nodes=1, control_planes=3)
    board.cluster.hand.slow_process("cp-1", "kube-scheduler", 4000)
    board.app("web", 3, service=False)
    board.tick(2)
    late = next(p for p in board.list(Pod) if p.spec.node_name == "")
    chain = not_scheduled(board.evidence(), late)
    whole(chain.seen_at(board.now))
    assert chain.links[-1].text == "kube-scheduler on cp-1 is 4000 times slower than it should be"


def test_without_any_scheduler_nobody_stands_by():
    def strike(hand):
        for machine in ("cp-1", "cp-2", "cp-3"):
            hand.stop_process(machine, "kube-scheduler")

    assert chain_of_pending(strike, 40) == ["kube-scheduler on cp-1 does not run", "no other kube-scheduler runs"]


# Pods


def test_of_a_pod_that_is_well_there_is_nothing_to_tell():
    board = Board()
    board.app("web")
    board.settle()
    assert why(board) is None


def test_of_a_pod_that_has_done_its_work_neither():
    board = Board()
    spec = {"restartPolicy": "Never", "containers": [{"name": "x", "image": "busybox:1.36", "command": ["true"]}]}
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec})
    board.settle()
    assert (pod(board).status.phase, why(board)) == ("Succeeded", None)


@pytest.mark.parametrize(
    "image_, container, cause, text",
    [
        ("nginx:9.99", {}, "image-pull", "not found"),
        ("test/app:bad", {}, "not-ready", "Readiness probe failed: HTTP probe failed with statuscode: 500"),
        ("busybox:1.36", {"command": ["sh", "-c", "exit 3"]}, "crash-loop", "ended: Error, exit code 3"),
        ("test/app", {"resources": {"requests": {"cpu": "64"}}}, "unschedulable", "Insufficient cpu"),
        ("test/app", {"resources": {"limits": {"memory": "4Mi"}}}, "oom-killed", "ended: OOMKilled, exit code 137"),
        ("test/app", {"envFrom": [{"secretRef": {"name": "no"}}]}, "config-missing", 'secret "no" not found'),
        ("test/app", {"securityContext": {"runAsNonRoot": True}}, "runs-as-root", "image will run as root"),
    ],
)
def test_the_last_link_quotes_what_kubernetes_says(image_, container, cause, text):
    board = Board()
    board.app("web", 1, image_, container=container)
    board.tick(50)
    chain = why(board)
    assert (chain.cause, text in chain.links[-1].text) == (cause, True), chain.links[-1].text


def test_a_fresh_pod_is_starting():
    board = Board()
    board.app("web")
    board.tick(1)
    assert why(board).cause == "starting"


def test_a_pod_is_told_by_its_own_name():
    board = Board()
    board.app("web", 1, "test/app:bad")
    board.settle()
    assert why(board).object == ("Pod", "default", pod(board).metadata.name)


def test_a_pod_on_a_lost_node_is_told_by_the_node():
    board = Board(nodes=1)
    board.app("web")
    board.settle()
    board.cluster.hand.isolate("node-a")
    board.tick(70)
    assert (why(board).cause, name_of(why(board).object)) == ("network-partition", "node/node-a")


@pytest.mark.parametrize(
    "message, about",
    [
        ('configmap "settings" not found', ("ConfigMap", "shop", "settings")),
        ('MountVolume.SetUp failed for volume "k" : secret "keys" not found', ("Secret", "shop", "keys")),
        ("couldn't find key url in ConfigMap shop/settings", ("ConfigMap", "shop", "settings")),
        ("no space left on device", None),
    ],
)
def test_what_is_missing_is_read_from_the_message(message, about):
    assert missing_config(message, "shop") == about


# nodes


def broken(board: Board, strike, ticks: int = 70) -> Chain:
    strike(board.cluster.hand)
    board.tick(ticks)
    chain = node_not_ready(board.evidence(), "node-a")
    whole(chain.seen_at(board.now))
    return chain


@pytest.mark.parametrize(
    "strike, cause, text",
    [
        (lambda h: h.crash("node-a"), "node-down", "machine node-a has no power"),
        (lambda h: h.isolate("node-a"), "network-partition", "the network to node node-a is cut"),
        (lambda h: h.stop_process("node-a", "kubelet"), "kubelet-stopped", "kubelet on node-a does not run"),
        (lambda h: h.stop_process("node-a", "containerd"), "runtime-down", "containerd on node-a does not run"),
    ],
)
def test_a_node_that_is_not_there(strike, cause, text):
    chain = broken(Board(nodes=2), strike)
    assert (chain.cause, chain.links[-1].text, name_of(chain.object)) == (cause, text, "node/node-a")
    assert chain.links[0].text.startswith("node node-a is NotReady: ")


def test_before_the_grace_period_is_over_the_cluster_does_not_know():
    chain = broken(Board(nodes=2), lambda h: h.crash("node-a"), 5)
    assert chain.links[0].text == "node node-a still counts as Ready: its last heartbeat is not old enough"


def test_a_node_that_the_cloud_has_taken_back_is_gone():
    board = Board(nodes=2)
    chain = broken(board, lambda h: h.crash("node-a", gone=True), 80)
    assert ([n for n in board.list(Node, "") if n.metadata.name == "node-a"], chain.links[0].text) == (
        [],
        "Node node-a is gone",
    )


# records


STORE = APP.replace("calls: CALLS", "store: {verb: append, directory: /data}")
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
MOUNT = {"volumeMounts": [{"name": "d", "mountPath": "/data"}]}


def kept(board: Board) -> tuple[str, str, str]:
    """(cause, object, last text) of the records that the Pod which is now gone had taken."""
    users = board.users(url="http://shop.example.com/", store="orders", method="POST")
    board.tick(5)
    users.paused = True
    board.tick(2)
    keepers = sorted(users.kept_by)
    board.delete(Pod, keepers[0][2])
    board.settle(40)
    lost, _ = board.cluster.traffic.lost("orders", board.cluster.records("orders"))
    chain = lost_records(Evidence(board.cluster.etcd, board.cluster.witness), "orders", lost, keepers)
    whole(chain.seen_at(board.now))
    return chain.cause, name_of(chain.object), chain.links[-1].text


def stored(volumes=(), mounted: bool = False, kind: str = "Deployment", claims=()) -> Board:
    board = Board(nodes=2, images=[image("store", text=STORE)])
    container = {"name": "web", "image": "test/store", "ports": [{"containerPort": 8080}]}
    container |= MOUNT if mounted else {}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container], "volumes": list(volumes)}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    if kind == "StatefulSet":
        spec |= {"serviceName": "web", "volumeClaimTemplates": list(claims)}
    board.create({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"}, "spec": spec})
    board.service("web")
    board.route("shop.example.com", "web")
    board.settle(40)
    return board


def test_records_in_a_containers_own_files_go_with_it():
    cause, about, _ = kept(stored())
    assert (cause, about) == ("data-in-container", "deployment/web")


def test_records_in_an_empty_dir_go_with_the_pod():
    cause, about, text = kept(stored([{"name": "d", "emptyDir": {}}], mounted=True))
    assert (cause, about, text.endswith("kept them in emptyDir d")) == ("data-on-emptydir", "deployment/web", True)


def test_records_of_a_stateful_set_on_an_empty_dir_go_too():
    cause, about, _ = kept(stored([{"name": "d", "emptyDir": {}}], mounted=True, kind="StatefulSet"))
    assert (cause, about) == ("data-on-emptydir", "statefulset/web")


def test_records_on_a_claim_are_found_again_and_if_not_they_lie_elsewhere():
    claim = {"metadata": {"name": "d"}, "spec": CLAIM}
    board = stored(mounted=True, kind="StatefulSet", claims=[claim])
    cause, about, _ = kept(board)
    lost, total = board.cluster.traffic.lost("orders", board.cluster.records("orders"))
    assert (lost, total > 0, cause, about) == (0, True, "data-elsewhere", "statefulset/web")
    assert [s.metadata.name for s in board.list(StatefulSet)] == ["web"]


def test_records_with_a_system_outside_lie_there():
    board = Board()
    chain = lost_records(board.evidence(), "orders", 3, [("Outside", "", "db.example.com")])
    assert (chain.cause, name_of(chain.object)) == ("data-elsewhere", "db.example.com")


# chains


def test_a_link_that_does_not_know_since_when_tells_when_it_was_seen():
    chain = Chain((Link("a", tick=3), Link("b")), "slow", None).seen_at(9)
    assert [link.tick for link in chain.links] == [3, 9]


def test_a_symptom_stands_before_its_cause():
    chain = Chain((Link("cause"),), "slow", None).after(Link("symptom"), Link("between"))
    assert [link.text for link in chain.links] == ["symptom", "between", "cause"]


def test_names_are_written_as_kubectl_takes_them():
    names = [("Deployment", "shop", "web"), ("Outside", "", "db.example.com"), None]
    assert [name_of(n) for n in names] == ["deployment/web", "db.example.com", ""]


def test_an_explanation_never_sees_the_faults():
    """It is made from what is so: the same cluster struck by a fault or by hand is explained alike."""
    one, other = Board(nodes=1), Board(nodes=1)
    one.cluster.hand.crash("node-a")
    other.cluster.world.machines["node-a"].power_off(other.now)
    assert node_not_ready(one.evidence(), "node-a").cause == node_not_ready(other.evidence(), "node-a").cause


def test_a_workload_is_found_by_the_name_of_a_pod_that_is_gone():
    board = Board()
    board.app("web", 1)
    board.app("web-back", 1)
    board.settle()
    found = board.evidence().workload_of
    assert found(("Pod", "default", "web-back-abc-def")) == ("Deployment", "default", "web-back")
    assert found(("Pod", "default", "other")) == ("Pod", "default", "other")
    assert board.get(Deployment, "web").metadata.name == "web"


def test_a_volume_that_is_not_mounted_tells_why_also_when_the_kubelet_has_summed_up():
    board = Board()
    mounted = {"volumeMounts": [{"name": "keys", "mountPath": "/keys"}]}
    volumes = [{"name": "keys", "secret": {"secretName": "no"}}]
    container = {"name": "c", "image": "test/app", **mounted}
    spec = {"containers": [container], "volumes": volumes}
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec})
    board.tick(200)
    chain = why(board)
    assert (chain.cause, name_of(chain.object)) == ("config-missing", "secret/no")


# Who deleted what


def test_a_pod_that_was_deleted_is_no_copy_of_the_workload_whose_name_only_begins_alike():
    board = Board()
    for name in ("web", "web-api"):
        board.app(name, 1)
    board.settle()
    gone = pod(board, "web-api").metadata.name
    board.delete(Pod, gone)
    board.settle()
    found = {name: board.evidence().deletion_of_copy(board.get(Deployment, name)) for name in ("web", "web-api")}
    assert (None, gone) == (found["web"], found["web-api"].name)
