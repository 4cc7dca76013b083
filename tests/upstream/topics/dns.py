"""What cluster DNS answers."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.network.dns import ZoneFollower
from kubesim_tui.network.resolver import DOMAIN
from tests.harness import Harness
from tests.upstream.adapters import answers


def _service(row):
    spec = {k: row[k] for k in ("clusterIP", "clusterIPs", "type", "externalName", "ports") if k in row}
    return decode_object(types.Service, {"metadata": {k: row[k] for k in ("name", "namespace")}, "spec": spec})


def _slice(service, endpoints, ports):
    meta = {
        "name": f"{service.metadata.name}-1",
        "namespace": service.metadata.namespace,
        "labels": {"kubernetes.io/service-name": service.metadata.name},
    }
    rows = [
        {"addresses": [e["ip"]], "conditions": {"ready": e["ready"]}, "hostname": e.get("hostname")} for e in endpoints
    ]
    named = [{"name": p.name, "port": p.port, "protocol": p.protocol} for p in ports]
    family = "IPv6" if any(":" in a for row in rows for a in row["addresses"]) else "IPv4"
    return decode_object(
        types.EndpointSlice, {"metadata": meta, "addressType": family, "endpoints": rows, "ports": named}
    )


def _server(given):
    assert given["zone"] == DOMAIN
    harness = Harness()
    informers = harness.informer("services"), harness.informer("endpointslices")
    follower = ZoneFollower(harness.engine, harness.client("coredns"), *informers)
    harness.add(follower)
    if given.get("service"):
        service = _service(given.part("service"))
        harness.put("services", service)
        if endpoints := given.rows("endpoints"):
            harness.put("endpointslices.discovery.k8s.io", _slice(service, endpoints, service.spec.ports))
    harness.tick()
    return follower.live


@answers("dns")
def asked(given):
    dns, query = _server(given), given["query"]
    match given["type"]:
        case "SRV":
            found = [f"{port} {target}." for port, target in dns.service(query)]
            return {"answers": found, "rcode": "" if found else "NXDOMAIN"}
        case "PTR":
            found = dns.pointer(query)
            return {"answers": [f"{found}."] if found else [], "rcode": "" if found else "NXDOMAIN"}
        case "TXT":
            found = dns.text(query)
            return {"answers": [found] if found else [], "rcode": "" if found else "NXDOMAIN"}
        case "A" | "AAAA" | "CNAME" as kind:
            found = dns.lookup(query.lower().rstrip("."))
            alias = f"{found.alias}." if found.alias else ""
            addresses = [a for a in found.addresses if (":" in a) == (kind == "AAAA")]
            answered = [alias] if kind == "CNAME" else addresses
            return {"answers": answered, "cname": alias, "rcode": "" if found.exists else "NXDOMAIN"}
    raise AssertionError(f"an unknown type of record: {given['type']}")
