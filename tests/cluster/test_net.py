"""Single requests: what a wget in a Pod meets is what traffic meets."""

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.cluster.spec import OutsideSystem
from tests.boards import APP, Board, image

API = OutsideSystem("api.example.com", "hashicorp/http-echo:1.0", env={"ECHO_TEXT": "out"})


@pytest.fixture
def board():
    found = Board(nodes=2, outside=[API])
    found.app("web", 2)
    found.app("deaf", 1, target=9999)
    found.app("nobody", 0)
    found.app("head", 2, clusterIP="None")
    found.app("shell", 1, "busybox:1.36", container={"command": ["sleep", "10000"]}, probe=False, service=False)
    found.settle()
    return found


def run(board: Board, *argv: str) -> tuple[str, int]:
    """(last line of what a command in the shell's Pod prints, its exit code)."""
    pod = next(p for p in board.list(Pod) if p.metadata.name.startswith("shell"))
    runtime = board.cluster.world.machines[pod.spec.node_name].runtime
    container = pod.status.container_statuses[0].container_id.partition("://")[2]
    found = runtime.exec(container, argv, board.now)
    return (found.stdout + found.stderr).strip().splitlines()[-1], found.exit_code


def fetched(board: Board, url: str, timeout_us: int = 2_000_000):
    pod = next(p for p in board.list(Pod) if p.metadata.name.startswith("shell"))
    container = pod.status.container_statuses[0].container_id.partition("://")[2]
    return board.cluster.world.net.fetch(pod.spec.node_name, container, url, timeout_us=timeout_us)


@pytest.mark.parametrize(
    "url",
    [
        "http://web/",
        "http://web.default/",
        "http://web.default.svc.cluster.local:80/x",
        "http://head:8080/",
        "http://WEB/",
    ],
)
def test_a_service_answers_by_every_name(board, url):
    assert (fetched(board, url).status, fetched(board, url).body) == (200, "hello\n")


def test_the_world_outside_answers(board):
    assert fetched(board, "http://api.example.com:5678/").body == "out\n"


def test_an_address_needs_no_name(board):
    pod = next(p for p in board.list(Pod) if p.metadata.name.startswith("web"))
    assert fetched(board, f"http://{pod.status.pod_ip}:8080/").status == 200


@pytest.mark.parametrize(
    "url, error",
    [
        ("http://missing/", "no such host"),
        ("http://nobody/", "connection refused"),
        ("http://deaf/", "connection refused"),
        ("http://web:81/", "connection refused"),
        ("http://10.244.77.77:80/", "no route to host"),
    ],
)
def test_what_does_not_answer_says_why(board, url, error):
    assert fetched(board, url).error == error


def test_a_black_hole_takes_as_long_as_the_caller_waits(board):
    board.cluster.world.links.cut("node-a", "node-b")
    shell = next(p for p in board.list(Pod) if p.metadata.name.startswith("shell"))
    away = next(p for p in board.list(Pod) if p.spec.node_name != shell.spec.node_name and p.status.pod_ip)
    found = fetched(board, f"http://{away.status.pod_ip}:8080/", timeout_us=700_000)
    assert (found.error, found.took_us) == ("timed out", 700_000)


def test_an_answer_that_comes_too_late_is_none(board):
    assert fetched(board, "http://web/", timeout_us=1_000).error == "timed out"


def test_one_after_the_other_they_go_round(board):
    seen = {fetched(board, "http://web/").took_us > 0 for _ in range(4)}
    assert seen == {True}
    turn = board.cluster.world.net._turn
    fetched(board, "http://web/")
    assert board.cluster.world.net._turn == turn + 1


def test_without_dns_names_are_not_found_but_addresses_are(board):
    board.scale_dns(0)
    assert fetched(board, "http://web/").error == "no such host"
    pod = next(p for p in board.list(Pod) if p.metadata.name.startswith("web"))
    assert fetched(board, f"http://{pod.status.pod_ip}:8080/").status == 200


