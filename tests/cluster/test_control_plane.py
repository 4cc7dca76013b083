"""Control planes of three machines: who stands in for whom, what etcd's majority is good for, and how long it takes."""

import copy
import json

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.types import Deployment, EndpointSlice, Event, Lease, Node, Pod, Service
from kubesim_tui.apiserver.errors import ApiError, StatusError, Unreachable
from kubesim_tui.apiserver.listing import ListOptions
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cli.sim import NoFiles
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.faults.catalogue import aim, parse, strike
from kubesim_tui.kubectl import run as kubectl
from kubesim_tui.kubectl.fail import message
from tests.boards import ADMIN, Board

MANAGER, SCHEDULER = "kube-controller-manager", "kube-scheduler"
PLANE = ("cp-1", "cp-2", "cp-3")


@pytest.fixture
def board():
    found = Board(nodes=3, control_planes=3)
    found.app("web", 3)
    found.route("shop.example.com", "web")
    found.settle()
    found.users(rate=20)
    found.tick(3)
    return found


def do(board: Board, text: str) -> list[str]:
    """Strike now; what was told."""
    draws = board.cluster.chance.stream("test/faults")
    return strike(board.cluster.hand, aim(board.cluster.hand, parse(f"{text}@0"), draws), draws)


def leader(board: Board, lock: str) -> str:
    """The machine whose process acts; "" if none does."""
    managers = board.cluster.managers
    return managers.keeper(lock) if managers.acts(lock) else ""


def pods(board: Board, name: str = "web") -> list[Pod]:
    found = board.cluster.etcd.table("pods").in_namespace("default")
    return [p for p in found if p.metadata.name.startswith(name)]


def waited(board: Board, done, most: int = 60) -> int:
    """Ticks until something is so."""
    for ticks in range(most):
        if done():
            return ticks
        board.tick()
    return most


def refusal(board: Board, act) -> str:
    """What kubectl says of a request that fails."""
    with pytest.raises(ApiError) as refused:
        act()
    return message(refused.value)


def failed(board: Board) -> int:
    return board.cluster.traffic.streams["web"].stream.failed


# what there is


def test_each_machine_has_all_of_the_control_plane(board):
    names = {p.metadata.name for p in board.list(Pod, "kube-system")}
    parts = ("etcd", "kube-apiserver", MANAGER, SCHEDULER)
    assert {f"{part}-{machine}" for part in parts for machine in PLANE} <= names
    assert [n.metadata.name for n in board.list(Node, "")] == [*PLANE, "node-a", "node-b", "node-c"]


def test_the_managers_elect_leaders_by_lease(board):
    leases = {x.metadata.name: x.spec.holder_identity.partition("_")[0] for x in board.list(Lease, "kube-system")}
    assert leases == {MANAGER: "cp-1", SCHEDULER: "cp-1", "cloud-controller-manager": "cp-1"}


def test_of_one_machine_nobody_is_elected():
    alone = Board(nodes=1)
    assert (alone.list(Lease, "kube-system"), [n.metadata.name for n in alone.list(Node, "")]) == (
        [],
        ["control-plane", "node-a"],
    )


@pytest.mark.parametrize("count", [0, 2, 4, 7])
def test_a_control_plane_has_one_three_or_five_machines(count):
    with pytest.raises(ValueError, match="control_planes"):
        ClusterSpec(control_planes=count)


def test_five_machines_bear_the_loss_of_two():
    five = Board(nodes=1, control_planes=5)
    five.app("web", 1, service=False)
    five.settle()
    five.cluster.hand.crash("cp-1")
    five.cluster.hand.crash("cp-2")
    five.tick(40)
    five.delete(Pod, pods(five)[0].metadata.name)
    five.tick(40)
    assert five.get(Deployment, "web").status.ready_replicas == 1


# the scheduler


def test_a_scheduler_stands_in_when_the_lease_of_the_leader_is_over(board):
    board.cluster.hand.stop_process("cp-1", SCHEDULER)
    board.app("late", 3, service=False)
    bound = waited(board, lambda: all(p.spec.node_name for p in pods(board, "late")) and len(pods(board, "late")) == 3)
    assert (14 <= bound <= 17, leader(board, SCHEDULER)) == (True, "cp-2")


def test_until_then_pods_are_pending_and_nobody_says_why(board):
    board.cluster.hand.stop_process("cp-1", SCHEDULER)
    board.app("late", 3, service=False)
    board.tick(14)
    late = pods(board, "late")
    said = [e.reason for e in board.list(Event) if e.involved_object.name.startswith("late-") and "Sched" in e.reason]
    assert ([p.spec.node_name for p in late], [p.status.phase for p in late], said) == ([""] * 3, ["Pending"] * 3, [])


