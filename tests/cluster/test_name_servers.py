"""Cluster DNS as Pods: who answers, decided by replicas, readiness, rules, links and roads."""

import pytest

from kubesim_tui.api.types import ConfigMap, Deployment, Pod, Service
from tests.boards import Board

SYSTEM = "kube-system"


def board(nodes: int = 2) -> Board:
    found = Board(nodes=nodes)
    found.app("web")
    found.settle()
    return found


def servers(board: Board) -> list[Pod]:
    pods = board.cluster.etcd.table("pods").in_namespace(SYSTEM)
    return sorted((p for p in pods if p.metadata.labels.get("k8s-app") == "kube-dns"), key=lambda p: p.metadata.name)


def known(board: Board, name: str = "web", node: str = "node-a") -> bool | None:
    """Whether a process of a machine finds a name; None: nobody answers."""
    found = board.cluster.fabric.resolve(node, None, name)
    return None if found is None else found.exists


def test_a_new_cluster_has_two_servers_on_its_control_plane_and_answers_after_four_seconds():
    new = Board(warm=5)
    assert [p.spec.node_name for p in servers(new)] == ["control-plane"] * 2
    assert known(new, "kubernetes")


def test_with_several_machines_of_the_control_plane_they_are_on_different_ones():
    assert sorted(p.spec.node_name for p in servers(Board(control_planes=3))) == ["cp-1", "cp-2"]


def test_the_deployment_has_taken_over_what_the_installer_made():
    deployment = board().client.get(Deployment, SYSTEM, "coredns")
    assert (deployment.status.ready_replicas, deployment.metadata.annotations) == (
        2,
        {"deployment.kubernetes.io/revision": "1"},
    )


def test_scaled_to_zero_nobody_answers_and_scaled_up_again_they_do():
    here = board()
    here.scale_dns(0)
    away = known(here)
    here.scale_dns(1)
    assert (away, known(here)) == (None, True)


def test_one_of_two_is_enough():
    here = board()
    here.client.delete(Pod, SYSTEM, servers(here)[0].metadata.name)
    found = [known(here) for _ in range(10) if here.tick() is None]
    assert found == [True] * 10


def test_another_template_moves_the_servers_to_another_machine():
    here = board()
    here.client.patch(Deployment, SYSTEM, "coredns", {"spec": {"template": {"spec": {"nodeName": "node-b"}}}})
    here.settle(60)
    assert {p.spec.node_name for p in servers(here)} == {"node-b"}
    assert known(here)


def test_without_its_service_the_address_leads_nowhere():
    here = board()
    here.client.delete(Service, SYSTEM, "kube-dns")
    here.tick(5)
    assert known(here) is None


def test_a_link_to_the_machine_of_the_servers_is_needed():
    here = board()
    here.cluster.hand.link("node-a", "control-plane", up=False)
    assert (known(here), known(here, node="node-b")) == (None, True)


def test_a_server_without_a_road_to_the_api_server_answers_from_what_it_knew():
    here = board()
    here.client.patch(Deployment, SYSTEM, "coredns", {"spec": {"template": {"spec": {"nodeName": "node-b"}}}})
    here.settle(60)
    here.cluster.hand.link("node-b", "control-plane", up=False)
    here.app("late")
    here.tick(20)
    assert (known(here, "web"), known(here, "late")) == (True, False)
    here.cluster.hand.link("node-b", "control-plane", up=True)
    here.tick(2)
    assert known(here, "late")


@pytest.mark.parametrize("servers, answer", [(("10.96.0.99",), None), (("10.96.0.99", "10.96.0.10"), True), ((), None)])
def test_the_next_server_of_a_resolver_is_asked_when_one_is_silent(servers, answer):
    found = board().cluster.fabric.names.asked("node-a", None, servers)
    assert getattr(found, "code", "") == ("dns-down" if answer is None else "")


def test_a_server_is_asked_by_its_own_address_too():
    here = board()
    names = here.cluster.fabric.names
    assert names.asked("node-a", None, (servers(here)[0].status.pod_ip,)).zone is names.live


def test_the_world_outside_has_servers_of_its_own():
    assert board().cluster.fabric.names.asked("node-a", None, ("169.254.169.253",)) is None


def configure(board: Board, old: str, new: str) -> None:
    """Change its Corefile."""
    text = board.client.get(ConfigMap, SYSTEM, "coredns").data["Corefile"]
    board.client.patch(ConfigMap, SYSTEM, "coredns", {"data": {"Corefile": text.replace(old, new)}}, "merge")


def logs(board: Board) -> list[list[tuple[int, str]]]:
    """What each server has logged."""
    machines = board.cluster.world.machines
    found = machines[servers(board)[0].spec.node_name].runtime.containers.values()
    return [[(line.tick, line.text) for line in c.lines()] for c in found if c.config.name == "coredns"]


def test_each_server_takes_a_changed_corefile_over_at_its_own_next_look():
    here = board()
    configure(here, "cluster.local in-addr", "cluster.example in-addr")
    here.tick(110)
    took_over = [tick for lines in logs(here) for tick, text in lines if text == "[INFO] Reloading complete"]
    assert (len(took_over), len({*took_over}), known(here)) == (2, 2, False)


def test_a_corefile_that_is_wrong_is_told_and_the_old_one_goes_on():
    here = board()
    configure(here, "loadbalance", "loadbalanced")
    here.tick(110)
    (_, *_, (_, said)), _ = logs(here)
    wrong = "/etc/coredns/Corefile:22 - Error during parsing: Unknown directive 'loadbalanced'"
    told = "[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: "
    assert (said, known(here)) == (told + wrong, True)


def test_without_the_plugin_ready_no_server_is_ready():
    here = board()
    configure(here, "    ready\n", "")
    here.tick(150)
    assert [next(c.status for c in p.status.conditions if c.type == "Ready") for p in servers(here)] == ["False"] * 2


def test_who_asks_himself_ends_and_says_so():
    here = board()
    configure(here, "forward . /etc/resolv.conf", "forward . 127.0.0.53")
    here.tick(110)
    assert all(lines[-1][1].startswith("[FATAL] plugin/loop: Loop (127.0.0.1:") for lines in logs(here))
