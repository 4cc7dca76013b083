"""Ingresses, classes, policies, slices, addresses: what is said of a new one, and what is tolerated of an old."""

import pytest

from kubesim_tui.apiserver.validation.kinds import validate_update
from tests.apiserver.door import document
from tests.apiserver.rules import changed, created, reported

SUBSET = "must be a strict subset of `cidr`"
IMMUTABLE = "Invalid value: null: field is immutable"


def networking(kind, name="x", **rest):
    return document(kind, "networking.k8s.io/v1", name, **rest)


def backend(name="web", **port):
    return {"service": {"name": name, "port": port or {"number": 80}}}


WEB = backend()


def ingress(host="", backend=None, **spec):
    path = {"path": "/", "pathType": "Prefix", "backend": backend or WEB}
    return networking("Ingress", spec={"rules": [{"host": host, "http": {"paths": [path]}}], **spec})


def tls(secret):
    return {"tls": [{"secretName": secret}]}


def reached(*found):
    return ingress() | {"status": {"loadBalancer": {"ingress": list(found)}}}


def ingress_class(**parameters):
    return networking("IngressClass", spec={"controller": "a.b/c", "parameters": {"scope": "Cluster", **parameters}})


def policy(*peers, selector=None, ports=()):
    return networking(
        "NetworkPolicy", spec={"podSelector": selector or {}, "egress": [{"to": list(peers), "ports": list(ports)}]}
    )


def block(cidr, *inner):
    return {"ipBlock": {"cidr": cidr, "except": list(inner)}}


def chosen(value):
    return {"matchExpressions": [{"key": "a", "operator": "In", "values": [value]}]}


def address(**parent):
    return networking("IPAddress", "10.0.0.1", spec={"parentRef": {"resource": "services", "name": "a", **parent}})


def ranges(*cidrs):
    return networking("ServiceCIDR", spec={"cidrs": list(cidrs)})


def slice_of(*addresses, kind="IPv4", **rest):
    endpoints = [{"addresses": list(addresses)}]
    return document("EndpointSlice", "discovery.k8s.io/v1", "x", addressType=kind, endpoints=endpoints, **rest)


def service(annotations=None, **spec):
    given = {
        "type": "LoadBalancer",
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "selector": {"a": "b"},
    }
    given |= {"sessionAffinity": "None", "externalTrafficPolicy": "Cluster", "internalTrafficPolicy": "Cluster"}
    data = document("Service", "v1", "x", spec={**given, "allocateLoadBalancerNodePorts": True, **spec})
    data["metadata"]["annotations"] = annotations or {}
    return data


def balanced(ip):
    return service() | {"status": {"loadBalancer": {"ingress": [{"ip": ip, "ipMode": "VIP"}]}}}


def endpoints(ip):
    return document("Endpoints", "v1", "x", subsets=[{"addresses": [{"ip": ip}]}])


