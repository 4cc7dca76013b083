"""Laws of whole clusters: random applications, any fault of the catalogue, whatever a player types.

Sent = served + failed by reason + in flight in every tick; what fails is explained; and a copy that meets the same goes
on as the original, also when it deals with each replica by itself instead of with rows of them.
"""

import copy
import os
from unittest.mock import patch

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.explain.causes import CAUSES
from kubesim_tui.explain.chain import Chain, subject
from kubesim_tui.explain.request import failed_request
from kubesim_tui.explain.thing import thing_not_well
from kubesim_tui.faults.catalogue import aim, parse, strike
from kubesim_tui.faults.rows import FAULTS
from kubesim_tui.game.inspection import Quiet
from kubesim_tui.kubectl import run as kubectl
from kubesim_tui.kubectl.result import Config
from kubesim_tui.traffic import lining
from tests.boards import APP, Board, image
from tests.traffic.test_conservation import exact

NAMES = ("web", "api", "auth", "cart", "db")
EXAMPLES = int(os.environ.get("KUBESIM_EXAMPLES", "12"))
"""More of them, for a night."""

CALLS = st.fixed_dictionaries(
    {"failure": st.sampled_from([0, 502]), "timeout": st.sampled_from(["200ms", "1s", "4s"])},
    optional={
        "keepalive": st.just(False),
        "connections": st.integers(1, 3),
        "breaker": st.just({"least": 5, "window": "4s", "opens": "6s"}),
        "cache": st.fixed_dictionaries({"keys": st.sampled_from([20, 2000]), "ttl": st.sampled_from(["5s", "60s"])}),
    },
)
GRAPHS = st.lists(
    st.tuples(st.integers(0, len(NAMES) - 1), st.integers(0, len(NAMES) - 1), CALLS), min_size=1, max_size=7
)
"""Who calls whom, and how: circles and whoever calls himself among them."""
APPS = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["", ":slow", ":drain"])), min_size=5, max_size=5)
USERS = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from([2, 40, 600]), st.sampled_from([300_000, 2_000_000]), st.integers(0, 2)
    ),
    min_size=1,
    max_size=3,
)

GENERATORS = st.lists(
    st.sampled_from(
        [
            "rakyll/hey -z 1h -c 40 -t 2 http://web/",
            "rakyll/hey -n 500 -c 8 -disable-keepalive http://api/x",
            "fortio/fortio load -qps 30 -c 4 -t 20s http://cart/",
            "williamyeh/wrk -c 300 -d 1h http://auth/",
            "busybox:1.28 while true; do wget -q -T 1 -O /dev/null http://db; done",
        ]
    ),
    max_size=2,
)

NEEDED = {"image": "test/web:bad", "to": "node-b", "process": "kubelet", "key": "x"}
TARGETS = {
    "pod": "default/app={app}",
    "node": "{node}",
    "workload": "default/deployment/{app}",
    "service": "default/service/{app}",
    "namespace": "default",
    "account": "default/serviceaccount/default",
    **dict.fromkeys(("traffic", "plane", "apiserver", "etcd", "cloud", "dns", "fleet", "registry", "storage"), ""),
}
STRIKES = sorted(name for name, row in FAULTS.items() if row.target in TARGETS)
LINES = (
    "kubectl scale deployment/{app} --replicas={n}",
    "kubectl rollout restart deployment/{app}",
    "kubectl set image deployment/{app} {app}=test/{app}:bad",
    "kubectl rollout undo deployment/{app}",
    "kubectl delete pods -l app={app} --wait=false",
    "kubectl delete service {app}",
    "kubectl expose deployment {app} --port=80 --target-port=8080",
    "kubectl cordon {node}",
    "kubectl uncordon {node}",
    "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data --force --timeout=20s",
    "kubectl autoscale deployment {app} --min=1 --max=4 --cpu-percent=50",
    'kubectl patch service {app} -p \'{{"spec":{{"sessionAffinity":"ClientIP"}}}}\'',
    "kubectl -n kube-system scale deployment/coredns --replicas={n}",
    "kubectl -n ingress-nginx rollout restart deployment/ingress-nginx-controller",
)
ACTS = st.tuples(
    st.one_of(st.sampled_from(STRIKES), st.sampled_from(LINES)), st.integers(0, 14), st.booleans(), st.integers(1, 9)
)
"""A fault (or its healing) or a line, at whom, and for how many ticks it goes on."""


