"""Traffic measured: a crowded cluster of many Services that all have requests each tick, at every usual way in.

Teams of four Services: `web`, to which an Ingress leads, asks `api` and `cart`, `api` asks `cart`; `feed` is asked by
a node port or a balancer. No two teams have the same rate, and all have a draw of their own.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import types
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import LETTERS, ClusterSpec, NodeGroup
from kubesim_tui.game.bench_boards import SETTLE, UNLIMITED, create, deployment, ingress, ready, service, step
from kubesim_tui.traffic.spec import Users

TEAMS, REPLICAS = 50, 25
PARTS = {"web": "${API} ${CART}", "api": "${CART}", "cart": "", "feed": ""}
"""The Services of a team, and what each asks for a request of its own."""
SERVICES, PODS = TEAMS * len(PARTS), TEAMS * len(PARTS) * REPLICAS
ABOUT = f"{SERVICES} Services with {PODS:,} Pods: Ingress, node ports, balancers and calls, 41 to 278 requests/s each"
NODES, ZONES = 60, 3
NODE_PORT = 30_000
REQUESTS_A_CONNECTION = 10
IMAGE = """
repositories: [docker.io/bench/PART]
size: 1Mi
entrypoint: [server]
programs:
  server:
    start: 200ms
    ready: 300ms
    ports: [{port: 80, protocol: http}]
    concurrency: 16
    queue: 64
    memory: {base: 10Mi, request: 64Ki}
    routes: [{path: /, service: 4ms, scv: 500, cpu: 1ms, calls: [CALLS]}]
"""


def crowded(teams: int = TEAMS, nodes: int = NODES, zones: int = 1) -> Cluster:
    """So many teams, each with 100 Pods in four Services: users ask two of them, and these call the others.

    In several zones each Pod is asked from all of them, nearer or farther away.
    """
    letters = LETTERS[:zones]
    groups = tuple([NodeGroup(f"node-{zone}", nodes // zones, "16", "64Gi", zone=zone) for zone in letters])
    cluster = Cluster(ClusterSpec(groups, flags=UNLIMITED), images=tuple(_image(part) for part in PARTS))
    for number in range(teams):
        _apply(cluster, number)
    step(cluster, 2 * SETTLE)
    assert ready(cluster) == teams * len(PARTS) * REPLICAS
    for number in range(teams):
        web, feed = f"http://web-{number}.example.com/", _feed(cluster, number)
        for name, url, rate in (("web", web, 41 + 2 * number), ("feed", feed, 63 + 4 * number)):
            users = Users(f"{name}-{number}", url, rate * 1000, per_connection=REQUESTS_A_CONNECTION)
            cluster.traffic.add(users)
    step(cluster, SETTLE)
    return cluster


def _image(part: str) -> tuple[str, str]:
    calls = ", ".join(f'{{to: "{to}", timeout: 2s}}' for to in PARTS[part].split())
    return f"{part}.yaml", IMAGE.replace("PART", part).replace("CALLS", calls)


def _apply(cluster: Cluster, number: int) -> None:
    """The Services of a team, and the ways in."""
    env = [{"name": part.upper(), "value": f"http://{part}-{number}"} for part in PARTS]
    for part in PARTS:
        name = f"{part}-{number}"
        made = deployment(name, REPLICAS, probe=False)
        made["spec"]["template"]["spec"]["containers"][0] |= {"image": f"bench/{part}:1", "env": env}
        create(cluster, made)
        create(cluster, _exposed(name, number) if part == "feed" else service(name))
    create(cluster, ingress(f"web-{number}"))


def _exposed(name: str, number: int) -> dict[str, Any]:
    """A Service with a balancer or, every other one, a node port."""
    made = service(name)
    if number % 2:
        made["spec"]["type"] = "LoadBalancer"
    else:
        made["spec"]["type"] = "NodePort"
        made["spec"]["ports"][0]["nodePort"] = NODE_PORT + number
    return made


def _feed(cluster: Cluster, number: int) -> str:
    """The address of a `feed`."""
    if not number % 2:
        names = [name for group in cluster.spec.nodes for name in group.names]
        return f"http://{names[number % len(names)]}:{NODE_PORT + number}/"
    found = cluster.etcd.get("services", ("default", f"feed-{number}"))
    assert isinstance(found, types.Service)
    assert found.status is not None
    assert found.status.load_balancer is not None
    return f"http://{found.status.load_balancer.ingress[0].ip}/"