def test_a_scheduler_that_is_told_to_end_is_followed_at_once(board):
    assert do(board, f"process-stop:leader,process={SCHEDULER},graceful=true") == ["process-stop cp-1"]
    assert (waited(board, lambda: leader(board, SCHEDULER) != "") <= 3, leader(board, SCHEDULER)) == (True, "cp-2")


def test_a_machine_that_is_shut_down_in_an_orderly_way_hands_over_what_can_be(board):
    """etcd and the scheduler do; the controller manager's lease has to run out."""
    board.cluster.hand.shut_down("cp-1", -1)
    assert board.cluster.plane.members.leader == "cp-2"
    board.tick(4)
    assert (leader(board, SCHEDULER), leader(board, MANAGER)) == ("cp-2", "")
    board.tick(15)
    assert leader(board, MANAGER) == "cp-2"


def test_a_new_leader_knows_nothing_of_what_the_old_one_had_assumed(board):
    """What was bound in the old one's memory only is scheduled anew, and nothing twice."""
    board.cluster.hand.stop_process("cp-1", SCHEDULER)
    assert (board.cluster.scheduler.cache.assumed, board.cluster.scheduler.queue.pods) == ({}, {})
    board.app("late", 6, service=False)
    board.tick(40)
    assert board.get(Deployment, "late").status.ready_replicas == 6


# the controller manager


def test_without_its_leader_nothing_is_replaced_until_a_stand_by_takes_over(board):
    board.cluster.hand.stop_process("cp-1", MANAGER)
    board.delete(Pod, pods(board)[0].metadata.name)
    board.tick(14)
    assert len([p for p in pods(board) if p.metadata.deletion_timestamp is None]) == 2
    assert (waited(board, lambda: len(pods(board)) == 3) <= 4, leader(board, MANAGER)) == (True, "cp-2")


def test_a_new_leader_remembers_of_whom_the_old_one_spoke_as_little_as_what_it_expected(board):
    loop = board.cluster.managers.loops["replicaset-controller"]
    assert loop.recorder._spam != {}
    board.cluster.hand.stop_process("cp-1", MANAGER)
    assert (loop.recorder._spam, loop.expected._open) == ({}, {})


def test_with_both_managers_gone_everywhere_a_pod_is_pending_without_an_event(board):
    for machine in PLANE:
        for process in (MANAGER, SCHEDULER):
            board.cluster.hand.stop_process(machine, process)
    bare = {"containers": [{"name": "app", "image": "test/app"}]}
    board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "alone"}, "spec": bare})
    board.tick(100)
    (alone,) = pods(board, "alone")
    said = [e for e in board.list(Event) if e.involved_object.name == "alone"]
    assert (alone.spec.node_name, alone.status.phase, said) == ("", "Pending", [])


def test_a_machine_that_is_cut_off_loses_its_leads_and_comes_back_as_a_stand_by(board):
    board.cluster.hand.isolate("cp-1")
    board.tick(30)
    assert {leader(board, lock) for lock in (MANAGER, SCHEDULER)} == {"cp-2"}
    board.cluster.hand.rejoin("cp-1")
    board.tick(30)
    assert {leader(board, lock) for lock in (MANAGER, SCHEDULER)} == {"cp-2"}
    restarts = {
        p.metadata.name: p.status.container_statuses[0].restart_count
        for p in board.list(Pod, "kube-system")
        if p.metadata.name.endswith("-cp-1")
    }
    assert (restarts[f"{MANAGER}-cp-1"], restarts[f"{SCHEDULER}-cp-1"], restarts["etcd-cp-1"]) == (1, 1, 0)


# etcd


def test_etcd_without_one_of_three_members_does_without_it(board):
    board.cluster.hand.stop_process("cp-3", "etcd")
    before = failed(board)
    board.tick(60)
    assert failed(board) == before
    board.delete(Pod, pods(board)[0].metadata.name)
    board.tick(30)
    assert board.get(Deployment, "web").status.ready_replicas == 3


def test_when_etcds_leader_goes_another_is_elected_within_two_ticks(board):
    members = board.cluster.plane.members
    board.cluster.hand.stop_process(members.leader, "etcd")
    assert (members.leader, refusal(board, lambda: board.list(Pod))) == (
        "",
        "Error from server: etcdserver: leader changed",
    )
    assert 1 <= waited(board, lambda: members.leader != "") <= 3
    assert (members.leader != "cp-1", members.term, len(board.list(Pod)) > 0) == (True, 3, True)


