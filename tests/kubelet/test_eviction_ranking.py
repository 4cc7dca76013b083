"""Who is evicted first, by upstream's table."""

import pytest

from kubesim_tui.api.quantity import value
from kubesim_tui.kubelet.eviction import helpers
from kubesim_tui.kubelet.eviction.helpers import Ranked, rank
from kubesim_tui.kubelet.eviction.thresholds import signal_order
from tests.kubelet.upstream import cases

KEYS = {
    "exceedsRequests": helpers.exceeds_requests,
    "priority": helpers.priority,
    "usageAboveRequest": helpers.usage_above_request,
}


def amount(found):
    """Of memory a text; of the disk the sum of its parts."""
    return sum(value(part) for part in found.values()) if isinstance(found, dict) else value(found)


@pytest.mark.parametrize(("name", "given", "want"), cases("eviction_ranking", "rank_pods"))
def test_rank(name, given, want):
    pods = [
        Ranked(p["name"], p["priority"], amount(p.get("request", "0")), amount(p.get("usage", "0")))
        for p in given["pods"]
    ]
    assert [p.uid for p in rank(pods, [KEYS[k] for k in given["by"]])] == want["order"]


@pytest.mark.parametrize(("name", "given", "want"), cases("eviction_ranking", "signal_order"))
def test_signals(name, given, want):
    assert signal_order(given["signals"]) == want["order"]
