"""The steps of the documentation's pages about databases of several members, on its own manifests."""

import pytest

from kubesim_tui.api.types import Node, Pod, StatefulSet
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.cluster.sim import ADMIN, Sim
from kubesim_tui.gameday.objects import SYSTEM
from kubesim_tui.world.container import Container
from tests.manifests import corpus
from tools import applications

pytestmark = corpus.needed
APPLICATION = "k8s-website/application"


class Tutorial:
    """A cluster on which a page's manifests were applied."""

    def __init__(self, *files: str, ticks: int = 200) -> None:
        paths = [corpus.FOLDER / APPLICATION / file for file in files]
        self.sim: Sim = applications.run(paths, nodes=5, ticks=ticks)
        self.cluster = self.sim.cluster
        self.client = self.cluster.client(ADMIN)

    def container(self, pod: str, name: str = "") -> Container:
        found = [
            one
            for machine in self.cluster.world.machines.values()
            for one in machine.runtime.containers.values()
            if one.sandbox.hostname == pod and one.state == "running" and name in ("", one.config.name)
        ]
        return found[0]

    def run(self, pod: str, *argv: str, container: str = "") -> str:
        """What a command in a Pod prints, errors included."""
        found = self.container(pod, container)
        runtime = self.cluster.world.machines[found.host.machine].runtime
        done = runtime.exec(found.id, argv, self.cluster.engine.clock.tick)
        return done.stdout + done.stderr

    def tick(self, ticks: int) -> None:
        for _ in range(ticks):
            self.cluster.step()

    def scale(self, name: str, replicas: int, ticks: int) -> None:
        self.client.patch(StatefulSet, "default", name, {"spec": {"replicas": replicas}}, "merge")
        self.tick(ticks)

    def ready(self) -> list[str]:
        mine = [p for p in applications.pods(self.sim) if p.metadata.namespace not in SYSTEM]
        return [p.metadata.name for p in mine if applications.state(p) == "ready"]


@pytest.fixture
def zookeeper():
    return Tutorial("zookeeper/zookeeper.yaml")


def test_zookeeper_facilitates_leader_election(zookeeper):
    names = [zookeeper.run(f"zk-{i}", "hostname", "-f").strip() for i in range(3)]
    assert names == [f"zk-{i}.zk-hs.default.svc.cluster.local" for i in range(3)]
    assert [zookeeper.run(f"zk-{i}", "cat", "/var/lib/zookeeper/data/myid").strip() for i in range(3)] == [
        "1",
        "2",
        "3",
    ]
    config = zookeeper.run("zk-0", "cat", "/opt/zookeeper/conf/zoo.cfg")
    assert [line for line in config.splitlines() if line.startswith("server.")] == [
        f"server.{i + 1}={name}:2888:3888" for i, name in enumerate(names)
    ]
    modes = [zookeeper.run(f"zk-{i}", "zkServer.sh", "status").splitlines()[-1] for i in range(3)]
    assert sorted(modes) == ["Mode: follower", "Mode: follower", "Mode: leader"]


def test_zookeeper_provides_durable_storage(zookeeper):
    assert zookeeper.run("zk-0", "zkCli.sh", "create", "/hello", "world").endswith("Created /hello\n")
    assert "world" in zookeeper.run("zk-1", "zkCli.sh", "get", "/hello").splitlines()
    zookeeper.client.delete(StatefulSet, "default", "zk")
    zookeeper.tick(60)
    assert zookeeper.ready() == []
    zookeeper.sim.apply([corpus.FOLDER / APPLICATION / "zookeeper/zookeeper.yaml"])
    zookeeper.tick(120)
    assert "world" in zookeeper.run("zk-2", "zkCli.sh", "get", "/hello").splitlines()


def test_zookeeper_survives_maintenance_of_the_node_of_its_leader(zookeeper):
    zookeeper.run("zk-0", "zkCli.sh", "create", "/hello", "world")
    leads = next(f"zk-{i}" for i in range(3) if "Mode: leader" in zookeeper.run(f"zk-{i}", "zkServer.sh", "status"))
    node = zookeeper.container(leads).host.machine
    zookeeper.client.patch(Node, "", node, {"spec": {"unschedulable": True}}, "merge")
    zookeeper.client.delete(Pod, "default", leads)
    zookeeper.tick(33)  # its shell does not hand SIGTERM on
    others = [f"zk-{i}" for i in range(3) if f"zk-{i}" != leads]
    assert sum("Mode: leader" in zookeeper.run(one, "zkServer.sh", "status") for one in others) == 1
    zookeeper.tick(80)
    assert zookeeper.container(leads).host.machine != node
    assert "world" in zookeeper.run(leads, "zkCli.sh", "get", "/hello").splitlines()


