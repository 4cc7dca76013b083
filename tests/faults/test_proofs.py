"""Every fault is proved three times: it shows, what it shows is laid to a cause of its row, and its remedy works.

Most have a test of their own that does all three, with the course that the fault takes (`@proves`); the others are a
table here.
"""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from attrs import frozen

from kubesim_tui.api.types import Deployment, Pod, Service
from kubesim_tui.cluster.spec import NodeGroup, OutsideSystem, RegionSpec
from kubesim_tui.explain.thing import thing_not_well
from kubesim_tui.faults.rows import FAULTS
from kubesim_tui.world.registry import Registry
from tests.boards import Board, image
from tests.faults import (  # noqa: F401 - each says which faults it proves
    test_applications,
    test_connections,
    test_identities,
    test_links,
    test_members,
    test_network,
    test_plane,
    test_programs,
    test_strangers,
    test_upgrades,
    test_volumes,
)
from tests.faults.striking import PROVED, do

Make = Callable[[], Board]
Act = Callable[[Board], Any]


@frozen
class Proof:
    """One row. `then`: what brings it out; `about`: the thing that is asked about (users, if none); `cure` heals."""

    fault: str
    make: Make
    strike: str
    cure: Act
    then: Act = lambda board: None
    about: tuple[str, str, str] | None = None
    shows: int = 20  # ticks until it is looked for
    heals: int = 60


def shop(copies: int = 2, nodes: Any = 2, **more: Any) -> Board:
    """web behind an Ingress, and users of it who wait a second."""
    given = {key: more.pop(key) for key in ("images", "outside", "regions") if key in more}
    board = Board(nodes=nodes, **given)
    board.app("web", copies, more.pop("image_", "test/app"), **more)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000)
    board.tick(5)
    return board


def one() -> Board:
    return shop(1)


def heal(text: str) -> Act:
    """By the catalogue's own hand."""
    return lambda board: do(board, f"{text},heal=true")


def wait(_board: Board) -> None:
    """It passes: by itself, or since the cluster mends it."""


def copies(number: int) -> Act:
    return lambda board: board.patch(Deployment, "web", {"spec": {"replicas": number}})


def remake(board: Board) -> None:
    for pod in board.list(Pod):
        board.delete(Pod, pod.metadata.name)


def growing() -> Board:
    """A pool of machines that is full: the next Pods need another one."""
    board = Board(nodes=[NodeGroup("pool", cpu="2", memory="4Gi", min=1, max=3)])
    board.app("web", 2, container={"resources": {"requests": {"cpu": "700m"}}})
    board.settle()
    return board


def balanced() -> Board:
    """Users come by the cloud's balancer."""
    board = Board(nodes=2)
    board.app("web", 2, type="LoadBalancer")
    board.settle(60)
    address = board.get(Service, "web").status.load_balancer.ingress[0].ip
    board.users(url=f"http://{address}/", timeout_us=2_000_000)
    board.tick(5)
    return board


def another_balancer(board: Board) -> None:
    """The Service is made anew, and users are told its new address."""
    board.delete(Service, "web")
    board.tick(15)
    board.service("web", type="LoadBalancer")
    board.tick(60)
    address = board.get(Service, "web").status.load_balancer.ingress[0].ip
    board.users(url=f"http://{address}/", timeout_us=2_000_000)


def limited(memory: str) -> Make:
    return lambda: shop(1, container={"resources": {"limits": {"memory": memory}}})


def crowded() -> Board:
    """Half a processor for whatever it takes."""
    return shop(1, image_="test/busy", images=[BUSY], container={"resources": {"limits": {"cpu": "500m"}}})


BUSY = (lambda file, text: (file, text.replace("service: 5ms, scv: 500, cpu: 1ms", "service: 20ms, cpu: 15ms")))(
    *image("busy")
)
DATABASE = OutsideSystem("db.example.com", "test/store")


def outside() -> Board:
    """web asks a system outside."""
    images = [image("front", "http://db.example.com:8080/"), image("store")]
    return shop(image_="test/front", images=images, outside=[DATABASE])


