"""Small clusters in which something is wrong: each has failing requests, and says what should be found to be the cause.

A scene is a function that makes a board with a stream `web` whose requests have just failed; its row says which
failure code the engine must have met, and the cause and object that the explanation must end at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from kubesim_tui.api.types import ConfigMap, Deployment, EndpointSlice, Node, Pod, Service
from kubesim_tui.apiserver.request import Options
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup, OutsideSystem, RegionSpec
from kubesim_tui.world.registry import Registry
from tests.boards import APP, Board, image
from tests.traffic.test_tls import certificate, secret, tls

DATABASE = OutsideSystem("db.example.com", "postgres:17", env={"POSTGRES_PASSWORD": "secret"})
NEEDS_URL = APP.replace(
    "calls: CALLS", "calls: [{to: '${DB_URL}', protocol: postgres, method: WRITE, timeout: 1s, failure: 503}]"
)
STORE = APP.replace("calls: CALLS", "store: {verb: append, directory: /data}")


@frozen
class Scene:
    """See the module."""

    code: str
    cause: str
    object: str  # as `why` writes it
    make: Callable[[], Board]


SCENES: list[Scene] = []


def scene(code: str, cause: str, about: str) -> Callable[[Callable[[], Board]], Callable[[], Board]]:
    def add(make: Callable[[], Board]) -> Callable[[], Board]:
        SCENES.append(Scene(code, cause, about, make))
        return make

    return add


def shop(
    replicas: int = 2,
    image_: str = "test/app",
    nodes: Any = 2,
    images: Any = (),
    outside: Any = (),
    regions: Any = (),
    **more,
) -> Board:
    """web behind an Ingress, settled; nobody asks yet."""
    board = Board(nodes=nodes, images=images, outside=outside, regions=regions)
    board.app("web", replicas, image_, **more)
    board.route("shop.example.com", "web")
    board.settle()
    return board


def balanced(**spec: Any) -> tuple[Board, str]:
    """web behind a balancer of the cloud, and the URL of its address."""
    board = shop(type="LoadBalancer", **spec)
    board.settle(20)
    return board, f"http://{board.get(Service, 'web').status.load_balancer.ingress[0].ip}/"


def asked(board: Board, ticks: int = 3, **more) -> Board:
    """Users ask until requests have failed."""
    users = board.users(**({"rate": 20, "timeout_us": 1_000_000} | more))
    for _ in range(60):
        board.tick()
        if users.stream.last.failed and ticks <= 1:
            return board
        ticks -= 1
    raise AssertionError(f"nothing has failed: {users.stream}")


def on(board: Board, app: str = "web") -> str:
    """The node of a Pod."""
    return next(p.spec.node_name for p in board.list(Pod) if p.metadata.name.startswith(app))


def name(board: Board, app: str = "web") -> str:
    return next(p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith(app))


# nobody behind a Service


@scene("no-endpoints", "single-replica", "deployment/web")
def one_copy_is_replaced():
    late = image("late", text=APP.replace("ready: 300ms", "ready: 9s"))
    board = shop(1, "test/late", images=[late])
    board.users(timeout_us=1_000_000)
    board.delete(Pod, name(board))
    board.tick(5)
    return board


@scene("refused", "single-replica", "deployment/web")
def one_copy_has_just_gone():
    board = shop(1)
    board.users(timeout_us=1_000_000)
    board.delete(Pod, name(board))
    board.tick(1)
    return board


@scene("no-endpoints", "scaled-to-zero", "deployment/web")
def no_copy():
    return asked(shop(0))


@scene("no-endpoints", "workload-deleted", "deployment/web")
def what_made_the_pods_is_deleted() -> Board:
    board = shop()
    board.delete(Deployment, "web")
    board.tick(40)
    return asked(board)


@scene("no-route", "namespace-deleted", "namespace/shop")
def all_of_it_is_deleted() -> Board:
    board = Board(nodes=2)
    board.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "shop.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    meta = {"name": "web", "namespace": "shop"}
    board.create({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": {"rules": [rule]}})
    board.tick(3)
    board.cluster.hand.delete_object(("namespace", "", "shop"))
    board.tick(10)
    return asked(board)


@scene("no-endpoints", "selector-mismatch", "service/web")
def selects_nobody():
    return asked(shop(selector={"app": "wep"}))


@scene("no-endpoints", "not-ready", "deployment/web")
def probe_fails():
    return asked(shop(image_="test/app:bad"))


@scene("no-endpoints", "image-pull", "deployment/web")
def no_image():
    return asked(shop(image_="nginx:9.99"))


@scene("no-endpoints", "crash-loop", "deployment/web")
def ends_again_and_again():
    board = shop(image_="busybox:1.36", container={"command": ["sh", "-c", "exit 3"]})
    board.tick(30)
    return asked(board)


@scene("refused", "pod-died", "deployment/web")
def ended_once():
    brief = image("brief", text=APP.replace("    concurrency", "    exits: [{after: 40s, code: 3}]\n    concurrency"))
    board = shop(2, "test/brief", images=[brief], probe=False)
    return asked(board, 1)


@scene("no-endpoints", "oom-killed", "deployment/web")
def too_little_memory():
    board = shop(container={"resources": {"limits": {"memory": "4Mi"}}})
    board.tick(30)
    return asked(board)


@scene("no-endpoints", "liveness", "deployment/web")
def killed_by_its_probe():
    probe = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 2, "failureThreshold": 1}
    board = shop(image_="test/app:bad", container={"livenessProbe": probe}, probe=False)
    board.tick(60)
    return asked(board)


@scene("no-endpoints", "config-missing", "configmap/settings")
def no_config():
    return asked(shop(container={"envFrom": [{"configMapRef": {"name": "settings"}}]}))


@scene("no-endpoints", "config-missing", "secret/keys")
def no_secret_to_mount():
    volume = {"volumes": [{"name": "k", "secret": {"secretName": "keys"}}]}
    return asked(shop(pod=volume, container={"volumeMounts": [{"name": "k", "mountPath": "/k"}]}))


@scene("no-endpoints", "runs-as-root", "deployment/web")
def not_as_root():
    return asked(shop(container={"securityContext": {"runAsNonRoot": True}}))


@scene("no-endpoints", "node-down", "node/node-b")
def disk_is_on_a_lost_node():
    """The disk is still attached to a node that has lost its power."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    board = Board(nodes=2)
    board.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "d"}, "spec": claim})
    volume = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "d"}}]}
    soon = [
        {"key": f"node.kubernetes.io/{k}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 10}
        for k in ("unreachable", "not-ready")
    ]
    mounts = {"volumeMounts": [{"name": "d", "mountPath": "/data"}]}
    board.app("web", 1, pod=volume | {"tolerations": soon}, container=mounts)
    board.route("shop.example.com", "web")
    board.settle()
    board.cluster.hand.crash(on(board))
    board.tick(110)
    gone = [p for p in board.list(Pod) if p.metadata.deletion_timestamp is not None]
    for pod in gone:
        board.client.delete(Pod, "default", pod.metadata.name, Options(grace=0))
    board.tick(10)
    return asked(board)


@scene("no-endpoints", "claim-unbound", "persistentvolumeclaim/d")
def no_volume():
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "no"}
    board = Board(nodes=2)
    board.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "d"}, "spec": claim})
    volume = {"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "d"}}]}
    board.app("web", 1, pod=volume)
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("no-endpoints", "unschedulable", "deployment/web")
def asks_too_much():
    return asked(shop(container={"resources": {"requests": {"cpu": "64"}}}))


@scene("no-endpoints", "no-free-node", "deployment/web")
def the_rest_is_too_small():
    """Only the node that is lost had room."""
    groups = (NodeGroup("big", 1, cpu="8"), NodeGroup("small", 1, cpu="1"))
    board = Board(nodes=groups)
    board.app("web", 1, container={"resources": {"requests": {"cpu": "4"}}})
    board.route("shop.example.com", "web")
    board.settle()
    board.cluster.hand.crash("big-a", gone=True)
    board.tick(60)
    board.cluster.hand.crash("small-a")
    board.tick(80)
    return asked(board)


@scene("no-endpoints", "scheduler-down", "pod/kube-scheduler-control-plane")
def nobody_schedules():
    board = Board(nodes=2)
    board.cluster.hand.stop_process("control-plane", "kube-scheduler")
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("no-endpoints", "network-policy", "networkpolicy/deny")
def what_waits_for_a_closed_door_takes_all_memory():
    """Requests wait for a call that nobody answers, and are more than there is memory for."""
    text = APP.replace("request: 64Ki", "request: 1Mi").replace("concurrency: 16", "concurrency: 4096")
    board = Board(images=[image("front", "http://back/", timeout="30s", text=text)])
    board.app("web", 1, "test/front", container={"resources": {"limits": {"memory": "64Mi"}}})
    board.app("back", 1)
    board.route("shop.example.com", "web")
    board.settle()
    kind = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "deny"}}
    board.create({**kind, "spec": {"podSelector": {"matchLabels": {"app": "back"}}, "policyTypes": ["Ingress"]}})
    board.tick(2)
    return asked(board, rate=20, ticks=6, timeout_us=8_000_000)


