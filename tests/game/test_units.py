"""Durations, shares and rates as levels write them."""

import pytest

from kubesim_tui.game.units import micros, rate_milli, share_pm, ticks

RIGHT = [
    (micros, "250ms", 250_000),
    (micros, "1m30s", 90_000_000),
    (ticks, "250ms", 1),
    (ticks, "1h", 3600),
    (share_pm, "99%", 990),
    (share_pm, "99.5%", 995),
    (share_pm, "98.95%", 989),
    (rate_milli, "20/s", 20_000),
    (rate_milli, "0.5/s", 500),
]


@pytest.mark.parametrize("read, text, value", RIGHT, ids=[f"{r[0].__name__} {r[1]}" for r in RIGHT])
def test_a_figure_is_read(read, text, value):
    assert read(text) == value


WRONG = [
    (micros, ""),
    (micros, "5"),
    (micros, "5 s"),
    (micros, "s"),
    (share_pm, "99"),
    (share_pm, "-1%"),
    (rate_milli, "20"),
]


@pytest.mark.parametrize("read, text", WRONG, ids=[f"{w[0].__name__} {w[1]!r}" for w in WRONG])
def test_what_is_none_is_refused_with_an_example(read, text):
    with pytest.raises(ValueError, match="write it like"):
        read(text)
