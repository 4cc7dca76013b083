"""Databases of several members under traffic: what their Pods, volumes and links go through, and what users notice."""

import pytest

from kubesim_tui.api.types import Pod, StatefulSet
from kubesim_tui.explain.data import lost_records
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


def test_without_dns_a_quorum_goes_on_but_a_member_that_was_restarted_does_not_find_it():
    board = zookeeper(3, nodes=4)
    follower = next(name for name, part in members(board).items() if part is Part.FOLLOWER)
    board.scale_dns(0)
    board.tick(30)
    assert sorted(members(board).values()) == [Part.FOLLOWER, Part.FOLLOWER, Part.LEADER]
    board.delete(Pod, follower)
    board.tick(60)
    assert members(board)[follower] is Part.LOOKING
    board.scale_dns(2)
    board.tick(20)
    assert members(board)[follower] is Part.FOLLOWER


def test_a_quorum_on_empty_directories_loses_everything_with_its_pods():
    command = ["sh", "-c", "start-zookeeper --servers=3"]
    text = database("zk", ZOOKEEPER, 3, command=command, port=2181, path="/var/lib/zookeeper")
    text = text[: text.index("  volumeClaimTemplates:")]
    text = text.replace("      affinity:", "      volumes: [{name: data, emptyDir: {}}]\n      affinity:")
    board = database_board(text, to="tcp://zk:2181")
    users = board.users(rate=20, store="orders")
    board.tick(10)
    users.paused = True
    for i in range(3):
        board.delete(Pod, f"zk-{i}")
    board.tick(90)
    total = len(users.acknowledged)
    assert board.cluster.traffic.lost("orders", board.cluster.records("orders")) == (total, total) != (0, 0)


def test_a_quorum_at_rest_sets_no_timer():
    board = zookeeper(3, nodes=4)
    board.tick(20)
    waiting = [worker.name for due in board.cluster.engine._timers.values() for _, worker, _ in due]
    assert "databases" not in waiting


def database_board(text: str, nodes: int = 4, ticks: int = 90, to: str = "") -> Board:
    """A database as its manifests say, and (with `to`) an application that writes there."""
    app = image("web", to or "tcp://nobody:1")
    board = Board(nodes=nodes, images=[(app[0], app[1].replace("to: '", "method: WRITE, to: '"))])
    board.apply(text)
    if to:
        board.app("web", 2, "test/web")
        board.route("shop.example.com", "web")
    board.settle(ticks)
    return board


def run(board: Board, pod: str, *argv: str) -> str:
    """What a command in a Pod prints."""
    runtime = board.cluster.world.machines[machine_of(board, pod)].runtime
    found = next(c for c in runtime.containers.values() if c.sandbox.hostname == pod and c.state == "running")
    done = runtime.exec(found.id, argv, board.now)
    return done.stdout + done.stderr


CASSANDRA = "cassandra:4.1"


def cassandra(size: int, to: str = "tcp://cs:9042") -> Board:
    script = "export CASSANDRA_SEEDS=cs-0.cs-hs; exec cassandra -f"
    text = database("cs", CASSANDRA, size, command=["bash", "-c", script], port=9042, path="/var/lib/cassandra")
    return database_board(text, nodes=size + 1, to=to)


def test_nodetool_tells_who_is_up_and_who_is_down_and_a_returning_member_keeps_its_id():
    board = cassandra(3)
    before = sorted(line.split()[-2] for line in run(board, "cs-0", "nodetool", "status").splitlines() if "UN" in line)
    board.patch(StatefulSet, "cs", {"spec": {"replicas": 2}})
    board.tick(60)
    down = [line[:2] for line in run(board, "cs-0", "nodetool", "status").splitlines()[5:]]
    board.patch(StatefulSet, "cs", {"spec": {"replicas": 3}})
    board.tick(60)
    lines = run(board, "cs-1", "nodetool", "status").splitlines()[5:]
    assert (sorted(down), [line[:2] for line in lines]) == (["DN", "UN", "UN"], ["UN"] * 3)
    assert sorted(line.split()[-2] for line in lines) == before


CONSISTENCY = [("QUORUM", 1, False), ("QUORUM", 2, True), ("ONE", 1, True), ("ALL", 2, False)]


