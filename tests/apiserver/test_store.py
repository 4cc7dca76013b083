"""The life of objects in the registry: generations, conflicts, finalizers, graceful deletion, propagation."""

from types import SimpleNamespace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.door import Door, deployment, document, pod
from tests.harness import ADMIN, Harness, Request, running


@pytest.fixture
def door():
    return Harness()


def refused(call):
    with pytest.raises(StatusError) as found:
        call()
    return found.value


def send(door, verb, data, **more):
    return Door.send(door, verb, data, **more)


def config(name="c", **meta):
    data = document("ConfigMap", "v1", name)
    data["metadata"] |= meta
    return data


def bound(door, name="p", grace=30, **meta):
    """A running Pod on a node."""
    data = pod(name, terminationGracePeriodSeconds=grace)
    data["metadata"] |= meta
    made = door.create(data)
    door.admin.bind(made, "n")
    return door.admin.update_status(door.get(types.Pod, name).evolve(status=running(made, True, 0)))


# -- create and update -------------------------------------------------------------------------------------------


def test_the_server_alone_writes_uid_time_generation_and_version(door):
    door.tick(5)
    given = {"uid": "x", "creationTimestamp": "2001-01-01T00:00:00Z", "generation": 9}
    data = deployment()
    data["metadata"] |= given
    made = encode_object(send(door, "create", data))["metadata"]
    assert (made["generation"], made["creationTimestamp"]) == (1, "2026-01-01T09:00:05Z")
    assert made["uid"] not in ("", "x")
    assert made["resourceVersion"] == str(door.etcd.revision)


def test_a_name_is_taken_once(door):
    send(door, "create", config())
    again = refused(lambda: send(door, "create", config()))
    assert (again.code, again.message) == (409, 'configmaps "c" already exists')


def test_a_name_is_drawn_for_a_prefix_and_never_twice(door):
    data = config()
    data["metadata"] = {"generateName": "c-"}
    names = {send(door, "create", data).metadata.name for _ in range(50)}
    assert len(names) == 50
    assert {len(n) for n in names} == {len("c-xxxxx")}


def test_after_eight_draws_of_taken_names_the_server_gives_up(door, monkeypatch):
    drawn = []

    def suffix(length):
        drawn.append("a" * length)
        return drawn[-1]

    send(door, "create", config("c-aaaaa"))
    monkeypatch.setattr(door.server.registry, "_names", SimpleNamespace(suffix=suffix))
    data = config()
    data["metadata"] = {"generateName": "c-"}
    answer = refused(lambda: send(door, "create", data))
    said = 'configmaps "c-aaaaa" already exists, the server was not able to generate a unique name for the object'
    assert (answer.code, answer.reason, answer.message) == (409, "AlreadyExists", said)
    assert answer.details.retry_after == 1
    assert len(drawn) == 8


def test_generations_count_changes_of_the_spec_alone(door):
    made = encode_object(send(door, "create", deployment()))
    steps = []
    for part, value in (("metadata", {"labels": {"a": "b"}}), ("spec", {"replicas": 5}), ("status", {"replicas": 5})):
        made = encode_object(door.get(types.Deployment, "web"))
        made[part] = {**made.get(part, {}), **value}
        sub = "status" if part == "status" else ""
        steps.append(send(door, "update", made, subresource=sub).metadata.generation)
    assert steps == [1, 2, 2]


def test_a_change_that_changes_nothing_is_not_written(door):
    made = send(door, "create", config(labels={"a": "b"}))
    before = door.etcd.revision
    assert send(door, "update", config(labels={"a": "b"})).metadata.resource_version == made.metadata.resource_version
    assert door.etcd.revision == before


def test_who_has_read_an_old_version_does_not_overwrite_a_new_one(door):
    old = encode_object(send(door, "create", config()))
    send(door, "update", config(labels={"a": "b"}))
    late = refused(lambda: send(door, "update", old))
    why = "the object has been modified; please apply your changes to the latest version and try again"
    assert late.message == f'Operation cannot be fulfilled on configmaps "c": {why}'


def test_some_kinds_must_name_the_version(door):
    budget = document("PodDisruptionBudget", "policy/v1", "b", spec={"minAvailable": 1})
    send(door, "create", budget)
    why = "metadata.resourceVersion: Invalid value: 0: must be specified for an update"
    assert refused(lambda: send(door, "update", budget)).message == f'PodDisruptionBudget.policy "b" is invalid: {why}'


def test_another_uid_is_another_object(door):
    made = encode_object(send(door, "create", config()))
    door.delete(types.ConfigMap, "c")
    send(door, "create", config())
    del made["metadata"]["resourceVersion"]
    late = refused(lambda: send(door, "update", made))
    assert (late.code, "Precondition failed: UID in precondition" in late.message) == (409, True)


