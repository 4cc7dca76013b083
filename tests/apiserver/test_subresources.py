"""binding, eviction, scale, finalize, token, ephemeral containers, and calls that are handed on."""

import pytest

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import freeze
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import User
from tests.apiserver.door import Door, deployment, document, pod
from tests.harness import ADMIN, Harness, Options, Request, running


@pytest.fixture
def door():
    return Harness()


def ask(door, verb, plural, name, sub, body=None, **more):
    """A request for a subresource."""
    resource = scheme.for_plural(plural)
    return door.server.handle(Request(ADMIN, verb, resource, "default", name, sub, body, **more))


def refused(call):
    with pytest.raises(StatusError) as found:
        call()
    return found.value


def serving(door, name="p", ready=True):
    """A Pod on a node that runs."""
    made = door.create({**pod(name), "metadata": {"name": name, "labels": {"app": "web"}}})
    door.admin.bind(made, "n")
    return door.admin.update_status(door.get(types.Pod, name).evolve(status=running(made, ready, 0)))


# -- binding -----------------------------------------------------------------------------------------------------


def test_a_pod_is_bound_once(door):
    made = door.create(pod())
    door.admin.bind(made, "n")
    found = door.get(types.Pod, "p")
    assert (found.spec.node_name, [(c.type, c.status) for c in found.status.conditions]) == (
        "n",
        [("PodScheduled", "True")],
    )
    again = refused(lambda: door.admin.bind(made, "m"))
    why = 'pod p is already assigned to node "n"'
    assert again.message == f'Operation cannot be fulfilled on pods/binding "p": {why}'


def test_a_pod_that_is_going_or_gated_is_not_bound(door):
    gated = door.create(pod("g", schedulingGates=[{"name": "example.com/wait"}]))
    assert "pod g has non-empty .spec.schedulingGates" in refused(lambda: door.admin.bind(gated, "n")).message
    going = door.create({**pod(), "metadata": {"name": "p", "finalizers": ["a.example.com/x"]}})
    door.delete(types.Pod, "p")
    why = "pod p is being deleted, cannot be assigned to a host"
    assert why in refused(lambda: door.admin.bind(going, "n")).message


def test_a_binding_to_a_pod_of_the_same_name_is_refused(door):
    old = door.create(pod())
    door.delete(types.Pod, "p")
    door.create(pod())
    assert "Precondition failed: UID in precondition" in refused(lambda: door.admin.bind(old, "n")).message


# -- eviction ----------------------------------------------------------------------------------------------------


def budget(door, allowed, healthy, desired, name="b", **spec):
    """A budget whose controller has computed its status."""
    chosen = {"selector": {"matchLabels": {"app": "web"}}, "minAvailable": desired, **spec}
    made = door.create(document("PodDisruptionBudget", "policy/v1", name, spec=chosen))
    status = {
        "disruptionsAllowed": allowed,
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "expectedPods": healthy,
    }
    status |= {"observedGeneration": 1}
    key = ("default", name)
    return door.etcd.put("poddisruptionbudgets.policy", key, made.evolve(rest=made.rest.merged(status=freeze(status))))


def status_of(door, name="b"):
    return encode_object(door.etcd.get("poddisruptionbudgets.policy", ("default", name)))["status"]


def test_an_eviction_without_a_budget_is_a_deletion(door):
    serving(door)
    door.admin.evict("default", "p")
    assert door.get(types.Pod, "p").metadata.deletion_grace_period_seconds == 30


def test_an_eviction_spends_what_the_budget_allows_and_no_more(door):
    for name in "ab":
        serving(door, name)
    budget(door, 1, 2, 1)
    door.admin.evict("default", "a")
    assert (status_of(door)["disruptionsAllowed"], list(status_of(door)["disruptedPods"])) == (0, ["a"])
    late = refused(lambda: door.admin.evict("default", "b"))
    assert (late.code, late.reason, late.message) == (
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
    )
    why = "The disruption budget b needs 1 healthy pods and has 2 currently"
    assert [(c.reason, c.message) for c in late.details.causes] == [("DisruptionBudget", why)]
    assert door.get(types.Pod, "b").metadata.deletion_timestamp is None


def test_an_eviction_waits_for_the_budgets_controller(door):
    serving(door)
    made = budget(door, 1, 2, 1)
    newer = made.evolve(metadata=made.metadata.evolve(generation=2))
    door.etcd.put("poddisruptionbudgets.policy", ("default", "b"), newer)
    late = refused(lambda: door.admin.evict("default", "p"))
    text = "The disruption budget b is still being processed by the server."
    assert ([c.message for c in late.details.causes], late.details.retry_after) == ([text], 10)


def test_two_budgets_are_one_too_many(door):
    serving(door)
    budget(door, 1, 2, 1)
    budget(door, 1, 2, 1, "c")
    late = refused(lambda: door.admin.evict("default", "p"))
    text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    assert (late.code, late.message) == (500, text)


def test_pods_that_serve_nobody_cost_nothing(door):
    door.create({**pod("pending"), "metadata": {"name": "pending", "labels": {"app": "web"}}})
    serving(door, "sick", ready=False)
    budget(door, 0, 1, 1)
    door.admin.evict("default", "pending")
    door.admin.evict("default", "sick")
    assert "disruptedPods" not in status_of(door)


