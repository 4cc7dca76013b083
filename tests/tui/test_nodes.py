"""Nodes on the board: their loads, zones, and the cluster's own Pods in the background."""

import pytest
from attrs import evolve

from kubesim_tui.cluster.view import ComponentView, Face
from kubesim_tui.tui.i18n import load
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets import figures, nodes, tree
from kubesim_tui.tui.widgets.pages import PAGES
from tests.tui import builders
from tests.tui.scenes import playing, press, screen_text

LOOK = Look()


def text(strips):
    return "\n".join(strip.text for strip in strips)


def test_the_clusters_own_pods_are_one_group_at_the_end():
    groups = tree.by_workload((*builders.control_plane().pods, builders.pod("web-1", owner=builders.WEB)), False)
    assert [(g.name, len(g.pods), g.system) for g in groups] == [("web", 1, False), ("sys", len(builders.SYSTEM), True)]


def test_shown_in_full_a_static_pod_has_its_own_name_without_that_of_its_node():
    groups = tree.by_workload(builders.control_plane().pods, True)
    assert [group.name for group in groups] == list(builders.SYSTEM)


def test_own_pods_are_pale_while_they_are_well():
    running, crash = (figures.face(kind) for kind in (Face.RUNNING, Face.CRASH))
    assert [figures.quiet(running, True), figures.quiet(running, False)] == ["mute", "green"]
    assert figures.quiet(crash, True) == "red"


def test_a_card_shows_as_many_pods_as_fit_and_counts_the_rest():
    pods = [builders.pod(f"web-{n}", owner=builders.WEB) for n in range(60)]
    card = text(nodes.cards(LOOK, [builders.node("a", pods)], 50, 4))
    drawn = card.count("●") - 1
    assert 20 < drawn < 60
    assert f"+{60 - drawn}" in card


def test_a_node_whose_letter_is_not_in_its_name_bears_it():
    assert "control-plane d " in text(nodes.cards(LOOK, [builders.control_plane()], 59, 4))
    assert "node-a a" not in text(nodes.cards(LOOK, [builders.node("a")], 59, 4))


def test_of_several_members_the_leader_is_told():
    """Processes of nodes are shown where there is something to say of them."""
    plane = (ComponentView("kube-scheduler", "node-a", True, "leader"), ComponentView("etcd", "node-b", True, "slow"))
    others = (ComponentView("kube-scheduler", "node-b", True, ""), ComponentView("kubelet", "node-a", False, "stopped"))
    view = evolve(builders.shop().view, components=(*plane, *others))
    last = PAGES["nodes"](LOOK, view, 120, None, 0, False)[-1].strip.text.strip()
    assert last == "● kube-scheduler@node-a leader  ● etcd@node-b slow  ✗ kubelet@node-a stopped"


def test_a_load_below_one_per_cent_is_not_nothing():
    assert [figures.load(pm) for pm in (0, 3, 10, 412, 1000)] == ["0%", "<1%", "1%", "41%", "100%"]


def test_a_short_name_of_a_zone_is_called_one():
    assert [figures.zone(LOOK.t, name) for name in ("a", "eu-west-1a", "")] == ["zone a", "eu-west-1a", ""]
    assert figures.zone(load("zh"), "a") == "可用区 a"


@pytest.mark.parametrize(
    "told, english, chinese",
    [
        ("3/4 updated", "3/4 updated", "已更新 3/4"),
        ("1 old pods", "1 old", "旧 1 个"),
        ("paused", "rollout paused", "发布已暂停"),
        ("stuck: ProgressDeadlineExceeded", "stuck: ProgressDeadlineExceeded", "卡住：ProgressDeadlineExceeded"),
    ],
)
def test_how_far_a_rollout_is_is_said_in_both_languages(told, english, chinese):
    assert [figures.rollout(load(language), told) for language in ("en", "zh")] == [english, chinese]


def test_the_page_lets_the_cursor_reach_the_own_pods():
    page = PAGES["nodes"](LOOK, builders.shop().view, 80, None, 0, False)
    refs = {spot.ref.name for row in page for spot in row.spots}
    assert "etcd-control-plane" in refs


async def test_one_key_shows_the_own_pods_everywhere():
    async with playing("shop", size=(120, 40)) as pilot:
        assert "etcd" not in screen_text(pilot.app)
        await press(pilot, "a")
        assert "etcd" in screen_text(pilot.app)