def test_spec_and_status_are_written_apart(door):
    made = encode_object(send(door, "create", deployment(replicas=2)))
    made["spec"]["replicas"], made["status"] = 3, {"replicas": 9}
    by_spec = encode_object(send(door, "update", made))
    assert (by_spec["spec"]["replicas"], by_spec.get("status")) == (3, None)
    made["metadata"] = by_spec["metadata"]
    made["spec"]["replicas"] = 4
    by_status = encode_object(send(door, "update", made, subresource="status"))
    assert (by_status["spec"]["replicas"], by_status["status"]["replicas"]) == (3, 9)


def test_a_dry_run_says_what_would_be_and_leaves_nothing(door):
    made = send(door, "create", deployment(), dry_run=True)
    assert (made.metadata.generation, door.list(types.Deployment)) == (1, [])
    send(door, "create", deployment())
    send(door, "update", deployment(replicas=7), dry_run=True)
    assert door.get(types.Deployment, "web").spec.replicas == 1
    door.delete(types.Deployment, "web", dry_run=True)
    assert door.get(types.Deployment, "web").metadata.deletion_timestamp is None


# -- deletion ----------------------------------------------------------------------------------------------------


def test_what_has_no_finalizer_is_gone_at_once(door):
    send(door, "create", config())
    assert door.delete(types.ConfigMap, "c")
    assert refused(lambda: door.get(types.ConfigMap, "c")).message == 'configmaps "c" not found'


def test_finalizers_hold_a_deleted_object_until_the_last_is_taken_away(door):
    send(door, "create", config(finalizers=["a.example.com/x", "b.example.com/y"]))
    assert not door.delete(types.ConfigMap, "c")
    assert door.get(types.ConfigMap, "c").metadata.deletion_timestamp == door.engine.clock.now
    for left in (["b.example.com/y"], []):
        held = encode_object(door.get(types.ConfigMap, "c"))
        held["metadata"]["finalizers"] = left
        send(door, "update", held)
    assert door.list(types.ConfigMap) == []


def test_nothing_new_holds_what_is_being_deleted(door):
    send(door, "create", config(finalizers=["a.example.com/x"]))
    door.delete(types.ConfigMap, "c")
    held = encode_object(door.get(types.ConfigMap, "c"))
    held["metadata"]["finalizers"] += ["new.example.com/y"]
    why = "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted"
    assert why in refused(lambda: send(door, "update", held)).message


@pytest.mark.parametrize(
    ("propagation", "finalizers"),
    [("Background", None), ("", None), ("Foreground", ("foregroundDeletion",)), ("Orphan", ("orphan",))],
)
def test_propagation_becomes_a_finalizer_for_the_garbage_collector(door, propagation, finalizers):
    send(door, "create", deployment())
    gone = door.delete(types.Deployment, "web", propagation=propagation)
    left = None if gone else door.get(types.Deployment, "web").metadata.finalizers
    assert left == finalizers


def test_jobs_orphan_their_pods_unless_told_otherwise(door):
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}
    send(door, "create", document("Job", "batch/v1", "j", spec={"template": template}))
    resource = door._resource({"apiVersion": "batch/v1", "kind": "Job"})
    door.server.handle(Request(ADMIN, "delete", resource, "default", "j"))
    assert door.etcd.get("jobs.batch", ("default", "j")).metadata.finalizers == ("orphan",)


def test_preconditions_of_a_deletion(door):
    made = send(door, "create", config())
    wrong = refused(lambda: door.delete(types.ConfigMap, "c", uid="other"))
    assert "the UID in the precondition (other) does not match the UID in record" in wrong.message
    old = refused(lambda: door.delete(types.ConfigMap, "c", resource_version=1))
    assert "the ResourceVersion in the precondition (1) does not match" in old.message
    assert door.delete(types.ConfigMap, "c", uid=made.metadata.uid)


def test_a_bound_pod_has_its_grace_and_goes_when_the_kubelet_says_so(door):
    bound(door)
    assert not door.delete(types.Pod, "p")
    meta = door.get(types.Pod, "p").metadata
    assert (meta.deletion_grace_period_seconds, meta.deletion_timestamp) == (30, door.engine.clock.now + 30)
    assert meta.generation == 2
    assert door.delete(types.Pod, "p", grace=0)


def test_pods_without_a_node_or_with_an_end_go_at_once(door):
    door.create(pod("pending"))
    done = bound(door, "done")
    door.admin.update_status(done.evolve(status=done.status.evolve(phase="Succeeded")))
    assert [door.delete(types.Pod, name) for name in ("pending", "done")] == [True, True]


