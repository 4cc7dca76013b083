"""Go's durations, and the ages in kubectl's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import duration
from kubesim_tui.api.duration import DurationError


@pytest.mark.parametrize(
    "seconds, text", [(0, "0s"), (119, "119s"), (330, "5m30s"), (12_000, "3h20m"), (176_400, "2d1h"), (864_000, "10d")]
)
def test_an_age_in_whole_seconds(seconds, text):
    assert text == duration.human_seconds(seconds)


@pytest.mark.parametrize(
    "text, nanoseconds",
    [
        ("0", 0),
        ("1.5h", 90 * duration.MINUTE),
        ("-2m30s", -150 * duration.SECOND),
        ("+.5s", 500 * duration.MILLISECOND),
        ("1h1m1s1ms1us1ns", 3_661_001_001_001),
        ("3µs", 3_000),
    ],
)
def test_gos_text_of_a_duration_is_read(text, nanoseconds):
    assert nanoseconds == duration.parse(text)


@pytest.mark.parametrize(
    "text, error",
    [
        ("", 'time: invalid duration ""'),
        ("s", 'time: invalid duration "s"'),
        ("30", 'time: missing unit in duration "30"'),
        ("5 m", 'time: unknown unit " m" in duration "5 m"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("9999999999h", 'time: invalid duration "9999999999h"'),
    ],
)
def test_other_text_is_refused_in_gos_words(text, error):
    with pytest.raises(DurationError) as found:
        duration.parse(text)
    assert error == str(found.value)


@pytest.mark.parametrize(
    "nanoseconds, text",
    [
        (0, "0s"),
        (1, "1ns"),
        (1_500, "1.5µs"),
        (2_000_000, "2ms"),
        (1_000_000_000, "1s"),
        (90_500_000_000, "1m30.5s"),
        (5_400_000_000_000, "1h30m0s"),
        (-60_000_000_000, "-1m0s"),
    ],
)
def test_a_duration_is_written_as_go_writes_it(nanoseconds, text):
    assert text == duration.format(nanoseconds)


@given(st.integers(-(2**62), 2**62))
def test_what_is_written_reads_back(nanoseconds):
    # Go itself loses nanoseconds of long decimal parts: it reads them in floating point.
    assert abs(nanoseconds - duration.parse(duration.format(nanoseconds))) <= 1