@pytest.mark.parametrize("consistency,left,taken", CONSISTENCY)
def test_cassandra_takes_a_write_with_as_many_copies_as_its_caller_wants(consistency, left, taken):
    board = cassandra(3, f"tcp://cs:9042/?consistency={consistency}")
    users = board.users(rate=20, store="orders")
    board.tick(5)
    board.patch(StatefulSet, "cs", {"spec": {"replicas": left}})
    board.tick(60)
    before = users.stream.served
    board.tick(10)
    assert (users.stream.served > before) is taken


def test_members_without_a_leader_hand_over_what_the_other_has_missed():
    board = cassandra(3)
    users = board.users(rate=20, store="orders")
    board.tick(5)
    board.patch(StatefulSet, "cs", {"spec": {"replicas": 2}})
    board.tick(40)
    board.patch(StatefulSet, "cs", {"spec": {"replicas": 3}})
    board.tick(60)
    users.paused = True
    board.tick(3)
    kept = {len(node.records("orders")) for node in board.cluster.world.pulse.members.values()}
    assert kept == {len(users.acknowledged)} != {0}


def test_etcd_as_an_application_elects_and_is_unhealthy_without_a_majority():
    names = ",".join(f"ec-{i}=http://ec-{i}.ec-hs:2380" for i in range(3))
    command = ["etcd", "--data-dir=/data", f"--initial-cluster={names}"]
    text = database("ec", "quay.io/coreos/etcd:v3.5.9", 3, command=command, port=2379, path="/data")
    board = database_board(text.replace("port: 3888}", "port: 2380}"))
    assert run(board, "ec-0", "etcdctl", "put", "a", "1") == "OK\n"
    assert run(board, "ec-2", "etcdctl", "get", "a") == "a\n1\n"
    board.patch(StatefulSet, "ec", {"spec": {"replicas": 1}})
    board.tick(20)
    assert "unhealthy" in run(board, "ec-0", "etcdctl", "endpoint", "health")


def test_a_failover_by_hand_loses_what_the_old_primary_took_alone():
    text = database("rd", "redis:7", 2, command=["redis-server"], port=6379, path="/data")
    board = database_board(text, to="redis://rd-0.rd-hs:6379")
    run(board, "rd-1", "redis-cli", "replicaof", "rd-0.rd-hs", "6379")
    board.tick(5)
    users = board.users(rate=20, store="orders")
    board.tick(10)
    assert "connected_slaves:1" in run(board, "rd-0", "redis-cli", "info", "replication")
    board.cluster.world.links.cut(machine_of(board, "rd-0"), machine_of(board, "rd-1"))
    board.cluster.look()
    board.tick(10)
    both = len(users.acknowledged)
    run(board, "rd-1", "redis-cli", "replicaof", "no", "one")
    board.cluster.world.links.heal()
    board.cluster.look()
    run(board, "rd-0", "redis-cli", "replicaof", "rd-1.rd-hs", "6379")
    users.paused = True
    board.tick(5)
    kept = [len(node.records("orders")) for node in board.cluster.world.pulse.members.values()]
    assert len(kept) == 1  # a primary is a member for those only who copy it
    assert kept[0] < both
    lost, total = board.cluster.traffic.lost("orders", board.cluster.records("orders"))
    chain = lost_records(board.evidence(), "orders", lost, users.kept_by)
    assert 0 < lost < total
    assert (chain.cause, chain.object) == ("split-brain", ("StatefulSet", "default", "rd"))
    assert "READONLY" in run(board, "rd-0", "redis-cli", "set", "a", "1")


def mongo(size: int, to: str = "") -> Board:
    """A replica set that was initiated by its first member."""
    command = ["mongod", "--replSet", "rs0", "--bind_ip_all"]
    text = database("mg", "mongo:7", size, command=command, port=27017, path="/data/db")
    board = database_board(text, nodes=size + 1, to=to)
    hosts = ", ".join(f"{{_id: {i}, host: 'mg-{i}.mg-hs:27017'}}" for i in range(size))
    run(board, "mg-0", "mongosh", "--eval", f"rs.initiate({{_id: 'rs0', members: [{hosts}]}})")
    board.tick(5)
    return board


