"""APIServices: what is served here is registered and available, what a Service answers for is looked at."""

import copy

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from tests.apiserver.custom import definition, version
from tests.apiserver.door import Door, document
from tests.harness import ADMIN, Request

API = "apiregistration.k8s.io/v1"
SERVICES = "apiservices.apiregistration.k8s.io"


def aggregated(name="widgets", port=443):
    service = {"namespace": "default", "name": name, "port": port}
    spec = {"group": "example.org", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 10}
    return document("APIService", API, "v1.example.org", spec={**spec, "service": service})


class Board:
    def __init__(self):
        self.cluster = Cluster(ClusterSpec((NodeGroup(count=1),)), "1")
        self.step(5)

    def step(self, ticks=2):
        for _ in range(ticks):
            self.cluster.step()

    def send(self, verb, data, **more):
        r = self.cluster.server.resource_for_kind(data["apiVersion"], data["kind"])
        namespace = "default" if r.namespaced else ""
        answer = self.cluster.server.handle(Request(ADMIN, verb, r, namespace, data["metadata"]["name"], **more))
        self.step()
        return answer

    def create(self, data):
        self.send("create", data, body=data)

    def get(self, name):
        found = self.cluster.etcd.get(SERVICES, ("", name))
        return None if found is None else encode_object(found)

    def available(self, name="v1.example.org"):
        (condition,) = self.get(name)["status"]["conditions"]
        return condition["status"], condition["reason"], condition["message"]


@pytest.fixture(scope="module")
def board_once():
    return Board()


@pytest.fixture
def board(board_once):
    return copy.deepcopy(board_once)


def test_every_served_group_version_is_registered_and_available():
    door = Door()
    found = {o.metadata.name: encode_object(o) for o in door.etcd.table(SERVICES)}
    served = {(r.group, r.version) for r in door.server.resources() if r.group != "apiregistration.k8s.io"}
    assert {f"{version}.{group}" for group, version in served} - set(found) == set()
    apps = found["v1.apps"]
    assert apps["spec"] == {"group": "apps", "version": "v1", "groupPriorityMinimum": 17800, "versionPriority": 15}
    assert apps["metadata"]["labels"] == {"kube-aggregator.kubernetes.io/automanaged": "onstart"}
    reasons = {tuple(c["reason"] for c in o["status"]["conditions"]) for o in found.values()}
    assert reasons == {("Local",)}


def test_the_versions_of_custom_kinds_come_and_go_with_their_definitions(board):
    data = definition(versions=[version("v1"), version("v2", storage=False)])
    board.create(data)
    made = board.get("v2.example.com")
    assert (made["spec"]["groupPriorityMinimum"], made["spec"]["versionPriority"]) == (1000, 100)
    assert made["metadata"]["labels"] == {"kube-aggregator.kubernetes.io/automanaged": "true"}
    board.send("delete", made)
    assert board.get("v2.example.com") is not None
    board.send("delete", data)
    board.step(10)
    assert (board.get("v1.example.com"), board.get("v2.example.com")) == (None, None)


def test_one_that_somebody_else_has_made_is_let_be(board):
    mine = aggregated()
    mine["spec"] |= {"group": "example.com"}
    mine["metadata"]["name"] = "v1.example.com"
    board.create(mine)
    board.create(definition())
    assert board.get("v1.example.com")["spec"]["groupPriorityMinimum"] == 100


def test_what_a_service_answers_for_is_as_available_as_that(board):
    board.create(aggregated())
    assert board.available() == ("False", "ServiceNotFound", 'service/widgets in "default" is not present')
    ports = [{"name": "https", "port": 8443}]
    data = document("Service", "v1", "widgets", spec={"ports": ports, "selector": {"app": "widgets"}})
    board.create(data)
    said = 'service/widgets in "default" is not listening on port 443'
    assert board.available() == ("False", "ServicePortError", said)
    patch = [{"op": "replace", "path": "/spec/ports/0/port", "value": 443}]
    board.send("patch", data, body=patch, patch_type="json")
    said = 'endpointslices for service/widgets in "default" have no addresses with port name "https"'
    assert board.available() == ("False", "MissingEndpoints", said)


def test_of_the_metrics_it_is_known_who_answers(board):
    data = aggregated("metrics-server")
    data["spec"] |= {"group": "metrics.k8s.io", "version": "v1beta1"}
    data["metadata"]["name"] = "v1beta1.metrics.k8s.io"
    board.create(data)
    spec = {"type": "ExternalName", "externalName": "metrics.example.com"}
    board.create(document("Service", "v1", "metrics-server", spec=spec))
    assert board.available("v1beta1.metrics.k8s.io") == ("True", "Passed", "all checks passed")


def test_a_status_that_a_client_sends_does_not_count(board):
    data = aggregated()
    data["status"] = {"conditions": [{"type": "Available", "status": "True", "reason": "Mine", "message": ""}]}
    board.create(data)
    assert board.available()[1] == "ServiceNotFound"


def test_one_of_what_is_always_there_does_not_come_back(board):
    board.send("delete", board.get("v1.apps"))
    board.step(5)
    assert board.get("v1.apps") is None
    with pytest.raises(StatusError):
        board.send("delete", document("APIService", API, "v1.apps"))