def test_a_second_deletion_can_only_shorten_the_grace(door):
    bound(door)
    door.delete(types.Pod, "p")
    start = door.engine.clock.now
    door.tick(2)
    door.delete(types.Pod, "p", grace=60)
    assert door.get(types.Pod, "p").metadata.deletion_grace_period_seconds == 30
    door.delete(types.Pod, "p", grace=5)
    meta = door.get(types.Pod, "p").metadata
    assert (meta.deletion_grace_period_seconds, meta.deletion_timestamp) == (5, start + 5)


def test_a_pod_that_is_gone_for_the_kubelet_waits_for_its_finalizers(door):
    bound(door, finalizers=["a.example.com/x"])
    assert not door.delete(types.Pod, "p", grace=0)
    held = encode_object(door.get(types.Pod, "p"))
    assert held["metadata"].get("deletionGracePeriodSeconds") == 0
    held["metadata"]["finalizers"] = []
    send(door, "update", held)
    assert door.list(types.Pod) == []


def test_a_namespace_goes_by_way_of_finalize(door):
    door.create(document("Namespace", "v1", "x"))
    assert not door.delete(types.Namespace, "x", namespace="")
    going = door.get(types.Namespace, "x", namespace="")
    assert (going.status.phase, going.spec.finalizers) == ("Terminating", ("kubernetes",))
    empty = {**encode_object(going), "spec": {"finalizers": []}}
    send(door, "update", empty, namespace="", subresource="finalize")
    assert door.list(types.Namespace) == []


def test_a_collection_is_deleted_as_its_objects_would_be(door):
    for name in "ab":
        send(door, "create", config(name, labels={"app": name}))
    request = Request(ADMIN, "deletecollection", door._resource(config()), "default", label_selector="app=a")
    door.server.handle(request)
    assert [c.metadata.name for c in door.list(types.ConfigMap)] == ["b"]


# -- immutable things --------------------------------------------------------------------------------------------


def test_a_config_map_that_is_immutable_stays_as_it_is(door):
    send(door, "create", {**config(), "immutable": True, "data": {"a": "1"}})
    changed = refused(lambda: send(door, "update", {**config(), "immutable": True, "data": {"a": "2"}}))
    assert changed.message == 'ConfigMap "c" is invalid: data: Forbidden: field is immutable when `immutable` is set'


def test_of_a_pod_only_a_few_things_change(door):
    made = encode_object(door.create(pod()))
    made["spec"]["containers"][0]["image"] = "nginx:2"
    assert send(door, "update", made).spec.containers[0].image == "nginx:2"
    made = encode_object(door.get(types.Pod, "p"))
    made["spec"]["dnsPolicy"] = "Default"
    why = (
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
        "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
    )
    assert why in refused(lambda: send(door, "update", made)).message


# -- what always holds -------------------------------------------------------------------------------------------


class Life(RuleBasedStateMachine):
    """One object through any order of writes and deletions."""

    MARKS = st.sets(st.sampled_from(["a.example.com/x", "b.example.com/y"]))

    def __init__(self):
        super().__init__()
        self.door = Harness()
        self.version = 0

    @property
    def object(self):
        return self.door.etcd.get("configmaps", ("default", "c"))

    @rule(marks=MARKS)
    def create(self, marks):
        if self.object is None:
            send(self.door, "create", config(finalizers=sorted(marks)))

    @precondition(lambda self: self.object is not None)
    @rule(marks=MARKS, label=st.sampled_from("xyz"))
    def update(self, marks, label):
        data = encode_object(self.object)
        going = data["metadata"].get("deletionTimestamp")
        kept = marks & set(data["metadata"].get("finalizers", ())) if going else marks
        data["metadata"] |= {"finalizers": sorted(kept), "labels": {"l": label}}
        send(self.door, "update", data)

    @precondition(lambda self: self.object is not None)
    @rule(propagation=st.sampled_from(["", "Background"]))
    def delete(self, propagation):
        before = self.object
        gone = self.door.delete(types.ConfigMap, "c", propagation=propagation)
        assert gone == (not before.metadata.finalizers)

    @invariant()
    def what_is_deleted_is_held_by_a_finalizer(self):
        if self.object is not None and self.object.metadata.deletion_timestamp is not None:
            assert self.object.metadata.finalizers

    @invariant()
    def versions_only_grow(self):
        assert self.door.etcd.revision >= self.version
        self.version = self.door.etcd.revision
        if self.object is not None:
            assert self.object.metadata.resource_version <= self.version


Life.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
TestLife = Life.TestCase
