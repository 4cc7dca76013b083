"""Every row of the catalogue breaks its cause in a real cluster, and heals it."""

from pathlib import Path

import pytest

from kubesim_tui.api.types import Deployment, Node, Pod
from kubesim_tui.cluster.spec import NodeGroup, OutsideSystem
from kubesim_tui.faults.catalogue import FAULTS, Planned, aim, strike
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.metrics.usage import container_usage
from kubesim_tui.world.registry import Registry
from tests.boards import Board
from tests.faults.striking import do

DATABASE = OutsideSystem("db.example.com", "postgres:17", env={"POSTGRES_PASSWORD": "x"})


@pytest.fixture
def board():
    found = Board(nodes=3, outside=[DATABASE])
    found.app("web", 3)
    found.route("shop.example.com", "web")
    found.settle()
    found.users(rate=10)
    return found


def pod(board: Board) -> str:
    return board.list(Pod)[0].metadata.name


def ready(board: Board) -> int:
    return board.get(Deployment, "web").status.ready_replicas


def test_a_deleted_pod_is_replaced(board):
    name = pod(board)
    assert do(board, f"pod-delete:default/{name}") == [f"pod-delete {name}"]
    board.settle()
    assert (name in {p.metadata.name for p in board.list(Pod)}, ready(board)) == (False, 3)


def test_a_killed_container_is_started_again(board):
    name = pod(board)
    assert do(board, f"container-kill:default/{name}") == [f"container-kill {name}"]
    board.settle()
    (status,) = board.get(Pod, name).status.container_statuses
    assert (status.restart_count, status.last_state.terminated.exit_code, status.ready) == (1, 137, True)


def test_a_leak_ends_in_an_oom_kill(board):
    board.patch(
        Deployment,
        "web",
        {
            "spec": {
                "template": {"spec": {"containers": [{"name": "web", "resources": {"limits": {"memory": "64Mi"}}}]}}
            }
        },
    )
    board.settle(60)
    name = pod(board)
    do(board, f"memory-leak:default/{name},bytes=10Mi")
    board.tick(12)
    (status,) = board.get(Pod, name).status.container_statuses
    assert status.last_state.terminated.reason == "OOMKilled"


def test_a_leak_that_is_healed_loses_no_more(board):
    name = pod(board)
    told = do(board, f"memory-leak:default/{name},bytes=1Mi,for=5")
    held = board.cluster.picture().workloads[0].pods[0].memory_bytes
    board.tick(20)
    assert told == [f"memory-leak {name}", f"memory-leak {name} healed"]
    assert board.cluster.picture().workloads[0].pods[0].memory_bytes <= held


def test_changed_passwords_stop_pulls_until_they_are_changed_back(board):
    registry = board.cluster.world.registries["docker.io"] = Registry("docker.io", users={"me": "secret"})
    assert do(board, "registry-rotate:docker.io,for=5") == [
        "registry-rotate docker.io",
        "registry-rotate docker.io healed",
    ]
    do(board, "registry-rotate")
    assert (registry.users, do(board, "registry-rotate:quay.io")) == ({"me": "secret'"}, [])


def test_without_its_driver_no_disk_comes_until_it_answers_again(board):
    told = do(board, "storage-down:all,for=40")
    assert told == ["storage-down all", "storage-down all healed"]
    assert do(board, "storage-slow:all,seconds=30") == ["storage-slow all"]
    assert board.cluster.world.cloud.seconds == 30


def test_a_full_disk_costs_pods_until_it_is_cleaned(board):
    told = do(board, "disk-full:node-a,leave=1Gi,for=60")
    evicted = [p for p in board.list(Pod) if p.status.reason == "Evicted"]
    assert told == ["disk-full node-a", "disk-full node-a healed"]
    assert {p.spec.node_name for p in evicted} == {"node-a"}
    assert board.cluster.world.machines["node-a"].disk.rubbish_bytes == 0


def test_a_disk_without_inodes_is_full_too(board):
    do(board, "disk-full:node-a,inodes=true")
    board.tick(30)
    taints = [t.key for t in board.get(Node, "node-a", "").spec.taints]
    assert taints == ["node.kubernetes.io/disk-pressure"]


def test_a_hog_uses_processors_for_nothing(board):
    name = pod(board)
    told = do(board, f"cpu-hog:default/{name},cores=2,for=5")
    assert told == [f"cpu-hog {name}", f"cpu-hog {name} healed"]
    do(board, f"cpu-hog:default/{name},cores=2")
    board.tick(2)
    runtime = board.cluster.world.machines[board.get(Pod, name).spec.node_name].runtime
    (container,) = (c for c in runtime.containers.values() if c.config.name == "web")
    assert 2000 <= container_usage(container, board.now - 1)[0] < 2100


