"""The frozen View of now: what the board shows, and that it costs little."""

import time

import pytest
from attrs import evolve

from kubesim_tui.api.types import ConfigMap, Deployment, Node, Pod
from kubesim_tui.cluster.picture.nodes import letters
from kubesim_tui.cluster.view import Face, Ref, View
from tests.boards import Board, image

ENV = {"env": [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}}]}


def settings(mode: str = "a"):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"mode": mode}}


@pytest.fixture
def board():
    found = Board(nodes=2, images=[image("front", "http://back/")])
    found.create(settings())
    found.app("web", 2, "test/front", container=ENV)
    found.app("back", 3)
    found.route("shop.example.com", "web")
    found.settle()
    found.users(rate=20)
    found.tick(5)
    return found


def still(view: View) -> View:
    """Without what every second changes."""

    def pod(p):
        return evolve(p, age=0, cpu_milli=0, memory_bytes=0)

    def group(w):
        return evolve(w, pods=tuple(map(pod, w.pods)))

    nodes = tuple(evolve(group(n), heard=0, cpu_used_milli=0, memory_used_bytes=0) for n in view.nodes)
    services = tuple(evolve(group(s), rate=0, ok_pm=0, p95_us=0, ok_history=()) for s in view.services)
    workloads = tuple(map(group, view.workloads))
    return evolve(view, tick=0, clock="", nodes=nodes, services=services, workloads=workloads, traffic=())


def pod_of(board: Board, app: str) -> Ref:
    return Ref("Pod", "default", next(p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith(app)))


def face(board: Board, name: Ref) -> tuple[Face, str]:
    view = board.cluster.picture()
    pods = [p for n in view.nodes for p in n.pods] + list(view.pending)
    return next((p.face, p.status) for p in pods if p.ref == name)


def test_two_pictures_of_the_same_moment_are_equal(board):
    assert board.cluster.picture() == board.cluster.picture()


def test_a_second_in_which_nothing_happens_changes_the_clock_alone(board):
    before = board.cluster.picture()
    board.tick()
    after = board.cluster.picture()
    assert (after != before, still(after) == still(before)) == (True, True)


def test_a_picture_can_be_kept(board):
    view = board.cluster.picture()
    hash(view)
    board.tick(10)
    assert view.tick == board.now - 10


def test_workloads_have_their_pods_configs_and_probe(board):
    web = next(w for w in board.cluster.picture().workloads if w.ref.name == "web")
    assert (web.want, web.ready, web.image, web.rollout) == (2, 2, "test/front", "")
    assert (web.configs, web.probe) == ((Ref("ConfigMap", "default", "settings"),), "GET /healthz :8080")
    assert {p.owner for p in web.pods} == {web.ref}


def test_services_have_what_flows_through_them(board):
    seen = {s.ref.name: s for s in board.cluster.picture().services}
    sent = board.cluster.traffic.streams["web"].stream.last.sent
    assert (seen["web"].rate, seen["web"].ok_pm, seen["web"].ready, seen["web"].endpoints) == (sent, 1000, 2, 2)
    assert (seen["back"].rate, seen["back"].workloads) == (sent, (Ref("Deployment", "default", "back"),))
    assert 0 < seen["back"].p95_us <= seen["web"].p95_us


@pytest.mark.parametrize(
    "spec, kind, external, ports",
    [
        ({}, "ClusterIP", "", "80→8080"),
        ({"clusterIP": "None"}, "Headless", "", "80→8080"),
        ({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}, "NodePort", ":30080", "80"),
        ({"type": "LoadBalancer"}, "LoadBalancer", "<pending>", "80→8080"),
        ({"type": "ExternalName", "externalName": "db.example.com"}, "ExternalName", "db.example.com", "80→8080"),
    ],
)
def test_services_are_of_a_type(spec, kind, external, ports):
    board = Board()
    board.service("x", **spec)
    seen = next(s for s in board.cluster.picture().services if s.ref.name == "x")
    assert (seen.type, seen.external, seen.ports) == (kind, external, ports)


def test_routes_say_what_is_wrong_with_them(board):
    board.route("a.example.com", "nobody", name="missing")
    board.route("b.example.com", "web", port=81, name="port")
    board.app("empty", 0)
    board.route("c.example.com", "empty")
    board.tick(5)
    problems = {r.ref.name: r.problem for r in board.cluster.picture().routes}
    assert problems == {"web": "", "missing": "service not found", "port": "no such port", "empty": "no endpoints"}
    board.client.patch(Deployment, "ingress-nginx", "ingress-nginx-controller", {"spec": {"replicas": 0}})
    board.tick(15)
    assert {r.problem for r in board.cluster.picture().routes} == {"no controller"}


