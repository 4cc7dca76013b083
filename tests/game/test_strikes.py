"""The faults that fit a thing: each line is one that strikes."""

import pytest

from kubesim_tui.cluster.view import Ref
from kubesim_tui.faults.catalogue import parse
from kubesim_tui.faults.rows import FAULTS
from kubesim_tui.game import folders, loader
from kubesim_tui.game.inspection import Quiet
from kubesim_tui.game.session import Session

API = Ref("Deployment", "shop", "api")


@pytest.fixture(scope="module")
def session():
    return Session(loader.load(folders.find("4-1")))


def lines(session, ref):
    return {strike.name: strike.line for strike in session.strikes(ref)}


def pod(session):
    return next(p.ref for w in session.state().view.workloads if w.ref == API for p in w.pods)


def test_a_pods_own_faults_come_first_then_its_namespaces_then_the_clusters(session):
    found = [FAULTS[strike.name].target for strike in session.strikes(pod(session))]
    own, space, around = ({"pod", "image"}, {"namespace"}, set(found) - {"pod", "image", "namespace"})
    places = [0 if kind in own else 1 if kind in space else 2 for kind in found]
    assert (places, "cloud" in around) == (sorted(places), True)


@pytest.mark.parametrize(
    "ref, fault, line",
    [
        (Ref("Node", "", "node-a"), "node-crash", "chaos node-crash:node-a"),
        (API, "bad-release", "chaos bad-release:shop/deployment/api,image="),
        (Ref("Service", "shop", "api"), "service-deleted", "chaos service-deleted:shop/service/api"),
        (Ref("ConfigMap", "shop", "api-config"), "bad-config", "chaos bad-config:shop/configmap/api-config,key="),
        (API, "namespace-deleted", "chaos namespace-deleted:shop"),
        (None, "cloud-down", "chaos cloud-down"),
        (None, "node-crash", "chaos node-crash"),
    ],
)
def test_a_fault_is_aimed_at_the_thing(session, ref, fault, line):
    assert lines(session, ref)[fault] == line


def test_pod_faults_of_a_workload_or_a_service_are_aimed_at_one_of_its_pods(session):
    for ref in (API, Ref("Service", "shop", "api")):
        assert lines(session, ref)["container-kill"].startswith("chaos container-kill:shop/api-")


def test_faults_that_do_not_fit_are_not_offered(session):
    assert not {"service-deleted", "container-kill", "namespace-deleted"} & set(lines(session, None))


def test_every_fault_is_offered_somewhere(session):
    kinds = ("ServiceAccount", "ClusterRoleBinding", "ValidatingWebhookConfiguration", "PersistentVolumeClaim")
    things = [pod(session), API, Ref("Node", "", "node-a"), Ref("Service", "shop", "api"), None]
    things += [Ref("ConfigMap", "shop", "api-config"), *(Ref(kind, "shop", "some") for kind in kinds)]
    offered = {strike.name for ref in things for strike in session.strikes(ref)}
    around = {
        name for name, row in FAULTS.items() if row.target in ("outside", "region", "certificate")
    }  # as the level has them
    assert set(FAULTS) - offered - around == set()


def test_every_whole_line_is_one_that_the_prompt_takes(session):
    for ref in (pod(session), API, Ref("Node", "", "node-a"), None):
        for strike in session.strikes(ref):
            word, _, what = strike.line.partition(" ")
            assert word == "chaos"
            if strike.whole:
                assert parse(f"{what}@0").do == strike.name


def test_a_line_strikes(session):
    line = lines(session, pod(session))["container-kill"]
    assert session.run(line, Quiet()).code == 0


def test_they_are_told_in_chinese():
    session = Session(loader.load(folders.find("4-1")), language="zh")
    about = {strike.name: strike.about for strike in session.strikes(None)}
    assert about["cloud-down"] == "云的 API 没有应答"
