"""Programs that exit, hang, err or start slowly, images that do not come, impatient users: symptom, cause and cure."""

import pytest

from kubesim_tui.api.types import Deployment, Pod
from tests.boards import APP, Board, image
from tests.faults.striking import do, proves
from tests.faults.test_applications import well, why

LIVE = {"livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 2}}
TCP = {"livenessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 2}}


def shop(replicas: int = 2, image_: str = "test/app", nodes: int = 2, images=(), **more) -> Board:
    board = Board(nodes=nodes, images=images)
    board.app("web", replicas, image_, **more)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=1_000_000)
    return board


def name(board: Board) -> str:
    return board.list(Pod)[0].metadata.name


def restarts(board: Board) -> int:
    return sum(c.restart_count for p in board.list(Pod) for c in p.status.container_statuses)


def test_a_process_that_exits_is_started_again_and_its_code_is_kept():
    board = shop()
    pod = name(board)
    assert do(board, f"container-exit:default/{pod},code=3") == [f"container-exit {pod}"]
    board.tick(5)
    (status,) = board.get(Pod, pod).status.container_statuses
    ended = status.last_state.terminated
    assert (status.restart_count, ended.exit_code, ended.reason, status.ready) == (1, 3, "Error", True)
    do(board, f"container-exit:default/{pod},code=0")
    board.tick(1)
    state = board.get(Pod, pod).status.container_statuses[0].state
    assert state.terminated is None or state.terminated.reason == "Completed"
    assert well(board)


def test_the_only_copy_that_exits_again_and_again_is_a_crash_loop():
    board = shop(1)
    for _ in range(3):
        do(board, f"container-exit:default/{name(board)}")
        board.tick(12)
    do(board, f"container-exit:default/{name(board)}")
    assert why(board, 4) == ("crash-loop", "deployment/web")


@proves("container-hang")
def test_a_program_that_hangs_costs_its_share_until_readiness_takes_it_out():
    board = shop()
    assert do(board, f"container-hang:default/{name(board)}") == [f"container-hang {name(board)}"]
    assert why(board, 3) == ("hangs", "deployment/web")
    assert well(board, 20)
    told = [e.message for e in board.cluster.etcd.table("events") if e.reason == "Unhealthy"]
    assert "context deadline exceeded (Client.Timeout exceeded while awaiting headers)" in told[-1]
    assert (board.get(Deployment, "web").status.ready_replicas, restarts(board)) == (1, 0)


def test_one_that_hangs_alone_is_not_ready_and_well_again_when_it_goes_on():
    board = shop(1)
    pod = name(board)
    board.cluster.hand.ail("default", pod, hangs=True, errors_pm=0, spare_probes=False)
    assert why(board, 15) == ("hangs", "deployment/web")
    board.cluster.hand.ail("default", pod, hangs=False, errors_pm=0, spare_probes=False)
    assert well(board, 10)


def test_a_liveness_probe_restarts_one_that_hangs_and_a_tcp_probe_does_not():
    live, tcp = shop(container=LIVE), shop(container=TCP, probe=False)
    for board in (live, tcp):
        do(board, f"container-hang:default/{name(board)}")
    assert (well(live, 60), restarts(live)) == (True, 1)
    assert (why(tcp, 60), restarts(tcp)) == (("hangs", "deployment/web"), 0)


@proves("container-deadlock")
def test_a_deadlock_is_seen_by_users_alone_and_cured_by_a_new_pod():
    board = shop(container=LIVE)
    pod = name(board)
    do(board, f"container-deadlock:default/{pod}")
    assert why(board, 40) == ("hangs", "deployment/web")
    assert (board.get(Deployment, "web").status.ready_replicas, restarts(board)) == (2, 0)
    board.delete(Pod, pod)
    assert well(board)


def test_who_calls_one_that_hangs_fails_in_time():
    board = Board(nodes=2, images=[image("front", "http://back/", timeout="500ms")])
    board.app("back", 1)
    board.app("web", 1, "test/front")
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000)
    do(board, "container-deadlock:default/app=back,for=10")
    assert do(board, "container-deadlock:default/app=back") != []
    assert why(board, 4) == ("hangs", "deployment/back")


@proves("errors")
def test_a_share_of_answers_is_wrong_and_where_all_are_its_probe_fails_as_well():
    board = shop(1)
    users = board.cluster.traffic.streams["web"]
    do(board, f"errors:default/{name(board)},percent=10")
    board.cluster.traffic.reset()
    assert why(board, 100) == ("app-error", "deployment/web")
    share = users.stream.failed * 100 // users.stream.sent
    assert 9 <= share <= 10
    assert board.get(Deployment, "web").status.ready_replicas == 1
    do(board, f"errors:default/{name(board)},percent=100")
    board.tick(2)
    assert users.stream.last.served == 0
    assert why(board, 10) == ("not-ready", "deployment/web")
    assert do(board, f"errors:default/{name(board)},for=2")[-1].endswith("healed")
    assert well(board)


