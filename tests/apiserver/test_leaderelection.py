"""Who holds a Lease, and when it changes hands: the sums, then candidates whose machines and roads come and go."""

from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api.types import Event, Lease, LeaseSpec, ObjectMeta
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import Unreachable
from kubesim_tui.apiserver.heartbeat import Heartbeats, LeaseView
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.leaderelection import RETRY_PERIOD, Elector, Lock, expiry, on_grid
from kubesim_tui.apiserver.request import User
from kubesim_tui.apiserver.seat import Seat
from kubesim_tui.cluster.roads import Roads
from kubesim_tui.kernel.clock import MICROS, Clock
from tests.harness import Harness

NAMES = ("cp-1", "cp-2", "cp-3")


# the sums


@pytest.mark.parametrize("origin, tick, look", [(0, 0, 0), (0, 1, 2), (0, 2, 2), (1, 2, 3), (5, 2, 5), (3, 8, 9)])
def test_somebody_looks_every_two_seconds(origin, tick, look):
    assert on_grid(origin, tick) == look


@pytest.mark.parametrize("origin, seen, over", [(0, 10, 26), (1, 11, 27), (4, 4, 20)])
def test_a_lease_is_over_fifteen_seconds_after_its_last_change_was_seen(origin, seen, over):
    assert expiry(origin, seen, 15) == over


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_stand_by_waits_for_the_lease_and_then_for_no_more_than_two_looks(origin, changed):
    waited = expiry(origin, on_grid(origin, changed), 15) - max(origin, changed)
    assert 15 <= waited <= 15 + 2 * RETRY_PERIOD


# candidates


class Program:
    """A process that can be stopped; its road can be cut."""

    def __init__(self, place, rig):
        self.place, self.rig, self.up, self.cut, self.ended = place, rig, True, False, 0

    def runs(self):
        return self.up

    def slowness(self):
        return 1

    def restart(self):
        self.ended += 1
        for self.up in (False, True):
            self.rig.roads.look()

    def open(self):
        return not self.cut

    def refusal(self, *, write=False):
        return Unreachable("connection refused")


class Rig(Harness):
    """Three candidates for one lock."""

    def __init__(self, releases=False, lease=None):
        super().__init__()
        if lease is not None:
            self.admin.create(lease)
        self.roads, self.seat, self.terms = Roads(), Seat(), Heartbeats(RETRY_PERIOD)
        self.server.registry.views["leases.coordination.k8s.io"] = LeaseView(
            Heartbeats(), self.engine.clock, self.terms
        )
        lock = Lock("kube-scheduler", "default-scheduler", releases)
        self.programs, self.electors = {}, {}
        for name in NAMES:
            program = self.programs[name] = Program(name, self)
            client = Client(self.server, User("system:kube-scheduler", ("system:masters",)), program)
            leases = Informer(self.etcd, self.engine, "leases.coordination.k8s.io")
            draws = self.chance.stream(f"leader-election/{name}")
            elector = Elector(
                self.engine, client, program, name, lock, self.seat, self.terms, leases, draws, self.roads.look
            )
            self.electors[name] = elector
            self.roads.add(program, elector)

    def tick(self, ticks=1):
        for _ in range(ticks):
            self.engine.step()

    @property
    def leader(self):
        return self.seat.leader.machine if self.seat.leader is not None else ""

    @property
    def lease(self):
        return self.admin.get(Lease, "kube-system", "kube-scheduler").spec

    def stop(self, name):
        self.programs[name].up = False
        self.roads.look()

    def start(self, name):
        self.programs[name].up = True
        self.roads.look()

    def cut(self, name, cut=True):
        self.programs[name].cut = cut
        self.roads.look()

    def until_led(self, most=60):
        """Ticks until somebody leads."""
        waited = 0
        while not self.leader and waited < most:
            self.tick()
            waited += 1
        return waited


@pytest.fixture
def rig():
    found = Rig()
    found.tick(30)
    return found


def test_the_first_candidate_leads_and_says_so(rig):
    (event,) = [e for e in rig.admin.list(Event, "kube-system") if e.reason == "LeaderElection"]
    assert (rig.leader, event.involved_object.kind) == ("cp-1", "Lease")
    assert (event.source.component, event.message) == (
        "default-scheduler",
        f"{rig.lease.holder_identity} became leader",
    )
    assert rig.lease.holder_identity.startswith("cp-1_")


NOW = Clock().epoch * MICROS


@pytest.mark.parametrize(
    "spec, waited, transitions",
    [
        (None, 1, 1),  # a Lease without anything in it
        (LeaseSpec(lease_transitions=4), 1, 5),  # given back
        (LeaseSpec(holder_identity="bing", renew_time=NOW, lease_transitions=1), 1, 2),  # that holds for no time
        (LeaseSpec(holder_identity="bing", lease_duration_seconds=3, renew_time=NOW), 5, 1),
        (LeaseSpec(holder_identity="bing", lease_duration_seconds=15, renew_time=NOW), 17, 1),
        (LeaseSpec(holder_identity="bing", lease_duration_seconds=15, renew_time=NOW - 3600 * MICROS), 17, 1),
    ],
)
def test_a_lease_that_is_found_is_taken_when_it_is_over_by_ones_own_clock(spec, waited, transitions):
    """As client-go's own table has it: times in the record do not count, only when a change of it was seen."""
    rig = Rig(lease=Lease(metadata=ObjectMeta(namespace="kube-system", name="kube-scheduler"), spec=spec))
    assert (rig.until_led(), rig.lease.lease_transitions) == (waited, transitions)


