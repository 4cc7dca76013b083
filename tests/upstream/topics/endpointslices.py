"""EndpointSlices: which Pods, on which ports, with which hints."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode, decode_object, encode
from kubesim_tui.controllers.endpointslice.endpoints import (
    address_types,
    belongs,
    endpoint_ports,
    find_port,
    pod_to_endpoint,
)
from kubesim_tui.controllers.endpointslice.hints import with_hints
from kubesim_tui.controllers.endpointslice.reconcile import new_slice
from tests.upstream.adapters import answers
from tests.upstream.objects import node, pod


def _service(data):
    return decode_object(types.Service, {"metadata": {}, **data})


def _plain(obj):
    """JSON without what is empty."""
    return {k: v for k, v in encode(obj).items() if v not in ("", [], None)}


def _endpoint(given, family):
    where = node(given["node"]) if given.get("node") else None
    return _Endpoint(_plain(pod_to_endpoint(pod(given["pod"]), where, _service(given["service"]), family)))


class _Endpoint(dict):
    """An endpoint; the table may write what is empty."""

    def __eq__(self, wanted):
        return {k: v for k, v in wanted.items() if v not in ("", [], None)} == dict(self)

    __hash__ = None


@answers("endpoint_conditions", "endpoint")
def endpoint(given):
    return {"endpoint": _endpoint(given, given["address_type"])}


@answers("endpointslices", "pod_to_endpoint")
def endpoint_of(given):
    return {"endpoint": _endpoint(given, given.get("addressType", "IPv4"))}


@answers("endpoint_conditions", "in_endpoints")
def in_endpoints(given):
    return {"included": belongs(pod(given["pod"]), include_terminating=given["include_terminating"])}


@answers("endpointslices", "pod_in_endpoints")
def pod_in_endpoints(given):
    return {"included": belongs(pod(given["pod"]), include_terminating=given["includeTerminating"])}


@answers("endpoint_conditions", "ports")
@answers("endpointslices", "endpoint_ports")
def ports(given):
    found = endpoint_ports(_service(given["service"]), pod(given["pod"]))
    return {"ports": [{k: v for k, v in encode(p).items() if v is not None} for p in found]}


def _found(port):
    return {"port": port, "found": port is not None, "error": port is None}


@answers("endpoint_conditions", "find_port")
def target_port(given):
    return _found(find_port(pod(given["pod"]), decode(types.ServicePort, {"port": 80, **given["service_port"]})))


@answers("endpointslices", "find_port")
def named_port(given):
    made = pod({"spec": {"containers": given["containers"], "initContainers": given["initContainers"]}})
    return _found(find_port(made, types.ServicePort(port=80, target_port=given["targetPort"], protocol="TCP")))


@answers("endpointslices", "address_types")
def families(given):
    return {"addressTypes": list(address_types(_service(given["service"])))}


CONTROLLER = "endpointslice.kubernetes.io/managed-by"


@answers("endpointslices", "new_slice")
def made(given):
    service = _service(given["service"])
    found = new_slice(service, (), address_types(service)[0])
    return {
        "generateName": found.metadata.generate_name,
        "namespace": found.metadata.namespace,
        "addressType": found.address_type,
        "endpoints": list(found.endpoints),
        "labels": {**found.metadata.labels, CONTROLLER: "(controller name)"},
    }


@answers("traffic_distribution")
def hints(given):
    how = given.get("trafficDistribution")
    unchanged, changed = [], []
    for piece in given.get("slicesUnchanged") or ():
        (unchanged if _hinted(how, piece) == piece else changed).append(piece)
    updated = [*(given.get("slicesToUpdate") or ()), *changed]
    return {
        "wantSlicesToCreate": _Slices(_hinted(how, s) for s in given.get("slicesToCreate") or ()),
        "wantSlicesToUpdate": _Slices(_hinted(how, s) for s in updated),
        "wantSlicesUnchanged": _Slices(unchanged),
    }


def _hinted(how, piece):
    assert piece.keys() <= {"endpoints", "addressType", "metadata", "ports"}
    return {**piece, "endpoints": [encode(with_hints(how, decode(types.Endpoint, e))) for e in piece["endpoints"]]}


class _Slices(list):
    """Slices, which the table may leave out where there are none."""

    def __eq__(self, wanted):
        return list(self) == (wanted or [])

    __hash__ = None
