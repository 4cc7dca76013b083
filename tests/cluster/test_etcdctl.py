"""etcd as an administrator meets it: its size, its alarm, its keys, its snapshots, by etcdctl inside its Pod."""

from __future__ import annotations

from kubesim_tui.api.types import ConfigMap, Deployment, Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.etcdctl.base import human, member_id
from kubesim_tui.cluster.etcdctl.keys import key_of
from kubesim_tui.world.net import Fetched
from tests.boards import Board

MIB = 1 << 20


def ask(board: Board, command: str, machine: str = "control-plane", **flags: str) -> str:
    """What a member answers to a command of etcdctl."""
    found: Fetched = board.cluster.maintainers.all[machine].answer(command, flags)
    return found.body


def config(board: Board, name: str) -> str:
    """Make a ConfigMap; what is said if that cannot be."""
    try:
        board.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
    except ApiError as refused:
        return str(refused)
    return ""


def filled(rate: int = 200 * MIB) -> Board:
    """Somebody writes without end until the database is full."""
    board = Board(nodes=1)
    board.cluster.hand.flood_etcd(rate)
    board.tick(30)
    return board


def test_a_member_says_how_it_is():
    board = Board(nodes=1)
    assert ask(board, "endpoint health") == ("127.0.0.1:2379 is healthy: successfully committed proposal: took = 2ms")
    status = ask(board, "endpoint status").split(", ")
    assert (status[0], status[2], status[7:10], status[11]) == (
        "127.0.0.1:2379",
        "3.7.0",
        ["2.1 GB", "true", "false"],
        str(board.cluster.etcd.revision),
    )


def test_a_table_has_a_column_for_each_field():
    head = ask(Board(nodes=1), "member list", w="table").splitlines()[1]
    assert [word.strip() for word in head.strip("|").split("|")] == [
        "ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER",
    ]  # fmt: skip


def test_objects_lie_under_their_keys():
    board = Board(nodes=1)
    config(board, "x")
    assert ask(board, "get /registry/configmaps/default/x", **{"keys-only": ""}) == "/registry/configmaps/default/x\n"
    assert ask(board, "get /registry/minions", **{"prefix": "", "count-only": ""}) == "2"
    assert ask(board, "get /registry/configmaps/default/nothing") == ""


def test_old_kinds_have_names_of_their_own_in_keys():
    made = ConfigMap()
    assert [key_of(r, ("shop", "web"), made) for r in ("services", "endpoints", "ingresses.networking.k8s.io")] == [
        "/registry/services/specs/shop/web",
        "/registry/services/endpoints/shop/web",
        "/registry/ingress/shop/web",
    ]


def test_who_writes_too_much_fills_the_database_and_nothing_can_be_put():
    board = filled()
    assert config(board, "x") == "etcdserver: mvcc: database space exceeded"
    assert ask(board, "alarm list").endswith("alarm:NOSPACE")
    assert ask(board, "endpoint status").split(", ")[4] == "2.3 GB"


def test_who_writes_little_enough_is_kept_up_with_by_compaction():
    board = Board(nodes=1)
    board.cluster.hand.flood_etcd(2 * MIB)
    board.tick(1500)
    assert (config(board, "x"), ask(board, "alarm list")) == ("", "")


def test_compacting_alone_does_not_help_a_full_database():
    board = filled()
    board.cluster.plane.members.backend.begin_flood(0)
    ask(board, f"compact {board.cluster.etcd.revision}")
    ask(board, "alarm disarm")
    assert config(board, "x") == "etcdserver: mvcc: database space exceeded"


def test_compaction_defragmentation_and_disarming_do():
    board = filled()
    board.cluster.plane.members.backend.begin_flood(0)
    revision = board.cluster.etcd.revision
    told = [ask(board, c) for c in (f"compact {revision}", "defrag", "alarm disarm")]
    assert told[:2] == [f"compacted revision {revision}", "Finished defragmenting etcd member[127.0.0.1:2379]"]
    assert (config(board, "x"), ask(board, "alarm list")) == ("", "")


def test_they_do_not_last_while_the_client_goes_on():
    board = filled()
    for command in (f"compact {board.cluster.etcd.revision}", "defrag", "alarm disarm"):
        ask(board, command)
    at_once = config(board, "x")
    board.tick(30)
    assert (at_once, config(board, "y")) == ("", "etcdserver: mvcc: database space exceeded")


def test_a_revision_that_is_not_there_yet_is_not_compacted():
    assert ask(Board(nodes=1), "compact 999999") == ("Error: etcdserver: mvcc: required revision is a future revision")


