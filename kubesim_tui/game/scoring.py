"""How a run is weighed: stars and medals.

A star for winning, one for every bonus met, one for holding on three more seeds. Medals have a par each, from the
bundled solutions: failed requests (`served`), node- and replica-hours (`cost`), objects changed (`changes`). After
the third hint or a rewind a win is a win, without medals.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.game.follower import MET
from kubesim_tui.game.objectives import Objectives


def stars(objectives: Objectives, *, won: bool, held: bool) -> int:
    """0 to 3."""
    if not won:
        return 0
    bonus = bool(objectives.bonus) and all(f.state == MET for f in objectives.bonus)
    return 1 + bonus + held


def medals(par: Mapping[str, int], *, failed: int, cost_milli: int, changes: int, clean: bool) -> tuple[str, ...]:
    """Which pars were reached; none after the third hint or a rewind. A level without a par has no such medal."""
    if not clean:
        return ()
    reached = {"served": failed, "cost": cost_milli, "changes": changes}
    return tuple(name for name in ("served", "cost", "changes") if name in par and reached[name] <= par[name])