def test_a_replica_set_elects_a_primary_which_alone_takes_writes():
    board = mongo(3)
    status = run(board, "mg-0", "mongosh", "--eval", "rs.status()")
    assert [status.count(state) for state in ("PRIMARY", "SECONDARY")] == [1, 2]
    first = leader(board)
    others = sorted({"mg-0", "mg-1", "mg-2"} - {first})
    assert "acknowledged" in run(board, first, "mongosh", "--eval", "db.notes.insertOne({text: 'hi'})")
    assert "not primary" in run(board, others[0], "mongosh", "--eval", "db.notes.insertOne({text: 'hi'})")
    assert run(board, others[0], "mongosh", "--eval", "db.notes.find()") == "[ {text: 'hi'} ]\n"


def test_a_replica_set_keeps_what_a_majority_has_and_rolls_back_what_its_primary_took_alone():
    board = mongo(3)
    first = leader(board)
    board.cluster.world.links.isolate(machine_of(board, first))
    board.cluster.look()
    assert "WriteConcernFailed" in run(board, first, "mongosh", "--eval", "db.notes.insertOne({text: 'alone'})")
    board.tick(30)
    second = next(name for name, part in members(board).items() if part is Part.LEADER)
    assert second != first
    run(board, second, "mongosh", "--eval", "db.notes.insertOne({text: 'kept'})")
    board.cluster.world.links.heal()
    board.cluster.look()
    board.tick(20)
    assert run(board, first, "mongosh", "--eval", "db.notes.find()") == "[ {text: 'kept'} ]\n"


def test_a_replica_set_that_was_not_initiated_takes_nothing():
    text = database("mg", "mongo:7", 1, command=["mongod", "--replSet", "rs0"], port=27017, path="/data/db")
    board = database_board(text, nodes=1)
    assert "not primary" in run(board, "mg-0", "mongosh", "--eval", "db.notes.insertOne({a: 1})")
    run(board, "mg-0", "mongosh", "--eval", "rs.initiate()")
    assert "acknowledged" in run(board, "mg-0", "mongosh", "--eval", "db.notes.insertOne({a: 1})")


def test_a_standby_of_postgres_is_a_second_behind_its_primary():
    script = ["/opt/bitnami/scripts/postgresql/run.sh"]
    own, master = "{name: POSTGRESQL_PASSWORD, value: x}", "{name: POSTGRESQL_MASTER_HOST, value: pg-0.pg-hs}"
    texts = []
    for name, env in (("pg", own), ("copy", f"{own}, {master}")):
        text = database(name, "bitnami/postgresql:16", 1, command=script, port=5432, path="/bitnami")
        texts.append(text.replace("command:", f"env: [{env}]\n          command:"))
    board = database_board("---".join(texts), to="postgres://pg:5432")
    users = board.users(rate=20, store="orders")
    board.tick(10)
    replica = next(iter(board.cluster.world.pulse.members.values()))
    assert len(replica.records("orders")) == len(users.acknowledged) - users.stream.last.served > 0


def test_a_writable_replica_keeps_what_is_typed_into_it_until_it_copies_its_primary_again():
    text = database("rd", "redis:7", 2, command=["redis-server", "--replica-read-only", "no"], port=6379, path="/data")
    board = database_board(text)
    run(board, "rd-1", "redis-cli", "replicaof", "rd-0.rd-hs", "6379")
    board.tick(5)
    run(board, "rd-1", "redis-cli", "set", "a", "here")
    assert [run(board, f"rd-{i}", "redis-cli", "get", "a") for i in (0, 1)] == ["\n", "here\n"]
    run(board, "rd-1", "redis-cli", "replicaof", "rd-0.rd-hs", "6379")
    board.tick(2)
    assert run(board, "rd-1", "redis-cli", "get", "a") == "\n"


def test_a_silent_member_of_cassandra_is_down_when_the_failure_detector_has_had_its_time():
    board = cassandra(3, to="")
    board.cluster.world.links.isolate(machine_of(board, "cs-2"))
    board.cluster.look()
    board.tick(10)
    early = [line[:2] for line in run(board, "cs-0", "nodetool", "status").splitlines()[5:]]
    board.tick(15)
    late = [line[:2] for line in run(board, "cs-0", "nodetool", "status").splitlines()[5:]]
    assert (early, sorted(late)) == (["UN"] * 3, ["DN", "UN", "UN"])
    assert board.cluster.engine.phases["network"].busiest < 16