@scene("no-endpoints", "process-slow", "pod/kube-scheduler-control-plane")
def the_scheduler_crawls():
    board = Board(nodes=2)
    board.cluster.hand.slow_process("control-plane", "kube-scheduler", 100_000)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.tick(10)
    return asked(board)


@scene("no-endpoints", "process-slow", "node/node-a")
def a_kubelet_crawls():
    board = Board(nodes=1)
    board.cluster.hand.slow_process("node-a", "kubelet", 1_000)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.tick(10)
    return asked(board)


@scene("no-endpoints", "scheduler-down", "pod/kube-scheduler-cp-1")
def a_scheduler_stands_by():
    """Another scheduler runs, and waits for the lease of the one that has stopped."""
    board = Board(nodes=2, control_planes=3)
    board.cluster.hand.stop_process("cp-1", "kube-scheduler")
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.tick(5)
    return asked(board)


@scene("no-endpoints", "controller-manager-down", "pod/kube-controller-manager-control-plane")
def nobody_makes_pods():
    board = shop(2)
    board.cluster.hand.stop_process("control-plane", "kube-controller-manager")
    for pod in board.list(Pod):
        board.delete(Pod, pod.metadata.name)
    for piece in board.list(EndpointSlice):
        if piece.metadata.name.startswith("web"):  # nobody else takes them away
            board.delete(EndpointSlice, piece.metadata.name)
    board.tick(35)
    return asked(board)


@scene("no-endpoints", "not-created", "deployment/web")
def over_quota():
    board = Board(nodes=2)
    meta = {"name": "q"}
    board.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": meta, "spec": {"hard": {"pods": "0"}}})
    board.tick(3)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("no-endpoints", "pull-slow", "deployment/web")
def an_image_comes_slowly():
    board = Board(nodes=2)
    board.cluster.hand.throttle("docker.io", 10 << 10)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("hangs", "hangs", "deployment/web")
def it_lives_and_does_not_answer():
    board = shop()
    for pod in board.list(Pod):
        board.cluster.hand.ail("default", pod.metadata.name, hangs=True, errors_pm=0, spare_probes=True)
    return asked(board)


