"""A DaemonSet overloads the API server while Pods go on serving; then DNS caches expire, and traffic dies.

The course of 11 December 2024 at OpenAI: a new telemetry service asks the API server on every node for all that there
is. What that costs grows with the cluster twice: by its nodes, which ask, and by its objects, which are answered.
"""

from __future__ import annotations

from collections.abc import Callable

import yaml

from kubesim_tui.api.types import ObjectMeta, Secret
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.picture.room import room
from kubesim_tui.network.dns_zone import TTL
from tests.boards import ADMIN, Board, image
from tests.faults.striking import kubectl

NODES, RELEASES = 20, 50
RELEASE = "A" * 1_000_000
"""A release of Helm, as it lies in a Secret: the manifests of a large chart."""
SMALL = 2 << 30
"""The memory of a control plane as small as kubeadm accepts it."""

DNS_CACHE = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: node-local-dns, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: node-local-dns}}
  template:
    metadata: {labels: {k8s-app: node-local-dns}}
    spec:
      priorityClassName: system-node-critical
      hostNetwork: true
      dnsPolicy: Default
      containers:
        - name: node-cache
          image: registry.k8s.io/dns/k8s-dns-node-cache:1.26.4
          args: ["-localip", "169.254.20.10,10.96.0.10"]
          resources: {requests: {cpu: 25m, memory: 5Mi}}
"""

AGENT = """
apiVersion: v1
kind: Namespace
metadata: {name: telemetry}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: agent, namespace: telemetry}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: telemetry}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: agent, namespace: telemetry}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: telemetry}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      serviceAccountName: agent
      containers: [{name: agent, image: "registry.example.com/telemetry/agent:2.0"}]
"""

OWN_LEVEL = """
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: PriorityLevelConfiguration
metadata: {name: telemetry}
spec:
  type: Limited
  limited: {nominalConcurrencyShares: 1, limitResponse: {type: Reject}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: telemetry}
spec:
  matchingPrecedence: 100
  priorityLevelConfiguration: {name: telemetry}
  rules:
    - subjects: [{kind: ServiceAccount, serviceAccount: {name: agent, namespace: telemetry}}]
      resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"]}]
