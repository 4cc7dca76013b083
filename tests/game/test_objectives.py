"""Objectives tick by tick, each against a board that says what is so."""

from attrs import define, field

from kubesim_tui.game.follower import FAILED, HOLDING, MET, OPEN
from kubesim_tui.game.level import ObjectiveSpec
from kubesim_tui.game.objectives import follow
from kubesim_tui.traffic.samples import Sample


@define
class Says:
    """A board on which a test writes."""

    served: int = 10
    failed: int = 0
    latencies: tuple = ()
    images: tuple = ()
    records: tuple = (0, 0)
    found: list = field(factory=list)
    refused: bool = False
    figures: dict = field(factory=dict)
    cause: str = ""
    silent: bool = False
    messages: tuple = (0, 0, 0)

    def sample(self, traffic):
        if self.silent:
            return None
        return Sample(0, self.served + self.failed, self.served, self.failed, self.latencies, self.images)

    def expected(self, traffic, first, last):
        return 10 * (last - first)

    def lost(self, store):
        return self.records

    def queue(self, options):
        return self.messages

    def values(self, options):
        return self.found

    def denied(self, actor, verb, target):
        return self.refused

    def measure(self, what):
        return self.figures.get(what, 0)

    def named(self):
        return self.cause


def objective(type, start=0, end=0, **options):
    return follow(ObjectiveSpec("x", type, {"en": "x"}, start, end, False, options), 10)


def states(follower, *boards):
    """The state after each tick."""
    found = []
    for tick, board in enumerate(boards):
        follower.look(board, tick)
        found.append(follower.state)
    return found


def test_a_share_holds_while_it_is_reached_and_is_met_at_the_end():
    assert states(objective("served", traffic="web", atLeast="90%"), *[Says()] * 10) == [HOLDING] * 9 + [MET]


def test_a_share_fails_as_soon_as_its_budget_is_gone():
    """Of 100 requests 10 may fail; the eleventh ends it."""
    bad = Says(served=6, failed=4)
    assert states(objective("served", traffic="web", atLeast="90%"), bad, bad, bad) == [OPEN, OPEN, FAILED]


def test_a_share_from_a_tick_on_looks_at_nothing_before():
    late = objective("served", start=5, traffic="web", atLeast="90%")
    assert states(late, *[Says(0, 10)] * 5, *[Says()] * 5) == [OPEN] * 5 + [HOLDING] * 4 + [MET]


def test_nothing_sent_is_not_a_share_that_was_reached():
    assert states(objective("served", traffic="web", atLeast="90%"), *[Says(silent=True)] * 10)[-1] == FAILED


def test_a_number_of_requests_is_met_when_it_is_reached():
    assert states(objective("served", traffic="web", count=25), *[Says()] * 3) == [OPEN, OPEN, MET]


def test_only_answers_within_the_time_count():
    slow = Says(latencies=((0, 5), (95, 5)))
    follower = objective("served", traffic="web", atLeast="90%", within="100ms")
    follower.look(slow, 0)
    assert (follower.good, follower.bad) == (5, 5)


def test_only_answers_of_the_image_count():
    mixed = Says(images=(("docker.io/shop/web:2.0", 4), ("docker.io/shop/web:2.1", 6)))
    follower = objective("served", traffic="web", atLeast="90%", image="shop/web:2.1")
    follower.look(mixed, 0)
    assert follower.good == 6


def test_the_budget_left_goes_from_all_to_none_and_below():
    follower = objective("served", traffic="web", atLeast="90%")
    left = []
    for tick in range(3):
        follower.look(Says(served=5, failed=5), tick)
        left.append(follower.budget_pm)
    assert left == [500, 0, -500]


def test_data_is_judged_at_the_end_even_if_it_was_found_again():
    missing, found = Says(records=(3, 10)), Says(records=(0, 10))
    assert states(objective("data", store="s", maxLost=0), *[missing] * 9, found)[-1] == MET


def test_data_that_stays_lost_fails():
    assert states(objective("data", store="s", maxLost=2), *[Says(records=(3, 10))] * 10)[-1] == FAILED


