"""kubectl describe endpoints and endpointslice."""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.apiserver.table.network import host_port
from kubesim_tui.kubectl.describe.writer import NONE, UNSET, Data, Writer, lower

MOST = 3


def addresses(slices: Sequence[Data], port_name: str | None) -> str:
    """The ready addresses behind a port: three, then how many more. port_name None: of all ports."""
    if not slices:
        return NONE
    shown: list[str] = []
    count, more = 0, False
    for found in slices:
        ports = [p for p in found.get("ports") or () if port_name is None or (p.get("name") or "") == port_name]
        for port in ports if found.get("ports") else [None]:
            for endpoint in found.get("endpoints") or ():
                more = more or len(shown) == MOST
                if (endpoint.get("conditions") or {}).get("ready") is False:
                    continue
                if not more:
                    ip = endpoint["addresses"][0]
                    shown.append(ip if port is None else host_port(ip, port.get("port")))
                count += 1
    return f"{','.join(shown)} + {count - MOST} more..." if more else ",".join(shown)


def describe(w: Writer, o: Data) -> None:
    """One Endpoints object."""
    w.name(o)
    w.about(o)
    w(0, "Subsets:")
    for subset in o.get("subsets") or ():
        for title, key in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            w(1, f"{title}:\t{','.join(a.get('ip', '') for a in subset.get(key) or ()) or NONE}")
        if subset.get("ports"):
            w(1, "Ports:")
            w(2, "Name\tPort\tProtocol")
            w(2, "----\t----\t--------")
            for p in subset["ports"]:
                w(2, f"{p.get('name') or UNSET}\t{p.get('port', 0)}\t{p.get('protocol', '')}")
        w(0, "")
    w.events(o)


def describe_slice(w: Writer, o: Data) -> None:
    """One EndpointSlice."""
    w.name(o)
    w.about(o)
    w(0, f"AddressType:\t{o.get('addressType', '')}")
    if o.get("ports"):
        w(0, "Ports:")
        w(1, "Name\tPort\tProtocol")
        w(1, "----\t----\t--------")
        for p in o["ports"]:
            number = UNSET if p.get("port") is None else p["port"]
            w(1, f"{p.get('name') or UNSET}\t{number}\t{p.get('protocol', '')}")
    else:
        w(0, "Ports: <unset>")
    if not o.get("endpoints"):
        w(0, "Endpoints: <none>")
    else:
        w(0, "Endpoints:")
        for e in o["endpoints"]:
            _endpoint(w, e)
    w.events(o)


def _endpoint(w: Writer, e: Data) -> None:
    w(1, f"- Addresses:\t{', '.join(e.get('addresses') or ()) or NONE}")
    w(2, "Conditions:")
    ready = (e.get("conditions") or {}).get("ready")
    w(3, f"Ready:\t{UNSET if ready is None else lower(ready)}")
    w(2, f"Hostname:\t{e.get('hostname') or UNSET}")
    if ref := e.get("targetRef"):
        w(2, f"TargetRef:\t{ref.get('kind', '')}/{ref.get('name', '')}")
    w(2, f"NodeName:\t{e.get('nodeName') or UNSET}")
    w(2, f"Zone:\t{e.get('zone') or UNSET}")
