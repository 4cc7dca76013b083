"""Services, claims, nodes, quotas and limit ranges: rules of upstream's that its own tables leave out, a row a rule."""

import pytest

from tests.apiserver.door import document
from tests.apiserver.rules import changed, created, reported

FORBIDDEN, NEEDED = "Forbidden", "Required value"
HINTS, MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
CLASS = "volume.beta.kubernetes.io/storage-class"
CHANGED = "may not change once set"


def service(annotations=None, name="web", **spec):
    made = {
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}],
        **spec,
    }
    data = document("Service", "v1", name, spec=made)
    data["metadata"]["annotations"] = annotations or {}
    return data


def addressed(*ips, families=(), **more):
    return service(clusterIP=ips[0] if ips else "", clusterIPs=list(ips), ipFamilies=list(families), **more)


def balanced(**ingress):
    data = service(type="LoadBalancer", externalTrafficPolicy="Cluster")
    return data | {"status": {"loadBalancer": {"ingress": [ingress]}}}


def claim(annotations=None, status=None, **spec):
    made = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}
    data = document("PersistentVolumeClaim", "v1", "data", spec=made)
    data["metadata"]["annotations"] = annotations or {}
    return data | {"status": status or {}}


def node(status=None, **spec):
    return document("Node", "v1", "a", spec=spec) | {"status": status or {}}


def quota(status=None, **spec):
    return document("ResourceQuota", "v1", "q", spec=spec) | {"status": status or {}}


def limits(**item):
    return document("LimitRange", "v1", "l", spec={"limits": [{"type": "Container", **item}]})


FEATURE = (
    "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or "
    "MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
)
VOLUME = {"kind": "PersistentVolumeClaim", "name": "a"}
STANDARD = "must be a standard resource for quota"

REFUSED = [
    (service({HINTS: "Auto", MODE: "Disabled"}), f"metadata.annotations[{MODE}]",
     f'Invalid value: "Disabled": must match annotations[{HINTS}] when both are specified'),
    (addressed("10.0.0.1", "10.0.0.2"), "spec.clusterIPs",
     'Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family'),
    (addressed("fd00::1", families=["IPv4"]), "spec.clusterIPs[0]",
     'Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`'),
    (addressed("10.0.0.1", "fd00::1", families=["IPv4", "IPv4"]), "spec.ipFamilies[1]", 'Duplicate value: "IPv4"'),
    (service(type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=70000),
     "spec.healthCheckNodePort", "Invalid value: 70000: must be between 1 and 65535, inclusive"),
    (claim(dataSource=VOLUME, dataSourceRef=VOLUME | {"name": "b"}), "spec",
     'Invalid value: "spec.dataSource": must match dataSourceRef'),
    (node({"declaredFeatures": ["a"]}), "status.declaredFeatures[0]",
     f'Invalid value: "a": invalid feature name "a": {FEATURE}'),
    (node({"declaredFeatures": ["A", "A"]}), "status.declaredFeatures[1]", 'Duplicate value: "A"'),
    (node({"declaredFeatures": ["B", "A"]}), "status.declaredFeatures[1]",
     'Invalid value: "A": list must be sorted alphabetically'),
    (node({"nodeInfo": {"swap": {"capacity": 0}}}), "metadata.nodeSwapStatus.capacity",
     "Invalid value: 0: must be greater than zero"),
    (node(podCIDRs=["10.0.0.0/24", "10.0.1.0/24"]), "spec.podCIDRs",
     'Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family'),
    (quota({"used": {"odd.name": "1"}}), "status.used[odd.name]",
     'Invalid value: "odd.name": must be a standard resource type or fully qualified'),
    (quota({"hard": {"pods": "-1"}}), "status.hard[pods]",
     'Invalid value: "-1": must be greater than or equal to 0'),
    (quota(scopeSelector={"matchExpressions": [{"scopeName": name, "operator": "Exists"} for name in (
        "Terminating", "NotTerminating")]}), "spec.scopeSelector.matchExpressions",
     "Invalid value: null: conflicting scopes"),
    (limits(default={"hugepages-2Mi": "4Mi"}, defaultRequest={"hugepages-2Mi": "2Mi"}),
     "spec.limits[0].defaultRequest[hugepages-2Mi]",
     'Invalid value: "2Mi": default value 4Mi must equal to defaultRequest value 2Mi in hugepages-2Mi'),
]  # fmt: skip