def test_a_flood_fills_a_file_of_a_container(board):
    name = pod(board)
    assert do(board, f"log-flood:default/{name},bytes=1Gi,path=/var/log/app.log") == [f"log-flood {name}"]
    board.tick(150)
    assert board.get(Pod, name).status.message.startswith("The node was low on resource: ephemeral-storage. ")


def test_a_machine_that_lost_its_power_is_unknown_after_the_grace_period_and_comes_back(board):
    assert do(board, "node-crash:node-b,for=70") == ["node-crash node-b", "node-crash node-b healed"]
    assert condition(board, "node-b") == ("Unknown", "NodeStatusUnknown")
    board.tick(30)
    assert condition(board, "node-b") == ("True", "KubeletReady")


def test_a_machine_that_is_gone_for_good_does_not_come_back(board):
    assert do(board, "node-crash:node-b,gone=true,for=80") == ["node-crash node-b"]
    assert [n.metadata.name for n in board.list(Node, "") if n.metadata.name == "node-b"] == []


def test_a_machine_that_is_replaced_comes_back_empty(board):
    do(board, "node-crash:node-b,replaced=true,for=10")
    assert board.cluster.world.machines["node-b"].runtime.containers == {}
    board.settle(60)
    assert (condition(board, "node-b")[0], ready(board)) == ("True", 3)


def test_a_machine_that_is_rebooted_comes_back_with_another_boot_id(board):
    before = board.get(Node, "node-b", "").status.node_info.boot_id
    assert do(board, "node-reboot:node-b,seconds=20") == ["node-reboot node-b"]
    assert not board.cluster.world.machines["node-b"].powered
    board.tick(60)
    node = board.get(Node, "node-b", "")
    boot = node.status.node_info.boot_id
    told = [e.message for e in board.cluster.etcd.table("events") if e.reason == "Rebooted"]
    assert boot != before
    assert (condition(board, "node-b")[0], ready(board)) == ("True", 3)
    assert told == [f"Node node-b has been rebooted, boot id: {boot}"]


def test_a_machine_that_is_shut_down_comes_back_when_somebody_switches_it_on(board):
    told = do(board, "node-shutdown:node-b,for=70")
    assert told == ["node-shutdown node-b", "node-shutdown node-b healed"]
    board.tick(30)
    assert condition(board, "node-b") == ("True", "KubeletReady")


def test_one_that_is_switched_on_while_it_still_waits_for_its_pods_goes_down_and_comes_back():
    board = Board(nodes=[NodeGroup(count=1, kubelet={"shutdownGracePeriod": "30s"})])
    board.app("web", 1, container={"lifecycle": {"preStop": {"sleep": {"seconds": 20}}}})
    board.settle()
    machine = board.cluster.world.machines["node-a"]
    assert do(board, "node-shutdown:node-a,for=5") == ["node-shutdown node-a", "node-shutdown node-a healed"]
    assert (machine.powered, machine.boots) == (True, 1)
    board.tick(60)
    assert (machine.powered, machine.boots, condition(board, "node-a")[0]) == (True, 2, "True")


def test_a_stopped_kubelet_reports_no_more_and_its_pods_go_on(board):
    do(board, "kubelet-stop:node-a")
    board.tick(60)
    users = board.cluster.traffic.streams["web"]
    assert (condition(board, "node-a")[0], users.stream.failed) == ("Unknown", 0)


def test_a_kubelet_that_is_started_again_reports(board):
    do(board, "kubelet-stop:node-a,for=60")
    board.tick(10)
    assert condition(board, "node-a")[0] == "True"


def test_any_process_may_stop(board):
    assert do(board, "process-stop:node-a,process=kube-proxy") == ["process-stop node-a"]
    assert not board.cluster.world.machines["node-a"].runs("kube-proxy")


def test_a_slowed_process_is_as_fast_again_when_it_is_healed(board):
    process = board.cluster.world.machines["control-plane"].processes["kube-scheduler"]
    assert do(board, "process-slow:leader,process=kube-scheduler,factor=50") == ["process-slow control-plane"]
    assert process.slow == 50
    do(board, "process-slow:control-plane,process=kube-scheduler,factor=50,for=1")
    assert process.slow == 1


def test_a_process_that_is_not_there_cannot(board):
    assert do(board, "process-stop:node-a,process=systemd") == []


def test_a_partition_is_told_by_the_node_controller_and_heals(board):
    do(board, "node-partition:node-c,for=60")
    assert condition(board, "node-c") == ("Unknown", "NodeStatusUnknown")
    board.tick(30)
    assert condition(board, "node-c") == ("True", "KubeletReady")


