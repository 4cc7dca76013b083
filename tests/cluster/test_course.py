"""One write, followed from the door to the first request, or to where it stopped; told from what was recorded."""

import copy

import pytest

from kubesim_tui.api.types import Deployment
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.cluster.picture.course import course, writes
from kubesim_tui.cluster.picture.followed import fact
from kubesim_tui.cluster.picture.steps import AHEAD, DONE, FAILED, WAITING
from tests.boards import ADMIN, Board

DOOR = ["request", "authentication", "authorization", "defaulting", "mutating", "validation", "validating", "etcd"]
PODS = ["pod", "scheduler", "kubelet", "ready", "endpointslice", "rules", "served"]


class Player(Board):
    """A board whose administrator's writes are noted."""

    def __init__(self, **options):
        super().__init__(2, **options)
        self.player = self.cluster.client(ADMIN)
        self.player.noted = True

    def write(self, data, user=None):
        client = self.player
        if user is not None:
            client = self.cluster.client(user)
            client.noted = True
        resource = self.cluster.server.resource_for_kind(data["apiVersion"], data["kind"])
        space = "default" if resource.namespaced else ""
        return client.send(Request(client.user, "create", resource, space, data["metadata"]["name"], body=data))

    def refused(self, data, user=None):
        with pytest.raises(ApiError):
            self.write(data, user)

    def course(self, user="admin"):
        return course(self.cluster, writes(self.cluster, user)[0])


def deployment(replicas=1, cpu="100m", image="test/app"):
    container = {
        "name": "app",
        "image": image,
        "resources": {"requests": {"cpu": cpu}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
        },
    }


