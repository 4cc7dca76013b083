"""Webhooks are members of the cluster: they are asked over its network, and what fails there fails here."""

import copy

import pytest

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from tests.harness import ADMIN, Options, Request

URL = "https://hook.default.svc:443"


def deployment(replicas=1):
    labels = {"app": "hook"}
    container = {
        "name": "hook",
        "image": "registry.k8s.io/e2e-test-images/agnhost:2.53",
        "args": ["webhook", "--port=8443"],
        "ports": [{"containerPort": 8443}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8443, "scheme": "HTTPS"}, "periodSeconds": 1},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}}
    spec["template"] = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "hook"}, "spec": spec}


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "hook"},
    "spec": {"selector": {"app": "hook"}, "ports": [{"port": 443, "targetPort": 8443}]},
}
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["CREATE", "UPDATE"]}


def hook(path, name="hook.example.com", rules=(RULE,), **more):
    service = {"name": "hook", "namespace": "default", "path": path}
    made = {"name": name, "rules": list(rules), "clientConfig": {"service": service}, "sideEffects": "None"}
    return {**made, "admissionReviewVersions": ["v1"], **more}


def configuration(*hooks, kind="Validating", name="hooks"):
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": f"{kind}WebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": list(hooks),
    }


def config_map(name="c", **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


class Board:
    """A cluster with agnhost's webhook in it."""

    def __init__(self):
        self.cluster = Cluster(ClusterSpec((NodeGroup(count=1),)), "1")
        for data in (deployment(), SERVICE):
            self.create(data)
        self.step(60)

    def step(self, ticks=1):
        for _ in range(ticks):
            self.cluster.step()

    def send(self, verb, data, **more):
        r = self.cluster.server.resource_for_kind(data["apiVersion"], data["kind"])
        namespace = "default" if r.namespaced else ""
        return self.cluster.server.handle(Request(ADMIN, verb, r, namespace, data["metadata"]["name"], **more))

    def create(self, data, **options):
        return encode_object(self.send("create", data, body=data, options=Options(**options)))

    def refused(self, data):
        with pytest.raises(StatusError) as error:
            self.create(data)
        return error.value

    def remove_service(self):
        self.send("delete", SERVICE)


@pytest.fixture(scope="module")
def board_once():
    return Board()


@pytest.fixture
def board(board_once):
    return copy.deepcopy(board_once)


def failure(path, why):
    call = f'Post "{URL}{path}?timeout=10s": {why}'
    return f'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: {call}'


def test_a_webhook_allows_or_denies(board):
    board.create(configuration(hook("/configmaps")))
    board.create(config_map("fine"))
    refused = board.refused(config_map("bad", **{"webhook-e2e-test": "webhook-disallow"}))
    assert (refused.code, refused.message) == (
        400,
        'admission webhook "hook.example.com" denied the request: the configmap contains unwanted key and value',
    )


def test_its_own_configuration_is_none_of_its_business(board):
    everything = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["*"]}
    board.create(configuration(hook("/always-deny", rules=[everything])))
    assert "this webhook denies all requests" in board.refused(config_map()).message
    board.send("delete", configuration())


def test_a_mutating_webhook_changes_the_object_before_it_is_validated(board):
    board.create(configuration(hook("/add-label"), kind="Mutating"))
    assert board.create(config_map())["metadata"]["labels"] == {"added-label": "yes"}


def test_mutating_webhooks_come_one_after_the_other_by_the_names_of_their_configurations(board):
    second = hook("/mutating-configmaps", "second.example.com")
    board.create(configuration(second, kind="Mutating", name="b"))
    board.create(configuration(hook("/add-label"), kind="Mutating", name="a"))
    made = board.create(config_map(**{"mutation-start": "yes"}))
    assert made["data"] == {"mutation-start": "yes", "mutation-stage-1": "yes"}
    assert made["metadata"]["labels"] == {"added-label": "yes"}


