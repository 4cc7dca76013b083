"""etcd's members: elections, majorities, what is lost sight of and caught up with, and what slow disks cost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.api import scheme
from kubesim_tui.api.types import ConfigMap, ObjectMeta
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.raft import Members
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.world.links import Links
from kubesim_tui.world.process import Process


class Disk(Process):
    """A member's process, as the members ask for it."""

    def runs(self):
        return self.works

    def slowness(self):
        return self.slow


WRITE = Request(User("admin"), "update", scheme.for_plural("configmaps"), "default", "x")


class Rig:
    """Some members, and a store that is written to while they have a leader."""

    def __init__(self, count=3):
        self.engine = Engine(("timers",))
        self.etcd, self.links = Etcd(self.engine.clock), Links()
        self.names = [f"cp-{i}" for i in range(1, count + 1)]
        for name in self.names:
            self.links.place(name, "a")
        self.processes = {name: Disk("etcd") for name in self.names}
        draws = Chance(1).stream("etcd/election")
        self.members = Members(self.engine, self.etcd, self.processes, self.links, draws, self.elected)
        self.elections = 0

    def elected(self):
        self.elections += 1

    def tick(self, ticks=1):
        for _ in range(ticks):
            self.engine.step()

    def write(self):
        self.etcd.put("configmaps", ("a", "x"), ConfigMap(metadata=ObjectMeta(namespace="a", name="x")))

    def stop(self, *names):
        for name in names:
            self.processes[name].stop()
        self.members.look()

    def start(self, *names):
        for name in names:
            self.processes[name].start()
        self.members.look()

    def slow(self, factor, *names):
        for name in names:
            self.processes[name].slow_down(factor)
        self.members.look()


def test_in_the_beginning_the_first_leads_and_all_hear_him():
    rig = Rig()
    assert (rig.members.leader, rig.members.heard, rig.members.majority) == ("cp-1", ("cp-1", "cp-2", "cp-3"), 2)


def test_one_member_needs_no_election():
    rig = Rig(1)
    rig.stop("cp-1")
    assert (rig.members.leader, rig.members.serves("cp-1")) == ("", False)
    rig.start("cp-1")
    assert (rig.members.leader, rig.members.serves("cp-1"), rig.engine.next_timer()) == ("cp-1", True, None)


def test_a_lost_leader_is_followed_after_an_election_of_one_or_two_ticks():
    rig = Rig()
    rig.stop("cp-1")
    due = rig.engine.next_timer()
    assert (rig.members.leader, due in (1, 2)) == ("", True)
    rig.tick(due + 1)
    assert (rig.members.leader in ("cp-2", "cp-3"), rig.elections, rig.members.term) == (True, 1, 3)


def test_a_lost_follower_is_no_reason_for_an_election():
    rig = Rig()
    rig.stop("cp-3")
    rig.tick(5)
    assert (rig.members.leader, rig.members.heard, rig.elections) == ("cp-1", ("cp-1", "cp-2"), 0)


def test_a_leader_that_is_told_to_end_hands_over_before_it_does():
    rig = Rig()
    rig.members.transfer("cp-1")
    rig.stop("cp-1")
    assert (rig.members.leader, rig.members.term, rig.members.serves("cp-3")) == ("cp-2", 3, True)
    assert rig.engine.next_timer() is None


def test_the_last_one_has_nobody_to_hand_over_to():
    rig = Rig(1)
    rig.members.transfer("cp-1")
    assert (rig.members.leader, rig.members.term) == ("cp-1", 2)


def test_without_a_majority_nobody_stands_for_election():
    rig = Rig()
    rig.stop("cp-1", "cp-2")
    assert (rig.members.leader, rig.engine.next_timer()) == ("", None)


def test_an_election_that_nobody_could_stand_for_is_held_again_as_soon_as_somebody_can():
    """Also where he comes in the very tick of the first one."""
    rig = Rig()
    rig.stop("cp-1")
    due = rig.engine.next_timer()
    rig.stop("cp-2")
    rig.tick(due)
    rig.engine.fire_timers()
    rig.engine.phases["timers"].drain()
    rig.start("cp-1")
    rig.tick(3)
    assert rig.members.leader in ("cp-1", "cp-3")


