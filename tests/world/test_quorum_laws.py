"""No acknowledged write is lost while a majority lives: random writes, faults and ticks."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kubesim_tui.world.records import Records
from kubesim_tui.world.replication.member import Part
from tests.world.ensembles import Ensemble

WHO = st.integers(0, 4)


class Quorum(RuleBasedStateMachine):
    """Members crash, lose power and links, come back; users write by way of any of them."""

    @initialize(size=st.sampled_from((3, 5)))
    def begin(self, size):
        self.size, self.majority, self.written = size, size // 2 + 1, 0
        self.acknowledged = Records()
        self.ensemble = Ensemble(size)
        self.wiped = None
        for i in range(size):
            self.ensemble.start(i, "sh", "-c", f"start-zookeeper --servers={size} --data_dir=/var/lib/zookeeper")
        self.ensemble.tick(8)

    @rule(count=st.integers(1, 20), ticks=st.integers(0, 15))
    def time_goes_by_and_users_write(self, count, ticks):
        self.ensemble.tick(ticks)
        for i in range(self.size):
            first = self.written + 1
            self.written += count
            accepted = self.ensemble.write(i, first, count)
            if accepted:
                self.acknowledged.add(first, first + accepted - 1, self.ensemble.now)

    @rule(who=WHO)
    def crash_or_start(self, who):
        if self.ensemble.container(who % self.size) is None:
            self.start(who % self.size)
        else:
            self.ensemble.kill(who % self.size)
        self.ensemble.look()

    def start(self, i):
        if self.ensemble.container(i) is None and self.ensemble.world.machines[f"node-{i}"].powered:
            self.ensemble.start(i)

    @rule(who=WHO)
    def turn_power_off_or_on(self, who):
        machine = self.ensemble.world.machines[f"node-{who % self.size}"]
        (machine.power_off if machine.powered else machine.power_on)(self.ensemble.now)
        self.ensemble.look()

    @rule(a=WHO, b=WHO)
    def cut(self, a, b):
        self.ensemble.world.links.cut(f"node-{a % self.size}", f"node-{b % self.size}")
        self.ensemble.look()

    @rule(a=WHO)
    def isolate(self, a):
        self.ensemble.world.links.isolate(f"node-{a % self.size}")
        self.ensemble.look()

    @rule()
    def heal(self):
        self.ensemble.world.links.heal()
        self.ensemble.look()

    @rule(who=WHO, room=st.integers(0, 10))
    def a_disk_fills_up(self, who, room):
        self.ensemble.volumes[who % self.size].capacity_bytes = 1 << 20
        self.ensemble.volumes[who % self.size].fill(room * 256)

    @rule()
    def disks_are_enlarged(self):
        for volume in self.ensemble.volumes:
            volume.enlarge(1 << 40)

    @precondition(lambda self: self.wiped is None and self.whole(range(self.size)))
    @rule(who=WHO)
    def one_loses_its_volume(self, who):
        """While all others have everything: so long as it is empty it counts as dead."""
        i = who % self.size
        self.ensemble.kill(i)
        self.ensemble.volumes[i].remove("") if self.ensemble.volumes[i].files else None
        self.wiped = i
        self.ensemble.look()

    def whole(self, members):
        return all(not len(self.ensemble.on_disk(i).missing(self.acknowledged)) for i in members)

    @invariant()
    def a_majority_has_whatever_was_acknowledged(self):
        if self.wiped is not None and self.whole([self.wiped]):
            self.wiped = None
        for record in [run[0] for run in self.acknowledged.runs()] + [run[1] for run in self.acknowledged.runs()]:
            have = sum(record in self.ensemble.on_disk(i) for i in range(self.size))
            assert have >= self.majority - (self.wiped is not None), f"{record} of {self.acknowledged}"

    @invariant()
    def a_leader_that_has_its_majority_has_everything(self):
        takers = [i for i, part in enumerate(self.ensemble.parts()) if part is Part.LEADER and self.takes(i)]
        assert len(takers) <= 1, "split brain"
        assert self.whole(takers)

    def takes(self, i):
        return not self.ensemble.container(i).plan(2181, "WRITE", "").refused

    def teardown(self):
        """Everything is mended: all have all that was acknowledged."""
        self.ensemble.world.links.heal()
        self.disks_are_enlarged()
        for i in range(self.size):
            self.ensemble.world.machines[f"node-{i}"].power_on(self.ensemble.now)
            self.start(i)
        self.ensemble.tick(40)
        assert sorted(map(str, self.ensemble.parts())) == ["follower"] * (self.size - 1) + ["leader"]
        assert self.whole(range(self.size))


TestQuorum = Quorum.TestCase
TestQuorum.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
