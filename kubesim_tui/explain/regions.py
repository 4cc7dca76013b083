"""Why users of a region are not served: the way from there."""

from __future__ import annotations

from kubesim_tui.explain.chain import Chain, Link
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed


def far(_evidence: Evidence, failed: Failed) -> Chain:
    """The way from a region is cut, or so slow that no answer comes in time."""
    region = failed.way[0]
    return Chain((Link(failed.detail, "network", None, region),), "region-away", region)
