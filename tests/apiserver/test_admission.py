"""What each admission plugin adds and refuses."""

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.apiserver.admission.limit_ranger import LimitRanger
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.door import Door, deployment, document, pod, service
from tests.harness import ADMIN, Options, Request

MESSAGE = "is forbidden: "


@pytest.fixture
def door():
    return Door()


# -- NamespaceLifecycle ------------------------------------------------------------------------------------------


def test_nothing_is_made_in_a_namespace_that_is_missing(door):
    refused = door.refusal("create", pod(), namespace="nowhere")
    assert (refused.code, refused.message) == (404, 'namespaces "nowhere" not found')
    assert refused.station == "admission/NamespaceLifecycle"


def test_nothing_is_made_in_a_namespace_that_is_going_but_what_is_there_may_change(door):
    door.namespace("going")
    door.send("create", document("ConfigMap", "v1", "old"), namespace="going")
    door.delete(types.Namespace, "going", namespace="")
    refused = door.refusal("create", pod(), namespace="going")
    why = "unable to create new content in namespace going because it is being terminated"
    assert f'pods "p" {MESSAGE}{why}' == refused.message
    assert [(c.reason, c.message, c.field) for c in refused.details.causes] == [
        ("NamespaceTerminating", "namespace going is being terminated", "metadata.namespace")
    ]
    changed = door.send("update", document("ConfigMap", "v1", "old", data={"a": "b"}), namespace="going")
    assert dict(changed.data) == {"a": "b"}


def test_events_and_evictions_are_also_refused_there(door):
    door.namespace("going")
    door.send("create", pod(), namespace="going")
    door.delete(types.Namespace, "going", namespace="")
    event = types.Event(metadata=types.ObjectMeta(name="e", namespace="going"))
    for ask in (lambda: door.admin.create(event), lambda: door.admin.evict("going", "p")):
        with pytest.raises(StatusError, match="because it is being terminated"):
            ask()


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_three_namespaces_stay_for_ever(door, name):
    with pytest.raises(StatusError) as refused:
        door.delete(types.Namespace, name, namespace="")
    assert f'namespaces "{name}" {MESSAGE}this namespace may not be deleted' == refused.value.message


# -- ServiceAccount ----------------------------------------------------------------------------------------------


def token_mounts(made):
    """(name of the volume, how many containers mount it)."""
    spec = encode_object(made)["spec"]
    volumes = [v["name"] for v in spec.get("volumes", ()) if v["name"].startswith("kube-api-access-")]
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    everyone = [*spec.get("initContainers", ()), *spec["containers"]]
    return len(volumes), sum(m["mountPath"] == path for c in everyone for m in c.get("volumeMounts", ()))


def test_a_pod_gets_the_default_account_and_its_token_in_every_container(door):
    made = door.send("create", pod(initContainers=[{"name": "i", "image": "busybox"}]))
    assert (made.spec.service_account_name, token_mounts(made)) == ("default", (1, 2))
    sources = [next(iter(s)) for s in encode_object(made)["spec"]["volumes"][0]["projected"]["sources"]]
    assert sources == ["serviceAccountToken", "configMap", "downwardAPI"]


def test_pods_of_one_template_name_the_volume_alike_and_others_do_not(door):
    names = [
        encode_object(door.send("create", pod(name, **more)))["spec"]["volumes"][0]["name"]
        for name, more in (("a", {}), ("b", {}), ("c", {"dnsPolicy": "Default"}))
    ]
    assert names[0] == names[1]
    assert names[0] != names[2]
    assert len("kube-api-access-xxxxx") == len(names[0])


def test_nobody_mounts_a_token_that_account_or_pod_do_not_want(door):
    door.account("default", "quiet", automountServiceAccountToken=False)
    silent = door.send("create", pod("a", serviceAccountName="quiet"))
    spoken = door.send("create", pod("b", serviceAccountName="quiet", automountServiceAccountToken=True))
    refused = door.send("create", pod("c", automountServiceAccountToken=False))
    assert [token_mounts(p) for p in (silent, spoken, refused)] == [(0, 0), (1, 1), (0, 0)]


