"""hint, why and chaos at the prompt: in the player's language, and recorded where they change anything."""

import pytest
from attrs import evolve

from kubesim_tui.cluster.view import Ref
from kubesim_tui.faults.catalogue import FAULTS
from kubesim_tui.game import chaos_words, folders, loader
from kubesim_tui.game.commands import GAME_COMMANDS
from kubesim_tui.game.inspection import Quiet
from kubesim_tui.game.menu_texts import FAULT_TEXTS
from kubesim_tui.game.session import Session


def session_of(name="4-1", language="en"):
    return Session(loader.load(folders.find(name)), language=language)


def run(session, line):
    reply = session.run(line, Quiet())
    return reply.out, reply.err, reply.code


def tick(session, ticks):
    for _ in range(ticks):
        session.advance()


@pytest.fixture
def failing():
    """The database has moved and nobody told api."""
    session = session_of()
    data = '{"data":{"db_url":"postgres://db-new.example.com:5432/shop"}}'
    session.run(f"kubectl patch configmap api-config -p '{data}'", Quiet())
    session.go()
    tick(session, 40)
    return session


def test_these_are_the_games_own_commands():
    assert sorted(GAME_COMMANDS) == ["chaos", "hint", "why", "why-here"]


def test_hints_come_one_after_the_other_and_the_last_one_stays():
    session = session_of()
    shown = [run(session, "hint")[0] for _ in range(4)]
    hints = [tuple(hint.splitlines()) for hint in session.level.hints["en"]]
    assert (shown, session.hints_shown) == ([*hints, hints[2]], 3)


def test_hints_are_in_the_players_language():
    session = session_of(language="zh")
    assert run(session, "hint")[0] == tuple(session.level.hints["zh"][0].splitlines())


def test_looking_is_not_recorded_as_an_input(failing):
    before = len(failing.inputs)
    for line in ("hint", "why", "why orders", "chaos"):
        run(failing, line)
    assert len(failing.inputs) == before


@pytest.mark.parametrize(("language", "said"), [("en", "all is well"), ("zh", "一切正常")])
def test_why_says_that_all_is_well(language, said):
    session = session_of(language=language)
    session.go()
    tick(session, 5)
    assert [run(session, line) for line in ("why", "why orders", "why deployment/api")] == [((said,), (), 0)] * 3


def test_why_follows_failed_requests_to_their_cause(failing):
    out, err, code = run(failing, "why")
    assert (out[0], out[-1], err, code) == (
        "orders: 503",
        "= stale-env configmap/api-config: The running containers read their environment before the ConfigMap changed.",
        (),
        0,
    )
    assert all(line.startswith("← ") for line in out[1:-1])


def test_why_takes_an_objective_or_a_bonus(failing):
    assert run(failing, "why orders") == run(failing, "why calm") == run(failing, "why")


@pytest.mark.parametrize("thing", ["svc/api", "ingress/shop", "cm/api-config"])
def test_why_of_a_thing_on_the_way_is_the_chain_through_it(failing, thing):
    assert run(failing, f"why {thing}") == run(failing, "why")


def test_what_no_failed_request_passes_is_well(failing):
    assert failing.why(Ref("Service", "default", "kubernetes")) is None


def test_a_chain_is_forgotten_when_requests_succeed_again(failing):
    failing.run("kubectl rollout restart deployment api", Quiet())
    tick(failing, 40)
    assert failing.why(Ref("Service", "shop", "api")) is None


def pod_of(session, owner):
    pods = session.game.cluster.etcd.table("pods").in_namespace("shop")
    return next(p.metadata.name for p in pods if p.metadata.name.startswith(owner))


def test_why_here_tells_the_score_of_each_node(failing):
    name = pod_of(failing, "api")
    out, err, code = run(failing, f"why-here {name}")
    assert (err, code, out[0].split(": placed on ")[0]) == ((), 0, f"pod/{name}")
    assert run(failing, f"why-here pod/{name}") == (out, err, code)
    assert any(line.split()[:1] == ["NodeResourcesFit"] for line in out)


def test_why_of_a_pod_that_is_well_tells_why_it_is_there():
    session = session_of()
    name = pod_of(session, "api")
    assert run(session, f"why pod/{name}")[0] == ("all is well", *run(session, f"why-here {name}")[0])


