"""What stands in a new cluster."""

import copy

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.bootstrap import everything
from tests.apiserver.door import Door, service


@pytest.fixture(scope="module")
def door():
    return Door()


def names(door, plural):
    return sorted(key[1] for key in door.etcd.table(plural).objects)


def test_four_namespaces_two_priority_classes_and_a_class_of_disks(door):
    assert names(door, "namespaces") == ["default", "kube-node-lease", "kube-public", "kube-system"]
    classes = door.list(types.PriorityClass)
    assert {c.metadata.name: c.value for c in classes} == {
        "system-cluster-critical": 2000000000,
        "system-node-critical": 2000001000,
    }
    assert [(c.metadata.name, c.volume_binding_mode) for c in door.list(types.StorageClass)] == [
        ("standard", "Immediate")
    ]


def test_the_services_of_the_api_and_of_dns_have_their_usual_addresses(door):
    found = {s.metadata.name: s.spec.cluster_ip for s in door.list(types.Service)}
    assert found == {"kubernetes": "10.96.0.1", "kube-dns": "10.96.0.10"}
    endpoints = encode_object(door.etcd.get("endpointslices.discovery.k8s.io", ("default", "kubernetes")))
    assert (endpoints["endpoints"][0]["addresses"], endpoints["ports"][0]["port"]) == (["172.18.0.2"], 6443)


def test_nobody_else_gets_these_addresses(door):
    assert "provided IP is already allocated" in door.refusal("create", service(clusterIP="10.96.0.10")).message


def test_every_binding_leads_to_a_role(door):
    api = "rbac.authorization.k8s.io"
    bound = [encode_object(b)["roleRef"]["name"] for b in door.etcd.table(f"clusterrolebindings.{api}")]
    assert set(bound) - set(names(door, f"clusterroles.{api}")) == set()


def test_nothing_is_named_twice_and_the_trace_does_not_show_it():
    keys = [(d["kind"], d["metadata"].get("namespace"), d["metadata"]["name"]) for d in everything("10.0.0.1")]
    assert len(set(keys)) == len(keys)
    fresh = Door()
    assert [r.name for r in fresh.server.trace] == ["default"]  # the account that the Door itself made


def test_a_copy_of_the_whole_door_goes_on_by_itself(door):
    twin = copy.deepcopy(door)
    made = [d.send("create", service()) for d in (door, twin)]
    assert made[0] == made[1]
    twin.delete(types.Service, "web")
    assert door.get(types.Service, "web") == made[0]
    twin.namespace("only-there")
    assert door.etcd.get("namespaces", ("", "only-there")) is None
    assert "not found" in door.refusal("create", service(), namespace="only-there").message
