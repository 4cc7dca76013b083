"""A cluster at rest is at rest."""

from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from kubesim_tui.kernel.engine import MOST_A_TICK


def test_no_key_is_worked_sixteen_times_in_a_tick_of_a_starting_cluster():
    cluster = Cluster(ClusterSpec((NodeGroup(count=3),)))
    for _ in range(60):
        cluster.step()
    assert max(phase.busiest for phase in cluster.engine.phases.values()) < MOST_A_TICK


def test_a_quiet_cluster_writes_nothing():
    cluster = Cluster(ClusterSpec((NodeGroup(count=3),)))
    for _ in range(60):
        cluster.step()
    revision = cluster.etcd.revision
    for _ in range(300):
        cluster.step()
    assert cluster.etcd.revision == revision


def test_kubelets_that_keep_etcd_alone_wake_up_for_nothing():
    woken = []
    for members in (None, 5):
        cluster = Cluster(ClusterSpec(etcd_members=members))
        for _ in range(60):
            cluster.step()
        ticks = range(cluster.engine.tick, cluster.engine.tick + 300)
        woken.append([cluster.step() or cluster.engine.next_timer() == tick + 1 for tick in ticks].count(True))
    assert woken[0] == woken[1]
