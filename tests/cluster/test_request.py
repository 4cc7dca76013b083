"""A sampled request, followed from stop to stop: what decided, how long it took, where it failed."""

import copy

import pytest

from kubesim_tui.api import types
from kubesim_tui.cluster.picture.followed import BORNE, FAILED, OK
from kubesim_tui.cluster.picture.request import follow, only_way, sorts
from tests.boards import Board, image

CHAIN = ["user", "ingress", "service", "link", "pod", "dns", "service", "rule", "link", "pod", "answer"]


def shop(failure=502, back="test/app", **options):
    """web calls api; users ask for web."""
    board = Board(3, [image("front", "http://api/", failure=failure)], **options)
    board.app("web", 2, "test/front")
    board.app("api", 2, back, probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=50)
    board.tick(5)
    return board


def sample(board, reason="", number=0):
    cluster = board.cluster
    sort = next(s for s in sorts(cluster.traffic) if s.reason == reason)
    return follow(cluster.fabric, cluster.traffic, sort, number)


def facts(stop):
    return {code: dict(values) for code, values in stop.facts}


@pytest.fixture(scope="module")
def well():
    return shop()


def test_a_request_passes_every_stop_on_its_way(well):
    assert [stop.kind for stop in sample(well).stops] == CHAIN


def test_a_call_is_one_step_deeper(well):
    assert [stop.depth for stop in sample(well).stops] == [0] * 5 + [1] * 5 + [0]


def test_the_rule_names_its_machine_its_endpoints_and_its_choice(well):
    found = sample(well)
    rule = next(stop for stop in found.stops if stop.kind == "rule")
    caller, pod = (stop for stop in found.stops if stop.kind == "pod")
    chosen = facts(rule)["chosen"]["address"].partition(":")[0]
    assert rule.machine == well.get(types.Pod, caller.name).spec.node_name
    assert facts(rule)["rule"]["n"] == "2"
    assert well.get(types.Pod, pod.name).status.pod_ip == chosen


def test_the_name_that_a_pod_asks_for_has_the_address_of_its_service(well):
    asked = next(stop for stop in sample(well).stops if stop.kind == "dns")
    service = well.get(types.Service, "api")
    expected = {"name": "api.default.svc.cluster.local", "addresses": service.spec.cluster_ip, "port": "80"}
    assert facts(asked) == {"dns-service": expected}


def test_samples_differ_in_the_pods_that_answer_and_in_their_times(well):
    found = [sample(well, number=n) for n in range(30)]
    assert len({next(s.name for s in one.stops if s.kind == "pod") for one in found}) == 2
    assert len({one.took_us for one in found}) > 20


def test_the_mean_of_many_samples_is_the_mean_that_traffic_has_measured(well):
    root = next(iter(well.cluster.traffic.lanes.values())).root
    times = [sample(well, number=n).took_us for n in range(2000)]
    assert sum(times) // len(times) == pytest.approx(root.result.mean_us, rel=0.05)


def test_every_stop_lies_within_the_request(well):
    for number in range(50):
        found = sample(well, number=number)
        assert all(s.begins_us >= 0 and s.begins_us + s.took_us <= found.took_us for s in found.stops)


def test_looking_changes_nothing():
    board = shop()
    other = copy.deepcopy(board.cluster)
    for number in range(10):
        sample(board, number=number)
    board.tick(20)
    for _ in range(20):
        other.step()
    assert board.cluster.digest == other.digest


def test_a_failure_in_what_is_called_is_passed_on_by_its_caller():
    found = sample(shop(back="test/app:bad"), "502")
    ends = [(stop.kind, stop.depth) for stop in found.stops if stop.state == FAILED]
    assert ends == [("user", 0), ("pod", 0), ("pod", 1), ("answer", 0)]
    caller, called = (stop for stop in found.stops if stop.kind == "pod")
    assert facts(caller)["passes"] == {"status": "502"}
    assert facts(called)["failed"] == {"reason": "500"}


def test_a_failure_that_the_caller_does_not_mind_is_borne():
    found = sample(shop(failure=0, back="test/app:bad"))
    assert [stop.state for stop in found.stops if stop.kind == "pod"] == [OK, BORNE]
    assert found.status == "200"


def test_without_an_endpoint_it_fails_at_the_service():
    board = shop()
    board.patch(types.Deployment, "web", {"spec": {"replicas": 0}})
    board.tick(10)
    found = sample(board, "503")
    assert [stop.kind for stop in found.stops] == ["user", "ingress", "service", "answer"]
    assert "code-no-endpoints" in facts(found.stops[2])


def test_a_machine_that_is_off_fails_where_the_rule_leads_to_it():
    board = shop()
    pod = next(p for p in board.list(types.Pod) if p.metadata.name.startswith("web"))
    board.cluster.hand.crash(pod.spec.node_name)
    board.tick(8)
    found = sample(board, "timed out")
    last = [stop for stop in found.stops if stop.state == FAILED][-2]
    assert (last.kind, last.machine, "code-black-hole" in facts(last)) == ("pod", pod.spec.node_name, True)


def test_of_a_failure_that_leads_nowhere_any_more_its_way_is_left():
    board = shop()
    board.patch(types.Deployment, "web", {"spec": {"replicas": 0}})
    board.tick(10)
    sort = next(s for s in sorts(board.cluster.traffic) if s.reason == "503")
    board.patch(types.Deployment, "web", {"spec": {"replicas": 2}})
    board.tick(20)
    assert follow(board.cluster.fabric, board.cluster.traffic, sort, 0) is None
    assert [stop.kind for stop in only_way(sort).stops] == ["user", "ingress", "service"]


def test_pods_that_were_asked_in_vain_before_are_stops_of_their_own():
    board = Board(nodes=4)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    first = board.list(types.Pod)[0]
    board.cluster.hand.stop_process(first.spec.node_name, "kubelet")
    board.cluster.hand.exit_container("default", first.metadata.name, 1)
    board.users(rate=50)
    board.tick(2)
    pods = [stop for stop in sample(board).stops if stop.kind == "pod"]
    assert [stop.state for stop in pods] == [BORNE, OK]
    assert (pods[0].name, facts(pods[0])["tried"]) == (first.metadata.name, {"n": "1"})
    assert pods[1].name != first.metadata.name


def test_a_request_that_a_canary_has_got_says_so():
    board = Board(nodes=2)
    board.app("web")
    board.app("next")
    board.route("shop.example.com", "web")
    board.route("shop.example.com", "next", name="canary", notes={"canary": "true", "canary-weight": "30"})
    board.settle()
    board.users(rate=50)
    board.tick(3)
    found = [sample(board, number=n).stops for n in range(20)]
    said = {facts(stops[1]).get("canary", {}).get("weight"): stops[2].name for stops in found}
    assert said == {None: "web", "30": "next"}
