"""Rules of smaller kinds, as upstream's validation has them: webhooks, storage, networking, certificates."""

import pytest

from tests.apiserver.door import Door, document
from tests.certificates import REQUEST


@pytest.fixture(scope="module")
def door():
    return Door()


RULE = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
HOOK = {
    "name": "check.example.com",
    "admissionReviewVersions": ["v1"],
    "sideEffects": "None",
    "clientConfig": {"service": {"name": "check", "namespace": "default", "path": "/check"}},
    "rules": [RULE],
}


def hooks(**more):
    data = document("ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1", "check")
    return data | {"webhooks": [HOOK | more]}


def rule(**more):
    return hooks(rules=[RULE | more])


def url(text):
    return hooks(clientConfig={"url": text})


def service(**more):
    return hooks(clientConfig={"service": HOOK["clientConfig"]["service"] | more})


def storage(kind, name="x", **rest):
    return document(kind, "storage.k8s.io/v1", name, **rest)


def storage_class(**rest):
    return storage("StorageClass", provisioner="example.com/disk", **rest)


def topology(*expressions):
    return storage_class(allowedTopologies=[{"matchLabelExpressions": list(expressions)}])


def attachment(**spec):
    source = {"persistentVolumeName": "disk"}
    return storage("VolumeAttachment", spec={"attacher": "disk.example.com", "nodeName": "a", "source": source, **spec})


def csi_node(**driver):
    return storage("CSINode", "a", spec={"drivers": [{"name": "disk.example.com", "nodeID": "a", **driver}]})


def csi_driver(**spec):
    return storage("CSIDriver", "disk.example.com", spec=spec)


def request(**spec):
    given = {"request": REQUEST, "usages": ["client auth"], "signerName": "example.com/mine", **spec}
    return document("CertificateSigningRequest", "certificates.k8s.io/v1", "x", spec=given)


def runtime(**rest):
    return document("RuntimeClass", "node.k8s.io/v1", "x", handler="runsc", **rest)


def networking(kind, name="x", **rest):
    return document(kind, "networking.k8s.io/v1", name, **rest)


PATH = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}


def ingress(annotations=None, path=None, **spec):
    rules = [{"http": {"paths": [PATH | (path or {})]}}]
    data = networking("Ingress", spec={"rules": rules, **spec})
    data["metadata"]["annotations"] = annotations or {}
    return data


def slice_of(*zones):
    hints = {"forZones": [{"name": zone} for zone in zones]}
    endpoints = [{"addresses": ["10.0.0.1"], "hints": hints}]
    return document("EndpointSlice", "discovery.k8s.io/v1", "x", addressType="IPv4", endpoints=endpoints)


def block(cidr):
    return networking("NetworkPolicy", spec={"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": cidr}}]}]})


def policy(**spec):
    return networking("NetworkPolicy", spec={"podSelector": {}, **spec})


def api(name="v1.example.com", **spec):
    given = {"version": "v1", "group": "example.com", "groupPriorityMinimum": 100, "versionPriority": 10, **spec}
    return document("APIService", "apiregistration.k8s.io/v1", name, spec=given)


CLASS = "kubernetes.io/ingress.class"
FORM = "; desired format: https://host[/path]"
TOLERATION = {"key": "a", "operator": "Exists"}
AT, SPEC = "webhooks[0]", "spec"

