"""Menus: what can be done with a thing; each line is one that kubectl takes."""

import re

import pytest

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game import folders, loader, menus
from kubesim_tui.game.gate_luck import things
from kubesim_tui.game.inspection import Quiet
from kubesim_tui.game.menu_texts import TEXTS, WRONG
from kubesim_tui.game.session import Session

API, CONFIG = Ref("Deployment", "shop", "api"), Ref("ConfigMap", "shop", "api-config")


def session_of(name, language="en"):
    return Session(loader.load(folders.find(name)), language=language)


@pytest.fixture
def session():
    return session_of("4-1")


def ids(session, ref):
    return [action.id for action in session.actions(ref)]


def pod(session):
    return next(p.ref for w in session.state().view.workloads if w.ref == API for p in w.pods)


def labels(session, ref):
    return [action.label for action in session.actions(ref)]


def test_a_pods_menu_begins_with_its_end(session):
    assert labels(session, pod(session)) == [
        "Delete Pod",
        "Logs",
        "Shell",
        "Add a debugger",
        "Describe",
        "Edit YAML",
        "Why on this node",
    ]


def test_a_shell_a_debugger_and_a_forwarded_port_are_lines_that_work(session):
    service = next(s.ref for s in session.state().view.services if s.ref.namespace == "shop")
    lines = {a.id: a.command for ref in (pod(session), service) for a in session.actions(ref)}
    assert [name for name in ("shell", "debug", "forward") if session.run(lines[name], Quiet()).code] == []


def test_the_log_before_a_restart_is_offered_once_there_was_one(session):
    session.go()
    one = pod(session)
    assert session.run(f"chaos container-kill:shop/{one.name}", Quiet()).code == 0
    for _ in range(20):
        session.advance()
    assert ids(session, one) == ["delete", "logs", "previous", "shell", "debug", "describe", "edit", "placement"]
    assert session.run(f"kubectl logs {one.name} --previous", Quiet()).code == 0


def test_undo_is_offered_once_there_is_a_revision_to_go_back_to(session):
    before = ids(session, API)
    session.run("kubectl rollout restart deployment api", Quiet())
    session.go()
    session.advance()
    assert ("undo" in before, "undo" in ids(session, API)) == (False, True)


def test_a_node_can_be_opened_or_closed_but_not_both():
    session = session_of("0-2")
    assert [ids(session, Ref("Node", "", n))[0] for n in ("node-a", "node-b")] == ["cordon", "uncordon"]


def test_each_key_of_a_configmap_has_an_entry(session):
    session.run('kubectl patch configmap api-config -p \'{"data":{"a":"1"}}\'', Quiet())
    assert labels(session, CONFIG)[:3] == ["Change a…", "Change db_url…", "Add a key…"]


def test_what_keeps_data_in_an_emptydir_can_be_given_a_claim():
    session = session_of("7-1")
    found = {name: ids(session, Ref("Deployment", "shop", name)) for name in ("db", "api")}
    assert ("claim" in found["db"], "stateful" in found["db"]) == (True, True)
    assert ("claim" in found["api"], "stateful" in found["api"]) == (False, False)


def test_a_daemonset_cannot_be_scaled(session):
    manifest = (
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec:\n  selector: {matchLabels: {a: b}}\n"
        "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}\n"
    )
    assert session.run("kubectl apply -f -", Quiet(manifest)).code == 0
    assert ids(session, Ref("DaemonSet", "shop", "agent"))[0] == "restart"


@pytest.mark.parametrize(
    "ref", [Ref("Pod", "shop", "nobody"), Ref("Outside", "", "db-old.example.com"), Ref("Planet", "", "mars")]
)
def test_nothing_can_be_done_with_what_is_not_there(session, ref):
    assert session.actions(ref) == ()


def test_a_thing_of_another_namespace_is_named_with_it(session):
    dns = Ref("Service", "kube-system", "kube-dns")
    assert session.actions(dns)[-1].command == "kubectl delete service/kube-dns -n kube-system"


@pytest.mark.parametrize("name", folders.catalogue())
def test_every_line_of_every_menu_is_one_that_kubectl_takes(name):
    wrong, tried, session = [], 0, session_of(name)
    for ref, _ in things(session.state().view, session.level.namespace):
        for action in session.actions(ref):
            if action.command and not action.form:
                tried += 1
                before = session.game.cluster.etcd.revision
                reply = session.run(action.command, Quiet())
                wrong += [(action.command, reply.err)] if reply.code else []
                if session.game.cluster.etcd.revision != before:
                    session = session_of(name)
    assert (wrong, tried > 10) == ([], True)


@pytest.mark.parametrize("name", folders.catalogue())
def test_no_two_entries_of_a_menu_have_the_same_key_or_name(name):
    session = session_of(name)
    for ref, _ in things(session.state().view, session.level.namespace):
        actions = session.actions(ref)
        keys = [action.key for action in actions if action.key]
        assert (len(set(keys)), len({action.id for action in actions})) == (len(keys), len(actions))


def test_menus_speak_both_languages():
    english, chinese = session_of("4-1"), session_of("4-1", "zh")
    for ref in (API, CONFIG, pod(english)):
        pairs = list(zip(labels(english, ref), labels(chinese, ref), strict=True))
        assert [pair for pair in pairs if pair[0] == pair[1]] == []


def test_every_word_is_there_in_both_languages_with_the_same_blanks():
    for english, chinese in (*TEXTS.values(), *WRONG.values()):
        blanks = [sorted(re.findall(r"{[^}]*}", text)) for text in (english, chinese)]
        assert (bool(english), bool(chinese), blanks[0]) == (True, True, blanks[1])


def test_a_reference_is_written_as_kubectl_takes_it(session):
    assert (menus.short(API), menus.where(session.game, API)) == ("deployment/api", "")
