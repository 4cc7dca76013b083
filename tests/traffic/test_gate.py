"""Connections pass the tables of several machines, each with what it takes of them."""

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.traffic.gate import Gate, Need, Passage
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.way import Fail
from kubesim_tui.world.conntrack import TCP_SECONDS, Table


def gate(shares, limits, each, needs):
    passages = [
        Passage(Table(limit), needs(ppm), TCP_SECONDS, Fail("full", "conntrack-full", (("Node", "", str(at)),)))
        for at, (ppm, limit) in enumerate(zip(shares, limits, strict=True))
    ]
    return Gate(tuple(passages), each)


@given(
    st.lists(st.tuples(st.sampled_from((40_000, 80_000, PPM, 3 * PPM)), st.integers(0, 90)), min_size=1, max_size=8),
    st.integers(1, 10),
    st.lists(st.integers(0, 60), max_size=12),
)
def test_machines_that_take_the_same_share_are_asked_for_what_each_alone_would_be(tables, each, course):
    shares, limits = zip(*tables, strict=True)
    common = {ppm: Need(ppm) for ppm in shares}
    together, alone = gate(shares, limits, each, common.get), gate(shares, limits, each, Need)
    for tick, requests in enumerate(course):
        assert together.admit(requests, tick) == alone.admit(requests, tick)
        assert (together.missed, together.lost) == (alone.missed, alone.lost)
    told = [[(p.table.entries, p.table.refused) for p in one.passages] for one in (together, alone)]
    assert told[0] == told[1]


def test_a_share_of_a_connection_is_owed_to_the_next():
    one = gate((400_000,), (10,), 1, Need)
    entries = []
    for tick in range(5):
        one.admit(1, tick)
        entries.append(one.passages[0].table.entries)
    assert entries == [0, 0, 1, 1, 2]