@pytest.fixture
def headless(board):
    """Two of three etcd members have stopped."""
    for machine in ("cp-1", "cp-2"):
        board.cluster.hand.stop_process(machine, "etcd")
    board.tick(5)
    return board


def test_without_a_majority_nothing_is_written_or_read(headless):
    timed_out = "Error from server: etcdserver: request timed out"
    said = [refusal(headless, act) for act in (lambda: headless.list(Pod), lambda: headless.delete(Pod, "x"))]
    assert said == [timed_out, timed_out]


def raw(board: Board, path: str) -> list[str]:
    """Names of the objects that `kubectl get --raw` shows, or what it says instead."""
    reply = kubectl(f"get --raw {path}", board.client, NoFiles(), board.cluster.etcd.clock.now)
    if reply.err:
        return list(reply.err)
    return [item["metadata"]["name"] for item in json.loads(reply.out[0])["items"]]


def test_without_a_majority_the_watch_cache_still_shows_what_may_be_old(headless):
    path = "/api/v1/namespaces/default/pods"
    assert raw(headless, path) == ["Error from server: etcdserver: request timed out"]
    assert raw(headless, f"{path}?resourceVersion=0") == sorted(p.metadata.name for p in pods(headless))
    (said,) = raw(headless, "/readyz")
    assert said.startswith('Error from server (InternalError): an error on the server ("[+]ping ok\\n[+]log ok\\n')
    assert "\\n[-]etcd failed: reason withheld\\n[-]etcd-readiness failed: reason withheld\\n" in said
    assert said.endswith('\\nreadyz check failed") has prevented the request from succeeding')


def test_the_watch_cache_of_a_member_that_is_cut_off_shows_what_it_had(board):
    own = board.cluster.client(ADMIN, "cp-3")
    board.cluster.hand.isolate("cp-3")
    before = {p.metadata.name for p in pods(board)}
    board.delete(Pod, min(before))
    board.tick(20)
    request = Request(ADMIN, "list", scheme.for_plural("pods"), "default")
    seen = own.page(request, ListOptions(resource_version="0")).items
    assert ({p.metadata.name for p in seen} == before, {p.metadata.name for p in pods(board)} == before) == (
        True,
        False,
    )
    with pytest.raises(StatusError, match="etcdserver: request timed out"):
        own.page(request, ListOptions())


def test_without_a_majority_running_pods_and_rules_go_on_serving(headless):
    before, revision = failed(headless), headless.cluster.etcd.revision
    headless.tick(120)
    assert (failed(headless), headless.cluster.etcd.revision) == (before, revision)


def test_with_a_majority_again_it_goes_on(headless):
    headless.cluster.hand.crash("node-a")
    headless.tick(60)
    headless.cluster.hand.start_process("cp-1", "etcd")
    headless.tick(5)
    assert headless.cluster.plane.members.revision("cp-1") == headless.cluster.etcd.revision
    headless.tick(420)
    assert headless.get(Deployment, "web").status.ready_replicas == 3


def test_a_member_that_is_cut_off_has_what_it_had_until_it_hears_the_leader_again(board):
    members, revision = board.cluster.plane.members, board.cluster.etcd.revision
    board.cluster.hand.isolate("cp-3")
    board.app("late", 1)
    assert (members.revision("cp-3"), board.cluster.etcd.revision > revision) == (revision, True)
    board.cluster.hand.rejoin("cp-3")
    assert members.revision("cp-3") == board.cluster.etcd.revision


def test_the_side_of_a_partition_that_is_the_smaller_changes_nothing(board):
    """The client of its own server is told so; those beyond the balancer notice nothing."""
    board.cluster.hand.isolate("cp-3")
    board.tick(3)
    kubelet = board.cluster.kubelets["cp-3"]
    assert isinstance(kubelet.client.road.refusal(write=True), StatusError)
    assert len(board.list(Pod)) == 3


def test_a_leader_with_a_slow_disk_is_followed_by_one_with_a_fast_one(board):
    members = board.cluster.plane.members
    do(board, "process-slow:leader,process=etcd,factor=3000")
    board.tick(3)
    assert (members.leader in ("cp-2", "cp-3"), len(members.heard), members.commit_us() < 10_000) == (True, 3, True)