def test_a_leader_that_reaches_no_majority_steps_down_and_the_others_elect_one():
    rig = Rig(5)
    for cut in ("cp-3", "cp-4", "cp-5"):
        for left in ("cp-1", "cp-2"):
            rig.links.cut(left, cut)
    rig.members.look()
    rig.tick(3)
    assert rig.members.leader in ("cp-3", "cp-4", "cp-5")
    assert (rig.members.serves("cp-1"), rig.members.serves("cp-2")) == (False, False)


def test_who_missed_a_write_is_not_elected():
    rig = Rig()
    rig.stop("cp-3")
    rig.write()
    rig.stop("cp-1")
    rig.start("cp-3")
    rig.tick(3)
    assert (rig.members.leader, rig.members.revision("cp-3")) == ("cp-2", rig.etcd.revision)


def test_a_request_between_two_leaders_is_told_so():
    rig = Rig()
    rig.stop("cp-1")
    assert [str(rig.members.refusal(write=write)) for write in (False, True)] == [
        "etcdserver: leader changed",
        "etcdserver: request timed out, possibly due to previous leader failure",
    ]


def test_a_request_without_a_majority_times_out():
    rig = Rig()
    rig.stop("cp-1", "cp-2")
    refused = rig.members.refusal(write=True)
    assert (str(refused), refused.code, refused.reason) == ("etcdserver: request timed out", 500, "")


@pytest.mark.parametrize(
    "slow, commit_us",
    [
        ((), 1_300),  # the leader's own disk and that of the nearest other
        (("cp-3",), 1_300),  # not in the majority that is needed
        (("cp-1",), 500_000),
        (("cp-2", "cp-3"), 500_300),
    ],
)
def test_a_write_takes_as_long_as_the_leader_and_the_fastest_majority(slow, commit_us):
    rig = Rig()
    rig.slow(500, *slow)
    assert rig.members.commit_us() == commit_us


def test_so_slow_a_disk_costs_a_leader_the_lead():
    rig = Rig()
    rig.slow(1000, "cp-1")
    rig.tick(3)
    assert (rig.members.leader != "cp-1", rig.members.serves("cp-1")) == (True, True)


def test_slow_disks_leave_time_for_so_many_writes_a_second():
    rig = Rig()
    rig.slow(4000, "cp-2", "cp-3")
    for _ in range(200 * 1_000_000 // 4_000_300):
        rig.members.admit(WRITE)
    with pytest.raises(StatusError, match="request timed out"):
        rig.members.admit(WRITE)
    rig.tick()
    rig.members.admit(WRITE)


def test_disks_slower_than_a_request_may_last_commit_nothing():
    rig = Rig()
    rig.slow(7000, "cp-2", "cp-3")
    with pytest.raises(StatusError, match="request timed out"):
        rig.members.admit(WRITE)


STEPS = st.lists(
    st.tuples(st.sampled_from(["stop", "start", "isolate", "heal", "cut"]), st.integers(0, 4), st.integers(0, 4)),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([3, 5]), STEPS)
def test_a_leader_always_has_a_majority_and_all_that_was_ever_committed(count, steps):
    rig = Rig(count)
    for what, a, b in steps:
        one, other = rig.names[a % count], rig.names[b % count]
        if what in ("stop", "start"):
            getattr(rig, what)(one)
        elif what == "cut" and one != other:
            rig.links.cut(one, other)
        elif what != "cut":
            getattr(rig.links, what)(one)
        rig.members.look()
        if rig.members.leader:
            rig.write()
        rig.tick()
        members = rig.members
        if members.leader:
            assert len(members.heard) >= members.majority
            assert members.revision(members.leader) == rig.etcd.revision
        behind = [m for m in rig.names if members.revision(m) < rig.etcd.revision]
        assert len(rig.names) - len(behind) >= members.majority