@pytest.mark.parametrize(("data", "field", "message"), REFUSED)
def test_an_object_of_the_core_group_is_refused(data, field, message):
    assert (field, message) in created(data)


@pytest.mark.parametrize(
    "data",
    [
        service(name="3-tier"),
        service({HINTS: "Auto", MODE: "Auto"}),
        addressed("10.0.0.1", "fd00::1", families=["IPv4", "IPv6"]),
        claim(dataSource=VOLUME, dataSourceRef=VOLUME),
        node({"declaredFeatures": ["A", "A/b", "B"]}, podCIDRs=["10.0.0.0/24", "fd00::/64"]),
        limits(default={"cpu": "2"}, defaultRequest={"cpu": "1"}),
    ],
)
def test_an_object_of_the_core_group_is_accepted(data):
    assert created(data) == []


V4, BOTH = addressed("10.0.0.1", families=["IPv4"]), addressed("10.0.0.1", "fd00::1", families=["IPv4", "IPv6"])
KEPT = "must be set to 'SingleStack' when releasing the secondary"

CHANGES = [
    (V4, addressed("10.0.0.2", families=["IPv4"]), "spec.clusterIPs[0]", f'Invalid value: ["10.0.0.2"]: {CHANGED}'),
    (V4, addressed(families=["IPv4"]), "spec.clusterIPs[0]",
     "Invalid value: null: primary clusterIP can not be unset"),
    (BOTH, V4, "spec.ipFamilyPolicy", f"Invalid value: null: {KEPT} clusterIP"),
    (BOTH, V4, "spec.ipFamilyPolicy", f"Invalid value: null: {KEPT} ipFamily"),
    (BOTH, addressed("10.0.0.1", "fd00::2", families=["IPv4", "IPv6"]), "spec.clusterIPs[1]",
     f'Invalid value: ["10.0.0.1","fd00::2"]: {CHANGED}'),
    (BOTH, addressed("10.0.0.1", "fd00::1", families=["IPv6", "IPv4"]), "spec.ipFamilies[0]",
     f'Invalid value: ["IPv6","IPv4"]: {CHANGED}'),
    (claim({CLASS: "a"}), claim({CLASS: "b"}), f"metadata.annotations.{CLASS}",
     'Invalid value: "b": field is immutable'),
    (claim(status={"currentVolumeAttributesClassName": "a"}, volumeAttributesClassName="a"), claim(),
     "spec.volumeAttributesClassName",
     f"{FORBIDDEN}: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil"),
    (node(providerID="a"), node(providerID="b"), "spec.providerID",
     "Invalid value: null: field cannot be modified once set"),
    (node(providerID="a"), node(), "spec.providerID", "Invalid value: null: field cannot be cleared once set"),
    (node(podCIDRs=["10.0.0.0/24"]), node(podCIDRs=["10.0.1.0/24"]), "spec.podCIDRs",
     f'{FORBIDDEN}: node updates may not change podCIDR except from "" to valid'),
    (node(), node(externalID="a"), "spec.externalID", f"{FORBIDDEN}: may not be updated"),
    (node(), node(podCIDRs=["ten"]), "spec.podCIDRs[0]",
     'Invalid value: "ten": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "field", "message"), CHANGES)
def test_a_change_of_the_core_group_is_refused(old, new, field, message):
    assert (field, message) in changed(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (V4, BOTH),
        (BOTH, addressed("10.0.0.1", families=["IPv4"], ipFamilyPolicy="SingleStack")),
        (claim({CLASS: "a"}), claim(storageClassName="a")),
        (node(), node(podCIDRs=["10.0.0.0/24"], providerID="a")),
    ],
)
def test_a_change_of_the_core_group_is_accepted(old, new):
    assert changed(old, new) == []


ADDRESS = {"type": "InternalIP", "address": "10.0.0.1"}
LB = "status.loadBalancer.ingress[0]"

STATUSES = [
    (balanced(ip="10.0.0.1"), f"{LB}.ipMode", f"{NEEDED}: must be specified when `ip` is set"),
    (balanced(hostname="a.example.com", ipMode="VIP"), f"{LB}.ipMode",
     f"{FORBIDDEN}: may not be specified when `ip` is not set"),
    (balanced(ip="10.0.0.1", ipMode="Odd"), f"{LB}.ipMode",
     'Unsupported value: "Odd": supported values: "Proxy", "VIP"'),
    (balanced(hostname="10.0.0.1"), f"{LB}.hostname",
     'Invalid value: "10.0.0.1": must be a DNS name, not an IP address'),
    (claim(status={"capacity": {"storage": "-1"}}), "status.capacity[storage]",
     "Invalid value: -1: must be a valid resource quantity"),
    (claim(status={"allocatedResources": {"cpu": "1"}}), "status.allocatedResources",
     'Unsupported value: "cpu": supported values: "storage"'),
    (claim(status={"allocatedResourceStatuses": {"storage": "Odd"}}), "status.allocatedResourceStatuses",
     'Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", '
     '"NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"'),
    (node({"addresses": [ADDRESS, ADDRESS]}), "status.addresses[1]",
     'Duplicate value: {"address":"10.0.0.1","type":"InternalIP"}'),
    (quota({"used": {"pods": "0.5"}}), "status.used[pods]", 'Invalid value: "500m": must be an integer'),
]  # fmt: skip


@pytest.mark.parametrize(("data", "field", "message"), STATUSES)
def test_a_status_of_the_core_group_is_refused_for_one_reason(data, field, message):
    assert [(field, message)] == reported(data | {"status": {}}, data)


def test_subsets_that_stay_as_they_are_stay_valid():
    old = document("Endpoints", "v1", "x", subsets=[{"addresses": [{"ip": "127.0.0.1"}]}])
    assert changed(old, old) == []
    assert changed(old | {"subsets": []}, old) != []


def sliced(kind, address):
    return document("EndpointSlice", "discovery.k8s.io/v1", "x", addressType=kind, endpoints=[{"addresses": [address]}])


AT = "endpoints[0].addresses"
LINK_LOCAL = "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
MULTICAST = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"


@pytest.mark.parametrize(("kind", "address", "field", "message"), [
    ("IPv4", "fd00::1", AT, "must be an IPv4 address"),
    ("IPv6", "10.0.0.1", AT, "must be an IPv6 address"),
    ("IPv6", "FD00::1", f"{AT}[0]", 'must be in canonical form ("fd00::1")'),
    ("IPv4", "0.0.0.0", f"{AT}[0]", "may not be unspecified (0.0.0.0)"),
    ("IPv4", "127.1.2.3", f"{AT}[0]", "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
    ("IPv4", "169.254.1.1", f"{AT}[0]", LINK_LOCAL),
    ("IPv6", "febf::1", f"{AT}[0]", LINK_LOCAL),
    ("IPv4", "224.0.0.1", f"{AT}[0]", MULTICAST),
    ("IPv6", "ff12::1", f"{AT}[0]", MULTICAST),
])  # fmt: skip
def test_an_endpoint_has_an_address_that_can_be_reached(kind, address, field, message):
    assert [(field, f'Invalid value: "{address}": {message}')] == created(sliced(kind, address))


def test_of_too_many_endpoints_none_is_looked_at():
    data = sliced("IPv4", "127.0.0.1")
    data["endpoints"] *= 1001
    assert created(data) == [("endpoints", "Too many: 1001: must have at most 1000 items")]


def test_an_endpoint_is_meant_for_each_node_once_and_for_few():
    data = sliced("IPv4", "10.0.0.1")
    data["endpoints"][0]["hints"] = {"forNodes": [{"name": "a"}, {"name": "a"}]}
    assert created(data) == [("endpoints[0].hints.forNodes[1].name", 'Duplicate value: "a"')]
    data["endpoints"][0]["hints"] = {"forNodes": [{"name": "a"}] * 9}
    assert created(data) == [("endpoints[0].hints.forNodes", "Too many: 9: must have at most 8 items")]