def test_a_member_without_a_majority_answers_nothing():
    board = Board(nodes=1, control_planes=3)
    for machine in ("cp-2", "cp-3"):
        board.cluster.hand.stop_process(machine, "etcd")
    assert ask(board, "get /registry", "cp-1") == "Error: context deadline exceeded"


def snapshot(board: Board, machine: str = "control-plane") -> None:
    """Save one, and lay a directory of it where the member looks when it starts."""
    directory = board.cluster.maintainers.all[machine].speaker.directory
    directory.write("member/snap/db", ask(board, "snapshot save x", machine))


def restart(board: Board, *machines: str) -> None:
    for machine in machines:
        board.cluster.hand.stop_process(machine, "etcd")
    board.tick(5)
    for machine in machines:
        board.cluster.hand.start_process(machine, "etcd")


def test_a_restored_snapshot_brings_back_what_was_deleted_and_forgets_what_was_made():
    board = Board(nodes=2)
    board.app("web", 2)
    board.settle()
    snapshot(board)
    board.delete(Deployment, "web")
    config(board, "later")
    board.tick(40)
    gone = board.list(Pod)
    restart(board, "control-plane")
    board.tick(40)
    ready = board.get(Deployment, "web").status.ready_replicas
    names = [c.metadata.name for c in board.list(ConfigMap)]
    assert (gone, ready, "later" in names) == ([], 2, False)


def test_running_pods_that_the_snapshot_does_not_know_are_stopped():
    board = Board(nodes=2)
    board.settle()
    snapshot(board)
    board.app("web", 2)
    board.settle()
    restart(board, "control-plane")
    board.tick(60)
    running = [c for m in board.cluster.world.machines.values() for c in m.runtime.containers.values()]
    assert (board.list(Pod), [c.config.image for c in running if c.config.image.endswith("test/app")]) == ([], [])


def test_a_member_that_comes_back_to_others_takes_what_they_have():
    board = Board(nodes=1, control_planes=3)
    snapshot(board, "cp-2")
    config(board, "later")
    restart(board, "cp-2")
    board.tick(10)
    assert "later" in [c.metadata.name for c in board.list(ConfigMap)]


def test_all_members_restored_are_the_snapshot():
    board = Board(nodes=1, control_planes=3)
    snapshot(board, "cp-1")
    config(board, "later")
    restart(board, "cp-1", "cp-2", "cp-3")
    board.tick(20)
    assert "later" not in [c.metadata.name for c in board.list(ConfigMap)]


def test_bytes_are_written_as_etcdctl_does():
    assert [human(n) for n in (0, 999, 20_480, 1_500_000, 2 << 30)] == ["0 B", "999 B", "20 kB", "1.5 MB", "2.1 GB"]


# -- who is a member ---------------------------------------------------------------------------------------------------


def voters(board: Board, machine: str = "cp-1") -> list[str]:
    """The names in the list of members."""
    return [line.split(", ")[2] for line in ask(board, "member list", machine).splitlines()]


def test_a_removed_member_serves_no_more_and_one_that_is_added_catches_up():
    board = Board(nodes=1, control_planes=3)
    gone = ask(board, f"member remove {member_id('cp-3')}", "cp-1")
    assert gone.startswith(f"Member {member_id('cp-3')} removed from cluster ")
    assert (voters(board), board.cluster.plane.members.serves("cp-3")) == (["cp-1", "cp-2"], False)
    config(board, "meanwhile")
    told = ask(board, "member add cp-3", "cp-1", **{"peer-urls": "https://172.18.0.4:2380"}).splitlines()
    assert told[0].startswith(f"Member {member_id('cp-3')} added to cluster ")
    assert told[2:] == [
        'ETCD_NAME="cp-3"',
        'ETCD_INITIAL_CLUSTER="cp-1=https://172.18.0.2:2380,cp-2=https://172.18.0.3:2380,cp-3=https://172.18.0.4:2380"',
        'ETCD_INITIAL_ADVERTISE_PEER_URLS="https://172.18.0.4:2380"',
        'ETCD_INITIAL_CLUSTER_STATE="existing"',
    ]
    members = board.cluster.plane.members
    assert (members.serves("cp-3"), members.revision("cp-3")) == (True, board.cluster.etcd.revision)


def test_a_lost_member_that_is_removed_leaves_two_of_which_both_are_needed():
    board = Board(nodes=1, control_planes=3)
    board.cluster.hand.stop_process("cp-3", "etcd")
    ask(board, f"member remove {member_id('cp-3')}", "cp-1")
    well = config(board, "of-two")
    board.cluster.hand.stop_process("cp-2", "etcd")
    board.tick(5)
    assert (well, board.cluster.plane.members.majority, board.cluster.plane.members.leader) == ("", 2, "")


