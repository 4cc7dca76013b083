"""How the controller chooses among the Pods of a backend. Pure.

As balancer.lua's get_implementation: a cookie comes before `upstream-hash-by`, and that before `load-balance` (of the
Ingress, else of the ConfigMap); what names nothing that it knows is round robin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.network.ingress_upstream import ANNOTATIONS
from kubesim_tui.network.ingress_values import boolean, integer

TURNS, EWMA, COOKIE, HASH = "round_robin", "ewma", "cookie", "hash"
SUBSET = 3
"""`upstream-hash-by-subset-size` where nobody says one."""


@frozen
class Balancing:
    """Of one location."""

    kind: str = TURNS
    persistent: bool = False  # of cookies: who has one keeps his Pod though others come
    changes: bool = False  # of cookies: a Pod that fails is changed for another
    by: str = ""  # what is hashed
    subset: int = 0  # of how many Pods one is drawn then; 0: it is always the same

    def __deepcopy__(self, _memo: Any) -> Balancing:
        return self


IN_TURN = Balancing()


def balancing_of(notes: Mapping[str, str], config: Mapping[str, str]) -> Balancing:
    """What an Ingress says, and the ConfigMap where it says nothing."""

    def said(name: str) -> str:
        return notes.get(ANNOTATIONS + name, "").strip()

    if said("affinity") == COOKIE:
        changes = boolean(said("session-cookie-change-on-failure")) is True
        return Balancing(COOKIE, said("affinity-mode") == "persistent", changes)
    by = said("upstream-hash-by") or config.get("upstream-hash-by", "")
    if by:
        subset = max(1, integer(said("upstream-hash-by-subset-size")) or SUBSET)
        return Balancing(HASH, by=by, subset=subset if boolean(said("upstream-hash-by-subset")) else 0)
    return Balancing(EWMA) if (said("load-balance") or config.get("load-balance", "")) == EWMA else IN_TURN
