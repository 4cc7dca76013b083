"""Custom kinds in a whole cluster: owners, namespaces, quotas, kubectl, sim, checkpoints."""

import copy
import json

import pytest
import yaml

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.sim import Sim, files_of
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from kubesim_tui.kubectl import Config, run
from tests.apiserver.custom import definition, version, widget
from tests.harness import ADMIN, Options, Request
from tests.kubectl.board import Terminal

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}


class Board:
    """A cluster with the definition of widgets."""

    def __init__(self):
        self.cluster = Cluster(ClusterSpec((NodeGroup(count=1),)), "1")
        self.create(definition(versions=[version(subresources={"status": {}})]))
        self.step(2)

    def step(self, ticks=1):
        for _ in range(ticks):
            self.cluster.step()

    def resource(self, data):
        return self.cluster.server.resource_for_kind(data["apiVersion"], data["kind"])

    def create(self, data, namespace="default"):
        return self.send("create", data, namespace, body=data)

    def send(self, verb, data, namespace="default", **more):
        r = self.resource(data)
        namespace = namespace if r.namespaced else ""
        return self.cluster.server.handle(Request(ADMIN, verb, r, namespace, data["metadata"]["name"], **more))

    def type(self, line, **files):
        """What kubectl says."""
        client = self.cluster.client(ADMIN)
        reply = run(line, client, Terminal(files), self.cluster.engine.clock.now, Config())
        return [*reply.out, *reply.err]

    def names(self, resource="widgets.example.com"):
        return sorted(self.cluster.etcd.table(resource).objects)


@pytest.fixture
def board():
    return Board()


def owned_by(owner, name="child", **more):
    reference = {"apiVersion": owner.api_version, "kind": owner.kind, "name": owner.metadata.name}
    data = widget(name)
    data["metadata"]["ownerReferences"] = [{**reference, "uid": owner.metadata.uid, **more}]
    return data


def test_objects_of_a_custom_owner_go_with_it(board):
    parent = board.create(widget("parent"))
    board.create(owned_by(parent))
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": owned_by(parent, "settings")["metadata"]}
    board.create(config)
    board.send("delete", widget("parent"))
    board.step(3)
    assert board.names() == []
    assert ("default", "settings") not in board.cluster.etcd.table("configmaps").objects


def test_a_foreground_deletion_waits_for_custom_dependents(board):
    parent = board.create(widget("parent"))
    child = owned_by(parent, blockOwnerDeletion=True)
    child["metadata"]["finalizers"] = ["example.com/keep"]
    board.create(child)
    board.send("delete", widget("parent"), options=Options(propagation="Foreground"))
    board.step(3)
    assert board.names() == [("default", "child"), ("default", "parent")]
    board.send("patch", child, body={"metadata": {"finalizers": None}}, patch_type="merge")
    board.step(3)
    assert board.names() == []


def test_a_deleted_namespace_is_emptied_of_them(board):
    board.create(NAMESPACE)
    board.step()
    board.create(widget(), "shop")
    board.send("delete", NAMESPACE)
    board.step(5)
    assert board.names() == []
    assert ("", "shop") not in board.cluster.etcd.table("namespaces").objects


def test_quotas_count_them(board):
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"}}
    board.create({**quota, "spec": {"hard": {"count/widgets.example.com": "1"}}})
    board.step(2)
    board.create(widget("a"))
    with pytest.raises(Exception, match=r"exceeded quota: few, requested: count/widgets\.example\.com=1"):
        board.create(widget("b"))
    board.send("delete", widget("a"))
    board.step(2)
    board.create(widget("b"))


def test_a_checkpoint_goes_on_as_the_original(board):
    parent = board.create(widget("parent"))
    board.create(owned_by(parent))
    other = copy.deepcopy(board)
    for b in (board, other):
        b.send("delete", widget("parent"))
        b.step(3)
    assert board.cluster.digest == other.cluster.digest
    assert other.names() == []


def test_they_go_into_the_digest(board):
    other = copy.deepcopy(board)
    board.create(widget("a"))
    other.create(widget("b"))
    for b in (board, other):
        b.step()
    assert board.cluster.digest != other.cluster.digest


def test_kubectl_finds_them_by_every_name(board):
    data = definition("gears", "Gear", shortNames=["gr"], categories=["all"], group="parts.org")
    board.create(data)
    board.step()
    board.create({**widget("g"), "apiVersion": "parts.org/v1", "kind": "Gear"})
    for name in ("gears", "gear", "gr", "Gear", "gears.parts.org", "gears.v1.parts.org"):
        assert board.type(f"get {name} -o name") == ["gear.parts.org/g"]
    assert "gear.parts.org/g" in " ".join(board.type("get all"))
    assert board.type("api-resources --api-group=parts.org --no-headers") == [
        "gears   gr    parts.org/v1   true   Gear"
    ]


def test_kubectl_waits_for_a_definition(board):
    board.create(definition("gears", "Gear"))
    assert board.type("wait --for condition=established crd/widgets.example.com") == [
        "customresourcedefinition.apiextensions.k8s.io/widgets.example.com condition met"
    ]


def test_kubectl_applies_and_shows_them(board):
    text = yaml.safe_dump(widget(replicas=2))
    assert board.type("apply -f w.yaml", **{"w.yaml": text}) == ["widget.example.com/w created"]
    assert board.type("apply -f w.yaml", **{"w.yaml": text.replace("2", "3")}) == ["widget.example.com/w configured"]
    assert board.type("apply -f w.yaml --server-side", **{"w.yaml": text})[-1].startswith("widget")
    assert board.type("get widgets") == ["NAME   AGE", "w      0s"]
    assert board.type("get widget w -o jsonpath={.spec.size}") == ["small"]
    assert board.type("apply -f x.yaml", **{"x.yaml": text.replace("size: small", "size: huge")})[0].startswith(
        'The Widget "w" is invalid: spec.size: Unsupported value: "huge"'
    )


def test_sim_takes_a_folder_with_a_definition_and_its_objects(tmp_path):
    (tmp_path / "1-crd.yaml").write_text(yaml.safe_dump(definition()))
    (tmp_path / "2-widget.yaml").write_text(yaml.safe_dump(widget()))
    sim = Sim(nodes=1)
    sim.apply(files_of([str(tmp_path)]))
    assert [o.error for o in sim.outcomes] == [None, None]
    assert json.dumps(sim.objects())
