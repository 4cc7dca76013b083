"""The game in plain lines: one a change, no glyphs, turns instead of a clock."""

from attrs import evolve

from kubesim_tui.game.protocol import Talk
from kubesim_tui.tui.i18n import Texts, load
from kubesim_tui.tui.plain import Plain
from kubesim_tui.tui.spoken import changes
from tests.tui import builders, fakes


def game(lines, states=None, **options):
    said = []
    typed = iter(lines)
    session = fakes.FakeSession(states or [builders.start(), builders.outage(), builders.lost()], **options)
    Plain(session, load(session.language), lambda: next(typed, None), said.append).play()
    return said, session


def test_nothing_is_said_when_nothing_changes():
    assert changes(Texts(), builders.shop(), builders.shop()) == []


def test_each_change_is_one_line_with_its_time():
    lines = changes(Texts(), builders.start(), builders.outage())
    assert "14:05:29 Pod web-7c9f6d4b5-x2k7q on node-a: Terminating, ready 1/1" in lines
    assert "14:05:29 New Pod web-7c9f6d4b5-hh2p9 on node-b: ContainerCreating, ready 0/1" in lines
    assert "14:05:29 Service web: 0 Pods ready" in lines
    assert "14:05:29 Users visitors: 0.0% of requests succeed" in lines
    assert "14:05:29 Paused: The first request failed." in lines


def test_a_node_that_falls_silent_is_said():
    before = builders.shop(quiet=True)
    a, *rest = before.view.nodes
    after = evolve(before, view=evolve(before.view, nodes=(evolve(a, status="NotReady", ready=False), *rest)))
    assert changes(Texts(), before, after) == ["14:05:32 Node node-a: NotReady"]


def test_no_line_holds_a_glyph():
    said, _ = game(["board", "go", "wait 3", "why", "hint"])
    assert {c for line in said for c in line if not c.isascii()} <= set("–≥×“”")


def test_time_runs_only_when_it_is_let_and_stops_where_the_game_does():
    said, session = game(["wait 9"])
    assert [call for call in session.calls if call[0] == "step"] == [("step", 1)]
    assert any("Paused" in line for line in said)


def test_the_end_says_why_and_what_was_learnt():
    said, _ = game(["wait", "wait", "wait"])
    text = "\n".join(said)
    assert all(part in text for part in ("You have lost.", "Cause: single-replica", "State a number"))


def test_while_a_shell_listens_lines_go_to_it():
    said, session = game(["board"], talks=Talk(7, "/ # "), jobs={7: ["bin", "etc"]})
    assert ("type", "board") in session.calls
    assert [line for line in said if line in ("bin", "etc")] == ["bin", "etc"]


def test_kubectl_lines_run_and_their_output_is_said():
    said, session = game(["kubectl get pods"])
    assert ("run", "kubectl get pods") in session.calls
    assert any("CrashLoopBackOff" in line for line in said)


def test_an_editor_is_refused_with_a_way_round_it():
    said, _ = game(
        ["kubectl edit deploy/web"], answers={"kubectl edit deploy/web": lambda terminal: terminal.edit("a")}
    )
    assert "There is no editor here: use kubectl set, scale, patch, or apply -f FILE." in said


def test_quit_leaves():
    assert not any(call[0] == "run" for call in game(["quit", "kubectl get pods"])[1].calls)


def test_it_speaks_chinese():
    said, _ = game(["go", "wait"], states=[builders.start("zh"), builders.outage("zh")], language="zh")
    assert any("就绪 0/1" in line for line in said)
