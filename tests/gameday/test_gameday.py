"""Game days: doors, trials and what they show, on small applications and through the command line."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from kubesim_tui.cli import main
from kubesim_tui.cluster.sim import Sim
from kubesim_tui.gameday import trials
from kubesim_tui.gameday.doors import Door, doors, named

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.27
          readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}
          PAUSE
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: TYPE, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
"""
INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: "*.shop.test"
      http:
        paths:
          - path: "/api(/|$)(.*)"
            pathType: ImplementationSpecific
            backend: {service: {name: web, port: {number: 80}}}
    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""


def manifest(replicas: int = 2, type_: str = "NodePort") -> str:
    """One copy alone does not wait before it stops."""
    pause = "lifecycle: {preStop: {sleep: {seconds: 5}}}" if replicas > 1 else ""
    return WEB.replace("REPLICAS", str(replicas)).replace("TYPE", type_).replace("PAUSE", pause)


def cluster(*texts: str) -> Any:
    sim = Sim(2)
    for text in texts:
        sim.apply_text(text, "web.yaml")
    trials.settle(sim.cluster)
    return sim.cluster


def run(capsys: Any, tmp_path: Any, text: str, *options: str) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) of the command."""
    file = tmp_path / "web.yaml"
    file.write_text(text)
    code = main(["gameday", "-f", str(file), *options])
    said = capsys.readouterr()
    return code, said.out, said.err


# doors


def test_a_node_port_is_a_door_of_one_node():
    assert doors(cluster(manifest()).etcd) == [Door("service/web:80", "http://172.18.0.3:30080/")]


def test_a_balancer_is_a_door_and_its_node_ports_are_not():
    assert doors(cluster(manifest(type_="LoadBalancer")).etcd) == [Door("service/web:80", "http://203.0.113.20:80/")]


def test_every_path_of_an_ingress_is_a_door_as_far_as_it_is_plain():
    text = manifest(type_="ClusterIP").replace(", nodePort: 30080", "")
    assert [door.url for door in doors(cluster(text, INGRESS).etcd)] == [
        "http://www.shop.test/api",
        "http://example.com/",
    ]


@pytest.mark.parametrize(
    "text, door",
    [
        ("http://a.test/", Door("http://a.test/", "http://a.test/")),
        ("post http://a.test/x", Door("post http://a.test/x", "http://a.test/x", "POST")),
    ],
)
def test_a_door_may_be_named(text, door):
    assert named(text) == door


# trials


def test_pods_of_each_workload_are_tried_and_the_busiest_machine():
    found = trials.trials(cluster(manifest()), ["pod-delete", "node-crash", "bad-release"])
    assert [(t.fault, t.target) for t in found] == [("pod-delete", "deployment/web"), ("node-crash", "node/node-a")]


def test_objects_of_the_application_are_tried_each_once():
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n---\n"
    names = ["secret-deleted", "service-deleted", "policy-closed", "rbac-removed", "webhook-down", "bad-config"]
    found = trials.trials(cluster(config + manifest()), names)
    assert [(t.fault, t.target) for t in found] == [
        ("secret-deleted", "configmap/settings"),
        ("service-deleted", "service/web"),
        ("policy-closed", "namespace/default"),
    ]


def test_a_deleted_service_is_a_trial_that_is_lost_and_explained(capsys, tmp_path):
    code, out, _ = run(capsys, tmp_path, INGRESS + "---\n" + manifest(2), "--faults", "service-deleted", "--json")
    assert (code, json.loads(out)["passed"]) == (1, False)
    assert "service-not-found" in out


def test_a_trial_leaves_the_cluster_as_it_was():
    base = cluster(manifest())
    at = doors(base.etcd)
    trials.warmed(base, at, 20_000)
    before, trial = base.digest, trials.trials(base, ["node-crash"])[0]
    first, second = trials.run(base, trial, at), trials.run(base, trial, at)
    assert (base.digest, first.worst.served_pm) == (before, second.worst.served_pm)


# the command


def test_two_copies_survive_a_deletion(capsys, tmp_path):
    code, out, _ = run(capsys, tmp_path, manifest(2), "--faults", "pod-delete")
    assert code == 0
    assert "survived 1 of 1, at 99%" in out


def test_the_only_copy_falls_is_named_and_told_how_to_mend(capsys, tmp_path):
    code, out, _ = run(capsys, tmp_path, manifest(1), "--faults", "pod-delete", "--json")
    found = json.loads(out)
    worst = found["trials"][0]["doors"][0]["causes"][0]
    assert (code, found["passed"], found["single"]) == (1, False, ["deployment/web"])
    assert (worst["cause"], worst["object"]) == ("single-replica", "deployment/web")
    assert worst["prevented"] == "More than one replica: while one is replaced the others answer."


def test_junit_has_a_case_a_trial(capsys, tmp_path):
    _, out, _ = run(capsys, tmp_path, manifest(1), "--faults", "pod-delete,cpu-hog", "--junit")
    suite = ElementTree.fromstring(out)
    cases = {case.get("name"): case.find("failure") is not None for case in suite}
    assert (suite.get("failures"), cases) == (
        "1",
        {"pod-delete deployment/web": True, "cpu-hog deployment/web": False},
    )


def test_what_does_not_serve_even_unbroken_is_told_and_not_tried(capsys, tmp_path):
    code, out, _ = run(capsys, tmp_path, manifest().replace("nginx:1.27", "nginx:1.27@sha256:beef"), "--faults", "all")
    assert code == 1
    assert "is not tried: it does not serve even while nothing is broken" in out


def test_the_report_speaks_chinese(capsys, tmp_path):
    _, out, _ = run(capsys, tmp_path, manifest(1), "--faults", "pod-delete", "--lang", "zh")
    assert "single-replica deployment/web: 只有一个副本" in out
    assert "1 项中经受住 0 项，目标 99%" in out


@pytest.mark.parametrize(
    "options, message",
    [
        (["--faults", "meteor"], "kubesim: there is no fault 'meteor'; there are "),
        (["--url", "shop"], "kubesim: --url: 'shop' is not a URL (http://HOST[:PORT]/PATH, perhaps with a method"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(capsys, tmp_path, options, message):
    code, _, err = run(capsys, tmp_path, manifest(), *options)
    assert (code, err[: len(message)]) == (2, message)


def test_where_nobody_comes_in_the_game_day_opens_what_speaks_http(capsys, tmp_path):
    inner = manifest(type_="ClusterIP").replace(", nodePort: 30080", "")
    store = inner.replace("web", "store").replace("nginx:1.27", "redis:7").replace("httpGet", "tcpSocket")
    store = store.replace("path: /, port: 80", "port: 6379").replace("{port: 80}", "{port: 6379}")
    _, out, _ = run(capsys, tmp_path, inner + "---" + store, "--faults", "pod-delete", "--json")
    found = json.loads(out)
    assert [(door["door"], door["opened"], door["served"] > 0) for door in found["doors"]] == [
        ("service/web:80", True, True)
    ]
    assert {trial["target"] for trial in found["trials"]} == {"deployment/web", "deployment/store"}


def test_without_a_service_there_is_nothing_to_try(capsys, tmp_path):
    code, _, err = run(capsys, tmp_path, manifest().split("---")[0])
    assert (code, err.splitlines()[0][:43]) == (2, "kubesim: nothing to send requests to: there")


def test_what_is_unwell_before_anything_breaks_is_told_with_its_cause(capsys, tmp_path):
    lacks = "envFrom: [{secretRef: {name: keys}}]\n          readinessProbe"
    text = manifest().replace("readinessProbe", lacks)
    _, out, _ = run(capsys, tmp_path, text, "--json")
    unwell = json.loads(out)["unwell"]
    assert [(one["name"], one["cause"], one["object"]) for one in unwell] == [
        ("deployment/web", "config-missing", "secret/keys")
    ]


def test_images_that_are_guessed_are_named(capsys, tmp_path):
    _, out, _ = run(capsys, tmp_path, manifest().replace("nginx:1.27", "mine/own:1"), "--faults", "pod-delete")
    assert "images that the simulator does not know, taken for a small web server that needs nobody: mine/own:1" in out


def test_a_door_that_nobody_could_try_fails_in_junit(capsys, tmp_path):
    text = manifest().replace("nginx:1.27", "nginx:1.27@sha256:beef")
    _, out, _ = run(capsys, tmp_path, text, "--faults", "pod-delete", "--junit")
    suite = ElementTree.fromstring(out)
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert [case.get("name") for case in suite] == ["service/web:80"]


def test_a_lost_node_by_whose_port_all_come_in_is_told_as_that(capsys, tmp_path):
    _, out, _ = run(capsys, tmp_path, manifest(2), "--faults", "node-crash", "--nodes", "2")
    assert "all come in by a port of node node-a, and by no other node" in out


LOAD = """
---
apiVersion: v1
kind: Pod
metadata: {name: load}
spec: {containers: [{name: hey, image: rakyll/hey, args: [-z, 1h, -c, "4", -q, "5", "http://web/"]}]}
"""


def test_requests_of_load_generators_are_told_but_not_judged(capsys, tmp_path):
    """With one copy of web: what fails for users fails for it, too; nothing of it is a door."""
    text = manifest(1) + LOAD
    _, out, _ = run(capsys, tmp_path, text, "--faults", "container-kill", "--json")
    told = json.loads(out)
    trial = next(one for one in told["trials"] if one["target"] == "deployment/web")
    found = trial["loadGenerators"][0]
    assert (found["name"], found["sent"], found["causes"][0]["object"]) == ("pod/load", 20 * 180, "deployment/web")
    assert found["failed"] == pytest.approx(20 * trial["doors"][0]["outage"], abs=20)
    assert [door["door"] for door in trial["doors"]] == [door["door"] for door in told["doors"]]
    _, out, _ = run(capsys, tmp_path, text, "--faults", "container-kill")
    assert f"of 3600 requests of load generator pod/load {found['failed']} failed" in out


def test_a_pod_whose_probes_begin_late_is_waited_for():
    late = manifest().replace("periodSeconds: 2", "periodSeconds: 2, initialDelaySeconds: 40")
    at = doors(cluster(late).etcd)
    settled = cluster(late)
    assert [felt.served_pm for felt in trials.warmed(settled, at, 20_000)] == [1000]
