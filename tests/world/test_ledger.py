"""A ledger tells of each container what it would have been told of it alone."""

from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.traffic.work import Pair, Turn
from kubesim_tui.world.ledger import PATIENCE, Bearer, Ledger, Load
from kubesim_tui.world.meter import PERIOD


@define(eq=False)
class Machine:
    now: int = 0
    look_at: int = 0
    room_bytes: int = -1
    strained: int = 0

    def strain(self, now):
        self.strained, self.look_at = now, now + PATIENCE


@define(eq=False)
class Container(Bearer):
    limit: int = 1000

    def room_bytes(self, now):
        return self.limit


@define(eq=False)
class Done:
    """What a container did that had this load."""

    load: Load

    @property
    def inside(self):
        return self.load.in_flight

    @property
    def cpu_us(self):
        return self.load.cpu_us

    @property
    def wait_us(self):
        return self.load.wait_us


seconds = st.tuples(
    st.sampled_from((1, 1, PERIOD // 2, PERIOD, 2 * PERIOD)),  # ticks later
    st.integers(0, 6),  # first
    st.integers(0, 6),  # odd
    st.integers(0, 50),  # requests of the others
    st.tuples(st.integers(0, 6), st.integers(0, 6)),  # from where to where they bear nothing
    st.booleans(),  # whether somebody asks for a meter
)


@given(st.integers(1, 7), st.lists(seconds, max_size=20))
def test_shared_or_alone_each_container_has_the_same_load_and_meter(count, course):
    shared, alone = [Container() for _ in range(count)], [Container() for _ in range(count)]
    ledger, now = Ledger.of(shared, [Machine()]), 0
    for later, first, odd, requests, idle, asks in course:
        now, first, odd = now + later, first % count, odd % count
        more, less = (Load(now, n, n // 2, n // 2 * 64, n * 1000) for n in (requests + 1, requests))
        each = [more if (place - first) % count < odd else less for place in range(count)]
        each[slice(*idle)] = [None] * len(each[slice(*idle)])
        edges = [place for place in range(count) if not place or each[place] is not each[place - 1]]
        spans = zip(edges, [*edges[1:], count], strict=True)
        ledger.add([(a, b, each[a].requests, Done(each[a])) for a, b in spans if each[a] is not None], 64, now)
        for place, one in enumerate(alone):
            if each[place] is None:
                continue
            one.own_load = each[place]
            one.own_meter.add(now, one.own_load.cpu_us, one.own_load.requests)
        if asks:
            assert shared[0].meter.requests == alone[0].meter.requests
    assert [told(one, now) for one in shared] == [told(one, now) for one in alone]


def told(one, now):
    meter, load = one.meter, one.load
    figures = (load.tick, load.requests, load.in_flight, load.memory_bytes, load.cpu_us) if load is not None else ()
    return meter.cpu_us, meter.requests, [meter.at(now // PERIOD - before) for before in (0, 1)], figures


def test_a_load_is_told_without_writing_it_down_for_all():
    shared = [Container() for _ in range(3)]
    more, less = Done(Load(5, 8)), Done(Load(5, 7))
    Ledger.of(shared, [Machine()]).add([(0, 1, 8, more), (1, 2, 7, less), (2, 3, 8, more)], 0, 5)
    assert [one.load.requests for one in shared] == [8, 7, 8]
    assert [one.own_load for one in shared] == [None] * 3


def test_memory_beyond_what_the_fullest_can_hold_is_looked_at_one_by_one():
    ledger = Ledger.of([Container(), Container(limit=500)], [Machine()])
    assert [ledger.takes(size, 1) for size in (500, 501)] == [True, False]


def test_when_one_is_told_alone_all_are_looked_at_again():
    shared = [Container(), Container()]
    ledger = Ledger.of(shared, [Machine()])
    assert ledger.takes(800, 1)
    shared[1].limit = 700
    shared[1].alone()
    assert not ledger.takes(800, 2)


def test_only_a_machine_that_may_lack_memory_is_looked_at_and_none_twice_within_ten_seconds():
    roomy, narrow = Machine(room_bytes=500), Machine(room_bytes=499)
    ledger = Ledger.of([Container(), Container()], [roomy, narrow])
    ledger.strain(500, 5)
    assert (roomy.strained, narrow.strained, ledger.look_at) == (0, 5, 5 + PATIENCE)


turns = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 50))  # first, odd, requests of the others


@given(st.integers(1, 7), st.lists(turns, min_size=1, max_size=9))
def test_a_second_dealt_out_in_turn_is_the_same_when_told_neighbour_by_neighbour(count, course):
    in_turn, one_by_one = [Container() for _ in range(count)], [Container() for _ in range(count)]
    shared, other = Ledger.of(in_turn, [Machine()]), Ledger.of(one_by_one, [Machine()])
    for now, (first, odd, each) in enumerate(course):
        less, more = (Done(Load(now, n, n // 2, n // 2 * 64, n * 1000)) for n in (each, each + 1))
        turn = Turn(count, each, first % count, odd % count, Pair(less, more, 0))
        shared.add_turn(turn, 64, now)
        other.add(turn.spans, 64, now)
    now = len(course) - 1
    assert [told(one, now) for one in in_turn] == [told(one, now) for one in one_by_one]