@scene("no-endpoints", "forbidden", "deployment/web")
def a_controller_has_lost_its_rights():
    board = shop(0)
    board.cluster.hand.delete_object(("clusterrolebinding", "", "system:controller:deployment-controller"))
    board.cluster.hand.delete_object(("clusterrolebinding", "", "system:controller:replicaset-controller"))
    board.patch(Deployment, "web", {"spec": {"replicas": 2}})
    return asked(board)


def guarded(*, asked_for: int | None = None, closed: bool = False) -> Board:
    """No Pod comes without a webhook's word; behind its Service there are so many copies (None: it does not exist)."""
    board = Board(nodes=2)
    if asked_for is not None:
        board.app("guard", asked_for, ports=[{"port": 443, "targetPort": 8080}])
        board.settle()
    if closed:
        spec = {"podSelector": {"matchLabels": {"app": "guard"}}, "policyTypes": ["Ingress"]}
        kind = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
        board.create(kind | {"metadata": {"name": "closed"}, "spec": spec})
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}
    service = {"namespace": "default", "name": "guard"}
    hook = {"name": "guard.example.com", "rules": [rule], "clientConfig": {"service": service}, "sideEffects": "None"}
    board.create(
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "guard"},
            "webhooks": [hook | {"admissionReviewVersions": ["v1"]}],
        }
    )
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("no-endpoints", "webhook-down", "validatingwebhookconfiguration/guard")
def nobody_can_be_asked_about_pods():
    return guarded()


@scene("no-endpoints", "scaled-to-zero", "deployment/guard")
def nobody_is_behind_the_webhook_that_is_asked_about_pods():
    return guarded(asked_for=0)


@scene("no-endpoints", "network-policy", "networkpolicy/closed")
def nothing_gets_through_to_the_webhook_that_is_asked_about_pods():
    return guarded(asked_for=1, closed=True)


@scene("no-endpoints", "preempted", "deployment/urgent")
def somebody_else_is_more_important():
    board = shop(container={"resources": {"requests": {"cpu": "1"}}})
    meta, value = {"name": "urgent"}, 1_000_000
    board.create({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": meta, "value": value})
    board.app("urgent", 12, container={"resources": {"requests": {"cpu": "1"}}}, pod={"priorityClassName": "urgent"})
    board.settle()
    return asked(board)


ONE = NodeGroup()


def alone(nodes: NodeGroup = ONE, **of: Any) -> Board:
    """One Pod `web` that nobody replaces, on the only node."""
    board = Board(nodes=[nodes])
    container = {"name": "x", "image": "test/app", "ports": [{"containerPort": 8080}], **of}
    meta = {"name": "web", "labels": {"app": "web"}}
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container]}})
    board.service("web")
    board.route("shop.example.com", "web")
    board.settle()
    return board


def private(**pod: Any) -> Board:
    board = Board(nodes=1)
    board.cluster.world.registries["r.example.com"] = Registry("r.example.com", users={"me": "secret"})
    board.app("web", 1, "r.example.com/web:1", pod=pod)
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("no-endpoints", "pull-secret", "deployment/web")
def brings_no_credentials():
    return private()


@scene("no-endpoints", "pull-secret", "secret/regcred")
def names_a_secret_that_is_not_there():
    return private(imagePullSecrets=[{"name": "regcred"}])


@scene("no-endpoints", "storage-down", "persistentvolumeclaim/data")
def nobody_attaches_its_disk():
    board = Board(nodes=1)
    board.cluster.hand.storage(None)
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    board.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec})
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    board.app("web", 1, pod={"volumes": volumes})
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("no-endpoints", "evicted", "pod/web")
def put_out():
    """It uses up the memory of its node."""
    board = alone()
    board.cluster.hand.leak("default", "web", 60 << 20)
    board.tick(200)
    return asked(board)


@scene("no-endpoints", "node-disk-full", "node/node-a")
def full_of_rubbish():
    board = alone()
    board.cluster.hand.fill_disk("node-a", 1 << 30, inodes=False)
    board.tick(20)
    return asked(board)


@scene("no-endpoints", "node-disk-full", "node/node-a")
def nobody_takes_them():
    board = shop(1, nodes=1)
    board.cluster.hand.fill_disk("node-a", 0, inodes=True)
    board.tick(30)
    return asked(board)


@scene("no-endpoints", "volume-not-mounted", "deployment/web")
def disk_is_elsewhere():
    """Somebody else uses it, on another node."""
    board = stored()
    at = on(board)
    other = {"name": "other", "image": "test/app", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    spec = {
        "nodeName": at,
        "containers": [other],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
    }
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "other"}, "spec": spec})
    board.tick(5)
    board.client.patch(Node, "", at, {"spec": {"unschedulable": True}}, "strategic")
    board.delete(Pod, name(board))
    board.tick(20)
    return asked(board)


CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def with_disk() -> dict[str, Any]:
    """What an application needs that keeps what it is sent on the disk of a claim."""
    return {
        "container": {"volumeMounts": [{"name": "data", "mountPath": "/data"}]},
        "pod": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]},
        "strategy": {"type": "Recreate"},
    }


def stored(nodes: int | Iterable[NodeGroup] = 2) -> Board:
    """web keeps what users send on the disk of a claim."""
    board = Board(nodes=nodes, images=[image("store", text=STORE)])
    board.create(CLAIM)
    board.app("web", 1, "test/store", **with_disk())
    board.route("shop.example.com", "web")
    board.settle()
    return board


DATA = ("persistentvolumeclaim", "default", "data")


@scene("slow", "io-slow", "persistentvolumeclaim/data")
def its_disk_is_slow():
    board = stored()
    board.cluster.hand.slow_volume(DATA, 1_500_000)
    return asked(board)