def test_without_a_registry_no_image_is_pulled_until_it_is_back(board):
    do(board, "registry-down")
    board.app("late", 1, "nginx:1.27", service=False)
    board.tick(40)
    assert reason(board, "late") == "ImagePullBackOff"
    strike(board.cluster.hand, Planned(0, "registry-down", None, healing=True), board.cluster.chance.stream("x"))
    board.tick(60)
    assert reason(board, "late") == ""


def test_a_system_outside_may_be_switched_off_and_on(board):
    system = board.cluster.world.outside["db.example.com"]
    assert do(board, "outside-down:db.example.com") == ["outside-down db.example.com"]
    assert not system.is_up
    heal = Planned(0, "outside-down", "db.example.com", healing=True)
    strike(board.cluster.hand, heal, board.cluster.chance.stream("x"))
    assert system.is_up


def test_a_pipeline_ships_a_release(board):
    do(board, "bad-release:deployment/web,image=test/app:bad")
    board.tick(5)
    assert board.get(Deployment, "web").spec.template.spec.containers[0].image == "test/app:bad"


def test_users_come_in_crowds_and_go_again(board):
    users = board.cluster.traffic.streams["web"]
    assert do(board, "traffic-spike,factor=20,for=5") == ["traffic-spike all", "traffic-spike all healed"]
    spike = users.stream.last.sent
    board.tick(2)
    assert spike > 120 > 4 * users.stream.last.sent


@pytest.mark.parametrize(
    "text",
    [
        "pod-delete:default/nobody",
        "container-kill:nowhere/web",
        "memory-leak:default/nobody",
        "node-crash:node-z",
        "kubelet-stop:node-z",
        "node-partition:node-z",
        "outside-down:nothing",
        "bad-release:deployment/nobody,image=x",
        "traffic-spike:nobody",
    ],
)
def test_whom_nobody_knows_is_not_struck_and_not_told(board, text):
    before = board.cluster.etcd.revision
    assert (do(board, text), board.cluster.etcd.revision) == ([], before)


def test_the_catalogue_is_covered():
    """Each row has a test here, or among those of what it strikes; a new one needs one, too."""
    here = Path(__file__).parent
    files = [*sorted(here.glob("test_*.py")), here.parent / "traffic" / "test_regions.py"]
    text = "".join(file.read_text() for file in files)
    assert [name for name in FAULTS if f'"{name}' not in text and f'f"{name}' not in text] == []


def condition(board: Board, name: str) -> tuple[str, str]:
    node = board.get(Node, name, "")
    return next((c.status, c.reason) for c in node.status.conditions if c.type == "Ready")


def reason(board: Board, app: str) -> str:
    found = next(p for p in board.list(Pod) if p.metadata.name.startswith(app))
    (status,) = found.status.container_statuses
    return status.state.waiting.reason if status.state.waiting else ""


# who it is


def struck(seed: str, target) -> list[str]:
    board = Board(nodes=3, seed="1")
    board.app("web", 5)
    board.settle()
    draws = Chance(seed).stream("x")
    return strike(board.cluster.hand, Planned(0, "container-kill", target), draws)


def test_pods_by_a_selector_are_drawn_by_the_seed():
    target = {"pods": "app=web", "pick": 2}
    found = [tuple(struck(seed, target)) for seed in "12345"]
    assert (len(set(found)) > 1, {len(f) for f in found}) == (True, {2})
    assert found == [tuple(struck(seed, target)) for seed in "12345"]


def test_a_selector_may_be_written_as_text():
    assert len(struck("1", "default/app=web")) == 1


def test_the_node_with_most_of_some_pods_is_struck():
    board = Board(nodes=3)
    board.app("web", 3, pod={"nodeName": "node-b"})
    board.app("api", 1, pod={"nodeName": "node-c"})
    board.settle()
    target = {"nodes": "app in (web, api)"}
    draws = board.cluster.chance.stream("x")
    assert strike(board.cluster.hand, Planned(0, "node-crash", target), draws) == ["node-crash node-b"]


def test_a_healing_goes_to_whom_was_struck_though_another_would_be_chosen_now():
    board = Board(nodes=3)
    board.app("web", 2, pod={"nodeName": "node-b"}, labels={"tier": "front"})
    board.settle()
    draws = board.cluster.chance.stream("x")
    aimed = aim(board.cluster.hand, Planned(0, "node-crash", {"nodes": "tier=front"}, {}, 5), draws)
    strike(board.cluster.hand, aimed, draws)
    board.app("more", 4, pod={"nodeName": "node-c"}, labels={"tier": "front"})
    board.settle()
    (healing,) = aimed.heals(board.now)
    assert strike(board.cluster.hand, healing, draws) == ["node-crash node-b healed"]
