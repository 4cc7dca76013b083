"""Times: RFC 3339 outside, integers inside; what cannot be read is told in Go's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api.times import MICROS, format_micro, format_time, parse_micro, parse_time

AS = 'as "2006-01-02T15:04:05Z07:00": cannot parse'


@given(st.integers(0, 253402300799))
def test_a_second_is_read_as_it_was_written(seconds):
    assert parse_time(format_time(seconds)) == seconds


@given(st.integers(0, 253402300799 * MICROS))
def test_a_microsecond_is_read_as_it_was_written(micros):
    assert parse_micro(format_micro(micros)) == micros


def test_an_offset_is_taken_away():
    assert parse_time("2026-01-01T02:30:00+02:30") == parse_time("2026-01-01T00:00:00Z")
    assert parse_time("2025-12-31T22:00:00-02:00") == parse_time("2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("foo", f'{AS} "foo" as "2006"'),
        ("2026-01-01", f'{AS} "" as "T"'),
        ("2026-1-01T00:00:00Z", f'{AS} "1-01T00:00:00Z" as "01"'),
        ("2026-01-01T00:00:00", f'{AS} "" as "Z07:00"'),
        ("2026-13-01T00:00:00Z", ": month out of range"),
        ("2026-02-30T00:00:00Z", ": day out of range"),
        ("2026-01-01T25:00:00Z", ": hour out of range"),
        ("2026-01-01T00:00:00Zulu", ': extra text: "ulu"'),
    ],
)
def test_what_is_no_time_is_told_as_go_tells_it(text, said):
    with pytest.raises(ValueError) as wrong:
        parse_micro(text)
    assert str(wrong.value) == f'parsing time "{text}"{said if said.startswith(":") else " " + said}'