@scene("answer", "io-error", "persistentvolumeclaim/data")
def its_disk_fails():
    board = stored()
    board.cluster.hand.fail_volume(DATA, fails=True)
    return asked(board)


@scene("no-endpoints", "detach-hang", "persistentvolumeclaim/data")
def its_disk_does_not_come_off():
    board = stored()
    board.cluster.hand.hold_volume(DATA, held=True)
    board.client.patch(Node, "", on(board), {"spec": {"unschedulable": True}}, "strategic")
    board.delete(Pod, name(board))
    board.tick(20)
    return asked(board)


def unheard(process: str) -> Board:
    """A process of the control plane is away, and the containers of web exit again and again."""
    board = shop(2)
    pods = [pod.metadata.name for pod in board.list(Pod)]
    board.users()
    board.cluster.hand.everywhere(process, runs=False)
    for ticks in (12, 2):
        for pod in pods:
            board.cluster.hand.exit_container("default", pod, 1)
        board.tick(ticks)
    return board


@scene("refused", "apiserver-down", "pod/kube-apiserver-control-plane")
def nobody_hears_of_changes():
    return unheard("kube-apiserver")


@scene("refused", "etcd-down", "pod/etcd-control-plane")
def nobody_keeps_anything():
    return unheard("etcd")


@scene("overload", "slow-loris", "deployment/web")
def strangers_hold_its_servers():
    board = shop(1)
    board.cluster.hand.besiege("default", "web", 100)
    return asked(board, 8)


@scene("no-endpoints", "secret-leaked", "serviceaccount/agent")
def somebody_has_a_token():
    board = shop(1)
    meta = {"name": "agent", "namespace": "default"}
    board.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
    group = "rbac.authorization.k8s.io"
    role = {"apiGroup": group, "kind": "ClusterRole", "name": "edit"}
    who = [{"kind": "ServiceAccount", **meta}]
    binding = {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": meta, "roleRef": role, "subjects": who}
    board.create(binding)
    board.cluster.hand.leak_token("default", "agent", leaked=True)
    return asked(board)


def remade(board: Board) -> Board:
    """Its Pods are removed by force, and users ask."""
    for pod in board.list(Pod):
        board.client.delete(Pod, "default", pod.metadata.name, Options(grace=0))
    board.tick(5)
    return asked(board)


@scene("no-such-pod", "etcd-full", "pod/etcd-control-plane")
def nothing_can_be_put_into_etcd():
    board = shop()
    board.cluster.hand.flood_etcd(200 << 20)
    board.tick(15)
    return remade(board)


@scene("no-such-pod", "etcd-slow", "pod/etcd-control-plane")
def the_disk_of_etcd_is_slow():
    board = shop()
    for pod in board.list(Pod):
        board.delete(Pod, pod.metadata.name)
    board.cluster.hand.slow_etcd(10_000)
    return asked(board, 20)


@scene("no-such-pod", "api-overload", "serviceaccount/agent")
def an_agent_asks_without_end():
    board = shop()
    meta = {"name": "agent", "namespace": "kube-system"}
    board.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
    board.cluster.hand.flood_api("kube-system", "agent", "default", 100_000)
    return remade(board)


@scene("no-endpoints", "certificate-expired", "node/node-a")
def a_kubelet_is_not_believed():
    board = alone()
    board.cluster.hand.certificate("kubelet", "node-a", good=False)
    board.tick(60)
    return asked(board)


@scene("no-endpoints", "clock-skew", "node/node-a")
def a_clock_is_behind():
    board = alone()
    board.cluster.hand.set_clock("node-a", -3600)
    board.tick(60)
    return asked(board)


@scene("no-endpoints", "node-memory", "node/node-a")
def somebody_eats_the_memory():
    board = alone()
    board.cluster.hand.hog_memory("node-a", 20 << 20, 0)
    board.tick(20)
    return asked(board)


@scene("no-endpoints", "node-pids", "node/node-a")
def no_process_can_be_made():
    board = shop(1, nodes=1)
    board.cluster.hand.fork("node-a", 0)
    board.cluster.hand.kill_container("default", board.list(Pod)[0].metadata.name)
    board.tick(20)
    return asked(board)


@scene("no-endpoints", "disk-writer", "pod/web")
def writes_without_end():
    board = alone()
    board.cluster.hand.flood("default", "web", 4 << 30, "/var/log/app.log")
    board.tick(45)
    return asked(board)


@scene("no-endpoints", "node-shutdown", "node/node-a")
def rebooted():
    board = alone(nodes=NodeGroup(count=1, kubelet={"shutdownGracePeriod": "30s"}))
    board.cluster.hand.shut_down("node-a", 10)
    board.tick(60)
    return asked(board)


@scene("no-endpoints", "storage-limit", "pod/web")
def writes_more_than_it_may():
    board = alone(resources={"limits": {"ephemeral-storage": "1Gi"}})
    board.cluster.hand.flood("default", "web", 200 << 20, "")
    board.tick(30)
    return asked(board)


@scene("no-endpoints", "starting", "deployment/web")
def still_starting():
    board = Board(nodes=2)
    board.app("web", 3)
    board.route("shop.example.com", "web")
    board.users(timeout_us=1_000_000)
    board.tick(2)
    return board


@scene("no-endpoints", "pod-stuck", "deployment/web")
def does_not_go():
    """Its finalizer holds what is told to go."""
    board = shop(1, container={"command": ["sleep", "3000"]}, image_="busybox:1.36", probe=False)
    board.patch(Pod, name(board), {"metadata": {"finalizers": ["example.com/wait"]}})
    board.delete(Pod, name(board))
    board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    board.tick(60)
    return asked(board)


@scene("no-endpoints", "node-down", "node/node-a")
def the_only_node_is_away():
    board = shop(2, nodes=1)
    board.cluster.hand.crash("node-a")
    board.tick(60)
    return asked(board)


@scene("no-endpoints", "kubelet-stopped", "node/node-a")
def the_kubelet_does_not_report():
    board = shop(2, nodes=1)
    board.cluster.hand.stop_process("node-a", "kubelet")
    board.tick(70)
    return asked(board)


@scene("no-endpoints", "unknown-gate", "node/node-a")
def the_kubelet_is_of_a_release_that_does_not_know_its_flags():
    board = shop(2, nodes=1)
    board.cluster.hand.roll_out_kubelets(["node-a"], "JobManagedBy", 60)
    board.tick(70)
    return asked(board)


@scene("no-endpoints", "runtime-down", "node/node-a")
def the_runtime_does_not_answer():
    board = shop(2, nodes=1)
    board.cluster.hand.stop_process("node-a", "containerd")
    board.tick(90)
    return asked(board)


# refusals


@scene("refused", "termination-race", "deployment/web")
def stops_before_all_have_heard():
    board = shop(3, type="NodePort")
    board.users(url=board.door("web"), rate=60, timeout_us=1_000_000)
    board.delete(Pod, name(board))
    board.tick()
    return board


@scene("refused", "wrong-target-port", "service/web")
def nobody_listens():
    return asked(shop(target=9999))


@scene("refused", "no-readiness-probe", "deployment/web")
def asked_too_early():
    slow = image("late", text=APP.replace("ready: 300ms", "ready: 20s"))
    board = Board(nodes=2, images=[slow])
    board.app("web", 2, "test/late", probe=False)
    board.route("shop.example.com", "web")
    board.tick(8)
    return asked(board)


@scene("no-such-pod", "stale-rules", "node/node-b")
def rules_stand_still():
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    board = shop(3, type="NodePort", ports=ports)
    board.cluster.hand.stop_process("node-b", "kube-proxy")
    board.delete(Pod, name(board))
    board.tick(10)
    return asked(board, url="http://node-b:30080/")


@scene("no-such-address", "stale-dns", "service/back")
def an_old_answer():
    board = Board(nodes=2, images=[image("front", "http://back:8080/")])
    board.app("web", 1, "test/front")
    board.app("back", 3, clusterIP="None")
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=30, timeout_us=1_000_000)
    board.tick(3)
    board.delete(Pod, name(board, "back"))
    board.tick(10)
    return board