def test_slow_disks_of_a_majority_hold_up_every_write(board):
    members = board.cluster.plane.members
    fast = members.commit_us()
    for machine in ("cp-2", "cp-3"):
        do(board, f"process-slow:{machine},process=etcd,factor=900")
    assert (fast, members.commit_us() >= 900_000) == (1_300, True)
    for machine in ("cp-2", "cp-3"):
        do(board, f"process-slow:{machine},process=etcd,factor=8000")
    said = refusal(board, lambda: board.delete(Pod, pods(board)[0].metadata.name))
    assert said == "Error from server: etcdserver: request timed out"
    for machine in ("cp-2", "cp-3"):
        do(board, f"process-slow:{machine},process=etcd,factor=1")
    board.delete(Pod, pods(board)[0].metadata.name)
    assert members.commit_us() == fast


# the API servers


def test_clients_reach_a_server_that_is_up(board):
    for machine in ("cp-1", "cp-2"):
        board.cluster.hand.stop_process(machine, "kube-apiserver")
    board.delete(Pod, pods(board)[0].metadata.name)
    board.tick(40)
    assert board.get(Deployment, "web").status.ready_replicas == 3
    assert {leader(board, lock) for lock in (MANAGER, SCHEDULER)} == {"cp-3"}


def behind(board: Board) -> list[str]:
    """The last number of each address behind the Service `kubernetes`."""
    found = board.get(EndpointSlice, "kubernetes")
    return [address.rpartition(".")[2] for e in found.endpoints for address in e.addresses]


def test_behind_the_service_kubernetes_are_the_servers_whose_keys_in_etcd_are_renewed(board):
    assert behind(board) == ["2", "3", "4"]
    board.cluster.hand.stop_process("cp-2", "kube-apiserver")
    gone = waited(board, lambda: behind(board) == ["2", "4"])
    assert 10 < gone <= 21
    board.cluster.hand.start_process("cp-2", "kube-apiserver")
    assert waited(board, lambda: behind(board) == ["2", "3", "4"]) <= 1


def test_the_last_server_is_never_taken_out_of_it():
    alone = Board(nodes=1)
    alone.cluster.hand.stop_process("control-plane", "kube-apiserver")
    alone.tick(60)
    alone.cluster.hand.start_process("control-plane", "kube-apiserver")
    alone.tick(2)
    assert behind(alone) == ["2"]


def test_with_all_servers_down_the_connection_is_refused(board):
    for machine in PLANE:
        board.cluster.hand.stop_process(machine, "kube-apiserver")
    said = "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?"
    assert refusal(board, lambda: board.list(Pod)) == said


def test_users_of_a_balancer_do_not_notice_a_machine_of_the_control_plane_that_loses_its_power(board):
    board.patch(Service, "web", {"spec": {"type": "LoadBalancer"}})
    board.tick(35)
    address = board.get(Service, "web").status.load_balancer.ingress[0].ip
    users = board.users("direct", f"http://{address}/", rate=20)
    board.cluster.hand.crash("cp-1")
    board.tick(120)
    assert users.stream.failed == 0
    board.cluster.hand.recover("cp-1")
    board.tick(30)
    assert all(c.running for c in board.cluster.picture().components)


def test_the_ingress_controller_has_a_pod_on_each_and_loses_its_share_until_the_lost_one_is_not_ready(board):
    nodes = [p.spec.node_name for p in board.list(Pod, "ingress-nginx")]
    assert sorted(nodes) == list(PLANE)
    before = failed(board)
    board.cluster.hand.crash("cp-1")
    board.tick(80)
    lost = failed(board)
    assert lost - before > 20 * 10
    board.tick(60)
    assert failed(board) == lost


# processes that are slow


def test_a_slowed_scheduler_binds_fewer_pods_a_second(board):
    do(board, f"process-slow:leader,process={SCHEDULER},factor=200")
    board.app("many", 20, service=False)
    board.tick(8)
    bound = len([p for p in pods(board, "many") if p.spec.node_name])
    assert 0 < bound < 10
    do(board, f"process-slow:leader,process={SCHEDULER},factor=1")
    board.tick(8)
    assert len([p for p in pods(board, "many") if p.spec.node_name]) == 20


# the engine


def test_a_quiet_control_plane_of_three_costs_no_writes():
    quiet = Board(nodes=2, control_planes=3)
    quiet.tick(60)
    revision = quiet.cluster.etcd.revision
    quiet.tick(300)
    events = sum(1 for c in quiet.cluster.etcd.since(revision) if c.resource != "events")
    assert events == 0


