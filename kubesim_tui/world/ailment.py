"""What may ail a running program, by a fault of its own: it hangs, or some of its answers are errors.

A program that hangs still holds its ports: the kernel accepts connections, and nobody ever answers. Where it is one
lock that nobody releases, the paths that do not need it (`spared`) are answered as ever. A restart cures all of it.
"""

from __future__ import annotations

from attrs import evolve, frozen

from kubesim_tui.world.plan import TIMED_OUT, Plan, Refused
from kubesim_tui.world.shared import Shared

HANGS, FAULTY = "its program hangs", "some of its answers are errors"
ALL = 1000


@frozen
class Ailment(Shared):
    """See the module. `errors_pm`: how many of a thousand answers are 500."""

    hangs: bool = False
    errors_pm: int = 0
    spared: tuple[str, ...] = ()

    def on(self, plan: Plan | Refused, path: str) -> Plan | Refused:
        """What becomes of a request that would have had this plan."""
        if isinstance(plan, Refused) or path.partition("?")[0] in self.spared:
            return plan
        if self.hangs:
            return Refused(TIMED_OUT, HANGS, "hangs")
        if not self.errors_pm or plan.status >= 400:
            return plan
        if self.errors_pm >= ALL:
            return evolve(plan, status=500, calls=(), store=None, why=FAULTY, body="500 Internal Server Error\n")
        return evolve(plan, errors_pm=self.errors_pm)