def built(graph, apps, users, generators) -> Board:
    images = []
    for number, name in enumerate(NAMES):
        made = [{"to": f"http://{NAMES[to]}/", **call} for at, to, call in graph if at == number]
        flow = yaml.safe_dump(made, default_flow_style=True, width=10_000).strip()
        images.append(image(name, text=APP.replace("CALLS", flow)))
    board = Board(nodes=3, images=images)
    for name, (replicas, tag) in zip(NAMES, apps, strict=True):
        board.app(name, replicas, f"test/{name}{tag}")
        board.route(f"{name}.example.com", name)
    board.settle(25)
    for number, (name, rate, timeout, retries) in enumerate(users):
        board.users(f"s{number}", f"http://{name}.example.com/", rate, timeout_us=timeout, retries=retries)
    for number, line in enumerate(generators):
        tool, _, rest = line.partition(" ")
        does = {"command": ["sh", "-c", rest]} if "busybox" in tool else {"args": rest.split()}
        board.app(f"load{number}", 1, tool, probe=False, service=False, container=does)
    return board


def act(board: Board, what: str, number: int, back: bool) -> None:
    """A player's line, or a strike."""
    at = {"app": NAMES[number % len(NAMES)], "node": f"node-{'abc'[number % 3]}", "n": number % 4}
    if what.startswith("kubectl"):
        kubectl(what.format(**at), board.client, Quiet(), board.cluster.etcd.clock.now, Config())
        return
    row, cluster = FAULTS[what], board.cluster
    options = [f"{option}={NEEDED[option]}" for option in row.needs]
    options += ["heal=true"] if back and row.heal is not None else []
    target = TARGETS[row.target].format(**at)
    text = ",".join([f"{what}:{target}" if target else what, *options])
    draws = cluster.chance.stream("test/faults")
    strike(cluster.hand, aim(cluster.hand, parse(f"{text}@{board.now}"), draws), draws)


@settings(max_examples=EXAMPLES)
@given(GRAPHS, APPS, USERS, GENERATORS, st.lists(ACTS, max_size=8))
def test_whatever_happens_no_request_is_lost_and_a_copy_goes_on_alike(graph, apps, users, generators, script):
    board = built(graph, apps, users, generators)
    board.tick(5)
    twin = copy.deepcopy(board)
    for one in (board, twin):
        one.cluster.world.pulse.beat()  # its ways are built anew
    for what, number, back, ticks in script:
        act(board, what, number, back)
        for _ in range(ticks):
            board.tick()
            exact(board)
        explained(board)
        with patch.object(lining, "_kind", lambda *_: None):
            act(twin, what, number, back)
            twin.tick(ticks)
    assert told(twin.cluster) == told(board.cluster)


def explained(board: Board) -> None:
    """Why requests of the last tick have failed, and why things are not well, ends at a cause that is documented."""
    evidence = board.evidence()
    for name, streaming in board.cluster.traffic.streams.items():
        for failure in streaming.stream.failures.values():
            if failure.last == board.now - 1:
                ends(failed_request(evidence, name, failure.fail))
    for table in ("pods", "deployments.apps", "services", "nodes"):
        for obj in board.cluster.etcd.table(table):
            ends(thing_not_well(evidence, subject(obj)))


def ends(chain: Chain | None) -> None:
    if chain is not None:
        assert (chain.cause in CAUSES, chain.cause != "unknown", chain.links != ()) == (True, True, True), chain


def told(cluster: Cluster) -> tuple:
    streams = [source.stream for source in cluster.traffic.sources()]
    return cluster.digest, [(stream.sent, stream.served, stream.reasons) for stream in streams]