def test_a_state_must_hold_at_the_end():
    three, two = Says(found=[3]), Says(found=[2])
    follower = objective("state", **{"object": "deploy/a", "path": "status.readyReplicas", "is": ">=", "value": 3})
    assert states(follower, *[three] * 9, two)[-1] == FAILED


def test_a_state_that_must_be_held_for_a_while_is_met_once_it_was():
    yes, no = Says(found=["True"]), Says(found=["False"])
    options = {"object": "a/b", "path": "p", "is": "==", "value": "True", "heldFor": "3s"}
    assert states(objective("state", **options), yes, yes, no, yes, yes, yes) == [
        HOLDING,
        HOLDING,
        OPEN,
        HOLDING,
        HOLDING,
        MET,
    ]


def test_a_state_by_a_time_fails_when_the_time_has_come():
    options = {"object": "a/b", "path": "p", "is": "exists", "by": "2s"}
    assert states(objective("state", **options), *[Says(found=[None])] * 3) == [OPEN, OPEN, FAILED]


def test_never_forgives_no_longer_than_it_says():
    bad = Says(found=[1])
    options = {"object": "a/b", "path": "p", "is": "==", "value": 1, "maxFor": "2s"}
    assert states(objective("never", **options), bad, bad, Says(found=[0]), bad, bad, bad) == [HOLDING] * 5 + [FAILED]


def test_absent_is_true_of_what_is_not_there():
    options = {"object": "a/b", "path": "p", "is": "absent"}
    assert states(objective("state", **options), *[Says()] * 10)[-1] == MET


def test_denied_is_asked_anew_every_tick():
    follower = objective("denied", actor="a/b", verb="get", target="secrets/x")
    assert states(follower, Says(), Says(refused=True)) == [OPEN, HOLDING]


def test_a_job_must_succeed_often_enough_and_not_too_often():
    follower = objective("done", object="job/a", atLeast=1, atMost=2)
    assert states(follower, Says(found=[0]), Says(found=[1]), Says(found=[3])) == [OPEN, HOLDING, FAILED]


def test_a_limit_fails_when_it_is_passed():
    follower = objective("limit", changes=3)
    assert states(follower, Says(figures={"changes": 3}), Says(figures={"changes": 4})) == [HOLDING, FAILED]


def test_a_cause_is_right_or_wrong_once_it_is_named():
    right = states(objective("named", cause="stale-env"), Says(), Says(cause="stale-env"))
    assert (right, states(objective("named", cause="a"), Says(cause="b"))) == ([OPEN, MET], [FAILED])


def test_what_is_final_stays():
    follower = objective("limit", changes=3)
    assert states(follower, Says(figures={"changes": 4}), Says()) == [FAILED, FAILED]


def test_what_is_kept_says_what_it_counts():
    follower = objective("data", store="orders", maxLost=0)
    assert follower.shown("en") == "–"
    follower.lost, follower.kept = 3, 120
    assert (follower.shown("en"), follower.shown("zh")) == ("3/120 lost", "丢失 3/120")


def test_a_queue_holds_while_its_oldest_message_is_young_and_none_is_lost():
    young, old, lost = Says(messages=(5, 0, 10)), Says(messages=(31, 0, 20)), Says(messages=(5, 1, 20))
    options = {"service": "redis", "queue": "votes", "within": "30s", "maxLost": 0}
    assert states(objective("queue", **options), Says(), *[young] * 9) == [OPEN] + [HOLDING] * 8 + [MET]
    assert states(objective("queue", **options), young, old) == [HOLDING, FAILED]
    follower = objective("queue", **options)
    assert states(follower, young, lost) == [HOLDING, FAILED]
    assert (follower.shown("en"), follower.shown("zh")) == ("5s, 1 lost", "5s，丢失 1")


def test_a_queue_in_which_nothing_came_is_not_met():
    assert states(objective("queue", service="redis", queue="votes", within="30s"), *[Says()] * 10)[-1] == FAILED
