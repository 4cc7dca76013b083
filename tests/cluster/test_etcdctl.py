"""etcd as an administrator meets it: its size, its alarm, its keys, its snapshots, by etcdctl inside its Pod."""

from __future__ import annotations

from kubesim_tui.api.types import ConfigMap, Deployment, Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.cluster.maintenance import human, key_of
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
        "3.6.5",
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
    directory = board.cluster.maintainers.all[machine].directory
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
