"""Causes that are consequences: followed to where the time goes, and no further than what is so."""

from typing import Any

from kubesim_tui.api.types import Deployment, Pod
from kubesim_tui.cluster.diagnoses import Diagnoses, Diagnosis, evidence_of, weighed
from kubesim_tui.explain.chain import Chain, Link, name_of
from kubesim_tui.explain.deeper import deeper
from kubesim_tui.explain.failed import Failing
from kubesim_tui.explain.memory import Memory
from kubesim_tui.explain.request import failed_request
from tests.boards import Board, image
from tests.explain.scenes import CLAIM, DATA, STORE, on, with_disk
from tests.explain.test_requests import whole

LIVENESS = {"livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5}}


class Story:
    """web asks back, users ask web; what fails is looked into as a game does it."""

    def __init__(self, copies: int = 2, nodes: int = 3, back: str = "test/app", images: Any = (), **web: Any) -> None:
        self.board = Board(nodes=nodes, images=[image("front", "http://back/", timeout="1500ms"), *images])
        self.diagnoses = Diagnoses()
        self.board.app("back", copies, back)
        self.board.app("web", copies, "test/front", **web)
        self.board.route("shop.example.com", "web")
        self.board.settle()

    def run(self, ticks: int, rate: float = 0) -> None:
        if rate:
            self.board.users(rate=rate, timeout_us=2_000_000)
        for _ in range(ticks):
            now = self.board.now
            self.board.tick()
            self.diagnoses.look(self.board.cluster, now)

    def silence_back(self, *, hangs: bool = True) -> None:
        """Its copies answer nothing but their probes, or all again."""
        for pod in self.board.list(Pod):
            if pod.metadata.name.startswith("back-"):
                self.board.cluster.hand.ail("default", pod.metadata.name, hangs=hangs, errors_pm=0, spare_probes=True)

    def causes(self) -> dict[str, str]:
        """All that was told: cause → object."""
        chains = [found.chain for found in self.diagnoses.of("web").values()]
        for chain in chains:
            whole(chain)
        return {chain.cause: name_of(chain.object) for chain in chains}

    def last(self) -> Chain:
        """What is told of the way to fail that was met last."""
        return max(self.diagnoses.of("web").values(), key=lambda found: (found.last, found.looked)).chain


# what was found out, and of how many


def test_what_is_found_out_later_does_not_take_over_the_failures_before():
    first, second = (Chain((), cause, None) for cause in ("single-replica", "node-down"))
    found = Diagnosis(first, Failing("503", "no-endpoints", (), ""))
    for count, chain in ((30, second), (40, second), (42, first)):
        found.count = count
        found.anew(chain, count)
    found.count = 50
    assert weighed(found.told) == [(38, first), (12, second)]


def test_what_was_so_of_one_stream_is_not_forgotten_for_another_with_the_same_cause():
    story, memory, node = Story(), Memory(), ("Node", "", "node-a")
    web = ("Service", "default", "web")
    for stream, links in (("web", (Link("Service web passed it on", "", 1, web),)), ("feed", ())):
        head, end = Link(f"{stream}: timed out", "users", 1, None), Link("machine node-a has no power", "", 1, node)
        memory.note(Chain((head, *links, end), "node-down", node), 1)
    found = memory.lately(story.board.evidence(), ("Deployment", "default", "web"), 0)
    assert found is not None
    assert found[1].cause == "node-down"


def test_copies_that_nobody_has_taken_away_are_new_for_the_reason_of_a_moment_ago():
    story, memory, back = Story(), Memory(), ("Deployment", "default", "back")
    urgent = ("Deployment", "default", "urgent")
    before = (Link("Service back has no ready endpoint", "", 1, back), Link("Preempted by pod x", "", 1, urgent))
    memory.note(Chain(before, "preempted", urgent), story.board.now)
    evidence = evidence_of(story.board.cluster, memory)
    anew = Link("Deployment back asks for 1 replica, and it is being replaced", "", 1, back)
    deleted = Link("Pod back-0 was deleted by admin", "", 1, back)
    found = [deeper(evidence, Chain(links, "single-replica", back)).cause for links in ((anew,), (deleted, anew))]
    assert found == ["preempted", "single-replica"]


# what is waited for


def test_a_queue_that_is_full_since_another_does_not_answer_is_no_overload():
    story = Story()
    story.run(3, rate=60)
    story.silence_back()
    story.run(8)
    assert "overload" in {found.fail.code for found in story.diagnoses.of("web").values()}
    assert story.causes() == {"hangs": "deployment/back"}


def test_copies_that_their_probes_have_restarted_since_they_waited_are_explained_by_what_they_waited_for():
    story = Story(container=LIVENESS)
    story.run(3, rate=60)
    story.silence_back()
    story.run(60)
    assert sum(p.status.container_statuses[0].restart_count for p in story.board.list(Pod)) > 0
    assert story.causes() == {"hangs": "deployment/back"}


def test_when_it_is_back_and_they_are_not_it_is_still_known():
    story = Story(container=LIVENESS)
    story.run(3, rate=60)
    story.silence_back()
    story.run(40)
    story.silence_back(hangs=False)
    story.run(8)
    assert story.last().cause == "hangs"
    assert any(link.text.startswith("until ") for link in story.last().links)


def test_who_waits_for_a_machine_that_is_away_is_explained_by_the_machine():
    story = Story(1, pod={"nodeName": "node-a"})
    node = on(story.board, "back")
    story.run(3, rate=60)
    story.board.cluster.hand.crash(node)
    story.run(6)
    assert set(story.causes()) <= {"node-down"} | ({"pod-died"} if node == "node-a" else set())


def test_a_slow_callee_is_where_the_time_goes():
    """Its own queue is full, and whoever asks it waits."""
    story = Story(1, back="test/app:slow")
    story.run(12, rate=30)
    assert story.causes() == {"overload": "deployment/back"}


def test_who_waits_for_a_slow_disk_is_explained_by_the_disk_also_when_nobody_is_led_there_any_more():
    """All copies of back have failed their probes: nothing is measured there."""
    images = [image("middle", "http://store/", timeout="1s"), image("store", text=STORE)]
    story = Story(back="test/middle", images=images)
    story.board.create(CLAIM)
    story.board.app("store", 1, "test/store", **with_disk())
    story.board.settle()
    story.run(3, rate=60)
    story.board.cluster.hand.slow_volume(DATA, 1_400_000)
    story.run(40)
    assert "no-endpoints" in {found.fail.code for found in story.diagnoses.of("web").values()}
    assert story.causes() == {"io-slow": "persistentvolumeclaim/data"}


# slow links


def test_a_slow_card_of_a_machine_that_nobody_passes_is_not_blamed():
    story = Story(1, back="test/app:slow")
    spare = next(n for n in ("node-a", "node-b", "node-c") if n not in (on(story.board), on(story.board, "back")))
    story.board.cluster.hand.delay_links(spare, 3_000_000)
    story.run(12, rate=30)
    assert story.causes() == {"overload": "deployment/back"}


def test_a_card_that_is_a_little_slow_is_not_blamed_for_a_lot():
    story = Story(1, back="test/app:slow")
    story.board.cluster.hand.delay_links(on(story.board, "back"), 30_000)
    story.run(12, rate=30)
    assert story.causes() == {"overload": "deployment/back"}


def test_a_slow_card_of_the_callee_is_found_behind_the_caller():
    story = Story(1)
    node = on(story.board, "back")
    story.board.cluster.hand.delay_links(node, 3_000_000)
    story.run(8, rate=20)
    assert story.causes() == {"slow-link": f"node/{node}"}


def test_a_slow_card_is_found_behind_a_caller_that_is_asked_itself():
    """The way goes on over two Pods, and what did not answer is behind the second."""
    story = Story(back="test/middle", images=[image("middle", "http://store/", timeout="1s", failure=503)])
    story.board.app("store", 1)
    story.board.settle()
    node = on(story.board, "store")
    story.run(3, rate=20)
    story.board.cluster.hand.delay_links(node, 900_000)
    story.run(8)
    assert story.causes() == {"slow-link": f"node/{node}"}


# copies that are away


def test_copies_that_have_too_much_to_do_since_others_are_away_are_explained_by_those():
    board = Board(nodes=4)
    board.app("web", 4, "test/app:slow", probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users(rate=7, timeout_us=20_000_000)
    board.tick(10)
    assert users.stream.failed == 0
    nodes = sorted({pod.spec.node_name for pod in board.list(Pod)})
    assert len(nodes) == 4
    for node in nodes[:2]:
        board.cluster.hand.crash(node)
    board.tick(90)
    chain = board.why()
    whole(chain)
    assert (chain.cause, chain.object[2] in nodes[:2]) == ("node-down", True)
    assert "2 of 4 copies of web have all the work" in [link.text for link in chain.links]


# machines that are back


def test_of_a_machine_that_is_on_again_it_is_told_that_it_was_off():
    story = Story(1, pod={"nodeName": "node-a"})
    story.run(3, rate=20)
    story.board.cluster.hand.crash("node-a")
    story.run(1)
    story.board.cluster.hand.recover("node-a")
    story.run(2)
    assert story.causes()["node-down"] == "node/node-a"
    assert any("is on again since" in link.text for link in story.last().links)


def test_a_balancer_that_does_not_yet_believe_a_node_is_explained_by_what_was_wrong_there():
    story = Story()
    story.board.cluster.hand.stop_process("control-plane", "kube-proxy")
    story.run(20, rate=20)
    story.board.cluster.hand.start_process("control-plane", "kube-proxy")
    story.run(1)
    fail = next(iter(story.diagnoses.of("web").values())).fail
    chain = failed_request(evidence_of(story.board.cluster, story.diagnoses.memory), "web", fail)
    assert (fail.code, chain.cause, name_of(chain.object)) == ("no-healthy-node", "stale-rules", "node/control-plane")
    assert any(link.text.startswith("until ") for link in chain.links)


def test_what_the_ingress_controller_has_not_heard_yet_to_be_over_is_told_with_what_it_was():
    story = Story()
    story.run(3, rate=20)
    story.board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    story.run(6)
    story.board.patch(Deployment, "web", {"spec": {"replicas": 2}})
    story.run(1)
    story.board.patch(Deployment, "back", {"spec": {"replicas": 1}})  # the controller takes that over, and rests
    story.run(4)
    failures = story.board.cluster.traffic.streams["web"].stream.failures.values()
    fail = max(failures, key=lambda failure: failure.last).fail
    chain = failed_request(evidence_of(story.board.cluster, story.diagnoses.memory), "web", fail)
    late = next(at for at, link in enumerate(chain.links) if "has not taken over the latest changes" in link.text)
    assert chain.links[late + 1].text.endswith("its requests failed, or waited, for another reason")
    assert (chain.cause, name_of(chain.object)) == ("scaled-to-zero", "deployment/web")
