"""Cron schedules: what is read, when it is due, and what is said of what cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api.helpers.cron import CronError, parse
from kubesim_tui.api.times import format_time, parse_time


def due(schedule, after):
    """The next time after a time, both as texts."""
    found = parse(schedule).next_after(parse_time(after))
    return None if found is None else format_time(found)


@pytest.mark.parametrize(
    ("schedule", "after", "next_"),
    [
        ("* * * * *", "2026-01-01T09:00:00Z", "2026-01-01T09:01:00Z"),
        ("*/5 * * * *", "2026-01-01T09:03:20Z", "2026-01-01T09:05:00Z"),
        ("5/20 * * * *", "2026-01-01T09:06:00Z", "2026-01-01T09:25:00Z"),
        ("0 0 * * *", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("30 4 1 * *", "2026-01-01T05:00:00Z", "2026-02-01T04:30:00Z"),
        ("0 12 * * MON-FRI", "2026-01-02T13:00:00Z", "2026-01-05T12:00:00Z"),
        ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
        ("0 0 13 * *", "2026-01-01T00:00:00Z", "2026-01-13T00:00:00Z"),
        ("0 0 */2 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
        ("15,45 8-9 * jan,MAR ?", "2026-01-31T09:45:00Z", "2026-03-01T08:15:00Z"),
        ("@hourly", "2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"),
        ("@weekly", "2026-01-01T09:00:00Z", "2026-01-04T00:00:00Z"),
        ("@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("@every 1h30m", "2026-01-01T09:00:01Z", "2026-01-01T10:30:01Z"),
        ("0 0 31 2 *", "2026-01-01T00:00:00Z", None),
    ],
)
def test_a_schedule_is_next_due(schedule, after, next_):
    assert due(schedule, after) == next_


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("", "empty spec string"),
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("9-3 * * * *", "beginning of range (9) beyond end of range (3): 9-3"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("*/1/2 * * * *", "too many slashes: */1/2"),
        ("a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
        ("@sometimes", "unrecognized descriptor: @sometimes"),
    ],
)
def test_what_cannot_be_read_is_said_as_the_library_says_it(schedule, why):
    with pytest.raises(CronError) as found:
        parse(schedule)
    assert str(found.value) == why


FIELD = st.sampled_from(["*", "*/7", "3", "1-5", "2,4"])


@given(FIELD, FIELD, FIELD, st.integers(0, 2_000_000_000))
def test_a_due_time_is_later_on_a_whole_minute_and_the_first(minute, hour, weekday, after):
    schedule = parse(f"{minute} {hour} * * {weekday}")
    found = schedule.next_after(after)
    assert found > after
    assert found % 60 == 0
    assert schedule.next_after(found - 1) == found
    assert schedule.next_after((after + found) // 2) == found
