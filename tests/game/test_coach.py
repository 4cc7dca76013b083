"""The coach: one step at a time, each until the player has done what it asks for."""

from pathlib import Path

import pytest

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game import folders, loader
from kubesim_tui.game.coach import Guide, read
from kubesim_tui.game.inspection import Quiet
from kubesim_tui.game.loader import LevelError
from kubesim_tui.game.session import Session
from tests.game.builders import LEVEL, folder

TOUR = """\
  tour:
    - {select: pod/app=web, say: {en: open, zh: 打开}, until: opened}
    - {say: {en: delete, zh: 删除}, until: ran:delete}
    - {say: {en: gone, zh: 没了}, until: deployment/web status.readyReplicas < 1}
    - {say: {en: back, zh: 回来}, until: deployment/web Available}
    - select: deployment/web
      say: {en: scale, zh: 扩容}
      until: [deployment/web spec.replicas >= 3, ran:rollout undo]
    - {say: {en: go, zh: 开始}, until: go}
    - {say: {en: again, zh: 再来}, until: restart}
    - {select: node/node-a, say: {en: cordon, zh: 关}, until: node/node-a spec.unschedulable == true}
    - {say: {en: go again, zh: 再开始}, until: go}
    - {say: {en: end, zh: 完}}
"""
WEB = Ref("Deployment", "default", "web")


@pytest.fixture(scope="module")
def level(tmp_path_factory):
    return loader.load(folder(tmp_path_factory.mktemp("level"), level=LEVEL + TOUR))


@pytest.fixture
def session(level):
    return Session(level)


def says(session):
    return session.state().coach.text


def run(session, line):
    reply = session.run(line, Quiet())
    assert reply.code == 0, reply.err
    session._seen = None


def tick(session, ticks=1):
    for _ in range(ticks):
        session.advance()


def pod(session):
    return session.state().view.workloads[0].pods[0].ref


def to_the_scale_step(session):
    session.tour_event("opened", pod(session))
    run(session, f"kubectl delete pod {pod(session).name} --wait=false")
    for _ in range(20):
        tick(session)
        says(session)
    assert says(session) == "scale"


def test_the_first_step_points_at_a_pod_of_the_workload(session):
    coach = session.state().coach
    assert (coach.text, coach.select) == ("open", pod(session))


def test_opening_another_thing_is_not_what_was_asked(session):
    session.tour_event("opened", WEB)
    assert says(session) == "open"


def test_opening_the_thing_goes_on(session):
    session.tour_event("opened", pod(session))
    assert says(session) == "delete"


def test_other_commands_do_not_skip_a_step(session):
    session.tour_event("opened", pod(session))
    run(session, "kubectl get pods")
    run(session, "kubectl scale deployment web --replicas=1")
    assert says(session) == "delete"


def test_a_command_that_fails_does_not_skip_a_step(session):
    session.tour_event("opened", pod(session))
    assert session.run("kubectl delete pod nobody", Quiet()).code == 1
    assert says(session) == "delete"


def test_a_command_is_known_by_its_verb_whatever_flags_come_first(session):
    session.tour_event("opened", pod(session))
    run(session, f"kubectl --namespace=default delete pod {pod(session).name} --wait=false")
    assert says(session) == "gone"


def test_who_types_need_not_open_the_menu_first(session):
    run(session, f"kubectl delete pod {pod(session).name} --wait=false")
    assert says(session) == "gone"


def test_a_status_is_looked_at_from_the_next_tick_on(session):
    session.tour_event("opened", pod(session))
    run(session, f"kubectl delete pod {pod(session).name} --wait=false")
    steps = [says(session)]
    for _ in range(12):
        tick(session)
        steps.append(says(session))
    assert list(dict.fromkeys(steps)) == ["gone", "back", "scale"]


def test_what_a_spec_says_is_looked_at_at_once(session):
    to_the_scale_step(session)
    run(session, 'kubectl patch deployment web -p \'{"spec":{"replicas":3}}\'')
    assert says(session) == "go"


def test_any_of_several_ways_goes_on(session):
    to_the_scale_step(session)
    run(session, "kubectl label deployment web a=b")
    assert says(session) == "scale"
    run(session, "kubectl set image deployment web web=nginx:1.28")
    tick(session, 2)
    run(session, "kubectl rollout undo deployment web")
    assert says(session) == "go"


def test_go_ends_every_step_before_it(session):
    session.go()
    session.tour_event("go")
    assert says(session) == "again"


def test_a_restart_before_it_was_asked_for_begins_the_tour_anew(session):
    to_the_scale_step(session)
    session.restart()
    assert says(session) == "open"


def test_a_restart_that_was_asked_for_goes_on_after_it(session):
    session.go()
    session.restart()
    assert (says(session), session.state().coach.select) == ("cordon", Ref("Node", "", "node-a"))


