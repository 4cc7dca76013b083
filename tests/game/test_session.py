"""A session: deterministic, recorded, replayed, restarted, left."""

import copy
from pathlib import Path

import pytest

from kubesim_tui.explain.chain import Chain, Link
from kubesim_tui.game import loader, proof, recording
from kubesim_tui.game.player import ScriptTerminal, play
from kubesim_tui.game.replay import Replay, replay
from kubesim_tui.game.script import parse
from kubesim_tui.game.session import Session
from kubesim_tui.game.whys import spoken, to_why
from tests.game.builders import LEVEL, WIN, folder, small

NOWHERE = ScriptTerminal(Path("/nonexistent"))


@pytest.fixture(scope="module")
def level(tmp_path_factory):
    return small(tmp_path_factory.mktemp("level"))


def played(level, text=WIN, seed="1", terminal=NOWHERE):
    session = Session(level, seed)
    play(session, parse(text, "test"), terminal.folder, strict=False)
    return session


def test_the_same_inputs_give_the_same_digest(level):
    assert played(level).game.digest == played(level).game.digest


def test_another_seed_gives_another_digest(level):
    assert played(level).game.digest != played(level, seed="2").game.digest


def test_one_more_input_gives_another_digest(level):
    assert played(level).game.digest != played(level, "kubectl label deploy web a=b\n" + WIN).game.digest


def test_one_changed_figure_of_an_image_gives_another_digest(tmp_path):
    image = (
        "repositories: [docker.io/library/nginx]\nsize: 1Mi\nentrypoint: [a]\nprograms: {a: {start: 1s, ready: 0ms, "
    )
    image += "ports: [{port: '80', protocol: http}], routes: [{path: /, body: x, service: SERVICE}]}}\n"
    digests = []
    for service in ("5ms", "6ms"):
        made = folder(tmp_path / service, images__nginx="")
        (made / "images" / "nginx").unlink()
        (made / "images" / "nginx.yaml").write_text(image.replace("SERVICE", service))
        digests.append(played(loader.load(made)).game.digest)
    assert digests[0] != digests[1]


def test_a_copy_in_the_middle_goes_on_as_the_original_does(level):
    game = played(level).game
    session = Session(level)
    session.run("kubectl scale deployment web --replicas=3", NOWHERE)
    for _ in range(10):
        session.advance()
    copied = copy.deepcopy(session.game)
    for one in (session.game, copied):
        for _ in range(10):
            one.step()
        one.go()
        while one.may_step():
            one.step()
    assert session.game.digest == copied.digest == game.digest


def test_two_games_in_one_process_never_see_each_other(level):
    alone = played(level).game.digest
    one, other = Session(level), Session(level, "2")
    one.run("kubectl scale deployment web --replicas=3", NOWHERE)
    other.run("kubectl delete deployment web", NOWHERE)
    for tick in range(200):
        if tick == 20:
            one.go()
            other.go()
        one.advance()
        other.advance()
    assert one.game.digest == alone


def test_a_recording_proves_its_game(level):
    record = recording.parse(played(level).recording().to_json(), "x.json")
    found = proof.prove(record, level)
    assert (found.proven, found.differs, found.verdict.won) == (True, "", True)


def test_a_recording_holds_every_byte_that_was_read(tmp_path, level):
    (tmp_path / "scale.yaml").write_text("spec: {replicas: 3}\n")
    session = played(
        level, "kubectl patch deploy web --patch-file scale.yaml\n+20\ngo\n", terminal=ScriptTerminal(tmp_path)
    )
    (tmp_path / "scale.yaml").unlink()
    assert proof.prove(session.recording(), level).proven


FORGED = [
    ({"digest": "0" * 64}, "digest: "),
    ({"result": "lost"}, "result: won where the recording says lost"),
    ({"seed": "3"}, "digest: the runs part between tick"),
    ({"content": "0"}, "level: 0-1 small has changed since it was recorded"),
    ({"epoch": 1}, "epoch: recorded with 1"),
    ({"ticks": 60}, "digest: "),
    ({"inputs": ()}, "digest: the runs part between tick"),
]


@pytest.mark.parametrize("change, differs", FORGED, ids=[next(iter(f[0])) for f in FORGED])
def test_a_forged_recording_is_found_out_and_it_is_said_where(level, change, differs):
    from attrs import evolve

    found = proof.prove(evolve(played(level).recording(), **change), level)
    assert (found.proven, found.differs.startswith(differs)) == (False, True), found.differs


