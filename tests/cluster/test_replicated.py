"""Databases of several members under traffic: what their Pods, volumes and links go through, and what users notice."""

from kubesim_tui.api.types import Pod, StatefulSet
from kubesim_tui.world.replication.member import Part
from tests.boards import Board, image

TEMPLATE = """
apiVersion: v1
kind: Service
metadata: {name: NAME-hs}
spec: {clusterIP: None, selector: {app: NAME}, ports: [{name: peers, port: 3888}]}
---
apiVersion: v1
kind: Service
metadata: {name: NAME}
spec: {selector: {app: NAME}, ports: [{port: PORT}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: NAME}
spec:
  serviceName: NAME-hs
  replicas: SIZE
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: NAME}}}
      containers:
        - name: db
          image: IMAGE
          command: COMMAND
          readinessProbe: PROBE
          volumeMounts: [{name: data, mountPath: PATH}]
  volumeClaimTemplates:
    - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
"""


def database(name: str, image_: str, size: int, *, command: list[str], port: int, path: str) -> str:
    """The manifests of a StatefulSet on claims, with a headless Service and one for clients."""
    words = {
        "NAME": name,
        "IMAGE": image_,
        "SIZE": str(size),
        "COMMAND": str(command),
        "PORT": str(port),
        "PATH": path,
        "PROBE": f"{{tcpSocket: {{port: {port}}}, periodSeconds: 2}}",
    }
    text = TEMPLATE
    for word, value in words.items():
        text = text.replace(word, value)
    return text


ZOOKEEPER = "registry.k8s.io/kubernetes-zookeeper:1.0-3.4.10"


def zookeeper(size: int, nodes: int) -> Board:
    """A quorum, and an application that writes to it by a Service in front of all members."""
    app = image("web", "tcp://zk:2181")
    board = Board(nodes=nodes, images=[(app[0], app[1].replace("to: '", "method: WRITE, to: '"))])
    command = ["sh", "-c", f"start-zookeeper --servers={size}"]
    board.apply(database("zk", ZOOKEEPER, size, command=command, port=2181, path="/var/lib/zookeeper"))
    board.app("web", 2, "test/web")
    board.route("shop.example.com", "web")
    board.settle(60)
    return board


def members(board: Board) -> dict[str, Part]:
    """The part of each member by its Pod."""
    found = board.cluster.world.pulse.members.values()
    return {node.sandbox.hostname: node.programs[0].member.part for node in found}


def leader(board: Board) -> str:
    return next(name for name, part in members(board).items() if part is Part.LEADER)


def machine_of(board: Board, pod: str) -> str:
    return board.get(Pod, pod).spec.node_name


def codes(board: Board) -> set[str]:
    return {failure.fail.code for failure in board.cluster.traffic.streams["web"].stream.failures.values()}


def test_a_quorum_that_loses_its_leader_elects_another_and_loses_nothing():
    board = zookeeper(3, nodes=4)
    users = board.users(rate=20, store="orders")
    board.tick(10)
    first = leader(board)
    board.delete(Pod, first)
    board.tick(60)
    assert leader(board) != first
    assert sorted(members(board)) == ["zk-0", "zk-1", "zk-2"]
    assert board.cluster.traffic.lost("orders", board.cluster.records("orders")) == (0, users.stream.served)
    assert users.stream.served > 1000
    assert "no-majority" not in codes(board)


def test_without_a_majority_writes_are_refused_and_the_chain_ends_in_no_majority():
    board = zookeeper(3, nodes=4)
    users = board.users(rate=20, store="orders")
    board.tick(10)
    board.patch(StatefulSet, "zk", {"spec": {"replicas": 1}})
    board.tick(30)
    served = users.stream.served
    board.tick(10)
    chain = board.why()
    assert (users.stream.served, chain.cause, chain.object) == (served, "no-majority", ("StatefulSet", "default", "zk"))
    assert "zk-0 hears 1 of 3 members, and a write needs 2" in [link.text for link in chain.links]


def test_the_smaller_half_of_a_partition_takes_nothing_and_the_larger_goes_on():
    board = zookeeper(5, nodes=6)
    board.users(rate=20, store="orders")
    board.tick(10)
    old = leader(board)
    alone = machine_of(board, old)
    for machine in list(board.cluster.world.machines):
        if machine not in (alone, "control-plane"):
            board.cluster.world.links.cut(alone, machine)
    board.cluster.look()
    board.tick(30)
    parts = members(board)
    assert (parts[old], sorted(parts.values()).count(Part.LEADER)) == (Part.LOOKING, 1)
    board.cluster.world.links.heal()
    board.cluster.look()
    board.tick(30)
    assert members(board)[old] is Part.FOLLOWER
    assert board.cluster.traffic.lost("orders", board.cluster.records("orders"))[0] == 0


def test_a_member_that_was_away_has_what_was_written_meanwhile():
    board = zookeeper(3, nodes=4)
    users = board.users(rate=20, store="orders")
    board.tick(5)
    board.patch(StatefulSet, "zk", {"spec": {"replicas": 2}})
    board.tick(30)
    board.patch(StatefulSet, "zk", {"spec": {"replicas": 3}})
    board.tick(40)
    users.paused = True
    board.tick(3)
    nodes = board.cluster.world.pulse.members.values()
    assert {node.sandbox.hostname: len(node.records("orders")) for node in nodes} == dict.fromkeys(
        ("zk-0", "zk-1", "zk-2"), len(users.acknowledged)
    )


def test_a_quorum_at_rest_sets_no_timer():
    board = zookeeper(3, nodes=4)
    board.tick(20)
    waiting = [worker.name for due in board.cluster.engine._timers.values() for _, worker, _ in due]
    assert "databases" not in waiting