@scene("no-such-address", "no-such-address", "deployment/web")
def nobody_has_it():
    return asked(shop(image_="test/front", images=[image("front", "http://10.96.7.7/")]))


# silence


@scene("black-hole", "node-down", "node/node-a")
def power_is_lost():
    board = shop(2, pod={"nodeName": "node-a"})
    board.cluster.hand.crash("node-a")
    return asked(board)


@scene("black-hole", "network-partition", "node/node-a")
def a_machine_is_cut_off():
    board = shop(2, pod={"nodeName": "node-a"})
    board.cluster.hand.isolate("node-a")
    return asked(board)


@scene("node-unreachable", "node-down", "node/node-a")
def a_node_port_of_a_dead_machine():
    board = shop()
    board.cluster.hand.crash("node-a")
    return asked(board, url="http://node-a:30080/")


@scene("no-healthy-node", "network-partition", "node/control-plane")
def the_way_in_is_cut():
    board = shop()
    board.cluster.hand.isolate("control-plane")
    return asked(board)


@scene("no-healthy-node", "node-down", "node/node-a")
def a_balancer_without_nodes():
    board, url = balanced()
    for node in ("node-a", "node-b"):
        board.cluster.hand.crash(node)
    board.tick(12)
    return asked(board, url=url)


@scene("source-ranges", "source-ranges", "service/web")
def a_balancer_for_others():
    board, url = balanced(loadBalancerSourceRanges=["10.0.0.0/8"])
    return asked(board, url=url)


@scene("black-hole", "outside-down", "db.example.com")
def the_database_is_off():
    url = {"env": [{"name": "DB_URL", "value": "postgres://db.example.com:5432/x"}]}
    board = shop(2, "test/api", images=[image("api", text=NEEDS_URL)], outside=[DATABASE], container=url)
    board.cluster.hand.outside("db.example.com", up=False)
    return asked(board, timeout_us=3_000_000)


def _moved(board_: Board, new: str) -> Board:
    board_.patch(ConfigMap, "settings", {"data": {"url": new}})
    return board_


def _with_settings(url: str = "postgres://db.example.com:5432/x", **more) -> Board:
    board = Board(nodes=2, images=[image("api", text=NEEDS_URL)], outside=[DATABASE])
    data = {"url": url}
    board.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": data})
    source = {"configMapKeyRef": {"name": "settings", "key": "url", "optional": True}}
    board.app("web", 2, "test/api", container={"env": [{"name": "DB_URL", "valueFrom": source}]} | more)
    board.route("shop.example.com", "web")
    board.settle()
    return board


@scene("black-hole", "stale-env", "configmap/settings")
def the_environment_is_old():
    board = _with_settings()
    board.cluster.hand.outside("db.example.com", up=False)
    return asked(_moved(board, "postgres://other.example.com:5432/x"), timeout_us=3_000_000)


# answers


@scene("answer", "app-error", "deployment/web")
def the_application_fails():
    return asked(shop(image_="test/app:bad", probe=False))


@scene("answer", "bad-release", "deployment/web")
def the_new_version_fails():
    board = shop(probe=False)
    board.patch(
        Deployment, "web", {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "test/app:bad"}]}}}}
    )
    board.settle()
    return asked(board)