def test_the_accounts_pull_secrets_become_the_pods_unless_it_has_its_own(door):
    door.account("default", "builder", imagePullSecrets=[{"name": "registry"}])
    taken = door.send("create", pod("a", serviceAccountName="builder"))
    own = door.send("create", pod("b", serviceAccountName="builder", imagePullSecrets=[{"name": "mine"}]))
    assert [p.spec.image_pull_secrets[0].name for p in (taken, own)] == ["registry", "mine"]


def test_an_account_must_exist(door):
    refused = door.refusal("create", pod(serviceAccountName="ghost"))
    why = 'error looking up service account default/ghost: serviceaccount "ghost" not found'
    assert f'pods "p" {MESSAGE}{why}' == refused.message


def test_before_a_name_is_drawn_the_message_has_the_prefix(door):
    data = pod(serviceAccountName="ghost")
    data["metadata"] = {"generateName": "web-"}
    assert door.refusal("create", data).message.startswith('pods "web-" is forbidden')


def test_a_young_namespace_may_be_without_its_account_for_two_seconds(door):
    door.create(document("Namespace", "v1", "young"))
    assert door.send("create", pod("a"), namespace="young").spec.service_account_name == "default"
    door.tick(3)
    assert "serviceaccount" in door.refusal("create", pod("b"), namespace="young").message


# -- Priority ----------------------------------------------------------------------------------------------------


def priority_class(name, value, **more):
    return document("PriorityClass", "scheduling.k8s.io/v1", name, value=value, **more)


def test_a_priority_follows_from_the_class(door):
    door.send("create", priority_class("high", 1000, preemptionPolicy="Never"))
    found = [
        (p.spec.priority, p.spec.preemption_policy)
        for p in (
            door.send("create", pod("a")),
            door.send("create", pod("b", priorityClassName="high")),
            door.send("create", pod("c", priorityClassName="system-node-critical")),
        )
    ]
    assert found == [(0, "PreemptLowerPriority"), (1000, "Never"), (2000001000, "PreemptLowerPriority")]


def test_a_priority_is_not_to_be_given_and_a_class_must_exist(door):
    assert (
        "no PriorityClass with name ghost was found" in door.refusal("create", pod(priorityClassName="ghost")).message
    )
    why = (
        "the integer value of priority (7) must not be provided in pod spec; "
        "priority admission controller computed 0 from the given PriorityClass name"
    )
    assert f'pods "p" {MESSAGE}{why}' == door.refusal("create", pod(priority=7)).message


def test_there_is_one_default_class_and_pods_without_one_get_it(door):
    door.send("create", priority_class("usual", 5, globalDefault=True))
    made = door.send("create", pod())
    assert (made.spec.priority_class_name, made.spec.priority) == ("usual", 5)
    refused = door.refusal("create", priority_class("other", 6, globalDefault=True))
    assert "PriorityClass usual is already marked as default. Only one default can exist" in refused.message


# -- defaults of nodes, claims, ingresses ------------------------------------------------------------------------


def test_a_new_node_takes_no_pods_until_it_is_found_ready(door):
    made = door.send("create", document("Node", "v1", "n"))
    assert [(t.key, t.effect) for t in made.spec.taints] == [("node.kubernetes.io/not-ready", "NoSchedule")]


def claim(name="data", **spec):
    asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    return document("PersistentVolumeClaim", "v1", name, spec=asked)


def test_a_claim_without_a_class_gets_the_default_and_both_are_protected(door):
    made = door.send("create", claim())
    none = door.send("create", claim("none", storageClassName=""))
    assert [(c.spec.storage_class_name, c.metadata.finalizers) for c in (made, none)] == [
        ("standard", ("kubernetes.io/pvc-protection",)),
        ("", ("kubernetes.io/pvc-protection",)),
    ]
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/d"}}
    volume = door.send("create", document("PersistentVolume", "v1", "v", spec=spec))
    assert volume.metadata.finalizers == ("kubernetes.io/pv-protection",)


def test_of_several_default_classes_the_newest_counts(door):
    mark = {"storageclass.kubernetes.io/is-default-class": "true"}
    door.tick(1)
    new = document("StorageClass", "storage.k8s.io/v1", "fast", provisioner="x")
    new["metadata"]["annotations"] = mark
    door.send("create", new)
    assert door.send("create", claim()).spec.storage_class_name == "fast"


