"""Whatever is not well can be asked about: a row a kind and cause, and whose doing it is."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen

from kubesim_tui.api.types import Deployment, Node, Pod
from kubesim_tui.explain.chain import Chain, name_of
from kubesim_tui.explain.thing import KINDS, thing_not_well
from kubesim_tui.world.balancer import FIRST, LAST
from tests.boards import Board
from tests.explain.test_requests import whole

Make = Callable[[], Board]


@frozen
class Row:
    """What is asked about, and what is to be found."""

    kind: str
    name: str
    cause: str
    object: str
    make: Make


ROWS: list[Row] = []


def row(kind: str, name: str, cause: str, about: str) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        ROWS.append(Row(kind, name, cause, about, make))
        return make

    return add


def why(board: Board, kind: str, name: str) -> Chain | None:
    """A Pod by the beginning of its name."""
    if kind == "Pod":
        name = next(pod.metadata.name for pod in board.list(Pod) if pod.metadata.name.startswith(name))
    return thing_not_well(board.evidence(), (kind, "" if kind in ("Node", "Namespace") else "default", name))


def shop(copies: int = 2, image_: str = "test/app", nodes: int = 2, **more: Any) -> Board:
    board = Board(nodes=nodes)
    board.app("web", copies, image_, **more)
    board.route("shop.example.com", "web")
    board.settle()
    return board


@row("Pod", "web", "not-ready", "deployment/web")
@row("Deployment", "web", "not-ready", "deployment/web")
@row("Service", "web", "not-ready", "deployment/web")
@row("Ingress", "web", "not-ready", "deployment/web")
def probes_fail() -> Board:
    return shop(image_="test/app:bad")


@row("Deployment", "web", "scaled-to-zero", "deployment/web")
def scaled_to_zero() -> Board:
    board = shop()
    board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    board.settle()
    return board


@row("Service", "web", "scaled-to-zero", "deployment/web")
def the_last_copies_are_leaving() -> Board:
    slowly = {"lifecycle": {"preStop": {"sleep": {"seconds": 20}}}}
    board = shop(container=slowly)
    board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    board.tick(3)
    return board


@row("Deployment", "web", "not-created", "deployment/web")
def over_quota() -> Board:
    board = Board(nodes=2)
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "1"}}}
    board.create(quota)
    board.tick(3)
    board.app("web", 2)
    board.settle()
    return board


@row("Deployment", "web", "image-pull", "deployment/web")
def a_rollout_is_stuck_at_an_image_that_is_not_there() -> Board:
    board = shop()
    containers = [{"name": "web", "image": "nginx:9.99"}]
    spec = {"progressDeadlineSeconds": 30, "template": {"spec": {"containers": containers}}}
    board.patch(Deployment, "web", {"spec": spec})
    board.tick(60)
    return board


@row("Deployment", "web", "rollout-paused", "deployment/web")
def a_rollout_is_paused() -> Board:
    board = shop()
    board.patch(Deployment, "web", {"spec": {"paused": True}})
    board.tick(3)
    return board


@row("StatefulSet", "db", "claim-unbound", "persistentvolumeclaim/data-db-0")
@row("PersistentVolumeClaim", "data-db-0", "claim-unbound", "persistentvolumeclaim/data-db-0")
def no_such_class() -> Board:
    board = Board(nodes=2)
    claim = {"accessModes": ["ReadWriteOnce"], "storageClassName": "no", "resources": {"requests": {"storage": "1Gi"}}}
    template = {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "db", "image": "test/app"}]}}
    spec = {"serviceName": "db", "replicas": 1, "selector": {"matchLabels": {"app": "db"}}, "template": template}
    spec["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    spec["template"]["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    board.create({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"}, "spec": spec})
    board.settle()
    return board


@row("DaemonSet", "agent", "crash-loop", "daemonset/agent")
def an_agent_ends_again_and_again() -> Board:
    board = Board(nodes=1)
    container = {"name": "agent", "image": "busybox:1.36", "command": ["sh", "-c", "exit 3"]}
    template = {"metadata": {"labels": {"app": "agent"}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": "agent"}}, "template": template}
    board.create({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"}, "spec": spec})
    board.tick(60)
    return board


def job(name: str, code: int = 1, **spec: Any) -> dict[str, Any]:
    container = {"name": "work", "image": "busybox:1.36", "command": ["sh", "-c", f"exit {code}"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    body = {"backoffLimit": 0, "template": template} | spec
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": body}


@row("Job", "work", "job-failed", "job/work")
def a_job_has_failed() -> Board:
    board = Board(nodes=1)
    board.create(job("work"))
    board.settle()
    return board


@row("Job", "work", "suspended", "job/work")
def a_job_is_suspended() -> Board:
    board = Board(nodes=1)
    board.create(job("work", suspend=True))
    board.tick(5)
    return board


@row("CronJob", "nightly", "suspended", "cronjob/nightly")
def a_cron_job_is_suspended() -> Board:
    board = Board(nodes=1)
    spec = {"schedule": "* * * * *", "suspend": True, "jobTemplate": {"spec": job("x")["spec"]}}
    board.create({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}, "spec": spec})
    board.tick(5)
    return board


@row("Service", "web", "selector-mismatch", "service/web")
@row("Ingress", "web", "selector-mismatch", "service/web")
def a_service_selects_nobody() -> Board:
    return shop(selector={"app": "wep"})


@row("Ingress", "web", "service-not-found", "ingress/web")
def a_service_is_not_there() -> Board:
    return shop(service=False)


@row("Node", "node-a", "node-down", "node/node-a")
def a_machine_is_off() -> Board:
    board = shop()
    board.cluster.hand.crash("node-a")
    board.tick(5)
    return board


@row("Node", "node-a", "cordoned", "node/node-a")
@row("Pod", "late", "cordoned", "node/node-a")
@row("Deployment", "late", "cordoned", "node/node-a")
def all_nodes_are_cordoned() -> Board:
    board = Board(nodes=1)
    board.client.patch(Node, "", "node-a", {"spec": {"unschedulable": True}}, "strategic")
    board.app("late", 1)
    board.settle()
    return board


@row("Node", "node-a", "node-disk-full", "node/node-a")
def a_disk_is_full() -> Board:
    board = shop()
    board.cluster.hand.fill_disk("node-a", 0, inodes=False)
    board.tick(60)
    return board


@row("HorizontalPodAutoscaler", "web", "no-metrics", "horizontalpodautoscaler/web")
def an_autoscaler_has_no_figures() -> Board:
    board = shop()
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
    }
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5, "metrics": [metric]}
    kind = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"}
    board.create({**kind, "metadata": {"name": "web"}, "spec": spec})
    board.tick(40)
    return board


@row("PodDisruptionBudget", "web", "budget", "poddisruptionbudget/web")
def a_budget_lets_nobody_go() -> Board:
    board = shop()
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}}
    board.create({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": spec})
    board.tick(5)
    return board


@row("ReplicaSet", "front", "oom-killed", "replicaset/front")
def a_replica_set_needs_more_memory() -> Board:
    board = Board(nodes=1)
    container = {"name": "front", "image": "test/app", "resources": {"limits": {"memory": "4Mi"}}}
    template = {"metadata": {"labels": {"app": "front"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "front"}}, "template": template}
    board.create({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "front"}, "spec": spec})
    board.tick(40)
    return board


def waits_for_an_address(before: Callable[[Board], object], ticks: int = 60, **spec: Any) -> Board:
    """web is well; the balancer that it wants does not come, for something that was done before."""
    board = shop()
    before(board)
    board.service("out", type="LoadBalancer", selector={"app": "web"}, **spec)
    board.tick(ticks)
    return board


@row("Service", "out", "cloud-manager-down", "pod/cloud-controller-manager-control-plane")
def nobody_speaks_to_the_cloud() -> Board:
    return waits_for_an_address(lambda b: b.cluster.hand.stop_process("control-plane", "cloud-controller-manager"))


@row("Service", "out", "cloud-down", "cloud")
def the_cloud_does_not_answer() -> Board:
    return waits_for_an_address(lambda b: b.cluster.hand.cloud(up=False))


@row("Service", "out", "cloud-throttled", "cloud")
def the_cloud_is_asked_too_much() -> Board:
    return waits_for_an_address(lambda b: b.cluster.hand.throttle_cloud(1000))


@row("Service", "out", "no-such-address", "service/out")
def the_cloud_does_not_have_the_address_that_is_wanted() -> Board:
    return waits_for_an_address(lambda _: None, loadBalancerIP="198.51.100.7")


@row("Service", "out", "cloud-quota", "service/out")
def all_addresses_are_given_out() -> Board:
    def take(board: Board) -> None:
        for n in range(LAST - FIRST + 1):
            about = ("default", f"taken-{n}")
            board.cluster.world.cloud.ensure_balancer(about[1], about, ["node-a"], board.now, local=False)

    return waits_for_an_address(take)


@row("Service", "out", "apiserver-down", "pod/kube-apiserver-control-plane")
def nobody_can_write_the_address_down() -> Board:
    board = waits_for_an_address(lambda _: None, 0)
    board.cluster.hand.stop_process("control-plane", "kube-apiserver")
    board.tick(30)
    return board


@row("Service", "out", "forbidden", "service/out")
def the_controller_of_balancers_has_lost_its_rights() -> Board:
    names = ("clusterrolebinding", "", "system:controller:service-controller")
    return waits_for_an_address(lambda b: b.cluster.hand.delete_object(names))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind} {row.make.__name__}")
def test_what_is_not_well_is_explained(row: Row):
    chain = why(row.make(), row.kind, row.name)
    assert chain is not None
    whole(chain)
    about = chain.object
    if about is not None and about[0] == "Pod":  # a chain about a Pod is compared by its workload
        about = row.make().evidence().workload_of(about)
    assert (chain.cause, name_of(about)) == (row.cause, row.object), chain.links


def test_every_kind_has_a_row():
    without = {"ReplicationController"}  # looked at as the other workloads are
    assert {*KINDS, "Node"} - {row.kind for row in ROWS} == without


@pytest.mark.parametrize("kind", ["Pod", "Deployment", "Service", "Ingress"])
def test_of_what_is_well_there_is_nothing_to_tell(kind):
    assert why(shop(), kind, "web") is None


def test_what_is_not_there_is_not_explained():
    assert thing_not_well(Board(nodes=1).evidence(), ("Deployment", "default", "nowhere")) is None


def test_things_of_a_namespace_that_goes_are_explained_by_it():
    board = Board(nodes=1)
    board.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "finalizers": ["a.test/b"]}})
    board.tick(3)
    board.cluster.hand.delete_object(("namespace", "", "shop"))
    for about in (("Namespace", "", "shop"), ("Service", "shop", "web")):
        chain = thing_not_well(board.evidence(), about)
        assert (chain.cause, chain.links[-1].text) == ("namespace-deleted", "Namespace shop was deleted by somebody")


# whose doing it is


@pytest.mark.parametrize(
    "make, kind, said",
    [
        (scaled_to_zero, "Deployment", "Deployment web was last changed by admin"),
        (a_rollout_is_paused, "Deployment", "Deployment web was last changed by admin"),
        (a_service_selects_nobody, "Service", "Service web was last created by admin"),
    ],
)
def test_the_last_link_says_who_did_it(make, kind, said):
    chain = why(make(), kind, "web")
    assert (chain.links[-1].text, chain.links[-1].component) == (said, "kube-apiserver")