def test_a_checkpoint_goes_on_as_the_original_does(board):
    board.cluster.hand.isolate("cp-1")
    board.tick(5)
    other = copy.deepcopy(board.cluster)
    for cluster in (board.cluster, other):
        for _ in range(60):
            cluster.step()
    assert board.cluster.digest == other.digest


def test_two_runs_of_one_seed_are_the_same():
    def run() -> str:
        cluster = Cluster(ClusterSpec(control_planes=3), "7")
        for tick in range(120):
            if tick == 20:
                cluster.hand.crash("cp-1")
            cluster.step()
        return cluster.digest

    assert run() == run()


def test_an_unreachable_server_is_told_as_such(board):
    board.cluster.world.links.isolate("balancer")
    board.cluster.look()
    with pytest.raises(Unreachable):
        board.list(Pod)


# -- without etcd: reads, and then nothing -----------------------------------------------------------------------------

LIVES = 80  # seconds: eight probes
PATIENCE = "Timeout: request did not complete within requested timeout - context deadline exceeded"
LATE = f"Error from server (Timeout): {PATIENCE}"
REFUSED = "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?"
OLD = "/api/v1/namespaces/default/pods?resourceVersion=0"


@pytest.fixture
def alone():
    """A control plane of one machine, whose etcd has stopped."""
    board = Board(2)
    board.app("web", 2)
    board.settle()
    board.cluster.hand.stop_process("control-plane", "etcd")
    board.tick(5)
    return board


def test_without_etcd_the_api_server_shows_what_may_be_old_and_then_nothing(alone):
    names = sorted(p.metadata.name for p in pods(alone))
    assert (raw(alone, OLD), refusal(alone, lambda: alone.list(Pod))) == (names, LATE)
    alone.tick(LIVES - 5)
    assert raw(alone, OLD) == names
    alone.tick(1)
    assert refusal(alone, lambda: alone.list(Pod)) == REFUSED
    assert raw(alone, OLD) == [REFUSED]


def test_without_a_majority_they_answer_until_their_kubelets_end_them(headless):
    headless.tick(LIVES)
    assert refusal(headless, lambda: headless.list(Pod)) == REFUSED


def test_an_etcd_that_is_back_in_time_is_not_missed(alone):
    alone.tick(LIVES - 20)
    alone.cluster.hand.start_process("control-plane", "etcd")
    alone.tick(LIVES)
    assert len(alone.list(Pod)) == 2


def test_with_etcd_an_api_server_that_was_ended_is_back(alone):
    alone.tick(2 * LIVES)
    alone.cluster.hand.start_process("control-plane", "etcd")
    alone.tick(5)
    assert len(alone.list(Pod)) == 2


def test_one_that_is_started_anew_cannot_begin_without_etcd(alone):
    alone.cluster.hand.stop_process("control-plane", "kube-apiserver")
    alone.cluster.hand.start_process("control-plane", "kube-apiserver")
    assert refusal(alone, lambda: alone.list(Pod)) == REFUSED


def test_where_no_kubelet_runs_nobody_ends_it(alone):
    alone.cluster.hand.stop_process("control-plane", "kubelet")
    alone.tick(2 * LIVES)
    assert refusal(alone, lambda: alone.list(Pod)) == LATE
    alone.cluster.hand.start_process("control-plane", "kubelet")
    alone.tick(1)
    assert refusal(alone, lambda: alone.list(Pod)) == REFUSED


def test_a_process_that_the_kernel_kills_for_its_memory_is_back_with_its_container():
    """At first at once; the next time its kubelet waits for ten seconds."""
    alone = Board(nodes=1)
    machine = alone.cluster.world.machines["control-plane"]
    away = []
    for _ in range(2):
        runtime = machine.runtime
        server = next(c for c in runtime.containers.values() if c.config.name == "kube-apiserver" and not c.exit_code)
        runtime.kill(server.id, alone.now, "OOMKilled")
        alone.tick()
        away.append(waited(alone, lambda: alone.cluster.plane.runs()))
    assert away == [0, 10]


def test_of_a_machine_without_memory_cluster_dns_is_killed_before_the_control_plane():
    alone = Board(nodes=1)
    runtime = alone.cluster.world.machines["control-plane"].runtime
    points = {c.config.name: c.config.oom_score_adj for c in runtime.containers.values()}
    assert (points["coredns"], points["etcd"], points["kube-apiserver"]) == (992, -997, -997)
