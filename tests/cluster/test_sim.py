"""Real manifests into an empty cluster, and what became of every document."""

import json
from pathlib import Path

import pytest

from kubesim_tui.cluster.sim import Sim, SimError, files_of
from kubesim_tui.faults.catalogue import parse
from kubesim_tui.traffic.spec import Users

SHARED = Path(__file__).resolve().parents[3] / "shared" / "manifests"
VOTING = SHARED / "voting-app"
REDIS = ("Service", "default", "redis")
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


def applied(tmp_path: Path, text: str, **more) -> Sim:
    (tmp_path / "all.yaml").write_text(text)
    sim = Sim(nodes=2)
    sim.apply(files_of([str(tmp_path)]), **more)
    return sim


def outcome(tmp_path: Path, text: str) -> dict:
    (found,) = applied(tmp_path, text).outcomes
    return found.to_json()


def test_every_document_has_its_outcome(tmp_path):
    sim = applied(tmp_path, DEPLOYMENT, create_namespaces=True)
    told = [o.to_json() for o in sim.outcomes]
    assert [(t["document"], t["kind"], t["name"], t["accepted"]) for t in told] == [
        (0, "Deployment", "web", True),
        (1, "Service", "web", True),
    ]
    assert "error" not in told[0]


def test_a_refused_document_does_not_stop_those_after_it(tmp_path):
    sim = applied(tmp_path, "apiVersion: v1\nkind: Servise\nmetadata: {name: x}\n---" + DEPLOYMENT)
    assert [o.error is None for o in sim.outcomes] == [False, True, False]
    assert [o.error["reason"] for o in sim.outcomes if o.error] == ["NoMatch", "NotFound"]


@pytest.mark.parametrize(
    "text, reason, message, fields",
    [
        ("metadata: {name: x}", "BadRequest", "Object 'Kind' is missing", []),
        ("kind: Pod", "BadRequest", "Object 'apiVersion' is missing", []),
        (
            "apiVersion: v9\nkind: Pod\nmetadata: {name: x}",
            "NoMatch",
            'no matches for kind "Pod" in version "v9"',
            [],
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Big_Name}",
            "Invalid",
            'ConfigMap "Big_Name" is invalid: metadata.name: Invalid value: "Big_Name": ',
            ["metadata.name"],
        ),
    ],
)
def test_what_is_wrong_is_told_as_the_server_does(tmp_path, text, reason, message, fields):
    error = outcome(tmp_path, text)["error"]
    assert (error["reason"], error["fields"]) == (reason, fields)
    assert error["message"].startswith(message)


def test_a_syntax_error_is_told_with_its_line(tmp_path):
    told = outcome(tmp_path, "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n")
    assert (told["error"]["reason"], told["line"]) == ("ParseError", 4)


def test_an_error_in_a_field_is_told_at_its_line(tmp_path):
    told = outcome(tmp_path, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {}\n  name: Big_Name\n")
    assert told["line"] == 5


def test_the_same_name_again_is_an_update(tmp_path):
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: 'NUMBER'}\n"
    sim = applied(tmp_path, text.replace("NUMBER", "1") + "---\n" + text.replace("NUMBER", "2"))
    assert [o.error for o in sim.outcomes] == [None, None]
    assert sim.cluster.etcd.get("configmaps", ("default", "a")).data == {"k": "2"}


def test_a_name_that_is_generated_is_told(tmp_path):
    told = outcome(tmp_path, "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: run-}\n")
    assert (told["name"][:4], len(told["name"])) == ("run-", 9)


def test_folders_are_read_in_order_and_files_as_they_are_named(tmp_path):
    for name in ("b.yaml", "a.yml", "c.json", "notes.txt"):
        (tmp_path / name).write_text("{}")
    assert [p.name for p in files_of([str(tmp_path)])] == ["a.yml", "b.yaml", "c.json"]
    assert [p.name for p in files_of([str(tmp_path / "notes.txt")])] == ["notes.txt"]


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(SimError, match="nowhere: no such file or folder"):
        files_of(["nowhere"])
    with pytest.raises(SimError, match=r"the folder holds no manifest \(.yaml, .yml, .json\)"):
        files_of([str(tmp_path)])