def test_an_ingress_gets_the_default_class_unless_it_names_one_in_either_way(door):
    nginx = document("IngressClass", "networking.k8s.io/v1", "nginx", spec={"controller": "k8s.io/ingress-nginx"})
    nginx["metadata"]["annotations"] = {"ingressclass.kubernetes.io/is-default-class": "true"}
    door.send("create", nginx)
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    plain, old = (document("Ingress", "networking.k8s.io/v1", n, spec={"defaultBackend": backend}) for n in "ab")
    old["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "other"}
    assert [door.send("create", i).spec.ingress_class_name for i in (plain, old)] == ["nginx", None]


def test_a_runtime_class_must_exist_and_gives_its_overhead_and_nodes(door):
    assert 'pod rejected: RuntimeClass "kata" not found' in door.refusal("create", pod(runtimeClassName="kata")).message
    kata = document("RuntimeClass", "node.k8s.io/v1", "kata", handler="kata")
    kata |= {"overhead": {"podFixed": {"memory": "64Mi"}}, "scheduling": {"nodeSelector": {"vm": "yes"}}}
    door.send("create", kata)
    made = door.send("create", pod(runtimeClassName="kata"))
    assert (dict(made.spec.overhead), dict(made.spec.node_selector)) == ({"memory": "64Mi"}, {"vm": "yes"})
    refused = door.refusal("create", pod("q", runtimeClassName="kata", nodeSelector={"vm": "no"}))
    why = "conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no"
    assert why in refused.message


# -- LimitRanger -------------------------------------------------------------------------------------------------


def limit_range(*limits, name="limits"):
    return document("LimitRange", "v1", name, spec={"limits": list(limits)})


def test_what_is_filled_in_is_noted(door):
    door.send("create", limit_range({"type": "Container", "default": {"cpu": "1", "memory": "1Gi"}}))
    made = door.send("create", pod(initContainers=[{"name": "i", "image": "x"}]))
    note = (
        "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c; "
        "cpu, memory request for init container i; cpu, memory limit for init container i"
    )
    assert note == made.metadata.annotations["kubernetes.io/limit-ranger"]
    assert dict(made.spec.containers[0].resources.requests) == {"cpu": "1", "memory": "1Gi"}


def test_all_that_is_out_of_bounds_is_said(door):
    item = {"type": "Container", "min": {"memory": "100Mi"}, "max": {"cpu": "2"}, "maxLimitRequestRatio": {"cpu": "2"}}
    door.send("create", limit_range(item))
    resources = {"requests": {"cpu": "1", "memory": "50Mi"}, "limits": {"cpu": "3", "memory": "50Mi"}}
    refused = door.refusal("create", pod(containers=[{"name": "c", "image": "x", "resources": resources}]))
    why = (
        "[minimum memory usage per Container is 100Mi, but request is 50Mi, "
        "maximum cpu usage per Container is 2, but limit is 3, "
        "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000]"
    )
    assert f'pods "p" {MESSAGE}{why}' == refused.message


def test_claims_have_bounds_too(door):
    door.send("create", limit_range({"type": "PersistentVolumeClaim", "max": {"storage": "2Gi"}}))
    door.send("create", claim())
    big = claim("big", resources={"requests": {"storage": "3Gi"}})
    why = "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi"
    assert f'persistentvolumeclaims "big" {MESSAGE}{why}' == door.refusal("create", big).message


def test_pods_that_are_there_may_change_whatever_the_limits_say(door):
    made = door.send("create", pod())
    door.send("create", limit_range({"type": "Pod", "min": {"cpu": "1"}}))
    changed = encode_object(made)
    changed["metadata"]["labels"] = {"a": "b"}
    assert dict(door.send("update", changed).metadata.labels) == {"a": "b"}
    assert LimitRanger.name == door.refusal("create", pod("q")).station.removeprefix("admission/")


# -- PodSecurity -------------------------------------------------------------------------------------------------

SAFE = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "c",
            "image": "x",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}


def level(mode, value):
    return {f"pod-security.kubernetes.io/{mode}": value}


