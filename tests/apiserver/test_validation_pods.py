"""Rules of Pods and their templates, as upstream's validation has them: a row a rule."""

import copy

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.defaults import set_defaults
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_status
from tests.apiserver.door import pod

PODS = scheme.for_kind("v1", "Pod")
MIRROR = "kubernetes.io/config.mirror"
SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
ARMOR = "container.apparmor.security.beta.kubernetes.io/"


def complete(data):
    """As the door completes it before it is validated."""
    data = copy.deepcopy(data)
    data["metadata"].setdefault("namespace", "default")
    set_defaults(PODS, data)
    return data


def told(causes):
    return [(c.field, c.message) for c in causes]


def container(**fields):
    """A Pod whose one container has these fields."""
    return pod(containers=[{"name": "c", "image": "nginx", **fields}])


def init(**fields):
    """A Pod with a second init container of these fields."""
    first = {"name": "first", "image": "busybox"}
    return pod(initContainers=[first, {"name": "i", "image": "busybox", **fields}])


def debug(**fields):
    return pod(ephemeralContainers=[{"name": "d", "image": "busybox", **fields}])


def annotated(annotations, **spec):
    data = pod(**spec)
    data["metadata"]["annotations"] = annotations
    return data


def from_file(volumes=({"name": "files", "emptyDir": {}},), **reference):
    given = {"key": "A", "volumeName": "files", "path": "a.env", **reference}
    return pod(
        volumes=list(volumes),
        containers=[{"name": "c", "image": "nginx", "env": [{"name": "A", "valueFrom": {"fileKeyRef": given}}]}],
    )


def rules(*given, policy="Never"):
    return {"restartPolicy": policy, "restartPolicyRules": list(given)}


def on_exit(operator="In", values=(42,), action="Restart"):
    return {"action": action, "exitCodes": {"operator": operator, "values": list(values)}}


def user(name):
    return pod(securityContext={"windowsOptions": {"runAsUserName": name}})


def sysctl(name, **spec):
    return pod(securityContext={"sysctls": [{"name": name, "value": "1"}]}, **spec)


def amounts(**kinds):
    return {"resources": {kind: dict(found) for kind, found in kinds.items()}}


def whole(own, *containers):
    made = [{"name": f"c{i}", "image": "nginx", **found} for i, found in enumerate(containers)]
    return pod(resources=own, containers=made)


def spread(**constraint):
    given = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", **constraint}
    return pod(topologySpreadConstraints=[given])


def claims(*given):
    return pod(
        resourceClaims=[{"name": "gpu", "resourceClaimName": "x"}],
        containers=[{"name": "c", "image": "nginx", "resources": {"claims": list(given)}}],
    )


C, INIT, DEBUG = "spec.containers[0]", "spec.initContainers[1]", "spec.ephemeralContainers[0]"
USER = "spec.securityContext.windowsOptions.runAsUserName"
FILE = f"{C}.env[0].valueFrom.fileKeyRef"
NOT_EPHEMERAL = "Forbidden: cannot be set for an Ephemeral Container"
ON_CREATE = ("spec.ephemeralContainers", "Forbidden: cannot be set on create")
DISAGREE = "Forbidden: {0} type in annotation and field must match"
PROCESS = {"windowsOptions": {"hostProcess": True}}
HOST_USERS = "Forbidden: when `hostUsers` is false"
BLOCK = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "v"}}]}