@scene("answer", "answer-404", "service/web")
def no_such_page():
    page = image("page", text=APP.replace("{path: /,", "{path: /page,"))
    return asked(shop(image_="test/page", images=[page]))


@scene("answer", "env-empty", "configmap/settings")
def the_key_is_gone():
    board = _with_settings()
    board.patch(ConfigMap, "settings", {"data": {"url": None}}, "merge")
    board.patch(Deployment, "web", {"spec": {"template": {"metadata": {"annotations": {"again": "1"}}}}})
    board.settle(40)
    return asked(board)


@scene("answer", "env-empty", "deployment/web")
def nobody_set_it():
    return asked(shop(image_="test/api", images=[image("api", text=NEEDS_URL)]))


@scene("answer", "wrong-password", "deployment/web")
def the_password_is_another():
    url = {"env": [{"name": "DB_URL", "value": "postgres://postgres:guess@db.example.com:5432/x"}]}
    return asked(shop(2, "test/api", images=[image("api", text=NEEDS_URL)], outside=[DATABASE], container=url))


# names


@scene("dns", "dns-name", "deployment/web")
def a_name_that_nobody_has():
    return asked(shop(image_="test/front", images=[image("front", "http://bakc/")]))


@scene("dns", "service-not-found", "service/back")
def a_name_whose_service_was_deleted():
    board = Board(nodes=2, images=[image("front", "http://back/")])
    board.app("back", 1)
    board.app("web", 1, "test/front")
    board.route("shop.example.com", "web")
    board.settle()
    board.delete(Service, "back")
    return asked(board)


@scene("dns", "dns-name", "configmap/settings")
def a_name_that_the_configuration_says_and_nobody_has():
    board = _with_settings("postgres://old-db:5432/x")
    return asked(board)


@scene("dns", "scaled-to-zero", "deployment/back")
def a_headless_name_without_pods():
    board = Board(nodes=2, images=[image("front", "http://back:8080/")])
    board.app("back", 0, clusterIP="None")
    board.app("web", 1, "test/front")
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("dns-outside", "dns-name", "nowhere.example.com")
def a_host_without_a_record():
    board = Board(nodes=1)
    board.cluster = Cluster(ClusterSpec((NodeGroup(count=1),), ingress=False))
    return asked(board, url="http://nowhere.example.com/")


def caller_of_itself():
    return shop(image_="test/front", images=[image("front", "http://web/x")])


@scene("dns-down", "scaled-to-zero", "deployment/coredns")
def nobody_answers_for_names():
    board = caller_of_itself()
    board.scale_dns(0)
    return asked(board, rate=5, timeout_us=8_000_000)


