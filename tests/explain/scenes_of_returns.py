"""Scenes in which all that is wrong is over, or seems to be: copies that start again, machines that are on again."""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.types import Deployment, Pod, Service
from kubesim_tui.traffic.streaming import Streaming
from tests.boards import APP, Board, image
from tests.explain.scenes import asked, balanced, on, scene, shop

LATE = image("late", text=APP.replace("ready: 300ms", "ready: 5s"))
NO_ANSWER = {"exec": {"command": ["pg_isready"]}, "periodSeconds": 2}


def until(board: Board, so: Callable[[], bool], most: int = 100) -> None:
    """Time goes on until something is so."""
    for _ in range(most):
        if so():
            return
        board.tick()
    raise AssertionError("it has not come to that")


def hang(board: Board, *, hangs: bool, app: str = "web") -> Board:
    """Programs that answer nobody, not even their probes; or all again."""
    for pod in board.list(Pod):
        if pod.metadata.name.startswith(app):
            board.cluster.hand.ail("default", pod.metadata.name, hangs=hangs, errors_pm=0, spare_probes=False)
    return board


def database(**container: object) -> Board:
    """web asks one PostgreSQL that its probe asks whether it is ready."""
    board = Board(nodes=2, images=[image("front", "postgres://db:5432/x", timeout="1s")])
    env = [{"name": "POSTGRES_HOST_AUTH_METHOD", "value": "trust"}]
    board.app("db", 1, "postgres:17", container={"env": env, "readinessProbe": NO_ANSWER, **container}, service=False)
    board.service("db", 5432, 5432)
    board.app("web", 1, "test/front", probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    return board


@scene("no-endpoints", "hangs", "deployment/web")
def nobody_answers_their_probes():
    board = hang(shop(), hangs=True)
    board.tick(20)
    return asked(board)


def back_again(away: Callable[[Board], object], back: Callable[[Board], object]) -> Board:
    """The only copy, whose node reports again since now."""
    board = shop(1, pod={"nodeName": "node-a"})
    away(board)
    until(board, lambda: not is_pod_ready(board.list(Pod)[0]))
    board.tick(5)
    board.users(rate=20, timeout_us=1_000_000)
    back(board)
    board.tick()
    return board


@scene("no-endpoints", "kubelet-stopped", "node/node-a")
def the_kubelet_of_the_only_copy_runs_again():
    return back_again(
        lambda board: board.cluster.hand.stop_process("node-a", "kubelet"),
        lambda board: board.cluster.hand.start_process("node-a", "kubelet"),
    )


@scene("no-endpoints", "kubelet-stopped", "node/node-a")
def the_clock_beside_the_only_copy_is_right_again():
    return back_again(
        lambda board: board.cluster.hand.set_clock("node-a", -3600),
        lambda board: board.cluster.hand.set_clock("node-a", 0),
    )


@scene("refused", "kubelet-stopped", "node/node-a")
def a_container_has_ended_and_nobody_tells():
    board = shop(1, pod={"nodeName": "node-a"})
    board.cluster.hand.stop_process("node-a", "kubelet")
    board.cluster.hand.kill_container("default", board.list(Pod)[0].metadata.name)
    return asked(board)


@scene("no-endpoints", "hangs", "deployment/db")
def a_database_does_not_respond():
    board = hang(database(), hangs=True, app="db")
    board.tick(40)
    return asked(board)


@scene("no-endpoints", "controller-manager-down", "pod/kube-controller-manager-control-plane")
def pods_that_are_ready_and_nobody_writes_it_down():
    board = hang(shop(), hangs=True)
    board.tick(20)
    board.cluster.hand.stop_process("control-plane", "kube-controller-manager")
    hang(board, hangs=False)
    board.tick(10)
    return asked(board)


@scene("no-endpoints", "scaled-to-zero", "deployment/web")
def there_was_no_copy_until_now():
    board = shop(0, "test/late", images=[LATE])
    board.patch(Deployment, "web", {"spec": {"replicas": 2}})
    board.tick(3)
    return asked(board, 1)


@scene("refused", "scaled-to-zero", "deployment/web")
def the_last_copies_have_just_gone():
    board = shop()
    users = board.users(timeout_us=1_000_000)
    board.tick(2)
    board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    until(board, lambda: "refused" in _now(board, users))
    return board


@scene("no-endpoints", "selector-mismatch", "service/web")
def what_was_selected_until_now_was_nobody():
    board = shop(selector={"app": "wep"})
    users = board.users(timeout_us=1_000_000)
    board.tick(2)
    board.patch(Service, "web", {"spec": {"selector": {"app": "web"}}}, "merge")
    board.tick()
    assert "no-endpoints" in _now(board, users)
    return board


@scene("no-endpoints", "pod-died", "deployment/web")
def all_copies_have_ended_and_are_not_yet_known_to_be_back():
    """Ready again, while the rules of the machines still lead to nobody."""
    return killed(1)


@scene("no-endpoints", "crash-loop", "deployment/web")
def all_copies_have_waited_for_being_started_again():
    """Longer than an end is remembered otherwise: back-off is 20 s by then, and 40 s after."""
    return killed(4)


def killed(times: int) -> Board:
    """All copies are killed again and again, and have just become ready for the last time."""
    board = shop()
    users = board.users()
    board.tick(2)
    for _ in range(times):
        board.tick()
        for pod in board.list(Pod):
            board.cluster.hand.kill_container("default", pod.metadata.name)
        until(board, lambda: not any(is_pod_ready(pod) for pod in board.list(Pod)))
        until(board, lambda: all(is_pod_ready(pod) for pod in board.list(Pod)))
    until(board, lambda: "no-endpoints" in _now(board, users))
    return board


def _now(board: Board, users: Streaming) -> set[str]:
    """How requests have failed in the last tick."""
    return {one.fail.code for one in users.stream.failures.values() if one.last == board.now - 1}


@scene("refused", "node-down", "node/node-a")
def the_machine_was_off_and_its_program_starts_again():
    board = shop(1, "test/late", images=[LATE], nodes=1, probe=False)
    board.settle(20)
    board.cluster.hand.crash("node-a")
    board.tick(3)
    board.cluster.hand.recover("node-a")
    until(board, lambda: bool(board.list(Pod)[0].status.container_statuses[0].state.running))
    return asked(board, 2)


@scene("no-such-pod", "certificate-expired", "pod/kube-apiserver-control-plane")
def a_pod_has_another_address_and_the_api_server_is_not_believed():
    board = shop(1)
    node = on(board)
    board.cluster.hand.certificate("kube-apiserver", "", good=False)
    board.cluster.hand.crash(node)
    board.tick(3)
    board.cluster.hand.recover(node)
    board.tick(10)
    return asked(board)


@scene("no-service-port", "apiserver-down", "pod/kube-apiserver-control-plane")
def a_machine_that_has_just_started_can_ask_nobody_for_its_rules():
    board, url = balanced()
    nodes = board.cluster.hand.nodes()
    board.cluster.hand.stop_process("control-plane", "kube-apiserver")
    for node in nodes:
        board.cluster.hand.crash(node)
    board.tick()
    for node in nodes:
        board.cluster.hand.recover(node)
    board.tick(10)
    return asked(board, 1, url=url)