def test_of_a_pod_run_from_a_file_no_scheduler_has_a_say(failing):
    failing.game.config = evolve(failing.game.config, namespace="kube-system")
    assert run(failing, "why-here etcd-control-plane")[0][0].startswith("pod/etcd-control-plane: no scheduler")


@pytest.mark.parametrize("line", ["why-here", "why-here a b", "why-here service/api"])
def test_why_here_wants_one_pod(failing, line):
    assert run(failing, line) == ((), ("error: name one Pod: why-here POD",), 1)


def test_why_of_an_objective_that_there_is_not(failing):
    said = "error: there is no objective 'nonsense'; there are orders, steady, kept, calm"
    assert run(failing, "why nonsense") == ((), (said,), 1)


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        ("planet/mars", 'error: the server doesn\'t have a resource type "planet"'),
        ("deploy/nobody", 'Error from server (NotFound): deployments.apps "nobody" not found'),
        ("node/nobody", 'Error from server (NotFound): nodes "nobody" not found'),
    ],
)
def test_why_of_what_there_is_not_answers_as_kubectl_does(failing, thing, said):
    assert run(failing, f"why {thing}") == ((), (said,), 1)


def test_chaos_lists_what_can_be_done():
    out, _, code = run(session_of(), "chaos")
    assert ([line.split()[0] for line in out], code) == (sorted(FAULTS), 0)


def test_every_fault_is_told_in_chinese_too():
    out, _, _ = run(session_of(language="zh"), "chaos")
    assert sorted(FAULT_TEXTS) == sorted(FAULTS)
    assert "用户流量猛增（with: factor）" in [
        line.split(maxsplit=1)[1] for line in out if line.startswith("traffic-spike ")
    ]


def test_chaos_strikes_and_is_an_input_that_replays():
    session = session_of()
    session.go()
    tick(session, 3)
    assert run(session, "chaos node-crash:node-a") == (("node-crash node-a",), (), 0)
    tick(session, 10)
    digest = session.game.digest
    session.rewind(session.game.tick)
    assert (session.inputs[-1].kind, session.game.digest) == ("chaos", digest)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("node-crash node-a", "node-crash:node-a"),
        ("node-crash node-a for=30s gone=true", "node-crash:node-a,for=30s,gone=true"),
        ("container-kill POD", "container-kill:shop/POD"),
        ("container-kill app=api", "container-kill,app=api"),
        ("container-kill shop/app=api", "container-kill:shop/app=api"),
        ("bad-release:deploy/api image=api:9", "bad-release:shop/deployment/api,image=api:9"),
        ("bad-release shop/deployment/api image=api:9", "bad-release:shop/deployment/api,image=api:9"),
        ("service-deleted api", "service-deleted:shop/service/api"),
        ("rbac-removed clusterrolebinding/view", "rbac-removed:clusterrolebinding/view"),
        ("rbac-removed planet/mars", "rbac-removed:planet/mars"),
        ("traffic-spike factor=3", "traffic-spike,factor=3"),
        ("flood over all", "flood:over,all"),
    ],
)
def test_chaos_may_be_written_with_spaces_and_without_a_namespace(line, meant):
    session = session_of()
    assert chaos_words.meant(session.game, line.split()) == meant


def test_targets_of_a_fault_are_completed():
    session = session_of()
    line = "chaos node-crash node-"
    assert session.complete(line, len(line)) == ("node-a", "node-b")
    assert chaos_words.targets(session.game, "bad-release") == ("shop/deployment/api",)
    assert chaos_words.targets(session.game, "flood") == chaos_words.targets(session.game, "cloud-down") == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("chaos flood", "error: there is no fault 'flood'; there are "),
        ("chaos node-crash:node-x", "error: node-crash:node-x: nothing there to strike"),
        ("chaos pod-delete:shop/nobody", "error: pod-delete:shop/nobody: nothing there to strike"),
        ("chaos pod-delete", "error: pod-delete needs a target: "),
    ],
)
def test_chaos_that_cannot_be(line, said):
    session = session_of()
    session.go()
    out, err, code = run(session, line)
    assert (out, err[0][: len(said)], code) == ((), said, 1)
