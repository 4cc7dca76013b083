"""Networks that lose packets or are narrow: how much later how many requests come, and how many never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.traffic.histogram import PPM, Latency
from kubesim_tui.traffic.way import Fail, Result
from kubesim_tui.traffic.wire import Wire, delays
from kubesim_tui.world.netem import Netem, Pipe, either

LOST = Fail("timed out", "link-loss", ())


def wire(loss_pm: int, opens: bool = True, **more) -> Wire:
    return Wire(loss_pm, opens, "link-loss", **more).fails_as(LOST)


def test_of_what_goes_over_a_connection_that_is_there_a_share_comes_200_ms_later():
    """10 % each way: of 100 exchanges 81 succeed, and of the other 19 again 81 %."""
    found, lost = delays(100, False)
    assert (found[0], lost) == ((200_000, 153_900), 46)


def test_whoever_opens_a_connection_waits_a_second_where_its_first_packet_is_lost():
    found, lost = delays(100, True)
    assert (dict(found)[1_000_000], lost) == (124_659, 6_905)


@pytest.mark.parametrize("opens", [True, False])
def test_where_all_is_lost_nothing_arrives(opens):
    assert delays(1000, opens) == ((), PPM)


@given(st.integers(0, 1000), st.booleans())
def test_no_share_of_requests_is_counted_twice(loss, opens):
    found, lost = delays(loss, opens)
    assert 0 <= sum(ppm for _, ppm in found) + lost <= PPM


@given(st.integers(1, 900), st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_what_was_sent_is_on_time_late_or_lost_and_the_shares_are_met(loss, script):
    one, sent, late, lost = wire(loss), 0, 0, 0
    for tick, n in enumerate(script):
        arrived = one.send(n, tick)
        of_tick = sum(count for _, count in one.late)
        result = one.tell(Result(arrived, ((Latency(1_000), arrived),) if arrived else ()))
        assert (result.ok + result.lost, sum(count for _, count in result.parts)) == (n, arrived)
        assert of_tick <= arrived
        sent, late, lost = sent + n, late + of_tick, lost + result.lost
    found, share = delays(loss, True)
    assert abs(lost - sent * share / PPM) <= 1
    assert late <= sent * sum(ppm for _, ppm in found) / PPM + len(found)


def test_a_single_request_is_as_lucky_as_any():
    one = wire(100, opens=False)
    assert [one.once(at) for at in (0, 45, 46, 153_945, 153_946, PPM - 1)] == [None, None, 200_000, 200_000, 600_000, 0]


def test_bytes_wait_for_those_before_them_and_no_longer_than_anybody_would():
    pipe = Pipe(1_000)
    pipe.offer(3_000, 1)
    assert pipe.delay_us(100) == 1_100_000
    pipe.offer(0, 2)
    assert (pipe.backlog, pipe.delay_us(100)) == (2_000, 2_100_000)
    pipe.offer(1_000_000, 3)
    pipe.offer(0, 4)
    assert pipe.backlog == 30_000
    pipe.offer(0, 60)
    assert pipe.backlog == 0


def test_losses_on_a_way_add_up():
    assert (either(), either(100, 0), either(100, 100), either(1000, 5)) == (0, 100, 190, 1000)


def test_a_pod_is_heard_in_time_while_two_round_trips_fit():
    assert [Netem(ms * 1000).outlasts(1_000_000) for ms in (500, 501)] == [False, True]
    assert Netem(loss_pm=900).outlasts(1_000_000)
