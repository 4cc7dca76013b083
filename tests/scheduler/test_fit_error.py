"""What a Pod that fits nowhere is told."""

import pytest

from kubesim_tui.scheduler import fit_error


@pytest.mark.parametrize("length", [1024, 1025])
def test_an_event_holds_1024_characters(length):
    assert min(length, 1024) == len(fit_error.truncated("x" * length))