def test_the_restricted_level_says_all_that_is_missing(door):
    door.namespace("strict", level("enforce", "restricted"))
    why = (
        'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set '
        'securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set '
        'securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set '
        'securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set '
        'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    )
    assert f'pods "p" {MESSAGE}{why}' == door.refusal("create", pod(), namespace="strict").message
    assert door.send("create", pod(**SAFE), namespace="strict").metadata.name == "p"


def test_the_baseline_forbids_what_reaches_the_node(door):
    door.namespace("base", level("enforce", "baseline"))
    door.send("create", pod("plain"), namespace="base")
    mighty = {"privileged": True, "capabilities": {"add": ["NET_ADMIN"]}}
    bad = pod(
        hostNetwork=True,
        volumes=[{"name": "root", "hostPath": {"path": "/"}}],
        containers=[
            {"name": "a", "image": "x", "ports": [{"containerPort": 80, "hostPort": 80}]},
            {"name": "b", "image": "x", "securityContext": mighty},
        ],
    )
    why = (
        'violates PodSecurity "baseline:latest": non-default capabilities (container "b" must not include "NET_ADMIN" '
        'in securityContext.capabilities.add), host namespaces (hostNetwork=true), hostPath volumes (volume "root"), '
        'hostPort (container "a" uses hostPort 80), privileged (container "b" must not set '
        "securityContext.privileged=true)"
    )
    assert f'pods "p" {MESSAGE}{why}' == door.refusal("create", bad, namespace="base").message


def test_warnings_are_given_for_pods_and_templates(door):
    door.namespace("warned", level("warn", "restricted"))
    told = []
    for data in (pod(), deployment(), pod("safe", **SAFE)):
        door.send("create", data, namespace="warned")
        told.append([w.split(":")[0] for w in door.server.warnings])
    assert told == [['would violate PodSecurity "restricted'], ['would violate PodSecurity "restricted'], []]


def test_a_stricter_level_warns_of_pods_that_are_there(door):
    door.namespace("open")
    for name in ("b", "a"):
        door.send("create", pod(name, hostNetwork=True), namespace="open")
    door.patch(types.Namespace, "open", {"metadata": {"labels": level("enforce", "baseline")}}, namespace="")
    head = 'existing pods in namespace "open" violate the new PodSecurity enforce level "baseline:latest"'
    assert [head, "a (and 1 other pod): host namespaces"] == door.server.warnings


def test_an_unknown_level_is_refused(door):
    refused = door.refusal(
        "create", {**document("Namespace", "v1", "x"), "metadata": {"name": "x", "labels": level("enforce", "high")}}
    )
    field = "metadata.labels[pod-security.kubernetes.io/enforce]"
    why = 'Invalid value: "high": must be one of privileged, baseline, restricted'
    assert f'Namespace "x" is invalid: {field}: {why}' == refused.message


# -- the fast way ------------------------------------------------------------------------------------------------


def template_pod(name, spec):
    return types.Pod(metadata=types.ObjectMeta(generate_name=name, namespace="default"), spec=spec)


def test_pods_of_one_template_are_admitted_as_the_first_was(door):
    spec = decode_object(types.Pod, pod()).spec
    first, second = (door.admin.create(template_pod("web-", spec)) for _ in range(2))
    slow = door.send("create", pod("slow"))
    assert first.spec is second.spec
    assert first.spec == slow.spec
    assert first.status == second.status == slow.status


def test_a_change_of_what_they_were_admitted_by_is_seen(door):
    spec = decode_object(types.Pod, pod()).spec
    door.admin.create(template_pod("web-", spec))
    door.send("create", limit_range({"type": "Container", "default": {"cpu": "1"}}))
    limited = door.admin.create(template_pod("web-", spec))
    again = door.admin.create(template_pod("web-", spec))
    assert [p.spec.containers[0].resources.limits["cpu"] for p in (limited, again)] == ["1", "1"]
    assert limited.metadata.annotations == again.metadata.annotations
    door.send("create", limit_range({"type": "Container", "min": {"cpu": "2"}}, name="other"))
    with pytest.raises(StatusError, match="minimum cpu usage per Container is 2, but request is 1"):
        door.admin.create(template_pod("web-", spec))


def test_nothing_is_admitted_on_a_dry_run_that_would_not_be_else(door):
    request = Request(ADMIN, "create", door._resource(pod()), "nowhere", "p", body=pod(), options=Options(dry_run=True))
    with pytest.raises(StatusError, match="not found"):
        door.server.handle(request)
    assert door.send("create", service(), dry_run=True).metadata.name == "web"
    assert None is door.etcd.get("services", ("default", "web"))