def test_a_default_backend_is_a_route_of_any_host(board):
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    meta = {"name": "all"}
    board.create(
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": {"defaultBackend": backend}}
    )
    seen = next(r for r in board.cluster.picture().routes if r.ref.name == "all")
    assert (seen.host, seen.path, seen.service.name, seen.problem) == ("", "/", "web", "")


# configuration


def test_configs_know_their_readers_and_how_they_read(board):
    volume = {"volumes": [{"name": "c", "configMap": {"name": "settings"}}]}
    board.app("files", 1, pod=volume, container={"volumeMounts": [{"name": "c", "mountPath": "/c"}]})
    (seen,) = [c for c in board.cluster.picture().configs if c.ref.name == "settings"]
    assert seen.readers == (
        (Ref("Deployment", "default", "files"), "volume"),
        (Ref("Deployment", "default", "web"), "env"),
    )


def test_pods_whose_environment_is_older_than_their_config_are_stale_until_they_are_replaced(board):
    def stale():
        (seen,) = [c for c in board.cluster.picture().configs if c.ref.name == "settings"]
        return {name.name for name in seen.stale}

    old = {p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith("web")}
    assert stale() == set()
    board.patch(ConfigMap, "settings", {"data": {"mode": "b"}})
    assert stale() == old
    note = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}
    board.patch(Deployment, "web", {"spec": {"template": note}})
    board.settle(60)
    assert stale() == set()


def test_of_a_secret_only_the_size_is_shown(board):
    data = {"password": "aHVudGVyMg=="}
    board.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data})
    (seen,) = [c for c in board.cluster.picture().configs if c.ref.name == "s"]
    assert seen.keys == (("password", "7 bytes"),)


# Pods and nodes


def test_a_pod_has_a_face(board):
    web = pod_of(board, "web")
    assert face(board, web) == (Face.RUNNING, "Running")
    board.cluster.hand.crash("node-a")
    board.cluster.hand.crash("node-b")
    board.tick(70)
    assert face(board, web)[0] is Face.UNKNOWN


@pytest.mark.parametrize(
    "image_, container, seen",
    [
        ("nginx:9.99", {}, (Face.CRASH, "ImagePullBackOff")),
        ("busybox:1.36", {"command": ["sh", "-c", "exit 3"]}, (Face.CRASH, "CrashLoopBackOff")),
        ("test/app", {"resources": {"requests": {"cpu": "100"}}}, (Face.PENDING, "Pending")),
        ("test/app:bad", {}, (Face.NOT_READY, "Running")),
        ("test/app", {"envFrom": [{"configMapRef": {"name": "nope"}}]}, (Face.CRASH, "CreateContainerConfigError")),
    ],
)
def test_what_is_not_well_has_a_face_and_a_line(image_, container, seen):
    board = Board()
    board.app("web", 1, image_, container=container)
    board.tick(45)
    assert face(board, pod_of(board, "web")) == seen
    view = board.cluster.picture()
    pods = [p for n in view.nodes for p in n.pods] + list(view.pending)
    assert next(p.why for p in pods if p.ref.namespace == "default") != ""


def test_a_pod_that_leaves_is_stopping(board):
    name = pod_of(board, "web")
    board.patch(Deployment, "web", {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 30}}}})
    board.delete(Pod, name.name)
    assert face(board, name) == (Face.STOPPING, "Terminating")


def test_workers_come_first_and_bear_their_letters(board):
    view = board.cluster.picture()
    assert [(n.ref.name, n.letter, n.control_plane) for n in view.nodes] == [
        ("node-a", "a", False),
        ("node-b", "b", False),
        ("control-plane", "c", True),
    ]


def test_letters_are_the_names_own_or_the_first_that_are_free():
    assert letters(["node-b", "db", "cache"]) == {"node-b": "b", "db": "a", "cache": "c"}
    assert letters(["x-a", "y-a"]) == {"x-a": "a", "y-a": "b"}
    assert len(set(letters([f"n{i:03}" for i in range(62)]).values())) == 62