def test_renewals_write_nothing_and_are_seen_by_whoever_reads(rig):
    revision = rig.etcd.revision
    rig.tick(101)
    assert (rig.etcd.revision, rig.lease.renew_time // MICROS - rig.engine.clock.epoch) == (revision, 130)


def test_a_quiet_lead_wakes_nobody(rig):
    rig.tick(50)
    assert rig.engine.next_timer() is None


def test_a_stopped_leader_is_followed_when_its_lease_is_over(rig):
    rig.stop("cp-1")
    waited = rig.until_led()
    assert (rig.leader, 15 <= waited <= 17) == ("cp-2", True)
    assert (rig.lease.lease_transitions, rig.lease.holder_identity[:5]) == (1, "cp-2_")


def test_a_leader_that_is_cut_off_ends_before_another_may_begin(rig):
    rig.cut("cp-1")
    rig.tick(12)
    assert (rig.leader, rig.programs["cp-1"].ended) == ("cp-1", 0)
    rig.tick(1)
    assert (rig.leader, rig.programs["cp-1"].ended) == ("", 1)
    assert (rig.until_led() + 13 <= 18, rig.leader) == (True, "cp-2")


def test_a_leader_that_finds_its_road_in_time_stays(rig):
    identity = rig.lease.holder_identity
    rig.cut("cp-1")
    rig.tick(9)
    rig.cut("cp-1", False)
    rig.tick(60)
    assert (rig.leader, rig.lease.holder_identity, rig.programs["cp-1"].ended) == ("cp-1", identity, 0)


def test_a_restarted_process_is_somebody_else_and_waits_like_all(rig):
    identity = rig.lease.holder_identity
    rig.stop("cp-2")
    rig.stop("cp-3")
    rig.stop("cp-1")
    rig.start("cp-1")
    waited = rig.until_led()
    assert (rig.leader, 15 <= waited <= 17, rig.lease.holder_identity != identity) == ("cp-1", True, True)


def test_who_has_waited_through_an_outage_leads_at_his_first_look(rig):
    """What counts is when he has seen the last change, not since when he is heard again."""
    for name in NAMES:
        rig.cut(name)
    rig.tick(60)
    assert (rig.leader, rig.programs["cp-1"].ended) == ("", 1)
    for name in NAMES:
        rig.cut(name, False)
    assert (rig.until_led() <= 3, rig.leader) == (True, "cp-2")


def test_who_missed_the_last_renewals_begins_to_wait_when_he_hears_again(rig):
    rig.stop("cp-3")
    rig.cut("cp-2")
    rig.tick(40)
    rig.stop("cp-1")
    rig.tick(40)
    rig.cut("cp-2", False)
    assert (15 <= rig.until_led() <= 18, rig.leader) == (True, "cp-2")


def test_whoever_is_told_to_end_gives_the_lock_back_if_it_is_one_of_those():
    rig = Rig(releases=True)
    rig.tick(30)
    rig.electors["cp-1"].release()
    rig.stop("cp-1")
    assert (rig.lease.holder_identity, rig.lease.lease_duration_seconds) == (None, 1)
    assert (rig.until_led() <= 3, rig.leader, rig.lease.lease_transitions) == (True, "cp-2", 1)


def test_a_lock_that_is_kept_is_not_given_back(rig):
    rig.electors["cp-1"].release()
    rig.stop("cp-1")
    assert rig.until_led() >= 15


def test_a_lease_that_somebody_deletes_is_made_anew_by_its_holder(rig):
    identity = rig.lease.holder_identity
    rig.admin.delete(Lease, "kube-system", "kube-scheduler")
    rig.tick(3)
    assert (rig.leader, rig.lease.holder_identity, rig.lease.lease_transitions) == ("cp-1", identity, 0)


def test_a_lease_that_somebody_writes_himself_into_is_lost(rig):
    lease = rig.admin.get(Lease, "kube-system", "kube-scheduler")
    rig.admin.update(lease.evolve(spec=lease.spec.evolve(holder_identity="mallory")))
    rig.tick(13)
    assert (rig.leader, rig.programs["cp-1"].ended) == ("", 1)
    assert (rig.until_led() <= 6, rig.leader != "") == (True, True)


def test_with_all_processes_down_nobody_leads_until_one_is_back(rig):
    for name in NAMES:
        rig.stop(name)
    rig.tick(100)
    assert rig.leader == ""
    rig.start("cp-3")
    assert (rig.until_led() <= 17, rig.leader) == (True, "cp-3")


STEPS = st.lists(
    st.tuples(st.sampled_from(["stop", "start", "cut", "mend", "release"]), st.sampled_from(NAMES), st.integers(0, 20)),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.booleans())
def test_two_holders_never_act_in_one_tick(steps, releases):
    """Between two holders there is a moment in which nobody acts, and whoever has lost the lead is somebody else."""
    rig = Rig(releases)
    holders: list[str] = []  # tick by tick; "" where nobody acts

    def run(ticks):
        for _ in range(ticks):
            rig.tick()
            holders.append(rig.seat.leader.identity if rig.seat.runs() else "")

    for what, name, ticks in steps:
        if what == "release":
            rig.electors[name].release()
            rig.stop(name)
        else:
            {"stop": rig.stop, "start": rig.start, "cut": rig.cut, "mend": lambda n: rig.cut(n, False)}[what](name)
        holders.append(rig.seat.leader.identity if rig.seat.runs() else "")
        run(ticks)
    terms = [who for who, _ in groupby(holders)]
    assert all("" in pair for pair in pairwise(terms))
    assert len(set(terms) - {""}) == len([who for who in terms if who])