def test_the_shell_of_a_pod_goes_the_same_way(board):
    assert run(board, "wget", "-qO-", "http://web/") == ("hello", 0)
    assert run(board, "wget", "-qO-", "http://nobody/")[1] == 1


# names


def resolved(board: Board, name: str):
    pod = next(p for p in board.list(Pod) if p.metadata.name.startswith("shell"))
    container = pod.status.container_statuses[0].container_id.partition("://")[2]
    return board.cluster.world.net.resolve(pod.spec.node_name, container, name)


def test_a_name_has_the_addresses_that_dns_knows(board):
    assert (resolved(board, "web").name, len(resolved(board, "head").addresses)) == ("web.default.svc.cluster.local", 2)
    assert resolved(board, "missing").addresses == ()
    assert resolved(board, "api.example.com").addresses == ("198.51.100.10",)


def test_a_pod_knows_itself(board):
    pod = next(p for p in board.list(Pod) if p.metadata.name.startswith("shell"))
    assert resolved(board, pod.metadata.name).addresses == (pod.status.pod_ip,)


@pytest.mark.parametrize(
    "pod, name, addresses",
    [
        ({"hostAliases": [{"ip": "10.1.2.3", "hostnames": ["db.local"]}]}, "db.local", ("10.1.2.3",)),
        ({"dnsPolicy": "Default"}, "web", ()),
        ({"dnsPolicy": "Default"}, "api.example.com", ("198.51.100.10",)),
        ({"hostNetwork": True}, "web", ()),
        ({"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}, "kubernetes.default", ("10.96.0.1",)),
        ({"dnsConfig": {"searches": ["example.com"]}}, "api", ("198.51.100.10",)),
    ],
)
def test_a_pod_may_look_names_up_in_its_own_way(pod, name, addresses):
    board = Board(nodes=1, outside=[API])
    board.app("web", 1)
    own = {"containers": [{"name": "x", "image": "busybox:1.36", "command": ["sleep", "9999"]}]} | pod
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "own"}, "spec": own})
    board.settle()
    made = board.get(Pod, "own")
    container = made.status.container_statuses[0].container_id.partition("://")[2]
    assert board.cluster.world.net.resolve("node-a", container, name).addresses == addresses


# addresses


def test_pods_in_their_nodes_network_share_its_address_and_are_told_apart_by_their_ports():
    images = [image("one", text=_on("one", 7001)), image("two", text=_on("two", 7002))]
    board = Board(nodes=1, images=images)
    for name in ("one", "two"):
        own = {"hostNetwork": True, "containers": [{"name": "x", "image": f"test/{name}"}]}
        board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": own})
    board.settle()
    ip = board.get(Pod, "one").status.pod_ip
    at = board.cluster.fabric.at
    assert [at(ip, port, "node-a").hop[2] for port in (7001, 7002, 7001)] == ["one", "two", "one"]


def _on(name: str, port: int) -> str:
    return APP.replace('"8080"', f'"{port}"')


def test_an_address_that_is_given_to_another_pod_leads_there(board):
    at = board.cluster.fabric.at
    pod = next(p for p in board.list(Pod) if p.metadata.name.startswith("web"))
    assert at(pod.status.pod_ip, 8080, pod.spec.node_name).hop[2] == pod.metadata.name
    board.delete(Pod, pod.metadata.name)
    board.settle()
    place = at(pod.status.pod_ip, 8080, pod.spec.node_name)
    assert place is None or place.hop[2] != pod.metadata.name


def test_an_address_on_a_machine_that_is_off_is_still_that_machines():
    board = Board(nodes=1)
    board.app("web", 1)
    board.settle()
    ip = board.list(Pod)[0].status.pod_ip
    board.cluster.hand.crash("node-a")
    place = board.cluster.fabric.at(ip, 8080, "node-a")
    assert (place.machine, place.powered, place.container) == ("node-a", False, None)