def test_another_restart_comes_back_to_the_same_place(session):
    session.go()
    session.restart()
    run(session, "kubectl cordon node-a")
    assert says(session) == "go again"
    session.go()
    assert says(session) == "end"
    session.restart()
    assert says(session) == "cordon"


def test_a_rewind_finds_the_step_of_its_tick(session):
    tick(session, 5)
    to_the_scale_step(session)
    session.rewind(session.level.settle + 3)
    assert says(session) == "open"


def test_a_rewind_to_now_changes_nothing(session):
    to_the_scale_step(session)
    session.rewind(session.game.tick)
    assert says(session) == "scale"


def test_steps_are_said_in_the_players_language(session):
    session.language = "zh"
    assert says(session) == "打开"


def test_a_step_about_served_requests_waits_for_time(level):
    guide, wait = Guide(level), read("served web < 95%")
    assert (wait.slow, wait.condition.subject, guide.done) == (True, "web", False)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("nonsense", "there is no event 'nonsense'; there are opened, selected, ran, go, restart; or "),
        ("opened:planet/mars", "there is no kind 'planet'; there are claim, configmap, "),
        ("served web", "there is no event 'served web'"),
    ],
)
def test_a_step_that_waits_for_nothing_known_is_told_with_its_line(tmp_path, until, said):
    tour = f'  tour:\n    - {{say: {{en: a, zh: 甲}}, until: "{until}"}}\n'
    with pytest.raises(LevelError) as wrong:
        loader.load(folder(tmp_path, level=LEVEL + tour))
    assert said in wrong.value.message
    assert (wrong.value.place, wrong.value.line) == ("spec.tour[0].until", LEVEL.count("\n") + 2)


@pytest.mark.parametrize("name", folders.catalogue())
def test_every_step_of_the_campaign_points_at_something_that_is_there(name):
    session = Session(loader.load(folders.find(name)))
    view = session.state().view
    there = {n.ref for n in view.nodes} | {w.ref for w in view.workloads} | {c.ref for c in view.configs}
    there |= {r.ref for r in view.routes} | {s.ref for s in view.services} | {p.ref for n in view.nodes for p in n.pods}
    asked = [step.select for step in session.level.tour if step.select]
    found = []
    for i, step in enumerate(session.level.tour):
        session.guide.at = i
        if step.select:
            found.append(session.guide.coach(view, "en").select)
    assert len(found) == len(asked)
    assert [ref for ref in found if ref not in there] == []


TOURS = {
    "0-1": ["open", "kubectl delete pod {pod} --wait=false", "+8", "kubectl scale deployment web --replicas=3", "go"],
    "0-2": [
        "go", "+12", "restart", "kubectl uncordon node-b", "kubectl uncordon node-c",
        "kubectl rollout restart deployment web", "go",
    ],
    "0-3": ["go", "+16", "kubectl rollout undo deployment web"],
    "3-1": ["open", "kubectl patch ingress web -p '{{}}'", "go"],
    "4-1": ["open", "kubectl patch cm api-config -p '{{\"data\":{{\"db_url\":\"x\"}}}}'", "go"],
    "7-1": ["open", "kubectl apply -f db.yaml", "go"],
}  # fmt: skip


@pytest.mark.parametrize("name", folders.catalogue())
def test_who_does_what_the_tour_says_gets_to_its_end(name):
    session = Session(loader.load(folders.find(name)))
    session.hints_shown = 3  # its files are there
    heard = [says(session)]
    for deed in TOURS[name]:
        do(session, deed)
        heard.append(says(session))
    assert len(dict.fromkeys(heard)) >= len(TOURS[name])
    assert session.guide.at == len(session.level.tour) - (session.level.tour[-1].until == ())


def do(session, deed):
    if deed == "open":
        session.tour_event("opened", session.state().coach.select)
    elif deed == "go":
        session.go()
    elif deed == "restart":
        session.restart()
    elif deed.startswith("+"):
        for _ in range(int(deed)):
            tick(session)
            says(session)
    else:
        chosen = session.state().coach.select
        run(session, deed.format(pod=chosen.name if chosen else ""))


def test_texts_of_the_coach_fit_the_smallest_board():
    """At 80 columns the coach has four rows of 28 cells; once users are served one may be taken by a pause."""
    from kubesim_tui.tui.kit.cells import wrap

    for name in folders.catalogue():
        level = loader.load(Path(folders.find(name)))
        for i, step in enumerate(level.tour):
            turns = [word for before in level.tour[:i] for word in before.until if word in ("go", "restart")]
            going = turns[-1:] == ["go"]
            for text in step.say.values():
                assert len(wrap(text, 28)) <= (3 if going else 4), (name, text)
