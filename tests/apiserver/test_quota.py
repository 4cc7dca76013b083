"""ResourceQuota: what is charged, what is refused, and in which words."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.frozen import freeze
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.door import Door, document, pod, service


@pytest.fixture
def door():
    return Door()


# -- upstream's tables -------------------------------------------------------------------------------------------


def _set(door, made, status):
    key = (made.metadata.namespace, made.metadata.name)
    return door.etcd.put("resourcequotas", key, made.evolve(rest=made.rest.merged(status=freeze(status))))


def _part(obj):
    return encode_object(obj)["status"]


def _status(door, obj):
    return _part(door.etcd.get("resourcequotas", (obj.metadata.namespace, obj.metadata.name)))


# -- words -------------------------------------------------------------------------------------------------------


def with_quota(door, hard, used=None, **spec):
    """A quota whose status is computed (without `used`: only its hard limits)."""
    made = door.create(document("ResourceQuota", "v1", "q", spec={"hard": hard, **spec}))
    zero = dict.fromkeys(hard, "0")
    return _set(door, made, {"hard": hard, "used": zero if used is None else used})


def test_no_more_pods_than_the_quota_has_room_for(door):
    made = with_quota(door, {"pods": "2", "count/pods": "5"})
    door.send("create", pod("a"))
    door.send("create", pod("b"))
    assert _status(door, made)["used"] == {"pods": "2", "count/pods": "2"}
    why = "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"
    refused = door.refusal("create", pod("c"))
    assert refused.message == f'pods "c" is forbidden: {why}'
    assert refused.station == "admission/ResourceQuota"


def test_a_deployment_finds_the_quota_full_pod_by_pod(door):
    """What a ReplicaSet sees: a Pod of a known template is charged as any other."""
    with_quota(door, {"pods": "1"})
    spec = decode_object(types.Pod, pod()).spec
    door.admin.create(types.Pod(metadata=types.ObjectMeta(generate_name="web-", namespace="default"), spec=spec))
    with pytest.raises(StatusError, match="exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"):
        door.admin.create(types.Pod(metadata=types.ObjectMeta(generate_name="web-", namespace="default"), spec=spec))


def test_what_the_quota_tracks_every_container_must_declare(door):
    with_quota(door, {"requests.cpu": "1", "limits.memory": "1Gi"})
    why = "failed quota: q: must specify limits.memory for: c; requests.cpu for: c"
    assert door.refusal("create", pod()).message == f'pods "p" is forbidden: {why}'


def test_nothing_is_let_in_before_the_usage_is_known(door):
    with_quota(door, {"pods": "2"}, used={})
    assert "status unknown for quota: q, resources: pods" in door.refusal("create", pod()).message


def test_any_kind_can_be_counted(door):
    with_quota(door, {"count/configmaps": "1", "secrets": "0", "count/deployments.apps": "0"})
    door.send("create", document("ConfigMap", "v1", "a"))
    told = [
        door.refusal("create", data).message.partition("exceeded quota: q, ")[2]
        for data in (document("ConfigMap", "v1", "b"), document("Secret", "v1", "s"))
    ]
    first = "requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1"
    assert told == [first, "requested: secrets=1, used: secrets=0, limited: secrets=0"]


def test_a_service_may_not_become_what_there_is_no_room_for(door):
    with_quota(door, {"services": "5", "services.nodeports": "1", "services.loadbalancers": "0"})
    made = encode_object(door.send("create", service(type="NodePort")))
    why = "exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: "
    made["spec"]["type"] = "LoadBalancer"
    assert why in door.refusal("update", made).message
    other = service("other", type="NodePort")
    assert "requested: services.nodeports=1, used: services.nodeports=1" in door.refusal("create", other).message


def test_storage_counts_by_class(door):
    mine = "standard.storageclass.storage.k8s.io/requests.storage"
    made = with_quota(door, {"requests.storage": "3Gi", mine: "1Gi", "persistentvolumeclaims": "5"})
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    door.send("create", document("PersistentVolumeClaim", "v1", "a", spec=spec))
    assert _status(door, made)["used"] == {"requests.storage": "1Gi", mine: "1Gi", "persistentvolumeclaims": "1"}
    refused = door.refusal("create", document("PersistentVolumeClaim", "v1", "b", spec=spec))
    assert f"requested: {mine}=1Gi, used: {mine}=1Gi, limited: {mine}=1Gi" in refused.message


def test_a_dry_run_is_judged_but_not_charged(door):
    made = with_quota(door, {"pods": "1"})
    door.send("create", pod("a"), dry_run=True)
    assert _status(door, made)["used"] == {"pods": "0"}


def test_scopes_choose_pods_by_priority_class(door):
    only_high = {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}
    high = document("PriorityClass", "scheduling.k8s.io/v1", "high", value=5)
    door.send("create", high)
    with_quota(door, {"pods": "0"}, scopeSelector={"matchExpressions": [only_high]})
    door.send("create", pod("low"))
    assert "exceeded quota" in door.refusal("create", pod("p", priorityClassName="high")).message