@proves("slow-start")
def test_slow_starts_show_when_something_starts_until_the_machine_is_mended():
    late = image("late", text=APP.replace("ready: 300ms", "ready: 1s"))
    board = shop(1, "test/late", nodes=1, images=[late])
    assert do(board, "slow-start:node-a,factor=30") == ["slow-start node-a"]
    assert well(board, 10)
    board.delete(Pod, name(board))
    assert why(board, 10) == ("single-replica", "deployment/web")
    assert well(board, 50)
    do(board, "slow-start:node-a,for=1")
    board.delete(Pod, name(board))
    assert well(board, 8)


@proves("image-gone")
def test_an_image_that_is_gone_is_missed_on_other_machines_only():
    board = shop(1, "test/app:1", pod={"nodeSelector": {"kubernetes.io/hostname": "node-a"}})
    assert do(board, "image-gone:test/app:1") == ["image-gone test/app:1"]
    assert do(board, "image-gone:test/app:1") == []
    board.delete(Pod, name(board))
    assert well(board)
    there = {"spec": {"template": {"spec": {"nodeSelector": {"kubernetes.io/hostname": "node-b"}}}}}
    board.patch(Deployment, "web", {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}} | there["spec"]})
    assert why(board, 20) == ("image-pull", "deployment/web")
    board.cluster.hand.remove_image("test/app:1", back=True)
    assert well(board, 60)


@proves("registry-slow")
def test_a_slow_registry_keeps_new_pods_waiting_until_it_is_fast_again():
    board = Board(nodes=2)
    assert do(board, "registry-slow,bytes=10Ki") == ["registry-slow all"]
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.tick(10)
    board.users(timeout_us=1_000_000)
    assert why(board, 20) == ("pull-slow", "deployment/web")
    board.cluster.hand.throttle("", 0)
    assert well(board, 10)


def test_impatient_users_make_an_overload_that_outlives_its_cause():
    def after(storm: bool) -> tuple[int, int]:
        """(requests, failures) of the last second, a while after a spike."""
        board = shop(1, "test/app:slow", probe=False)
        users = board.cluster.traffic.streams["web"]
        users.factor_pm = 100  # two a second: it can do two and a half
        board.tick(10)
        if storm:
            do(board, "retry-storm,tries=5")
        users.factor_pm = 1000
        board.tick(10)
        users.factor_pm = 100
        board.tick(40)
        return users.stream.last.sent, users.stream.last.failed

    assert after(True)[0] >= 3 * max(1, after(False)[0])


@proves("retry-storm")
def test_users_who_try_again_at_once_are_laid_to_overload_and_stop_when_it_heals():
    board = shop(1, "test/app:slow", probe=False)
    assert do(board, "retry-storm,for=20") == ["retry-storm all", "retry-storm all healed"]
    assert why(board, 1)[0] in ("overload", "slow")
    users = board.cluster.traffic.streams["web"]
    board.tick(10)
    assert (users.retries.waiting, users.retries.storm) == (0, 0)
    board.patch(Deployment, "web", {"spec": {"replicas": 14}})
    users.factor_pm = 250
    assert well(board, 40)


def test_a_herd_comes_once():
    board = shop(1)
    users = board.cluster.traffic.streams["web"]
    assert do(board, "thundering-herd,seconds=30") == ["thundering-herd all"]
    board.tick(1)
    crowd = users.stream.last.sent
    board.tick(1)
    assert crowd > 500 > 10 * users.stream.last.sent


@proves("thundering-herd")
def test_a_herd_on_slow_servers_is_an_overload_that_ends():
    board = shop(4, "test/app:slow", probe=False)
    users = board.cluster.traffic.streams["web"]
    users.factor_pm = 200
    board.tick(10)
    do(board, "thundering-herd")
    assert why(board, 1) == ("overload", "deployment/web")
    assert well(board, 20)


def test_a_program_that_takes_seconds_to_start_starts_once():
    board = Board(nodes=1, images=[image("late", text=APP.replace("start: 200ms", "start: 6s"))])
    board.app("web", 1, "test/late")
    board.settle(20)
    (status,) = board.list(Pod)[0].status.container_statuses
    assert (status.ready, status.restart_count) == (True, 0)


@pytest.mark.parametrize(
    "text",
    [
        "container-exit:default/nobody",
        "container-hang:default/nobody",
        "container-deadlock:default/nobody",
        "errors:default/nobody",
        "slow-start:node-z",
        "image-gone:UPPER CASE",
        "retry-storm:nobody",
        "thundering-herd:nobody",
    ],
)
def test_whom_nobody_knows_is_not_struck(text):
    board = Board(nodes=1)
    assert do(board, text) == []