def test_pods_of_a_workload_are_asked_about_one_by_one(board):
    rule = {**RULE, "resources": ["pods"], "operations": ["CREATE"]}
    board.create(configuration(hook("/always-deny", rules=[rule])))
    board.send("patch", deployment(), body={"spec": {"replicas": 2}}, patch_type="merge")
    board.step(2)
    pods = board.cluster.etcd.table("pods").in_namespace("default")
    assert len([p for p in pods if p.metadata.labels.get("app") == "hook"]) == 1
    events = [e.message for e in board.cluster.etcd.table("events") if e.reason == "FailedCreate"]
    assert any("denied the request: this webhook denies all requests" in m for m in events)


def test_without_its_service_nothing_is_written(board):
    board.create(configuration(hook("/configmaps")))
    board.remove_service()
    assert board.refused(config_map()).message == failure("/configmaps", 'service "hook" not found')


def test_without_endpoints_nothing_is_written(board):
    board.create(configuration(hook("/configmaps")))
    board.send("patch", deployment(), body={"spec": {"replicas": 0}}, patch_type="merge")
    board.step(40)
    assert board.refused(config_map()).message == failure("/configmaps", 'no endpoints available for service "hook"')


def test_a_wrong_target_port_refuses_the_connection(board):
    board.create(configuration(hook("/configmaps")))
    ports = [{"port": 443, "targetPort": 9999}]
    board.send("patch", SERVICE, body={"spec": {"ports": ports}}, patch_type="merge")
    board.step(2)
    said = board.refused(config_map()).message
    assert said.startswith(failure("/configmaps", "dial tcp 10.244."))
    assert said.endswith(":9999: connect: connection refused")


def test_a_slow_webhook_runs_into_its_time(board):
    board.create(configuration(hook("/always-allow-delay-5s", timeoutSeconds=2)))
    assert board.refused(config_map()).message.endswith('?timeout=2s": context deadline exceeded')


def test_a_path_that_it_does_not_have_is_not_found(board):
    board.create(configuration(hook("/nowhere")))
    assert board.refused(config_map()).message == (
        'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: '
        "the server could not find the requested resource"
    )


def test_a_policy_of_ignore_lets_pass_what_nobody_answers(board):
    board.create(configuration(hook("/configmaps", failurePolicy="Ignore")))
    board.remove_service()
    board.create(config_map())


def test_selectors_and_conditions_choose(board):
    selector = {"matchLabels": {"strict": "yes"}}
    condition = {"name": "not-mine", "expression": "object.metadata.name != 'mine'"}
    named = {"namespaceSelector": selector}
    for number, more in enumerate((named, {"objectSelector": selector}, {"matchConditions": [condition]})):
        board.create(configuration(hook("/always-deny", **more), name="h"))
        data = config_map("mine" if number == 2 else f"c{number}")
        board.create(data)
        board.send("delete", configuration(name="h"))


def test_an_update_of_the_status_is_asked_about_where_the_rule_says_so(board):
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments/status"], "operations": ["UPDATE"]}
    board.create(configuration(hook("/always-deny", rules=[rule])))
    board.send("patch", deployment(), body={"metadata": {"labels": {"a": "b"}}}, patch_type="merge")
    with pytest.raises(StatusError, match="denies all requests"):
        board.send("patch", deployment(), body={"status": {}}, patch_type="merge", subresource="status")


def test_deletions_are_asked_about(board):
    board.create(config_map())
    board.create(configuration(hook("/always-deny", rules=[{**RULE, "operations": ["DELETE"]}])))
    with pytest.raises(StatusError, match="denies all requests"):
        board.send("delete", config_map())


def test_a_rule_about_another_version_matches_unless_it_must_be_exact(board):
    rule = {"apiGroups": ["autoscaling"], "apiVersions": ["v2"], "resources": ["*"], "operations": ["*"]}
    scaler = {
        "apiVersion": "autoscaling/v1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "hook"}},
    }
    board.create(configuration(hook("/always-deny", rules=[rule], matchPolicy="Exact"), name="e"))
    board.create(scaler, dry_run=True)
    board.create(configuration(hook("/always-deny", rules=[rule]), name="f"))
    assert "denies all requests" in board.refused(scaler).message


def test_a_copy_of_the_cluster_asks_its_own_webhook(board):
    board.create(configuration(hook("/configmaps")))
    other = copy.deepcopy(board)
    other.remove_service()
    board.create(config_map())
    assert 'service "hook" not found' in other.refused(config_map()).message