@scene("dns-down", "dns-down", "deployment/web")
def a_server_that_is_not_there():
    pod = {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.96.0.99"], "searches": ["svc.cluster.local"]}}
    return asked(shop(image_="test/front", images=[image("front", "http://web/x")], pod=pod), timeout_us=8_000_000)


@scene("dns-down", "service-not-found", "service/kube-dns")
def the_service_of_dns_is_deleted():
    board = caller_of_itself()
    board.client.delete(Service, "kube-system", "kube-dns")
    return asked(board, rate=5, timeout_us=8_000_000)


@scene("dns-silent", "network-partition", "node/control-plane")
def the_machine_of_dns_is_not_reached():
    """Both its Pods are where kubeadm has put them: on the control plane."""
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    images = [image("front", "http://web/x")]
    board = shop(1, "test/front", images=images, type="NodePort", ports=ports, pod={"nodeName": "node-b"})
    board.cluster.hand.link("node-b", "control-plane", up=False)
    return asked(board, rate=5, timeout_us=8_000_000, url="http://node-b:30080/")


@scene("slow", "dns-overload", "deployment/coredns")
def more_questions_than_answers():
    board = shop(image_="test/front", images=[image("front", "http://back/", timeout="1s")])
    board.app("back")
    roomy = {"name": "coredns", "resources": {"limits": {"memory": "3Gi"}}}
    template = {"spec": {"containers": [roomy]}}
    board.client.patch(Deployment, "kube-system", "coredns", {"spec": {"template": template}}, "strategic")
    board.tick(60)
    board.cluster.hand.look_up("default", name(board), 3000)
    return asked(board, rate=40, ticks=8, timeout_us=8_000_000)


def corefile(board, old: str, new: str):
    """CoreDNS looks for another one every half minute or so."""
    name = ("kube-system", "coredns")
    text = board.client.get(ConfigMap, *name).data["Corefile"]
    board.client.patch(ConfigMap, *name, {"data": {"Corefile": text.replace(old, new)}}, "merge")
    board.tick(110)
    return board


@scene("dns", "dns-config", "configmap/coredns")
def a_corefile_for_another_domain():
    board = corefile(caller_of_itself(), "kubernetes cluster.local", "kubernetes cluster.example")
    return asked(board, rate=5, timeout_us=8_000_000)


@scene("dns-failed", "dns-config", "configmap/coredns")
def a_corefile_that_forwards_to_nobody():
    board = corefile(caller_of_itself(), ".:53 {", "cluster.example:53 {")
    return asked(board, rate=5, timeout_us=8_000_000)


@scene("dns-down", "crash-loop", "deployment/coredns")
def a_corefile_that_coredns_does_not_take():
    board = corefile(caller_of_itself(), "loadbalance", "loadbalanced")
    for _, pod, _node in board.cluster.hand.pods("kube-system", "k8s-app=kube-dns"):
        board.cluster.hand.kill_container("kube-system", pod)
    board.tick(40)
    return asked(board, rate=5, timeout_us=8_000_000)


@scene("dns-silent", "hangs", "deployment/coredns")
def servers_hang():
    board = caller_of_itself()
    for _, pod, _node in board.cluster.hand.pods("kube-system", "k8s-app=kube-dns"):
        board.cluster.hand.ail("kube-system", pod, hangs=True, errors_pm=0, spare_probes=True)
    return asked(board, rate=5, timeout_us=8_000_000)


# ways in


@scene("no-route", "ingress-sync", "ingress/then")
def a_route_that_is_not_taken_over_yet():
    board = shop()
    board.route("first.example.com", "web", name="first")
    board.tick(2)
    board.route("then.example.com", "web", name="then")
    board.tick()
    return asked(board, 1, url="http://then.example.com/")


@scene("worker-connections", "worker-connections", "deployment/ingress-nginx-controller")
def nginx_has_no_connection_left():
    text = APP.replace("service: 5ms", "service: 3s").replace("concurrency: 16", "concurrency: 99")
    board = shop(image_="test/late", images=[image("late", text=text)])
    data = {"max-worker-connections": "40", "worker-processes": "1"}
    board.client.patch(ConfigMap, "ingress-nginx", "ingress-nginx-controller", {"data": data})
    board.tick(8)
    return asked(board, 4, timeout_us=8_000_000)


@scene("no-route", "no-route", "ingress/web")
def a_path_that_no_rule_has():
    board = Board()
    board.app("web")
    board.route("shop.example.com", "web", "/web")
    board.settle()
    return asked(board, url="http://shop.example.com/else")


@scene("no-route", "no-route", "else.example.com")
def a_host_that_no_rule_has():
    return asked(shop(), url="http://else.example.com/")


@scene("certificate", "certificate-missing", "ingress/web")
def a_host_without_a_certificate():
    return asked(shop(), url="https://shop.example.com/")


@scene("certificate", "certificate-expired", "secret/shop-tls")
def a_certificate_that_nobody_renewed():
    return _with_certificate(ends=0)


@scene("certificate", "certificate-unknown", "secret/shop-tls")
def a_certificate_that_signs_itself():
    return _with_certificate(subject="me", issuer="me")


@scene("certificate", "certificate-missing", "secret/shop-tls")
def a_certificate_that_is_there_again_since_now():
    board = shop()
    tls(board)
    asked(board)
    secret(board, certificate(board))
    board.tick()
    return board


def _with_certificate(**more: Any) -> Board:
    board = shop()
    secret(board, certificate(board, **more))
    tls(board)
    return asked(board)  # by http: they are sent to https


@scene("no-endpoints", "scaled-to-zero", "deployment/ingress-nginx-controller")
def nobody_takes_requests():
    board = shop()
    board.client.patch(Deployment, "ingress-nginx", "ingress-nginx-controller", {"spec": {"replicas": 0}})
    board.tick(20)
    return asked(board)


@scene("no-healthy-node", "stale-rules", "node/control-plane")
def the_health_checks_of_the_way_in_fail():
    board = shop()
    board.cluster.hand.stop_process("control-plane", "kube-proxy")
    board.tick(12)
    return asked(board)


@scene("no-service", "service-not-found", "ingress/web")
def a_service_that_is_not_there():
    return asked(shop(service=False))


@scene("no-service", "wrong-service-port", "ingress/web")
def a_port_that_the_service_has_not():
    board = Board()
    board.app("web")
    board.route("shop.example.com", "web", port=81)
    board.settle()
    return asked(board)


@scene("no-service-port", "wrong-service-port", "service/back")
def a_call_to_a_port_that_is_not_there():
    board = Board(images=[image("front", "http://back:81/")])
    board.app("back")
    board.app("web", 1, "test/front")
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board)


@scene("no-node-port", "no-node-port", "node/node-a")
def a_node_port_that_nobody_has():
    return asked(shop(), url="http://node-a:31234/")


