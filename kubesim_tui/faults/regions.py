"""Faults of the way between a region of users and the data centre."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.faults.fault import Fault, Story
from kubesim_tui.faults.options import positive

DELAY_MS = 3_000

REGIONS: Mapping[str, Fault] = {
    "region-cut": Fault(
        "region",
        lambda h, n, _: h.region(n, cut=True),
        lambda h, n, _: h.region(n, cut=False),
        "nothing gets from a region of users to the data centre, or back",
        story=Story(
            "A cable or a route between providers is gone; users elsewhere notice nothing.",
            "Time-outs for all users of the region, while the cluster is well and has less to do.",
            "why; the share of failures by region",
            "A second way in by another provider, a copy of the service in the region; names that lead elsewhere.",
            ("region-away",),
        ),
    ),
    "region-slow": Fault(
        "region",
        lambda h, n, o: h.delay_region(n, positive(o.get("ms", DELAY_MS)) * 1000),
        lambda h, n, _: h.delay_region(n, 0),
        f"the way from a region of users is slow (with: ms, how much longer each round trip takes, {DELAY_MS} if it is "
        "not said)",
        {"ms": positive},
        story=Story(
            "Traffic takes a long way round, or waits in a full link. A request needs as many round trips as it takes "
            "to open its connection, to agree on keys and to ask.",
            "Late answers and time-outs for users of the region alone.",
            "why; latencies by region",
            "Connections that are kept save round trips; time-outs with room for them; a copy near the users.",
            ("region-away",),
        ),
    ),
}
"""Name → row."""