CASES = [
    (hooks(admissionReviewVersions=["v2"]), f"{AT}.admissionReviewVersions",
     'Invalid value: ["v2"]: must include at least one of v1, v1beta1'),
    (hooks(admissionReviewVersions=["v1", "v1"]), f"{AT}.admissionReviewVersions[1]",
     'Invalid value: "v1": duplicate version'),
    (rule(operations=["*", "CREATE"]), f"{AT}.rules[0].operations",
     'Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations'),
    (rule(operations=["READ"]), f"{AT}.rules[0].operations[0]",
     'Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"'),
    (rule(apiGroups=["*", "apps"]), f"{AT}.rules[0].apiGroups",
     'Invalid value: ["*","apps"]: if \'*\' is present, must not specify other API groups'),
    (rule(resources=["pods/*", "pods/status"]), f"{AT}.rules[0].resources[1]",
     "Invalid value: \"pods/status\": if 'pods/*' is present, must not specify pods/status"),
    (rule(resources=["*/*", "pods"]), f"{AT}.rules[0].resources",
     'Invalid value: ["*/*","pods"]: if \'*/*\' is present, must not specify other resources'),
    (rule(resources=["*", "pods"]), f"{AT}.rules[0].resources",
     'Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources'),
    (rule(scope="All"), f"{AT}.rules[0].scope",
     'Unsupported value: "All": supported values: "*", "Cluster", "Namespaced"'),
    (url("http://example.com"), f"{AT}.clientConfig.url",
     f'Invalid value: "http": \'https\' is the only allowed URL scheme{FORM}'),
    (url("https://"), f"{AT}.clientConfig.url", f'Invalid value: "": host must be specified{FORM}'),
    (url("https://me@example.com"), f"{AT}.clientConfig.url",
     'Invalid value: "me": user information is not permitted in the URL'),
    (url("https://example.com?a=b"), f"{AT}.clientConfig.url",
     'Invalid value: "a=b": query parameters are not permitted in the URL'),
    (service(name=""), f"{AT}.clientConfig.service.namespace", "Required value"),
    (service(port=70000), f"{AT}.clientConfig.service.port",
     "Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive"),
    (service(path="check"), f"{AT}.clientConfig.service.path", "Invalid value: \"check\": must start with a '/'"),
    (service(path="/a//b"), f"{AT}.clientConfig.service.path",
     'Invalid value: "/a//b": segment[1] may not be empty'),
    (hooks(matchConditions=[{"name": "a", "expression": ""}]), f"{AT}.matchConditions[0].expression",
     "Required value"),
    (topology({"key": "zone", "values": ["a", "a"]}), "allowedTopologies[0].matchLabelExpressions[0].values[1]",
     'Duplicate value: "a"'),
    (topology({"key": "zone", "values": ["a"]}, {"key": "zone", "values": ["b"]}),
     "allowedTopologies[0].matchLabelExpressions[1].key", 'Duplicate value: "zone"'),
    (storage_class(parameters={"a": "x" * 262144}), "parameters", "Too long: may not be more than 262144 bytes"),
    (storage("VolumeAttributesClass", driverName="disk.example.com"), "parameters",
     "Required value: must contain at least one key/value pair"),
    (attachment(source={"persistentVolumeName": "a", "inlineVolumeSpec": {}}), "spec.source",
     "Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName"),
    (attachment(source={"persistentVolumeName": ""}), "spec.source.persistentVolumeName",
     "Required value: must specify non empty persistentVolumeName"),
    (csi_node(nodeID=""), "spec.drivers[0].nodeID", "Required value"),
    (csi_node(topologyKeys=["a", "a"]), "spec.drivers[0]", 'Duplicate value: "a"'),
    (csi_node(allocatable={"count": -1}), "spec.drivers[0].allocatable.count",
     "Invalid value: -1: must be greater than or equal to 0"),
    (csi_driver(fsGroupPolicy="Some"), "spec.fsGroupPolicy",
     'Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"'),
    (csi_driver(tokenRequests=[{"audience": "a", "expirationSeconds": 60}]),
     "spec.tokenRequests[0].expirationSeconds",
     "Invalid value: 60: may not specify a duration less than 10 minutes"),
    (csi_driver(volumeLifecycleModes=["Short"]), "spec.volumeLifecycleModes",
     'Unsupported value: "Short": supported values: "Persistent", "Ephemeral"'),
    (request(usages=[]), "spec.usages", "Required value"),
    (request(usages=["signing", "signing"]), "spec.usages[1]", 'Duplicate value: "signing"'),
    (request(signerName="mine"), "spec.signerName",
     "Invalid value: \"mine\": must be a fully qualified domain and path of the form 'example.com/signer-name'"),
    (request(signerName="example/mine"), "spec.signerName",
     'Invalid value: "example": should be a domain with at least two segments separated by dots'),
    (request(signerName="kubernetes.io/legacy-unknown"), "spec.signerName",
     'Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version'),
    (request(expirationSeconds=60), "spec.expirationSeconds",
     "Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)"),
    (api("other"), "metadata.name",
     'Invalid value: "other": must be `spec.version+"."+spec.group`: "v1.example.com"'),
    (api("v2.", version="v2", group=""), "spec.group",
     "Required value: only v1 may have an empty group and it better be legacy kube"),
    (api(versionPriority=1001), "spec.versionPriority", "Invalid value: 1001: must be positive and less than 1000"),
    (api(caBundle="YWI="), "spec.caBundle", 'Invalid value: "2 bytes": local APIServices may not have a caBundle'),
    (api(insecureSkipTLSVerify=True), "spec.insecureSkipTLSVerify",
     "Invalid value: true: local APIServices may not have insecureSkipTLSVerify"),
    (api(service={"name": "a"}), "spec.service.namespace", "Required value"),
    (api(service={"name": "a", "namespace": "b"}, caBundle="YWI=", insecureSkipTLSVerify=True),
     "spec.insecureSkipTLSVerify", "Invalid value: true: may not be true if caBundle is present"),
    (runtime(scheduling={"tolerations": [TOLERATION, TOLERATION]}), "scheduling.tolerations[1]",
     'Duplicate value: {"key":"a","operator":"Exists"}'),
    (runtime(overhead={"podFixed": {"cpu": "-1"}}), "overhead.limits[cpu]",
     'Invalid value: "-1": must be greater than or equal to 0'),
    (ingress({CLASS: "a"}, ingressClassName="b"), f"annotations.{CLASS}",
     'Invalid value: "a": must match `ingressClassName` when both are specified'),
    (ingress(path={"backend": {"resource": {"kind": "a/b", "name": ""}}}),
     "spec.rules[0].http.paths[0].backend.resource.kind", "Invalid value: \"a/b\": may not contain '/'"),
    (ingress(path={"backend": {"resource": {"kind": "A", "name": ""}}}),
     "spec.rules[0].http.paths[0].backend.resource.name", "Required value"),
    (networking("IngressClass", spec={"controller": "a.b/c", "parameters": {"kind": "A", "name": "a"} | {
        "scope": "Namespace", "namespace": "A"}}), "spec.parameters.namespace",
     'Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \'-\', and '
     "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
     "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"),
    (policy(policyTypes=["Both"]), "spec.policyTypes[0]",
     'Unsupported value: "Both": supported values: "Ingress", "Egress"'),
    (policy(ingress=[{"ports": [{"protocol": "HTTP"}]}]), "spec.ingress[0].ports[0].protocol",
     'Unsupported value: "HTTP": supported values: "TCP", "UDP", "SCTP"'),
    (block("10.0.0.1/8"), "spec.ingress[0].from[0].ipBlock.cidr",
     'Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length'),
    (slice_of("a", "a"), "endpoints[0].hints.forZones[1].name", 'Duplicate value: "a"'),
    (networking("IPAddress", "10.0.0.1"), "spec.parentRef", "Required value"),
    (networking("IPAddress", "ten", spec={"parentRef": {"resource": "services", "name": "a"}}), "metadata.name",
     'Invalid value: "ten": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'),
    (networking("ServiceCIDR", spec={"cidrs": ["10.0.0.0/16", "10.1.0.0/16"]}), "spec.cidrs",
     'Invalid value: ["10.0.0.0/16","10.1.0.0/16"]: may specify no more than one IP for each IP family, i.e '
     "192.168.0.0/24 and 2001:db8::/64"),
    (networking("ServiceCIDR", spec={"cidrs": []}), "spec.cidrs", "Required value: at least one CIDR required"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "field", "message"), CASES)