SOURCES = "service.beta.kubernetes.io/load-balancer-source-ranges"
LABEL = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
PEER, BLOCK = "spec.egress[0].to[0]", "spec.egress[0].to[0].ipBlock"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            ingress("010.0.0.1"),
            [("spec.rules[0].host", 'Invalid value: "010.0.0.1": must be a DNS name, not an IP address')],
        ),
        (ingress(backend=backend("1web")), []),
        (
            ingress_class(kind="", name=""),
            [("spec.parameters.kind", "Required value"), ("spec.parameters.name", "Required value")],
        ),
        (policy(block("10.0.0.0/8", "10.1.0.0/16")), []),
        (
            policy(block("10.0.0.0/8", "10.0.0.0/8", "fd00::/64")),
            [
                (f"{BLOCK}.except[0]", f'Invalid value: "10.0.0.0/8": {SUBSET}'),
                (f"{BLOCK}.except[1]", f'Invalid value: "fd00::/64": {SUBSET}'),
            ],
        ),
        (
            policy(block("10.0.0.1/8", "11.0.0.0/16")),
            [
                (f"{BLOCK}.cidr", 'Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length'),
                (f"{BLOCK}.except[0]", f'Invalid value: "11.0.0.0/16": {SUBSET}'),
            ],
        ),
        (
            policy(block(""), {}),
            [("spec.egress[0].to[1]", "Required value: must specify a peer"), (f"{BLOCK}.cidr", "Required value")],
        ),
        (
            policy({"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}),
            [(PEER, "Forbidden: may not specify both ipBlock and another peer")],
        ),
        (
            policy(ports=[{"port": 80, "endPort": 79}]),
            [("spec.egress[0].ports[0].endPort", "Invalid value: 79: must be greater than or equal to `port`")],
        ),
        (ranges("10.0.0.0/8", "fd00::/64"), []),
        (
            ranges("10.0.0.0/8", "x"),
            [("spec.cidrs[1]", 'Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')],
        ),
        (
            ranges("a", "b", "c"),
            [("spec.cidrs", 'Invalid value: {"CIDRs":["a","b","c"]}: may only hold up to 2 values')],
        ),
        (
            slice_of("10.0.0.1", kind="IPX", ports=[{"name": "", "protocol": "HTTP"}]),
            [
                ("ports[0].protocol", 'Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"'),
                ("addressType", 'Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"'),
            ],
        ),
        (slice_of(), [("endpoints[0].addresses", "Required value")]),
        (service(loadBalancerSourceRanges=[" 10.0.0.0/8 "]), []),
        (
            service({SOURCES: ""}, type="ClusterIP", allocateLoadBalancerNodePorts=None, externalTrafficPolicy=""),
            [(f"metadata.annotations[{SOURCES}]", "Forbidden: may only be used when `type` is 'LoadBalancer'")],
        ),
        (
            endpoints("x"),
            [
                (
                    "subsets[0].addresses[0].ip",
                    'Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
                ),
                ("subsets[0].addresses[0].ip", 'Invalid value: "x": must be a valid IP address'),
            ],
        ),
        (
            slice_of(*(["10.0.0.1"] * 101)),
            [("endpoints[0].addresses", "Too many: 101: must have at most 100 items")],
        ),
    ],
)
def test_what_is_said_of_a_new_object(data, expected):
    assert expected == created(data)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (ingress(**tls("a_b")), ingress(**tls("c_d")), []),
        (ingress("*.a.b", {"service": {"name": ""}}), ingress("*.c.d", {"service": {"name": ""}}), []),
        (
            ingress("*.a.b"),
            ingress("*.a.b", backend("")),
            [("spec.rules[0].http.paths[0].backend.service.name", "Required value")],
        ),
        (
            ingress("*.a.b", {"service": {"name": ""}}),
            ingress("a.b", backend("")),
            [("spec.rules[0].http.paths[0].backend.service.name", "Required value")],
        ),
        (policy(block("010.0.0.0/8", "010.1.0.0/16")), policy(block("10.0.0.0/8", "010.1.0.0/16")), []),
        (
            policy(block("10.0.0.0/8")),
            policy(block("010.0.0.0/8")),
            [(f"{BLOCK}.cidr", 'Invalid value: "010.0.0.0/8": must not have leading 0s in IP or prefix length')],
        ),
        (policy(selector=chosen("a b")), policy({"podSelector": chosen("c d")}), []),
        (
            policy({"podSelector": chosen("a ")}),
            policy({"podSelector": chosen("a ")}),
            [(f"{PEER}.podSelector.matchExpressions[0].values[0]", f'Invalid value: "a ": {LABEL}')],
        ),
        (address(), address(name="b"), [("spec.parentRef", IMMUTABLE)]),
        (ranges("10.0.0.0/8"), ranges("10.0.0.0/8", "fd00::/64"), []),
        (
            ranges("10.0.0.0/8"),
            ranges("11.0.0.0/8", "fd00::/64"),
            [("spec.cidrs[0]", 'Invalid value: "11.0.0.0/8": field is immutable')],
        ),
        (
            ranges("10.0.0.0/8", "fd00::/64"),
            ranges("10.0.0.0/8"),
            [("spec.cidrs", 'Invalid value: ["10.0.0.0/8"]: field is immutable')],
        ),
        (slice_of("x"), slice_of("x"), []),
        (
            service(externalIPs=["010.0.0.1"], loadBalancerSourceRanges=["010.0.0.0/8"]),
            service(externalIPs=["11.0.0.1", "010.0.0.1"], loadBalancerSourceRanges=[" 010.0.0.0/8"]),
            [],
        ),
        (service({SOURCES: "010.0.0.0/8"}), service({SOURCES: "010.0.0.0/8"}, selector={"a": "c"}), []),
        (
            service(),
            service(externalIPs=["010.0.0.1"]),
            [("spec.externalIPs[0]", 'Invalid value: "010.0.0.1": must not have leading 0s')],
        ),
        (slice_of("a.b", kind="FQDN"), slice_of("10.0.0.1"), [("addressType", IMMUTABLE)]),
    ],
)
def test_what_is_said_of_a_change(old, new, expected):
    assert expected == changed(old, new)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (reached(), reached({"ip": "10.0.0.1", "hostname": "a.b"}), []),
        (balanced("010.0.0.1"), balanced("010.0.0.1"), []),
        (reached({"ip": "010.0.0.1"}), reached({"ip": "10.0.0.1"}, {"ip": "010.0.0.1"}), []),
        (
            reached(),
            reached({"ip": "010.0.0.1"}, {"hostname": "10.0.0.1"}),
            [
                ("status.loadBalancer.ingress[0].ip", 'Invalid value: "010.0.0.1": must not have leading 0s'),
                (
                    "status.loadBalancer.ingress[1].hostname",
                    'Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
                ),
            ],
        ),
    ],
)
def test_what_is_said_of_a_status(old, new, expected):
    assert expected == reported(old, new)


def test_finalizers_of_a_namespace_have_a_domain_or_are_kubernetes_own():
    def finalize(resource, new, old):
        return validate_update(resource, new, old, "finalize")

    old = document("Namespace", "v1", "x")
    new = old | {"spec": {"finalizers": ["kubernetes", "example.com/mine", "mine"]}}
    said = 'Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'
    assert changed(old, new, finalize) == [("spec.finalizers[2]", said)]