def far() -> Board:
    """Users of one region."""
    board = Board(nodes=2, regions=[RegionSpec("west", 20_000)])
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000, regions=(("west", 1),))
    board.tick(5)
    return board


def locked() -> Board:
    """Images of a private registry, and the password that it takes."""
    board = Board(nodes=2)
    board.cluster.world.registries["docker.io"] = Registry("docker.io", users={"me": "secret"})
    return board


def spare(board: Board) -> None:
    """A third Pod, for which there is no room."""
    board.patch(Deployment, "web", {"spec": {"replicas": 3}})


def public(board: Board) -> None:
    """The Service wants a balancer."""
    board.patch(Service, "web", {"spec": {"type": "LoadBalancer"}})


def late(board: Board) -> None:
    """A second application."""
    board.app("late", 1)


def stored() -> Board:
    """web keeps its data on a disk."""
    board = Board(nodes=2)
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    board.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": claim})
    return board


def mounted(board: Board) -> None:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    container = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    board.app("web", 1, pod={"volumes": volumes}, container=container)


def undo(board: Board) -> None:
    """As kubectl rollout undo does."""
    containers = [{"name": "web", "image": "test/app"}]
    board.patch(Deployment, "web", {"spec": {"template": {"spec": {"containers": containers}}}})


def unpulled(board: Board) -> None:
    """A rollout to a version that no machine has, without the old one."""
    containers = [{"name": "web", "image": "test/app:2"}]
    strategy = {"type": "Recreate", "rollingUpdate": None}
    spec = {"strategy": strategy, "template": {"spec": {"containers": containers}}}
    board.patch(Deployment, "web", {"spec": spec})


def pulling(board: Board) -> None:
    """web, with the password of before."""
    config = '{"auths":{"https://index.docker.io/v1/":{"username":"me","password":"secret"}}}'
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "pull"},
        "type": "kubernetes.io/dockerconfigjson",
    }
    board.create({**secret, "stringData": {".dockerconfigjson": config}})
    board.app("web", 1, pod={"imagePullSecrets": [{"name": "pull"}]})


def spaced() -> Board:
    """web stands in a namespace of its own; the Ingress that leads to it as well."""
    board = Board(nodes=2)
    restored(board)
    board.settle()
    board.users(timeout_us=2_000_000)
    board.tick(5)
    return board


def restored(board: Board) -> None:
    """From manifests that lie outside of the cluster."""
    board.tick(30)  # until it is gone
    for document in yaml.safe_load_all(SPACE):
        board.create(document)
        board.tick(1)


SPACE = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: test/app}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""
WEB, LATE = ("Deployment", "default", "web"), ("Deployment", "default", "late")
NODE, SERVICE = ("Node", "", "node-a"), ("Service", "default", "web")
SCHEDULER = ":control-plane,process=kube-scheduler"

