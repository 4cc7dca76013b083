"""Defaults of flowcontrol.apiserver.k8s.io/v1."""

from __future__ import annotations

from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, fill, fill_zero, part


def flow_schema(data: JsonMap) -> None:
    """It comes after those that say when."""
    fill_zero(part(data, "spec"), matchingPrecedence=1000)


def priority_level(data: JsonMap) -> None:
    """Thirty shares, none to lend; what waits, waits in 64 queues of fifty."""
    spec = part(data, "spec")
    limited, exempt = spec.get("limited"), spec.get("exempt")
    if limited is not None:
        fill(limited, nominalConcurrencyShares=30, lendablePercent=0)
        queuing = part(limited, "limitResponse").get("queuing")
        if queuing is not None:
            fill_zero(queuing, handSize=8, queues=64, queueLengthLimit=50)
    if exempt is not None:
        fill(exempt, nominalConcurrencyShares=0, lendablePercent=0)


DEFAULTERS: dict[str, Defaulter] = {
    "flowcontrol.v1.FlowSchema": flow_schema,
    "flowcontrol.v1.PriorityLevelConfiguration": priority_level,
}