def pod(**labels):
    spec = {"containers": [{"name": "a", "image": "test/app"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", "labels": labels}, "spec": spec}


def kinds(found):
    return [step.kind for step in found.steps]


def state(found, kind):
    return next(step.state for step in found.steps if step.kind == kind)


def facts(found, kind):
    return [(code, dict(values)) for step in found.steps if step.kind == kind for code, values in step.facts]


@pytest.fixture
def board():
    found = Player()
    found.service("web")
    found.route("shop.example.com", "web")
    found.tick(3)
    found.users(rate=20)
    return found


def test_a_deployment_goes_all_the_way_to_its_first_request(board):
    board.write(deployment())
    board.tick(20)
    found = board.course()
    assert kinds(found) == [k for k in DOOR if k != "mutating"] + [
        "deployment-controller",
        "replicaset-controller",
        *PODS,
    ]
    assert {step.state for step in found.steps} == {DONE}


def test_its_ticks_never_go_back(board):
    board.write(deployment(3))
    board.tick(20)
    ticks = [step.tick for step in board.course().steps if step.tick is not None]
    assert ticks == sorted(ticks)


def test_the_request_is_served_by_a_pod_that_the_rules_of_every_machine_know(board):
    board.write(deployment())
    board.tick(20)
    found = board.course()
    assert facts(found, "rules")[0] == ("known-on", {"n": "3", "of": "3", "lag": "1"})
    assert facts(found, "served")[0][0] == "serves"


def test_defaulting_names_the_fields_that_it_fills_in(board):
    board.write(deployment())
    ((code, values),) = facts(board.course(), "defaulting")
    assert code == "changed"
    assert "spec.strategy" in values["fields"].split(", ")


def test_admission_names_what_each_plugin_has_changed(board):
    board.write(pod())
    changed = {
        values["station"]: values["fields"] for code, values in facts(board.course(), "mutating") if code == "changed"
    }
    assert changed["ServiceAccount"].startswith("spec.containers[0].volumeMounts, spec.serviceAccountName")
    assert changed["Priority"] == "spec.priority, spec.preemptionPolicy"


def test_who_may_not_stops_at_authorization(board):
    board.refused(deployment(), User("eve", ("system:authenticated",)))
    found = board.course("eve")
    assert (state(found, "authorization"), kinds(found)[-1], state(found, "etcd")) == (FAILED, "etcd", AHEAD)
    assert 'User "eve" cannot create resource' in facts(found, "authorization")[-1][1]["text"]


def test_what_is_invalid_stops_at_validation(board):
    board.refused({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad"}, "spec": {"ports": []}})
    found = board.course()
    assert (state(found, "validation"), state(found, "etcd")) == (FAILED, AHEAD)


def test_a_quota_stops_the_pods_at_the_controller(board):
    board.write(
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "0"}}}
    )
    board.tick(3)
    board.write(deployment())
    board.tick(5)
    found = board.course()
    assert (kinds(found)[-1], state(found, "replicaset-controller")) == ("replicaset-controller", FAILED)
    assert "exceeded quota: q" in facts(found, "replicaset-controller")[0][1]["text"]


def test_a_pod_that_fits_nowhere_stops_at_the_scheduler_which_names_each_node(board):
    board.write(deployment(cpu="100"))
    board.tick(5)
    found = board.course()
    assert (state(found, "scheduler"), state(found, "kubelet")) == (FAILED, AHEAD)
    refused = {v["node"]: v["plugin"] for code, v in facts(found, "scheduler") if code == "refused-by"}
    assert refused == {"control-plane": "TaintToleration", "node-a": "NodeResourcesFit", "node-b": "NodeResourcesFit"}


def test_an_image_that_is_not_there_stops_at_the_kubelet(board):
    board.cluster.hand.remove_image("test/app", back=False)
    board.write(deployment())
    board.tick(15)
    found = board.course()
    assert (state(found, "kubelet"), state(found, "served")) == (FAILED, AHEAD)


def test_a_ready_pod_waits_for_the_slice_of_the_service_that_selects_it(board):
    board.cluster.hand.stop_process("control-plane", "kube-controller-manager")
    board.write(pod(app="web"))
    board.tick(10)
    found = board.course()
    assert [state(found, kind) for kind in PODS[3:]] == [DONE, WAITING, AHEAD, AHEAD]
    assert facts(found, "endpointslice") == [("not-yet", {"service": "web"})]


def test_a_pod_that_no_service_selects_has_come_as_far_as_it_will(board):
    board.service("elsewhere", type="ExternalName", externalName="example.com", selector={"app": "nobodys"})
    board.write(pod(app="nobodys"))
    board.tick(10)
    found = board.course()
    assert kinds(found)[-2:] == ["ready", "endpointslice"]
    assert (state(found, "endpointslice"), facts(found, "endpointslice")) == (DONE, [("no-service", {})])


def test_without_a_scheduler_it_waits_there(board):
    board.cluster.hand.stop_process("control-plane", "kube-scheduler")
    board.write(deployment())
    board.tick(5)
    found = board.course()
    assert (state(found, "scheduler"), facts(found, "scheduler")) == (WAITING, [("scheduler-down", {})])


def test_without_a_controller_manager_nobody_acts_on_it(board):
    board.cluster.hand.stop_process("control-plane", "kube-controller-manager")
    board.write(deployment())
    board.tick(5)
    found = board.course()
    assert (kinds(found)[-1], facts(found, "deployment-controller")) == (
        "deployment-controller",
        [("manager-down", {})],
    )


def test_looking_changes_nothing(board):
    board.write(deployment(3))
    other = copy.deepcopy(board.cluster)
    for _ in range(20):
        board.tick()
        board.course()
        other.step()
    assert board.cluster.digest == other.digest


def test_only_writes_of_who_wants_it_are_noted(board):
    board.app("api")
    board.tick(10)
    assert [record for record in board.cluster.server.trace if record.stops] == []


@pytest.mark.parametrize("again", [{}, {"spec": {"replicas": 1}}])
def test_what_was_so_already_is_not_written_and_nothing_follows(again):
    board = Player()
    board.write(deployment())
    board.tick(5)
    before = board.cluster.etcd.revision
    board.player.patch(Deployment, "default", "web", again, "merge")
    *_, last = board.course().steps
    assert (last.kind, last.state, last.facts) == ("etcd", DONE, (fact("not-stored", revision=before),))
    assert board.cluster.etcd.revision == before


def test_a_dry_run_is_not_written():
    board = Player()
    about = board.cluster.server.resource_for_kind("apps/v1", "Deployment")
    dry = Request(ADMIN, "create", about, "default", "web", body=deployment(), options=Options(dry_run=True))
    board.player.send(dry)
    assert [step.facts[0][0] for step in board.course().steps[-1:]] == ["not-stored"]