def test_a_member_that_is_added_while_another_is_away_would_cost_the_majority():
    board = Board(nodes=1, control_planes=3)
    board.cluster.hand.stop_process("cp-3", "etcd")
    told = ask(board, "member add cp-4", "cp-1", **{"peer-urls": "https://172.18.0.9:2380"})
    assert told == "Error: etcdserver: unhealthy cluster"


def test_of_a_single_member_the_second_is_waited_for_and_costs_the_majority_until_then():
    board = Board(nodes=1)
    ask(board, "member add cp-2", **{"peer-urls": "https://172.18.0.9:2380"})
    listed = [line.split(", ")[1:3] for line in board_list(board)]
    assert (sorted(listed), board.cluster.plane.members.leader) == (
        [["started", "control-plane"], ["unstarted", ""]],
        "",
    )


def board_list(board: Board) -> list[str]:
    """What members there are, whoever leads."""
    return ask(board, "member list").splitlines()


def test_who_cannot_be_done_without_is_not_removed():
    board = Board(nodes=1, control_planes=3)
    board.cluster.hand.stop_process("cp-3", "etcd")
    assert ask(board, f"member remove {member_id('cp-2')}", "cp-1") == "Error: etcdserver: unhealthy cluster"
    assert ask(Board(nodes=1), f"member remove {member_id('control-plane')}") == (
        "Error: etcdserver: re-configuration failed due to not enough started members"
    )


def test_the_lead_can_be_moved_by_who_has_it():
    board = Board(nodes=1, control_planes=3)
    command = f"move-leader {member_id('cp-2')}"
    assert ask(board, command, "cp-3") == "Error: no leader endpoint given at [127.0.0.1:2379]"
    assert ask(board, command, "cp-1") == (f"Leadership transferred from {member_id('cp-1')} to {member_id('cp-2')}")
    assert board.cluster.plane.members.leader == "cp-2"


def test_ids_are_hexadecimal():
    board = Board(nodes=1)
    assert ask(board, "member remove cp-3").startswith('Error: bad member ID arg (strconv.ParseUint: parsing "cp-3"')
    assert ask(board, "member remove abc") == "Error: etcdserver: member not found"


def test_all_members_can_be_asked_at_once():
    board = Board(nodes=1, control_planes=3)
    board.cluster.hand.stop_process("cp-3", "etcd")
    took = (board.cluster.plane.members.commit_us() + 1000) / 1000
    assert ask(board, "endpoint health", "cp-1", cluster="").splitlines() == [
        f"https://172.18.0.2:2379 is healthy: successfully committed proposal: took = {took:g}ms",
        f"https://172.18.0.3:2379 is healthy: successfully committed proposal: took = {took:g}ms",
        "https://172.18.0.4:2379 is unhealthy: failed to commit proposal: context deadline exceeded",
        "Error: unhealthy cluster",
    ]
    lines = ask(board, "endpoint status", "cp-1", cluster="").splitlines()
    assert (lines[0], [line.split(", ")[0] for line in lines[1:]]) == (
        "Failed to get the status of endpoint https://172.18.0.4:2379 (context deadline exceeded)",
        ["https://172.18.0.2:2379", "https://172.18.0.3:2379"],
    )


# -- keys --------------------------------------------------------------------------------------------------------------


def test_a_key_that_is_deleted_is_gone_without_grace_or_finalizer():
    board = Board(nodes=1)
    meta = {"name": "x", "finalizers": ["example.com/hold"]}
    board.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    assert ask(board, "del /registry/configmaps/default/x") == "1"
    assert "x" not in [c.metadata.name for c in board.list(ConfigMap)]


def test_a_prefix_deletes_all_that_begins_so():
    board = Board(nodes=1)
    for name in ("x-1", "x-2", "y"):
        config(board, name)
    assert ask(board, "del /registry/configmaps/default/x-", prefix="") == "2"
    assert {"x-1", "x-2", "y"} & {c.metadata.name for c in board.list(ConfigMap)} == {"y"}


def test_what_is_put_under_an_objects_key_is_that_object_and_nobody_has_validated_it():
    board = Board(nodes=1)
    text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"default"},"data":{"a":"1"}}'
    assert ask(board, f"put /registry/configmaps/default/x {text}") == "OK"
    assert board.get(ConfigMap, "x").data == {"a": "1"}


def test_other_keys_are_kept_for_whoever_wants_them():
    board = Board(nodes=1)
    assert [ask(board, c) for c in ("put hello big world", "get hello", "del hello", "get hello")] == [
        "OK",
        "hello\nbig world",
        "1",
        "",
    ]


def test_a_full_database_takes_no_key():
    assert ask(filled(), "put a b") == "Error: etcdserver: mvcc: database space exceeded"