def test_an_object_is_refused(door, data, field, message):
    refused = door.refusal("create", data, dry_run=True)
    assert (field, message) in [(c.field, c.message) for c in refused.details.causes]


@pytest.mark.parametrize(
    "data",
    [
        hooks(),
        api(),
        api(service={"name": "a", "namespace": "b"}, caBundle="YWI="),
        url("https://example.com/check"),
        rule(resources=["pods", "pods/status", "*/scale"]),
        topology({"key": "zone", "values": ["a", "b"]}),
        storage("VolumeAttributesClass", driverName="disk.example.com", parameters={"iops": "1"}),
        storage("CSIStorageCapacity", storageClassName="standard", capacity="1Gi"),
        attachment(),
        csi_node(topologyKeys=["zone"]),
        csi_driver(tokenRequests=[{"audience": ""}, {"audience": "a"}]),
        request(expirationSeconds=600),
        ingress({CLASS: "nginx"}, ingressClassName="nginx"),
        block("2001:DB8::/32"),
        slice_of("a", "b"),
        networking("IPAddress", "10.0.0.1", spec={"parentRef": {"resource": "services", "name": "a"}}),
        networking("ServiceCIDR", spec={"cidrs": ["10.1.0.0/16", "2001:db8::/112"]}),
        runtime(scheduling={"tolerations": [TOLERATION]}, overhead={"podFixed": {"cpu": "100m"}}),
    ],
)
def test_an_object_is_accepted(door, data):
    assert door.send("create", data, dry_run=True).metadata.name == data["metadata"]["name"]