"""


def shop(releases: int, control_planes: int = 1) -> Board:
    """A shop that asks another application by its name; users come by a node, and each node has a cache of names."""
    board = Board(NODES, images=[image("shop", "http://api/")], control_planes=control_planes)
    for name in board.cluster.plane.names:
        board.cluster.world.machines[name].memory_bytes = SMALL
    board.apply(DNS_CACHE)
    board.app("api", 2)
    board.app("web", 2, image="test/shop", type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    for number in range(releases):
        meta = ObjectMeta(name=f"sh.helm.release.v1.shop.v{number}", namespace="default")
        board.client.create(Secret(metadata=meta, type="helm.sh/release.v1", data={"release": RELEASE}))
    board.settle(40)
    board.users(url="http://node-a:30080/", timeout_us=2_000_000)
    board.tick(5)
    return board


def until(board: Board, done: Callable[[], bool], most: int = 400) -> int:
    """Go on until something is so; the tick."""
    for _ in range(most):
        if done():
            return board.now
        board.tick()
    raise AssertionError(f"not within {most} ticks")


def answers(board: Board) -> bool:
    """Whether there is an API server."""
    return board.cluster.plane.runs()


def restarts(board: Board, name: str, machine: str = "control-plane") -> int:
    """How often a container was started anew there."""
    containers = board.cluster.world.machines[machine].runtime.containers.values()
    return max(c.config.attempt for c in containers if c.config.name == name)


def served(board: Board) -> tuple[int, int]:
    """How many requests of users were served in the last tick, and how many have failed."""
    last = board.cluster.traffic.streams["web"].stream.last
    assert last is not None
    return last.served, last.failed


def apply(board: Board, text: str) -> bool:
    """kubectl apply, by an administrator; whether all of it got through."""
    try:
        for document in yaml.safe_load_all(text):
            resource = board.cluster.server.resource_for_kind(document["apiVersion"], document["kind"])
            assert resource is not None
            name = document["metadata"]["name"]
            board.client.send(Request(ADMIN, "create", resource, "", name, body=document))
    except ApiError:
        return False
    return True


def test_telemetry_on_every_node_takes_the_api_server_down_and_when_names_expire_the_traffic():
    board = shop(RELEASES)
    desk = board.cluster.polling.desks["control-plane"]
    board.apply(AGENT)

    # All agents ask within the second in which they are ready. Their answers take more memory than the machine has.
    asked = until(board, lambda: bool(desk.jobs))
    assert (desk.memory_bytes > SMALL, answers(board)) == (True, True)
    server = room(board.cluster).box("kube-apiserver", "control-plane")
    assert server is not None
    assert [code for code, _ in server.figures[:2]] == ["lists", "wait-seats"]

    # The kernel kills: CoreDNS and the ingress controller first, which may be missed, and then the API server.
    killed = until(board, lambda: restarts(board, "kube-apiserver") == 1)
    assert (killed - asked, restarts(board, "coredns"), restarts(board, "etcd")) == (1, 1, 0)

    # Its kubelet starts it at once, and the agents ask it anew: before the next start the kubelet waits.
    down = until(board, lambda: not answers(board))
    assert (down - killed, restarts(board, "kube-apiserver")) == (2, 1)
    assert kubectl(board).startswith("The connection to the server 127.0.0.1:6443 was refused")

    # The agents wait for nothing but that it is back: each time it is killed again, and its kubelet waits longer.
    # Pods go on serving meanwhile, and who looks up a name is answered by the cache of his node.
    dead = until(board, lambda: served(board)[0] == 0)
    assert (TTL // 2 < dead - down <= TTL, restarts(board, "kube-apiserver")) == (True, 2)
    assert board.cluster.traffic.streams["web"].stream.failed == 0

    # Then the names' time is over. CoreDNS is killed whenever the API server is, and nobody else knows them.
    until(board, lambda: served(board)[1] > 0)
    chain = board.why()
    assert (chain.cause, chain.object) == ("api-overload", ("DaemonSet", "telemetry", "agent"))

    # Whoever wants to take the agents away needs the API server for it, which answers for a second now and then.
    written = until(board, lambda: apply(board, OWN_LEVEL))
    assert (written - dead > 5, answers(board)) == (True, True)
    board.tick()
    assert not answers(board)

    # Now they have three seats, and the next API server stays.
    back = until(board, lambda: answers(board))
    board.tick(60)
    assert (answers(board), restarts(board, "kube-apiserver")) == (True, 4)
    assert 30 < back - written <= 42
    assert board.cluster.server.fairness.rejected["telemetry"] > 100
    assert (served(board)[0] > 0, served(board)[1]) == (True, 0)


def test_with_fewer_objects_the_same_agents_are_answered_within_seconds():
    board = shop(RELEASES // 3)
    board.apply(AGENT)
    most = max(board.cluster.polling.desks["control-plane"].memory_bytes for _ in range(60) if board.tick() is None)
    assert (0 < most < SMALL, restarts(board, "kube-apiserver")) == (True, 0)


def test_three_api_servers_bear_together_what_one_does_not():
    board = shop(RELEASES, control_planes=3)
    board.apply(AGENT)
    board.tick(60)
    assert [restarts(board, "kube-apiserver", machine) for machine in board.cluster.plane.names] == [0, 0, 0]


def test_who_may_not_list_is_refused_and_costs_nothing():
    board = shop(RELEASES // 10)
    board.apply(AGENT.replace("name: cluster-admin", "name: system:discovery"))
    board.tick(20)
    assert board.cluster.polling.desks["control-plane"].memory_bytes == 0


def test_where_the_daemonset_is_deleted_nobody_asks_any_more():
    board = shop(RELEASES // 10)
    board.apply(AGENT)
    board.tick(10)
    resource = board.cluster.server.resource_for_kind("apps/v1", "DaemonSet")
    board.cluster.server.handle(Request(ADMIN, "delete", resource, "telemetry", "agent"))
    board.tick(40)
    assert (board.cluster.polling.known, board.cluster.polling.due) == ({}, {})