def test_a_node_says_what_is_asked_and_used_of_it(board):
    node = next(n for n in board.cluster.picture().nodes if n.pods)
    assert (node.status, node.ready, node.schedulable) == ("Ready", True, True)
    assert node.memory_used_bytes == sum(p.memory_bytes for p in node.pods) > 0
    board.client.patch(Node, "", node.ref.name, {"spec": {"unschedulable": True}}, "merge")
    assert next(n.status for n in board.cluster.picture().nodes if n.ref == node.ref) == "Ready,SchedulingDisabled"


def test_the_board_survives_a_dead_door(board):
    before = {w.ref for w in board.cluster.picture().workloads}
    board.cluster.hand.stop_process("control-plane", "kube-apiserver")
    board.tick(10)
    view = board.cluster.picture()
    assert [(c.name, c.machine, c.note) for c in view.components if not c.running] == [
        ("kube-apiserver", "control-plane", "stopped")
    ]
    assert {w.ref for w in view.workloads} == before


# other workloads


@pytest.mark.parametrize(
    "kind, version, spec, figures",
    [
        ("Job", "batch/v1", {"completions": 2, "parallelism": 2}, (2, 2)),
        ("DaemonSet", "apps/v1", {"selector": {"matchLabels": {"app": "x"}}}, (2, 2)),
        ("StatefulSet", "apps/v1", {"selector": {"matchLabels": {"app": "x"}}, "replicas": 1}, (1, 1)),
    ],
)
def test_other_workloads_count_in_their_own_way(kind, version, spec, figures):
    board = Board(nodes=2)
    command = {"command": ["sh", "-c", "exit 0"]} if kind == "Job" else {"command": ["sleep", "1000"]}
    pod = {"containers": [{"name": "x", "image": "busybox:1.36", **command}]}
    pod |= {"restartPolicy": "Never"} if kind == "Job" else {}
    template = {"metadata": {"labels": {"app": "x"}}, "spec": pod}
    board.create(
        {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": spec | {"template": template}}
    )
    board.settle(40)
    (seen,) = [w for w in board.cluster.picture().workloads if w.ref.namespace == "default"]
    assert (seen.ref.kind, seen.want, seen.ready, seen.image) == (kind, *figures, "busybox:1.36")


def test_a_rollout_says_how_far_it_is(board):
    image_ = [{"name": "back", "image": "test/app:bad"}]
    board.patch(Deployment, "back", {"spec": {"template": {"spec": {"containers": image_}}}})
    board.tick(10)
    back = next(w for w in board.cluster.picture().workloads if w.ref.name == "back")
    assert back.rollout == "1/3 updated"
    board.patch(Deployment, "back", {"spec": {"paused": True}})
    board.tick(2)
    assert next(w.rollout for w in board.cluster.picture().workloads if w.ref.name == "back") == "paused"


def test_events_are_the_latest_oldest_first(board):
    view = board.cluster.picture()
    assert [e.tick for e in view.events] == sorted(e.tick for e in view.events)
    board.delete(Pod, pod_of(board, "web").name)
    board.tick()
    assert "Killing" in {e.reason for e in board.cluster.picture().events[-5:]}


def test_a_stream_has_its_history(board):
    (seen,) = board.cluster.picture(slos={"web": 990}).traffic
    stream = board.cluster.traffic.streams["web"].stream
    assert (seen.rate, seen.slo_pm, seen.sent, seen.first_hop) == (
        20,
        990,
        stream.sent,
        Ref("Ingress", "default", "web"),
    )
    assert len(seen.ok_history) == len(seen.rate_history) == len(seen.p95_history) == 5


# size


@pytest.fixture(scope="module")
def large():
    """500 nodes and 5,000 Pods behind 20 Services."""
    board = Board(500, kube_api_qps=0, scheduler_api_qps=0)
    for i in range(20):
        board.app(f"web{i}", 250, probe=False)
    board.tick(40)
    return board


def test_a_picture_of_five_thousand_pods_costs_less_than_300_ms(large):
    def once() -> float:
        start = time.process_time()
        view = large.cluster.picture()
        spent = time.process_time() - start
        assert sum(len(n.pods) for n in view.nodes) >= 5_000
        return spent

    assert min(once() for _ in range(5)) < 0.3


def test_an_idle_second_of_a_large_cluster_costs_next_to_nothing(large):
    large.tick(5)
    start = time.process_time()
    large.tick(500)
    assert (time.process_time() - start) / 500 < 0.0005