def test_the_budget_of_zookeeper_keeps_a_majority_from_being_drained(zookeeper):
    zookeeper.run("zk-0", "zkCli.sh", "create", "/hello", "world")
    zookeeper.client.evict("default", "zk-0")
    zookeeper.tick(1)
    with pytest.raises(StatusError, match="violate the pod's disruption budget"):
        zookeeper.client.evict("default", "zk-1")
    zookeeper.tick(40)
    modes = [zookeeper.run(f"zk-{i}", "zkServer.sh", "status").splitlines()[-1] for i in (1, 2)]
    assert sorted(modes) == ["Mode: follower", "Mode: leader"]
    zookeeper.tick(60)
    zookeeper.client.evict("default", "zk-1")
    zookeeper.tick(40)
    assert "world" in zookeeper.run("zk-0", "zkCli.sh", "get", "/hello").splitlines()


def test_cassandra_s_ring_is_as_large_as_its_stateful_set():
    cassandra = Tutorial("cassandra/cassandra-service.yaml", "cassandra/cassandra-statefulset.yaml")
    states = [line.split()[0] for line in cassandra.run("cassandra-0", "nodetool", "status").splitlines()[5:]]
    assert states == ["UN"] * 3
    cassandra.scale("cassandra", 4, 90)
    states = [line.split()[0] for line in cassandra.run("cassandra-3", "nodetool", "status").splitlines()[5:]]
    assert (cassandra.ready()[-1], states) == ("cassandra-3", ["UN"] * 4)


MESSAGE = """
CREATE DATABASE test;
CREATE TABLE test.messages (message VARCHAR(250));
INSERT INTO test.messages VALUES ('hello');
"""
READ = "SELECT @@server_id; SELECT * FROM test.messages"


def test_mysql_sends_client_traffic_scales_and_clones():
    mysql = Tutorial("mysql/mysql-configmap.yaml", "mysql/mysql-services.yaml", "mysql/mysql-statefulset.yaml")
    mysql.run("mysql-1", "mysql", "-h", "mysql-0.mysql", "-e", MESSAGE, container="mysql")
    servers = [mysql.run("mysql-0", "mysql", "-h", "mysql-read", "-e", READ, container="mysql") for _ in range(6)]
    assert {answer.splitlines()[1] for answer in servers} == {"100", "101", "102"}
    assert {answer.splitlines()[-1] for answer in servers} == {"hello"}
    refused = mysql.run("mysql-0", "mysql", "-h", "mysql-2.mysql", "-e", "CREATE DATABASE x", container="mysql")
    assert refused.startswith("ERROR 1290 (HY000) at line 1: The MySQL server is running with the --super-read-only")
    mysql.scale("mysql", 5, 150)
    assert mysql.run("mysql-0", "mysql", "-h", "mysql-4.mysql", "-e", READ, container="mysql").splitlines()[1:] == [
        "104",
        "message",
        "hello",
    ]
    mysql.client.delete(Pod, "default", "mysql-2")
    mysql.tick(90)
    mysql.run("mysql-0", "mysql", "-e", "INSERT INTO test.messages VALUES ('again')", container="mysql")
    assert mysql.run("mysql-2", "mysql", "-e", READ, container="mysql").splitlines()[-1] == "again"


def test_the_guestbook_s_followers_have_what_its_leader_was_told_and_take_nothing():
    kinds = ("redis-leader-deployment", "redis-leader-service", "redis-follower-deployment", "redis-follower-service")
    guestbook = Tutorial(*(f"guestbook/{kind}.yaml" for kind in kinds), ticks=90)
    leader, *followers = sorted(guestbook.ready(), key=lambda name: "leader" not in name)
    assert guestbook.run(leader, "redis-cli", "set", "messages", "hello") == "OK\n"
    assert [guestbook.run(one, "redis-cli", "get", "messages") for one in followers] == ["hello\n"] * 2
    assert guestbook.run(followers[0], "redis-cli", "set", "messages", "x").startswith("READONLY")
    assert "connected_slaves:2" in guestbook.run(leader, "redis-cli", "info", "replication").splitlines()
    guestbook.client.delete(Pod, "default", followers[1])
    guestbook.tick(40)
    again = next(name for name in guestbook.ready() if name not in (leader, *followers))
    assert guestbook.run(again, "redis-cli", "get", "messages") == "hello\n"
