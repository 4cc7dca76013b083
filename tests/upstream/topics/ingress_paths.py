"""Which path of an Ingress serves a request."""

from kubesim_tui.network.ingress_table import Table
from tests.network.builders import ingress, rule
from tests.upstream.adapters import answers


@answers("ingress_paths", "path_match")
def path_match(given):
    paths = {f"s{i}": f"{p['pathType']} {p['path']}" for i, p in enumerate(given.rows("paths"))}
    found = Table([ingress(rule("", **paths))]).match("any.example.com", given["request"])
    return {"matched": None if found is None else {"path": found.path, "pathType": found.kind}}


@answers("ingress_paths", "host_match")
def host_match(given):
    found = Table([ingress(rule(given["host"], web="Prefix /"))]).match(given["request"], "/")
    return {"match": found is not None}
