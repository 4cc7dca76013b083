"""Addresses of Pods."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.ipam import Exhausted, Ipam


def test_addresses_are_given_in_turn():
    """.1 is the bridge; one that was freed comes back only after all others had their turn."""
    ipam = Ipam("10.244.3.0/29")
    first = [ipam.allocate("p") for _ in range(3)]
    ipam.free("10.244.3.2")
    assert (first, [ipam.allocate("q") for _ in range(3)]) == (
        ["10.244.3.2", "10.244.3.3", "10.244.3.4"],
        ["10.244.3.5", "10.244.3.6", "10.244.3.2"],
    )


def test_a_full_range_says_so():
    ipam = Ipam("10.244.3.0/30")
    ipam.allocate("p")
    with pytest.raises(Exhausted, match=r"no IP addresses available in range set: 10\.244\.3\.1-10\.244\.3\.2"):
        ipam.allocate("q")


def test_files_of_nobody_hold_addresses_through_a_restart_until_they_are_removed():
    ipam = Ipam("10.0.0.0/29")
    kept = ipam.allocate("kept")
    ipam.allocate("dead")
    assert (ipam.leak(leave=1), ipam.strays) == (2, 2)
    ipam.settle([(kept, "kept")])
    assert sorted(ipam.used.values()) == ["", "", "kept"]
    assert (ipam.sweep(), list(ipam.used.values())) == (2, ["kept"])


@given(st.lists(st.integers(-1, 4), max_size=60))
def test_no_address_is_given_twice(script):
    """Whatever is allocated and freed: the addresses in use are all different, and all in the range."""
    ipam, held = Ipam("10.0.0.0/29"), []
    for step in script:
        if step < 0 and len(held) < ipam.size:
            held.append(ipam.allocate("p"))
        elif 0 <= step < len(held):
            ipam.free(held.pop(step))
        assert len(set(held)) == len(held) == len(ipam.used)
    assert set(held) <= {f"10.0.0.{n}" for n in range(2, 7)}
