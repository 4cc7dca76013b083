"""A circuit breaker's states."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.circuit import Breaker, Circuit, State

BREAKER = Breaker(failures=50, least=20, window=10, opens=5, trials=1)


def after(*seconds: tuple[int, int], breaker: Breaker = BREAKER) -> Circuit:
    """A circuit that was told of calls (well, failed), second by second."""
    circuit = Circuit(breaker)
    for tick, (well, failed) in enumerate(seconds):
        if circuit.passes(well + failed, tick):
            circuit.told(well, failed, tick)
    return circuit


@pytest.mark.parametrize(
    "seconds, state",
    [
        ([(100, 0)] * 5, State.CLOSED),
        ([(100, 99)], State.CLOSED),  # less than half
        ([(10, 10)], State.OPEN),
        ([(0, 19)], State.CLOSED),  # too few calls to judge by
        ([(0, 10), (0, 10)], State.OPEN),  # the window holds both
        ([(0, 10), *[(0, 0)] * 10, (0, 10)], State.CLOSED),  # it does not any more
    ],
)
def test_it_opens_when_enough_of_enough_calls_in_the_window_have_failed(seconds, state):
    assert after(*seconds).state is state


def test_while_open_nothing_passes_and_then_one_trial_does():
    circuit = after((0, 100))
    assert [circuit.passes(100, tick) for tick in range(1, 6)] == [0, 0, 0, 0, 1]
    assert circuit.state is State.HALF_OPEN


@pytest.mark.parametrize("told, state, passes", [((1, 0), State.CLOSED, 100), ((0, 1), State.OPEN, 0)])
def test_a_trial_decides(told, state, passes):
    circuit = after((0, 100))
    circuit.passes(100, 5)
    circuit.told(*told, 5)
    assert (circuit.state, circuit.passes(100, 6)) == (state, passes)


@given(st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=60))
def test_no_more_calls_are_made_than_asked_for(seconds):
    circuit = Circuit(BREAKER)
    for tick, (calls, well) in enumerate(seconds):
        made = circuit.passes(calls, tick)
        assert 0 <= made <= calls
        circuit.told(made if well else 0, 0 if well else made, tick)
