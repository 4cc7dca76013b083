"""When a Pod of the ingress controller takes over what has changed: a token bucket, and the time of a reload."""

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.network.ingress_backends import Configuration
from kubesim_tui.network.ingress_sync import PERIOD_US, RELOAD_US, SECOND_US, Nginx, advanced, asked, reload_us
from kubesim_tui.network.ingress_table import Table
from tests.network.builders import ingress, rule

OLD = Configuration()
NEWS = [evolve(OLD, backends={("default", "web", n): None}) for n in range(40)]
"""Other endpoints behind the same table."""


def told(changes: list[int], ticks: int, nginx: Nginx | None = None) -> list[int]:
    """In which ticks it works by something else, when something changes in some."""
    nginx, newest, found = nginx or Nginx(OLD), OLD, []
    for tick in range(ticks):
        if tick in changes:
            newest, nginx = NEWS[tick], asked(nginx, tick * SECOND_US)
        after = advanced(nginx, newest, tick * SECOND_US)
        if after.works_by is not nginx.works_by:
            found.append(tick)
        nginx = after
    return found


def test_the_first_change_is_taken_over_at_once():
    assert told([5], 20) == [5]


def test_the_next_one_has_to_wait_for_a_token():
    assert told([5, 6], 20) == [5, 9]


def test_changes_that_wait_are_taken_over_together():
    assert told([5, 6, 7, 8], 20) == [5, 9]


def test_changes_without_end_are_taken_over_three_times_in_ten_seconds():
    assert told(list(range(40)), 31) == [0, 4, 7, 10, 14, 17, 20, 24, 27, 30]


def test_endpoints_are_handed_to_the_running_nginx_and_a_table_is_loaded():
    other = evolve(OLD, table=Table())
    assert (reload_us(OLD, NEWS[0]), reload_us(OLD, other)) == (0, RELOAD_US)


def test_a_large_table_takes_seconds_and_the_old_one_serves_meanwhile():
    large = Configuration(Table([ingress(*(rule(f"h{n}.example.com", web="Prefix /") for n in range(1000)))]))
    nginx = advanced(asked(Nginx(OLD), 0), large, 0)
    works = [advanced(nginx, large, tick * SECOND_US).works_by is large for tick in range(5)]
    assert works == [False, False, False, True, True]


@given(st.sets(st.integers(0, 29)), st.integers(0, 5 * SECOND_US))
def test_what_changed_last_is_in_force_four_seconds_later(changes, free_us):
    ticks = told(sorted(changes), 40, Nginx(OLD, min(free_us, PERIOD_US)))
    last = max(changes, default=None)
    assert (not ticks) if last is None else last <= ticks[-1] <= last + 4
