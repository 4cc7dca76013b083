"""All controllers in one process."""

import copy
import subprocess
import sys

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import Cause, Details, StatusError, forbidden
from kubesim_tui.controllers.registry import CONTROLLERS, build
from tests.controllers.bench import Manager
from tests.controllers.test_deployment import deployment, image
from tests.controllers.test_endpointslice import web
from tests.controllers.test_nodes import speak
from tests.controllers.test_statefulset import DATA, stateful_set
from tests.harness import NoAdmission


class NamespaceLifecycle(NoAdmission):
    """As much of the plugin as matters here: nothing new in a namespace that is going."""

    etcd = None

    def validate(self, request, obj, old):
        if self.etcd is None or request.verb != "create":
            return
        namespace = self.etcd.get("namespaces", ("", request.namespace))
        if namespace is not None and namespace.metadata.deletion_timestamp is not None:
            why = f"unable to create new content in namespace {request.namespace} because it is being terminated"
            refused = forbidden("", request.resource.plural, obj.metadata.name, why)
            cause = Cause("NamespaceTerminating", f"namespace {request.namespace} is being terminated")
            raise StatusError(403, "Forbidden", refused.message, Details(causes=(cause,)))


def manager():
    admission = NamespaceLifecycle()
    m = Manager(admission=admission)
    admission.etcd = m.etcd
    for controller in build(m.kit):
        m.add(controller)
    for name in m.nodes:
        speak(m, name)
        m.extras.heartbeats.beat_from(name, 0)
    m.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
    return m


def state(m):
    """Everything in the store."""
    return {
        resource: {key: encode_object(obj) for key, obj in table.objects.items()}
        for resource, table in m.etcd.tables.items()
    }


def story(m):
    m.create(web())
    m.create(deployment(5))
    m.create(stateful_set(claims=[DATA]))
    m.settle(8)
    image(m, "app:v2")
    m.settle(4)


def test_names_and_order():
    names = [row.name for row in CONTROLLERS]
    assert len(set(names)) == len(names)
    assert all(row.account for row in CONTROLLERS)


def test_a_controller_can_be_left_out():
    m = Manager()
    assert "job-controller" not in [c.name for c in build(m.kit, without=["job-controller"])]


def test_a_checkpoint_is_a_copy_and_both_go_on_alike():
    m = manager()
    story(m)
    other = copy.deepcopy(m)
    for one in (m, other):
        one.settle(10)
    assert state(m) == state(other)
    assert m.etcd.revision == other.etcd.revision


def test_a_copy_shares_nothing_with_its_origin():
    m = manager()
    story(m)
    other = copy.deepcopy(m)
    before = state(m)
    image(other, "app:v3")
    other.settle(10)
    assert state(m) == before


def test_all_comes_to_rest_and_then_costs_nothing():
    m = manager()
    story(m)
    m.settle(30)
    m.tick(2)
    before = m.etcd.revision
    m.tick(200)
    assert (m.etcd.revision, m.engine.idle()) == (before, True)
    assert max(p.busiest for p in m.engine.phases.values()) < 16


def test_a_deleted_namespace_takes_everything_along():
    m = manager()
    m.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    made = deployment(3)
    made["metadata"]["namespace"] = "shop"
    m.create(made)
    m.settle(5)
    m.delete(types.Namespace, "shop", "")
    m.settle(40)
    left = {r for r, t in m.etcd.tables.items() if r != "events" and any(True for _ in t.in_namespace("shop"))}
    assert (left, [n.metadata.name for n in m.list(types.Namespace)]) == (set(), ["default"])


PROGRAM = """
import json, hashlib
from tests.controllers.test_manager import manager, state, story
m = manager()
story(m)
m.settle(10)
text = json.dumps([(r, sorted(t.items())) for r, t in sorted(state(m).items())], default=str, sort_keys=True)
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_hash_seed_of_python_changes_nothing():
    outputs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) == 65