PROOFS = [
    Proof("bad-release", lambda: shop(probe=False), ":default/deployment/web,image=test/app:bad", undo, shows=30),
    Proof("balancer-lost", balanced, ":default/service/web", another_balancer, shows=10),
    Proof("cloud-controller-down", shop, "", heal("cloud-controller-down"), public, SERVICE, 40, 60),
    Proof("cloud-down", growing, "", heal("cloud-down"), spare, WEB, 60, 150),
    Proof("cloud-quota", growing, "", heal("cloud-quota"), spare, WEB, 60, 700),
    Proof("cloud-throttled", growing, ",patience=60", heal("cloud-throttled"), spare, WEB, 60, 200),
    Proof("container-exit", one, ":default/app=web,code=3", copies(2), shows=1),
    Proof("container-kill", one, ":default/app=web", copies(2), shows=1),
    Proof("cpu-hog", crowded, ":default/app=web,cores=4", heal("cpu-hog:default/app=web")),
    Proof("disk-full", shop, ":node-a,leave=1Gi", heal("disk-full:node-a"), about=NODE, shows=60, heals=400),
    Proof("ip-exhaustion", shop, ":node-a,leave=0", heal("ip-exhaustion:node-a"), copies(8), WEB, 40, 60),
    Proof("kubelet-stop", shop, ":node-a", heal("kubelet-stop:node-a"), about=NODE, shows=60),
    Proof(
        "log-flood",
        one,
        ":default/app=web,bytes=2Gi,path=/var/log/x",
        heal("log-flood:default/app=web"),
        shows=120,
        heals=200,
    ),
    Proof("memory-leak", limited("64Mi"), ":default/app=web,bytes=20Mi", wait, about=WEB, shows=4),
    Proof("memory-pressure", shop, ":node-a", heal("memory-pressure:node-a"), about=NODE, shows=40, heals=400),
    Proof("namespace-deleted", spaced, ":shop", restored, shows=20),
    Proof("node-partition", shop, ":node-a", heal("node-partition:node-a"), about=NODE, shows=60),
    Proof("node-reboot", shop, ":node-a,seconds=20", wait, shows=10, heals=120),
    Proof("node-shutdown", shop, ":node-a", heal("node-shutdown:node-a"), about=NODE, shows=60, heals=90),
    Proof("outside-down", outside, ":db.example.com", heal("outside-down:db.example.com")),
    Proof("pid-exhaustion", shop, ":node-a,leave=0", heal("pid-exhaustion:node-a"), remake, shows=40, heals=120),
    Proof("pod-delete", one, ":default/app=web", copies(2), shows=2),
    Proof("pod-partition", one, ":default/app=web", remake, shows=5),
    Proof("process-slow", shop, SCHEDULER + ",factor=100000", heal("process-slow" + SCHEDULER), late, LATE),
    Proof("process-stop", shop, SCHEDULER, heal("process-stop" + SCHEDULER), late, LATE, 20, 60),
    Proof("region-cut", far, ":west", heal("region-cut:west")),
    Proof("region-slow", far, ":west", heal("region-slow:west")),
    Proof("registry-down", shop, ":docker.io", heal("registry-down:docker.io"), unpulled, WEB, 60, 400),
    Proof("registry-rotate", locked, ":docker.io", heal("registry-rotate:docker.io"), pulling, WEB, 20, 400),
    Proof("sold-out", growing, ":pool-a", heal("sold-out:pool-a"), spare, WEB, 60, 900),
    Proof("spot-reclaim", shop, ":node-a,seconds=5", lambda b: do(b, "node-crash:node-a,heal=true"), shows=15),
    Proof("storage-down", stored, "", heal("storage-down"), mounted, WEB, 30, 200),
    Proof("storage-slow", stored, ",seconds=60", heal("storage-slow"), mounted, WEB, 30, 200),
    Proof("traffic-spike", lambda: shop(1), ",factor=300", heal("traffic-spike"), shows=5, heals=30),
]


def test_every_fault_is_proved():
    assert sorted([*PROVED, *(proof.fault for proof in PROOFS)]) == sorted(FAULTS)


@pytest.mark.parametrize("fault", sorted(PROVED))
def test_the_test_of_a_fault_strikes_it(fault):
    assert f'"{fault}' in inspect.getsource(PROVED[fault])


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.fault)
def test_a_fault_shows_is_explained_and_is_healed(proof: Proof):
    board = proof.make()
    assert well(board, proof.about)
    assert do(board, f"{proof.fault}{proof.strike}")
    proof.then(board)
    board.tick(proof.shows)
    story = FAULTS[proof.fault].story
    assert story is not None
    assert cause(board, proof.about) in story.causes
    proof.cure(board)
    board.tick(proof.heals)
    assert well(board, proof.about)


def well(board: Board, about: tuple[str, str, str] | None) -> bool:
    """Nobody fails for a while; or the thing has nothing to explain."""
    if about is not None:
        return thing_not_well(board.evidence(), about) is None
    stream = board.cluster.traffic.streams["web"].stream
    before = stream.failed
    board.tick(5)
    return stream.failed == before


def cause(board: Board, about: tuple[str, str, str] | None) -> str:
    if about is None:
        return board.why().cause
    chain = thing_not_well(board.evidence(), about)
    return chain.cause if chain is not None else ""