def test_time_counts_from_the_end_of_applying(tmp_path):
    sim = applied(tmp_path, DEPLOYMENT)
    sim.faults = [parse("node-crash:node-a,for=20@5")]
    assert sim.run(40) == ["5s node-crash node-a", "25s node-crash node-a healed"]


def test_objects_are_json_and_sorted(tmp_path):
    sim = applied(tmp_path, DEPLOYMENT)
    sim.run(30)
    found = sim.objects()
    assert json.loads(json.dumps(found)) == found
    assert [o["metadata"]["name"] for o in found if o["kind"] == "Node"] == ["control-plane", "node-a", "node-b"]


def test_a_leader_that_is_struck_is_the_one_that_is_healed(tmp_path):
    """Who leads is found when the fault strikes; in the meantime another does."""
    sim = Sim(nodes=1, control_planes=3, faults=[parse("process-stop:leader,process=kube-scheduler,for=40@5")])
    assert sim.run(60) == ["5s process-stop cp-1", "45s process-stop cp-1 healed"]
    assert sim.cluster.managers.keeper("kube-scheduler") == "cp-2"


# real manifests


@pytest.mark.skipif(not VOTING.exists(), reason="the manifests are not here")
@pytest.mark.parametrize("ticks, fault", [(180, ""), (600, "node-crash@60")])
def test_the_voting_app_comes_up_and_heals(ticks, fault):
    sim = Sim(faults=[parse(fault)] if fault else [])
    sim.apply(files_of([str(VOTING)]), create_namespaces=True)
    told = sim.run(ticks)
    assert ([o.error for o in sim.outcomes if o.error], len(told)) == ([], 1 if fault else 0)
    view = sim.cluster.picture()
    workloads = {w.ref.name: (w.ready, w.want) for w in view.workloads if w.ref.namespace == "default"}
    services = {
        s.ref.name: s.ready for s in view.services if s.ref.namespace == "default" and s.ref.name != "kubernetes"
    }
    assert workloads == dict.fromkeys(("db", "redis", "result", "vote", "worker"), (1, 1))
    assert services == dict.fromkeys(("db", "redis", "result", "vote"), 1)


@pytest.mark.skipif(not VOTING.exists(), reason="the manifests are not here")
def test_votes_go_from_the_vote_to_the_database():
    sim = Sim()
    sim.apply(files_of([str(VOTING)]), create_namespaces=True)
    sim.run(60)
    node_port = next(s.external for s in sim.cluster.picture().services if s.ref.name == "vote").removeprefix(":")
    sim.cluster.traffic.add(Users("votes", f"http://node-a:{node_port}/", 5_000, method="POST"))
    sim.run(60)
    votes, flow = sim.cluster.traffic.streams["votes"].stream, sim.cluster.traffic.queues.flows[REDIS, "votes"]
    assert votes.served > 200
    assert (flow.stream.sent, flow.stream.failed) == (votes.served, 0)
    assert flow.stream.in_flight < 10


@pytest.mark.skipif(not SHARED.exists(), reason="the manifests are not here")
@pytest.mark.parametrize("folder", sorted(p.name for p in SHARED.iterdir() if p.is_dir()) if SHARED.exists() else [])
def test_whatever_people_apply_brings_nothing_down(folder):
    """Hundreds of real files, broken ones too: each has an outcome, and no key is worked without end."""
    sim = Sim()
    sim.apply(files_of([str(SHARED / folder)]), create_namespaces=True)
    sim.run(120)
    json.dumps([o.to_json() for o in sim.outcomes])
    assert max(phase.busiest for phase in sim.cluster.engine.phases.values()) < 16


def test_the_garbage_collector_may_do_what_it_does(tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: lost}\n"
        "spec: {nodeName: nowhere, containers: [{name: web, image: nginx}]}\n"
    )
    sim = Sim(1)
    sim.apply([file])
    sim.run(120)
    assert ("default", "lost") not in sim.cluster.etcd.table("pods").objects


def test_what_comes_from_another_cluster_leaves_its_resource_version_behind(tmp_path):
    """As kubectl's helper does; the server refuses one on an object to be created."""
    text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, resourceVersion: "42"}\n'
    assert outcome(tmp_path, text)["accepted"]