def test_a_sick_pod_is_not_let_go_while_too_few_are_healthy_unless_always_allowed(door):
    serving(door, "sick", ready=False)
    budget(door, 0, 0, 1)
    assert refused(lambda: door.admin.evict("default", "sick")).code == 429
    door.etcd.delete("poddisruptionbudgets.policy", ("default", "b"))
    budget(door, 0, 0, 1, unhealthyPodEvictionPolicy="AlwaysAllow")
    door.admin.evict("default", "sick")
    assert door.get(types.Pod, "sick").metadata.deletion_timestamp is not None


def test_a_dry_run_of_an_eviction_spends_nothing(door):
    serving(door)
    budget(door, 1, 2, 1)
    door.admin.evict("default", "p", Options(dry_run=True))
    assert (status_of(door)["disruptionsAllowed"], door.get(types.Pod, "p").metadata.deletion_timestamp) == (1, None)


# -- scale -------------------------------------------------------------------------------------------------------


def test_every_workload_has_a_scale(door):
    door.create(deployment(replicas=2))
    found = encode_object(ask(door, "get", "deployments", "web", "scale"))
    assert (found["kind"], found["spec"], found["status"]["selector"]) == ("Scale", {"replicas": 2}, "app=web")
    found["spec"] = {"replicas": 5}
    ask(door, "update", "deployments", "web", "scale", found)
    patched = ask(door, "patch", "deployments", "web", "scale", {"spec": {"replicas": 7}}, patch_type="merge")
    assert encode_object(patched)["spec"] == {"replicas": 7}
    made = door.get(types.Deployment, "web")
    assert (made.spec.replicas, made.metadata.generation) == (7, 3)


def test_a_scale_is_not_negative_and_not_out_of_date(door):
    door.create(deployment())
    found = encode_object(ask(door, "get", "deployments", "web", "scale"))
    negative = refused(lambda: ask(door, "update", "deployments", "web", "scale", {**found, "spec": {"replicas": -1}}))
    assert "spec.replicas: Invalid value: -1: must be greater than or equal to 0" in negative.message
    ask(door, "update", "deployments", "web", "scale", {**found, "spec": {"replicas": 3}})
    late = refused(lambda: ask(door, "update", "deployments", "web", "scale", {**found, "spec": {"replicas": 4}}))
    assert (late.code, late.reason) == (409, "Conflict")


# -- the others --------------------------------------------------------------------------------------------------


def test_a_token_is_asked_for_an_account(door):
    door.create(document("ServiceAccount", "v1", "bot"))
    made = encode_object(ask(door, "create", "serviceaccounts", "bot", "token", {"spec": {"expirationSeconds": 600}}))
    assert made["kind"] == "TokenRequest"
    assert made["status"]["token"].startswith("system:serviceaccount:default:bot")
    assert made["status"]["expirationTimestamp"] == "2026-01-01T09:10:00Z"


def test_a_container_for_debugging_is_added_to_a_running_pod(door):
    serving(door)
    body = encode_object(door.get(types.Pod, "p"))
    body["spec"]["ephemeralContainers"] = [{"name": "debug", "image": "busybox"}]
    ask(door, "update", "pods", "p", "ephemeralcontainers", body)
    assert encode_object(door.get(types.Pod, "p"))["spec"]["ephemeralContainers"][0]["name"] == "debug"


class Kubelet:
    """Answers calls."""

    def handle(self, request):
        return f"{request.subresource} of {request.name}"


def test_logs_and_commands_are_handed_on_to_who_is_registered(door):
    serving(door)
    assert refused(lambda: ask(door, "get", "pods", "p", "log")).code == 500
    door.server.proxy.register("log", Kubelet())
    assert ask(door, "get", "pods", "p", "log") == "log of p"
    assert refused(lambda: ask(door, "get", "pods", "ghost", "log")).code == 404


def test_an_unknown_subresource_or_verb_is_refused(door):
    door.create(deployment())
    assert refused(lambda: ask(door, "get", "deployments", "web", "colour")).code == 404
    assert refused(lambda: ask(door, "create", "deployments", "web", "scale")).code == 405


def test_the_whole_door_asks_for_the_right_to_a_subresource():
    door = Door()
    made = door.send("create", pod())
    body = {"target": {"kind": "Node", "name": "n"}, "metadata": {"uid": made.metadata.uid}}
    nobody = Request(User("jane"), "create", scheme.for_plural("pods"), "default", "p", "binding", body)
    why = 'User "jane" cannot create resource "pods/binding" in API group "" in the namespace "default"'
    assert why in refused(lambda: door.server.handle(nobody)).message


# what of the metadata a write of the status may change (the status strategies of pkg/registry)

ALL = ("labels", "annotations", "finalizers")


@pytest.mark.parametrize(
    "cls, made, changes",
    [
        (types.Pod, pod("it"), ALL),
        (types.Deployment, deployment("it"), ALL[1:]),
        (types.Service, {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}}, ALL),
    ],
)
def test_a_write_of_the_status_may_change_most_of_the_metadata(door, cls, made, changes):
    door.create({**made, "metadata": {"name": "it"}})
    old = door.get(cls, "it")
    more = {"labels": {"a": "b"}, "annotations": {"c": "d"}, "finalizers": ("example.com/held",)}
    new = door.admin.update_status(old.evolve(metadata=old.metadata.evolve(**more)))
    assert [k for k in more if getattr(new.metadata, k) == more[k]] == list(changes)
