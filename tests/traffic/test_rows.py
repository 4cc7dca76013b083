"""Rows of replicas that are alike get what each of their legs would have got in turn."""

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.traffic.cohorts import Inside
from kubesim_tui.traffic.inside import _cut
from kubesim_tui.traffic.rows import _all_came, _stretch
from kubesim_tui.traffic.station import Backlog
from kubesim_tui.traffic.way import Part, Row
from tests.boards import Board, image


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(0, 11), st.integers(0, 11))
def test_those_of_a_row_with_one_request_more_stand_side_by_side(members, first, odd):
    count = len(members)
    places, first, odd = [at for at, member in enumerate(members) if member], first % count, odd % count
    if not places:
        return
    start, more = _stretch(places, first, odd, count)
    in_turn = [(place - first) % count < odd for place in places]
    assert [(at - start) % len(places) < more for at in range(len(places))] == in_turn


@given(st.integers(1, 9), st.lists(st.tuples(st.integers(0, 2), st.integers(0, 8), st.integers(0, 8)), min_size=1))
def test_what_several_callers_deal_to_a_row_adds_up_and_is_cut_where_any_of_them_changes(size, dealt):
    row = Row((None,) * size, None, 1, frozenset())
    legs = (None,) * size
    row.parts = tuple(
        [Part(row, legs, (), (), each=each, first=first % size, odd=odd % size) for each, first, odd in dealt]
    )
    found = _all_came(row)
    each = [[part.at(place) for part in row.parts] for place in range(size)]
    assert [n for start, end, n in found for _ in range(start, end)] == [sum(one) for one in each]
    assert all(each[place] == each[start] for start, end, _ in found for place in range(start, end))


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12), st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_a_row_is_cut_where_neighbours_got_other_requests_or_have_others_inside(came, inside):
    inside = inside[: len(came)]
    spans = [(start, end, n) for start, end, n in runs(came)]
    told = [Inside(start, end, Backlog(0, n)) for start, end, n in runs(inside) if n]
    found = _cut(spans, told)
    each = [
        (n, one.backlog.running if one is not None else 0) for start, end, n, one in found for _ in range(start, end)
    ]
    assert each == list(zip(came, inside, strict=True))
    assert [end for _, end, _, _ in found[:-1]] == [start for start, *_ in found[1:]]


def runs(values):
    """Stretches of equal neighbours."""
    edges = [at for at in range(len(values)) if not at or values[at] != values[at - 1]]
    return [(start, end, values[start]) for start, end in zip(edges, [*edges[1:], len(values)], strict=True)]


def test_a_row_stays_whole_while_requests_are_in_flight_from_tick_to_tick():
    board = Board(2, [image("web", "http://api/"), image("api")])
    for name, replicas in (("web", 8), ("api", 10)):
        board.app(name, replicas, f"test/{name}", probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    board.users("web", "http://shop.example.com/", 1_000)
    board.tick(5)
    rows = {id(one.row): one.row for one in board.cluster.traffic.stations.values() if one.door is None}.values()
    told = []
    for _ in range(30):
        board.tick(1)
        told.append((all(row.whole for row in rows), any(row.inside for row in rows)))
    assert set(told) == {(True, True)}