def test_an_input_at_a_time_that_never_comes_is_found_out(tmp_path):
    """In an incident time stands until Go."""
    incident = small(tmp_path, "incident")
    session = played(incident, "kubectl scale deployment web --replicas=3\ngo\n")
    from attrs import evolve

    first, *rest = session.recording().inputs
    late = evolve(
        session.recording(), inputs=(evolve(first, tick=first.tick + 5), *[evolve(r, tick=r.tick + 5) for r in rest])
    )
    assert proof.prove(late, incident).differs.startswith("inputs: input 0 is of tick")


def test_a_replay_can_stop_anywhere_and_go_on(level):
    record = played(level).recording()
    whole = replay(level, "1", record.inputs)
    from kubesim_tui.game.game import Game

    run = Replay(Game(level, "1"), record.inputs, dict(record.checks))
    for tick in (10, 35, 36, 60):
        run.to(tick)
    assert (run.to(None).digest, run.differs) == (whole.digest, "")


def test_a_restart_is_the_same_level(level):
    session = played(level)
    session.restart()
    play(session, parse(WIN, "test"), Path(), strict=False)
    assert session.game.digest == played(level).game.digest


def test_a_rewind_goes_back_to_the_same_state_and_costs_the_medals(level):
    session = Session(level)
    session.run("kubectl scale deployment web --replicas=3", NOWHERE)
    digests = {}
    for _ in range(30):
        session.advance()
        digests[session.game.tick] = session.game.digest
    session.rewind(45)
    assert (session.game.digest, session.recording().rewound) == (digests[45], True)


def test_ctrl_c_on_a_command_that_goes_on_is_an_input_too(level):
    session = Session(level)
    reply = session.run("kubectl get pods -w", NOWHERE)
    session.advance()
    session.cancel(reply.job)
    assert [(i.kind, i.line) for i in session.inputs] == [("run", "kubectl get pods -w"), ("cancel", str(reply.job))]


def test_looking_changes_no_digest_and_no_score(level):
    looked = "kubectl get pods -A\nkubectl describe deploy web\nkubectl get events\nwhy\nhint\n"
    one, other = played(level), played(level, looked + WIN)
    assert (one.game.digest, one.game.score.changes) == (other.game.digest, other.game.score.changes)


def test_every_game_that_ends_or_is_left_hands_out_its_recording_once(level):
    kept = []
    session = Session(level, keep=kept.append)
    session.leave()  # nothing was begun
    session.run("kubectl scale deployment web --replicas=3", NOWHERE)
    session.leave()
    session.leave()
    session.go()
    session.restart()
    play(session, parse(WIN, "test"), Path(), strict=False)
    session.finish()
    session.leave()
    assert [record.result for record in kept] == ["left", "left", "won"]


def test_a_drill_is_won_only_if_it_holds_on_three_more_seeds(level):
    assert played(level).finish().seeds_held == (3, 3)


def test_an_undecided_objective_is_not_called_missed(tmp_path):
    second = "    - {id: late, type: served, traffic: web, atLeast: 1%, from: 35s, text: {en: Late, zh: 晚}}\n"
    both = small(tmp_path, level=LEVEL + second)
    verdict = played(both, "go\n").finish()
    assert [why.subject for why in verdict.whys] == ["web"]


def test_stars_and_medals_are_lost_after_the_third_hint(tmp_path):
    par = small(tmp_path, level=LEVEL.replace("  ends:", "  par: {served: 100, cost: 9999, changes: 9}\n  ends:"))
    medals = [played(par, hints + WIN).finish().medals for hints in ("hint\nhint\n", "hint\nhint\nhint\n")]
    assert medals == [("served", "cost", "changes"), ()]


def test_a_folder_of_manifests_is_applied_and_a_replay_does_not_need_it(level, tmp_path):
    for name in ("a", "b"):
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    session = Session(level)
    reply = session.run(f"kubectl apply -f {tmp_path}", ScriptTerminal(tmp_path))
    assert reply.out == ("configmap/a created", "configmap/b created")
    record = session.recording()
    for file in tmp_path.iterdir():
        file.unlink()
    assert replay(level, "1", record.inputs).digest == session.game.digest


def test_an_explanation_is_put_into_the_language_of_whoever_reads_it():
    made = to_why("web", Chain((Link("Service web has no ready endpoint"),), "starting", None), "en")
    read = spoken(made, "zh")
    assert ([link.text for link in read.chain], read.gloss) == (["Service web 没有就绪的端点"], "Pod 还在启动。")
    assert spoken(made, "en") == made