CASES = [
    # restart rules of single containers
    (container(restartPolicyRules=[on_exit()]), f"{C}.restartPolicy",
     "Required value: must specify restartPolicy when restart rules are used"),
    (container(restartPolicy="Sometimes"), f"{C}.restartPolicy",
     'Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'),
    (container(**rules(*[on_exit()] * 21)), f"{C}.restartPolicyRules", "Too many: 21: must have at most 20 items"),
    (container(**rules(on_exit(action="Explode"))), f"{C}.restartPolicyRules[0].action",
     'Unsupported value: "Explode": supported values: "Restart", "RestartAllContainers"'),
    (container(**rules(on_exit(operator="Near"))), f"{C}.restartPolicyRules[0].exitCodes.operator",
     'Unsupported value: "Near": supported values: "In", "NotIn"'),
    (container(**rules(on_exit(values=range(256)))), f"{C}.restartPolicyRules[0].exitCodes.values",
     "Too many: 256: must have at most 255 items"),
    (container(**rules({"action": "Restart"})), f"{C}.restartPolicyRules[0].exitCodes",
     "Required value: must be specified"),
    (init(restartPolicyRules=[on_exit(operator="Near")]), f"{INIT}.restartPolicy",
     "Required value: must specify restartPolicy when restart rules are used"),
    # resizing
    (init(resizePolicy=[{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]),
     f"{INIT}.resizePolicy[0].restartPolicy",
     'Invalid value: "RestartContainer": must not be set to \'RestartContainer\' for non-sidecar initContainers'),
    (pod(restartPolicy="Never", containers=[
        {"name": "c", "image": "a", "resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]}]),
     f"{C}.resizePolicy",
     'Invalid value: "RestartContainer": must be \'NotRequired\' when pod `restartPolicy` is \'Never\''),
    # init containers run one by one: upstream blames the first for the ports of each
    (init(ports=[{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}]),
     "spec.initContainers[0].ports[1].hostPort", 'Duplicate value: "TCP//80"'),
    # raw devices
    (pod(**BLOCK, containers=[
        {"name": "c", "image": "a", "volumeDevices": [{"name": "v", "devicePath": "/dev/../x"}]}]),
     f"{C}.volumeDevices[0].devicePath", "Invalid value: \"/dev/../x\": can not contain backsteps ('..')"),
    (pod(hostUsers=False, **BLOCK, containers=[
        {"name": "c", "image": "a", "volumeDevices": [{"name": "v", "devicePath": "/dev/x"}]}]),
     f"{C}.volumeDevices", HOST_USERS),
    # variables from files
    (from_file(key=""), f"{FILE}.key", "Required value"),
    (from_file(key="a=b"), f"{FILE}.key",
     'Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters'
     " other than '='"),
    (from_file(path="../a.env"), f"{FILE}.path", "Invalid value: \"../a.env\": must not contain '..'"),
    (from_file(volumeName="others"), f"{FILE}.volumeName", 'Not found: "others"'),
    (from_file(volumes=[{"name": "files", "configMap": {"name": "x"}}]), f"{FILE}.volumeName",
     'Invalid value: "files": referenced volume must be of type emptyDir'),
    # the downward API
    (container(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.hostNetwork"}}}]),
     f"{C}.env[0].valueFrom.fieldRef.fieldPath",
     'Invalid value: "spec.hostNetwork": error converting fieldPath: field label not supported: spec.hostNetwork'),
    (container(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name['a']"}}}]),
     f"{C}.env[0].valueFrom.fieldRef.fieldPath",
     "Invalid value: \"metadata.name['a']\": error converting fieldPath: field label does not support subscript:"
     " metadata.name['a']"),
    # namespaces of the host
    (pod(hostUsers=False, hostNetwork=True), "spec.hostNetwork", HOST_USERS),
    (pod(hostUsers=False, hostPID=True), "spec.HostPID", HOST_USERS),
    (pod(shareProcessNamespace=True, hostPID=True), "spec.shareProcessNamespace",
     "Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled"),
    (sysctl("net.core.somaxconn", hostNetwork=True), "spec.securityContext.sysctls[0].name",
     "Invalid value: \"net.core.somaxconn\": may not be specified when 'hostNetwork' is true"),
    (sysctl("kernel.shmmax", hostIPC=True), "spec.securityContext.sysctls[0].name",
     "Invalid value: \"kernel.shmmax\": may not be specified when 'hostIPC' is true"),
    (sysctl("kernel/sem", hostIPC=True), "spec.securityContext.sysctls[0].name",
     "Invalid value: \"kernel/sem\": may not be specified when 'hostIPC' is true"),
    # names
    (pod(hostnameOverride="a", setHostnameAsFQDN=True), "spec.hostnameOverride",
     "Forbidden: may not be specified when setHostnameAsFQDN is true"),
    (pod(hostnameOverride="a", hostNetwork=True), "spec.hostnameOverride",
     "Forbidden: may not be specified when hostNetwork is true"),
    (pod(hostnameOverride="a" * 65), "spec.hostnameOverride", "Too long: may not be more than 64 bytes"),
    (pod(terminationGracePeriodSeconds=-1), "spec.terminationGracePeriodSeconds",
     "Invalid value: -1: must be greater than or equal to 0"),
    # claims of devices
    (pod(resourceClaims=[{"name": "a", "resourceClaimName": "x", "resourceClaimTemplateName": "y"}]),
     "spec.resourceClaims[0]",
     'Invalid value: {"name":"a","resourceClaimName":"x","resourceClaimTemplateName":"y"}:'
     " at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"),
    (annotated({MIRROR: "x"}, nodeName="a", resourceClaims=[{"name": "a", "resourceClaimName": "x"}]), "",
     "Forbidden: static pods do not support resource claims"),
    (claims({"name": "gpu"}, {"name": "gpu", "request": "a"}), f"{C}.resources.claims[1]", 'Duplicate value: "gpu"'),
    (claims({"name": "gpu", "request": "a"}, {"name": "gpu", "request": "a"}), f"{C}.resources.claims[1]",
     'Duplicate value: "gpu/a"'),
    (claims({"name": "gpu", "request": "a"}, {"name": "gpu"}), f"{C}.resources.claims[1]", 'Duplicate value: "gpu"'),
    # the Pod's own resources
    (pod(resources={"claims": []}), "spec.resources.claims",
     "Forbidden: claims may not be set for Resources at pod-level"),
    (pod(resources={"limits": {"cpu": "1"}}, os={"name": "windows"}), "spec.resources",
     "Forbidden: may not be set for a windows pod"),
    (whole({"requests": {"cpu": "1"}}, amounts(requests={"cpu": "600m"}), amounts(requests={"cpu": "600m"})),
     "spec.resources.requests[cpu]",
     'Invalid value: "1": must be greater than or equal to aggregate container requests of 1200m'),
    (whole({"limits": {"cpu": "1"}}, {}, amounts(limits={"cpu": "2"}, requests={"cpu": "1"})),
     "spec.resources.containers[1][cpu].limits",
     'Invalid value: "2": must be less than or equal to pod limits of 1'),
    # Windows
    (pod(os={"name": "windows"}, securityContext={"seLinuxChangePolicy": "Recursive"}),
     "spec.securityContext.seLinuxChangePolicy", "Forbidden: cannot be set for a windows pod"),
    (user(""), USER, 'Invalid value: "": runAsUserName cannot be an empty string'),
    (user("a\tb"), USER, 'Invalid value: "a\\tb": runAsUserName cannot contain control characters'),
    (user("a\\b\\c"), USER, 'Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash'),
    (user("_a-.\\b"), USER, None),
    (user("a_b.very-long-name\\b"), USER,
     'Invalid value: "a_b.very-long-name\\\\b": runAsUserName\'s Domain doesn\'t match the NetBios nor the DNS format'),
    (user("a\\"), USER, 'Invalid value: "a\\\\": runAsUserName\'s User cannot be empty'),
    (user("..."), USER, 'Invalid value: "...": runAsUserName\'s User cannot contain only periods or spaces'),
    (user("a" * 105), USER,
     f'Invalid value: "{"a" * 105}": runAsUserName\'s User length must not be longer than 104 characters'),
    (pod(securityContext={"windowsOptions": {"gmsaCredentialSpec": ""}}),
     "spec.securityContext.windowsOptions.gmsaCredentialSpec",
     'Invalid value: "": gmsaCredentialSpec cannot be an empty string'),
    (container(securityContext=PROCESS), "spec.hostNetwork",
     "Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers"),
    (pod(hostNetwork=True, containers=[
        {"name": "a", "image": "a", "securityContext": PROCESS}, {"name": "b", "image": "a"}]), "spec",
     'Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess'
     " containers"),
    # profiles
    (annotated({SECCOMP + "c": "mine"}), f"metadata.annotations.{SECCOMP}c",
     'Invalid value: "mine": must be a valid seccomp profile'),
    (annotated({ARMOR + "d": "unconfined"}), f"metadata.annotations[{ARMOR}d]",
     'Invalid value: "d": container not found'),
    (annotated({ARMOR + "c": "mine"}), f"metadata.annotations[{ARMOR}c]",
     'Invalid value: "mine": invalid AppArmor profile name: "mine"'),
    (annotated({"seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
               securityContext={"seccompProfile": {"type": "RuntimeDefault"}}),
     "spec.securityContext.seccompProfile.type", DISAGREE.format("seccomp")),
    (annotated({ARMOR + "c": "unconfined"}, securityContext={"appArmorProfile": {"type": "RuntimeDefault"}}),
     f"{C}.securityContext.appArmorProfile.type", DISAGREE.format("apparmor")),
    (annotated({ARMOR + "c": "localhost/a"},
               securityContext={"appArmorProfile": {"type": "Localhost", "localhostProfile": "b"}}),
     f"{C}.securityContext.appArmorProfile.localhostProfile",
     "Forbidden: apparmor profile in annotation and field must match"),
    # where Pods want to be
    (spread(matchLabelKeys=["a"]), "spec.topologySpreadConstraints[0].matchLabelKeys",
     "Forbidden: must not be specified when labelSelector is not set"),
    (spread(matchLabelKeys=["a"], labelSelector={
        "matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}),
     "spec.topologySpreadConstraints[0][0]", 'Invalid value: "a": exists in both matchLabelKeys and labelSelector'),
    (pod(tolerations=[{"key": "a", "operator": "Gt", "value": "1"}]), "spec.tolerations[0].operator",
     'Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"'),
]  # fmt: skip


@pytest.mark.parametrize("data, field, message", CASES, ids=[f"{i}-{field}" for i, (_, field, _) in enumerate(CASES)])
def test_a_pod_is_refused_in_upstreams_words(data, field, message):
    expected = [(field, message)] if message is not None else []
    assert told(validate_create(PODS, complete(data))) == expected


@pytest.mark.parametrize("name, value", [
    ("restartPolicy", "Always"),
    ("resizePolicy", [{"resourceName": "cpu", "restartPolicy": "NotRequired"}]),
    ("ports", [{"containerPort": 80}]),
    ("lifecycle", {"preStop": {"sleep": {"seconds": 1}}}),
])  # fmt: skip
def test_an_ephemeral_container_may_only_say_some_things(name, value):
    assert told(validate_create(PODS, complete(debug(**{name: value})))) == [
        (f"{DEBUG}.{name}", NOT_EPHEMERAL),
        ON_CREATE,
    ]


def test_in_a_template_too_the_annotation_and_the_field_of_a_profile_agree():
    profile = {"seccompProfile": {"type": "RuntimeDefault"}}
    inner = pod(containers=[{"name": "c", "image": "nginx", "securityContext": profile}])
    meta = {"labels": {"app": "web"}, "annotations": {SECCOMP + "c": "unconfined"}}
    template = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "t", "namespace": "default"}}
    template["template"] = {"metadata": meta, "spec": inner["spec"]}
    kind = scheme.for_kind("v1", "PodTemplate")
    set_defaults(kind, template)
    field = "template.spec.containers[0].securityContext.seccompProfile.type"
    assert told(validate_create(kind, template)) == [(field, DISAGREE.format("seccomp"))]


def test_the_old_name_of_the_node_can_be_asked_for():
    old = container(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.host"}}}])
    assert told(validate_create(PODS, complete(old))) == []


# -- status ------------------------------------------------------------------------------------------------------------

NEW = complete(pod(resourceClaims=[{"name": "gpu", "resourceClaimName": "x"}]))


def with_status(data, **status):
    return copy.deepcopy(data) | {"status": {"qosClass": "BestEffort", **status}}


BOUND = complete(pod(nodeName="a"))
STATUSES = [
    (NEW, {"observedGeneration": -1}, "status.observedGeneration",
     "Invalid value: -1: must be a non-negative integer"),
    (NEW, {"conditions": [{"type": "Ready", "observedGeneration": -1}]}, "status.conditions[0].observedGeneration",
     "Invalid value: -1: must be a non-negative integer"),
    (BOUND, {"nominatedNodeName": "b"}, "status.nominatedNodeName",
     "Forbidden: may not be set on pods that are already bound to a node"),
    (NEW, {"qosClass": "Guaranteed"}, "status.qosClass", 'Invalid value: "Guaranteed": field is immutable'),
    (NEW, {"podIP": "10.0.0.1"}, "status.podIPs",
     "Invalid value: null: podIP and podIPs must either both be set or both be unset"),
    (NEW, {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.2"}]}, "status.podIPs[0].ip",
     'Invalid value: "10.0.0.2": must be equal to `podIP`'),
    (NEW, {"hostIP": "10.0.0.1", "hostIPs": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]}, "status.hostIPs",
     'Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family'),
    (NEW, {"resourceClaimStatuses": [{"name": "tpu"}]}, "status.resourceClaimStatuses[0].name",
     'Invalid value: "tpu": must match the name of an entry in `spec.resourceClaims`'),
    (NEW, {"containerStatuses": [{"name": "c", "user": {"linux": {"uid": -1, "gid": 0}}}]},
     "status.containerStatuses[0].user.linux.uid", "Invalid value: -1: must be between 0 and 4294967295, inclusive"),
]  # fmt: skip


@pytest.mark.parametrize("old, status, field, message", STATUSES, ids=[field for _, _, field, _ in STATUSES])
def test_a_status_is_refused_in_upstreams_words(old, status, field, message):
    new, before = with_status(old, **status), with_status(old)
    assert told(validate_status(PODS, new, before)) == [(field, message)]


def ended(code):
    return {"containerStatuses": [{"name": "c", "state": {"terminated": {"exitCode": code}}}]}


RUNNING = {"containerStatuses": [{"name": "c", "state": {"running": {}}}]}


@pytest.mark.parametrize("fields, code, again", [
    ({}, 1, False),
    ({"restartPolicy": "Always"}, 0, True),
    ({"restartPolicy": "OnFailure"}, 0, False),
    ({"restartPolicy": "OnFailure"}, 1, True),
    (rules(on_exit()), 42, True),
    (rules(on_exit()), 1, False),
    (rules(on_exit(operator="NotIn")), 1, True),
    (rules(on_exit(action="RestartAllContainers")), 1, True),
])  # fmt: skip
def test_an_ended_container_of_a_pod_that_never_restarts_runs_again_by_its_own_rules(fields, code, again):
    never = container(**fields)
    never["spec"]["restartPolicy"] = "Never"
    data = complete(never)
    said = "Forbidden: may not be transitioned to non-terminated state"
    expected = [] if again else [("status.containerStatuses[0].state", said)]
    assert told(validate_status(PODS, with_status(data, **RUNNING), with_status(data, **ended(code)))) == expected


def test_the_names_of_a_pod_are_told_in_the_order_of_upstream():
    data = pod(
        hostname="A", activeDeadlineSeconds=0, nodeName="x_y", priorityClassName="Q", tolerations=[{"key": "a b"}]
    )
    fields = [field.removeprefix("spec.") for field, _ in told(validate_create(PODS, complete(data)))]
    assert fields == ["nodeName", "activeDeadlineSeconds", "hostname", "tolerations[0].key", "priorityClassName"]


def test_a_windows_pod_is_told_of_its_own_fields_first():
    data = pod(os={"name": "windows"}, hostPID=True, securityContext={"runAsUser": 1})
    fields = [field for field, _ in told(validate_create(PODS, complete(data)))]
    assert fields == ["spec.securityContext.runAsUser", "spec.hostPID"]


def test_the_claim_of_an_ephemeral_volume_has_labels_and_annotations_only():
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    template = {"metadata": {"name": "x", "labels": {"a": "b c"}}, "spec": claim}
    data = pod(volumes=[{"name": "v", "ephemeral": {"volumeClaimTemplate": template}}])
    at = "spec.volumes[0].ephemeral.volumeClaimTemplate.metadata"
    fields = [field for field, _ in told(validate_create(PODS, complete(data)))]
    assert fields == [f"{at}.labels", f"{at}.name"]