@scene("no-node-port", "service-not-found", "service/web")
def a_node_port_whose_service_was_deleted():
    board = shop(1, type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    board.delete(Service, "web")
    return asked(board, url="http://node-a:30080/")


@scene("unassigned", "service-not-found", "service/web")
def a_balancer_whose_service_was_deleted():
    board, url = balanced()
    board.delete(Service, "web")
    board.settle()
    return asked(board, url=url)


@scene("unassigned", "no-such-address", "203.0.113.99")
def an_address_that_nobody_has():
    return asked(Board(nodes=1), url="http://203.0.113.99/")


@scene("policy-local", "policy-local", "service/web")
def only_where_a_pod_is():
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    board = shop(1, type="NodePort", externalTrafficPolicy="Local", ports=ports, pod={"nodeName": "node-b"})
    return asked(board, url="http://node-a:30080/")


@scene("policy", "network-policy", "networkpolicy/deny")
def behind_a_policy():
    board = shop()
    meta = {"name": "deny"}
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"]}
    board.create({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec})
    board.tick(2)
    return asked(board, 8)


@scene("no-endpoints", "no-addresses", "node/node-a")
def a_node_has_no_address_for_a_new_pod():
    board = shop(1, pod={"nodeName": "node-a"})
    board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    board.tick(5)
    board.cluster.hand.leak_addresses("node-a", 0)
    board.patch(Deployment, "web", {"spec": {"replicas": 1}})
    board.tick(5)
    return asked(board)


# load


@scene("overload", "overload", "deployment/web")
def too_many():
    return asked(shop(1, "test/app:slow", probe=False), 10, rate=40, timeout_us=30_000_000)


@scene("slow", "slow", "deployment/web")
def too_late():
    return asked(shop(1, "test/app:slow", probe=False), rate=1, timeout_us=300_000)


@scene("overload", "cpu-limit", "deployment/web")
def held_back():
    board = shop(1, container={"resources": {"limits": {"cpu": "20m"}}}, probe=False)
    return asked(board, 10, rate=100, timeout_us=30_000_000)


@scene("conntrack-full", "conntrack-full", "node/control-plane")
def a_kernel_has_no_room_for_connections():
    board = shop()
    board.cluster.hand.clog_connections("control-plane", 0)
    return asked(board)


@scene("port-exhaustion", "port-exhaustion", "deployment/web")
def a_program_has_no_port_left():
    board = shop(1, "test/front", images=[image("front", "http://api/")])
    board.app("api", 1)
    board.settle()
    name = next(p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith("web"))
    board.cluster.hand.leak_sockets("default", name, 0)
    return asked(board)


@scene("region-away", "region-away", "asia")
def the_way_from_a_region_is_cut():
    board = shop(regions=[RegionSpec("asia", 150_000)])
    board.cluster.hand.region("asia", cut=True)
    return asked(board, regions=(("asia", 1),))


@scene("link-loss", "link-loss", "node/node-a")
def packets_of_a_node_are_lost():
    board = shop(pod={"nodeName": "node-a"})
    board.cluster.hand.lose_packets("node-a", 700, "machine")
    return asked(board, 1, rate=100)


@scene("pod-network", "pod-network", "deployment/web")
def packets_of_a_pod_are_lost():
    board = shop()
    board.cluster.hand.shape_pod("default", board.list(Pod)[0].metadata.name, 0, 1000)
    return asked(board)


@scene("slow", "slow-link", "node/node-a")
def a_node_behind_a_slow_card():
    board = shop(pod={"nodeName": "node-a"})
    board.cluster.hand.delay_links("node-a", 3_000_000)
    return asked(board)


@scene("overload", "noisy-neighbour", "pod/noisy")
def a_neighbour_is_noisy():
    """One that requests nothing, beside one that has requested almost all."""
    board = shop(1, nodes=1, probe=False)
    container = {"name": "noisy", "image": "test/app", "resources": {"requests": {"cpu": "3"}}}
    board.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "noisy"}, "spec": {"containers": [container]}}
    )
    board.settle()
    board.cluster.hand.burn("default", "noisy", 8000)
    return asked(board, 20, rate=100, timeout_us=30_000_000)


@scene("pod-died", "pod-died", "deployment/web")
def killed_at_work():
    board = shop(1, "test/app:slow", probe=False)
    board.users(rate=20, timeout_us=30_000_000)
    board.tick(10)
    board.cluster.traffic.streams["web"].paused = True
    board.cluster.hand.kill_container("default", name(board))
    board.tick()
    return board


@scene("disk-full", "disk-full", "deployment/web")
def no_room():
    board = shop(1, "test/store", images=[image("store", text=STORE)], probe=False)
    machine = board.cluster.world.machines[on(board)]
    machine.fill_disk(leave_bytes=512 * 3)
    return asked(board, 1, store="orders", method="POST")


def quorum(size: int, replicas: int) -> Board:
    """web writes to a quorum of so many members, of which some run."""
    app = image("writer", "tcp://zk:2181")
    board = shop(image_="test/writer", images=[(app[0], app[1].replace("to: '", "method: WRITE, to: '"))], nodes=3)
    members = {"name": "zk", "image": "registry.k8s.io/kubernetes-zookeeper:1.0", "ports": [{"containerPort": 3888}]}
    members["command"] = ["start-zookeeper", f"--servers={size}"]
    template = {"metadata": {"labels": {"app": "zk"}}, "spec": {"containers": [members]}}
    spec = {
        "serviceName": "zk-hs",
        "replicas": replicas,
        "selector": {"matchLabels": {"app": "zk"}},
        "template": template,
    }
    board.create({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "zk"}, "spec": spec})
    board.service("zk", 2181, 2181)
    board.service("zk-hs", 3888, 3888, clusterIP="None", selector={"app": "zk"})
    board.settle()
    return board


@scene("no-majority", "no-majority", "statefulset/zk")
def one_of_three_members_runs() -> Board:
    board = quorum(3, 1)
    board.users()
    board.tick(3)
    return board


@scene("no-leader", "no-leader", "statefulset/zk")
def the_leader_of_a_quorum_has_just_died() -> Board:
    board = quorum(3, 3)
    board.users()
    board.tick(3)
    leads = next(m for m in board.cluster.world.pulse.members.values() if m.programs[0].member.part == "leader")
    leads.host.kill(leads.id, board.now)
    board.tick(1)
    return board


@scene("not-primary", "not-primary", "deployment/copy")
def writes_go_to_a_replica() -> Board:
    app = image("writer", "redis://copy:6379")
    board = shop(image_="test/writer", images=[(app[0], app[1].replace("to: '", "method: WRITE, to: '"))])
    for name, args in (("first", []), ("copy", ["--replicaof", "first", "6379"])):
        board.app(name, 1, "redis:7", container={"args": args}, probe=False, service=False)
        board.service(name, 6379, 6379)
    board.settle()
    board.users()
    board.tick(3)
    return board


@scene("queue-full", "queue-limit", "deployment/cache")
def a_queue_that_nobody_works_on():
    calls = "[{to: 'redis://cache', queue: jobs, failure: 500, timeout: 1s}]"
    board = Board(images=[image("front", text=APP.replace("CALLS", calls))])
    limit = {"command": ["redis-server", "--maxmemory", "8200kb"]}
    board.app("cache", 1, "redis:7", port=6379, target=6379, probe=False, container=limit)
    board.app("web", 2, "test/front")
    board.route("shop.example.com", "web")
    board.settle()
    return asked(board, 10, rate=100)
