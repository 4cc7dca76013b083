"""What stands in a new cluster."""

import copy
from pathlib import Path

import pytest
import yaml

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


# -- upstream's policy -------------------------------------------------------------------------------------------------

POLICY = Path(__file__).parents[1] / "data/bootstrap_policy"
"""plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata."""


def key(obj):
    return obj["kind"], obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def plain(obj):
    """An object without empty fields; the rules of aggregated roles are their controller's."""
    meta = {k: v for k, v in obj["metadata"].items() if v is not None}
    found = {k: v for k, v in obj.items() if v not in (None, [])} | {"metadata": meta}
    return {k: v for k, v in found.items() if k != "rules" or "aggregationRule" not in found}


@pytest.mark.parametrize("file", sorted(POLICY.glob("*.yaml")), ids=lambda f: f.stem)
def test_every_role_and_binding_is_upstreams(file):
    ours = {key(o): plain(o) for o in everything("10.0.0.1")}
    theirs = {key(o): plain(o) for o in yaml.safe_load(file.read_text("utf-8"))["items"]}
    assert {k: ours.get(k) for k in theirs} == theirs


def test_what_is_labelled_as_a_default_is_upstreams():
    theirs = {key(o) for f in POLICY.glob("*.yaml") for o in yaml.safe_load(f.read_text("utf-8"))["items"]}
    labels = {key(o): o["metadata"].get("labels") or {} for o in everything("10.0.0.1")}
    assert {k for k, v in labels.items() if v.get("kubernetes.io/bootstrapping") == "rbac-defaults"} == theirs


def test_aggregated_roles_hold_what_their_controller_would_write(door):
    rules = {o["metadata"]["name"]: o["rules"] for o in everything("10.0.0.1") if o["kind"] == "ClusterRole"}
    assert rules["view"] == rules["system:aggregate-to-view"]
    assert rules["edit"] == rules["system:aggregate-to-edit"] + rules["view"]
    assert [r for r in rules["admin"] if r not in rules["edit"]] == rules["system:aggregate-to-admin"]
