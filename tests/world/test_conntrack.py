"""Tables of connections: who finds room, and when an entry goes."""

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.conntrack import NEVER, PORTS, Sockets, Table


def test_what_finds_no_room_is_refused_until_entries_are_let_go():
    table = Table(100)
    assert (table.open(80, 1), table.open(50, 2), table.refused) == (80, 20, 30)
    assert (table.open(10, 120), table.open(90, 121), table.open(90, 122)) == (0, 80, 20)


def test_questions_are_forgotten_sooner_than_connections():
    table = Table(10)
    table.open(6, 0, seconds=30)
    table.open(4, 0)
    table.turn(30)
    assert table.entries == 4


def test_what_nobody_closes_stays_until_somebody_does():
    table = Table(10)
    assert (table.clog(leave=3), table.open(5, 400), table.stuck) == (True, 3, 7)
    assert (table.unclog(), table.entries, table.unclog()) == (True, 3, False)


def test_a_program_that_leaks_has_fewer_ports_to_wherever_it_goes():
    sockets = Sockets(leaves=2)
    assert (sockets.to("a:80").open(5, 1, sockets.seconds), sockets.to("b:80").open(1, 1), sockets.seconds) == (
        2,
        1,
        NEVER,
    )
    assert Sockets().to("a:80").limit == PORTS


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 50), st.sampled_from((30, 60, 120))), max_size=40))
def test_entries_are_those_whose_time_is_not_over(script):
    table, tick, known = Table(100), 0, []
    for later, n, seconds in script:
        tick += later
        taken = table.open(n, tick, seconds)
        known = [(due, count) for due, count in known if due > tick] + [(tick + seconds, taken)]
        assert table.entries == sum(count for _, count in known) <= 100
        assert taken == n or table.entries == 100
