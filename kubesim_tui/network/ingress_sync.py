"""When a Pod of the ingress controller takes over what has changed, and when its nginx works by it. Pure.

As NGINXController.syncIngress and its queue: whatever is heard of asks for a sync; a bucket of one token, which fills
0.3 times a second, lets one pass; a sync takes over all that is known by then. Endpoints and certificates are handed to
the running nginx (Lua). All else needs its files to be written, tested (`nginx -t`) and loaded anew, which takes the
longer the more there is of it. Meanwhile the old workers serve on, and what they have accepted they finish.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve, field, frozen

from kubesim_tui.network.ingress_backends import Configuration

SECOND_US = 1_000_000
PERIOD_US = 10 * SECOND_US // 3
"""`--sync-rate-limit` 0.3."""
RELOAD_US, LOCATION_US = 100_000, 3_000
"""What a reload takes at least, and for each location."""


@frozen(eq=False)
class Nginx:
    """One Pod of the controller. `free_us`: since when its bucket has a token, or when it will have one."""

    works_by: Configuration = field(factory=Configuration)
    free_us: int = 0
    asked_us: int | None = None  # since when it wants to sync
    loading: Configuration | None = None  # by a reload that is not done
    loaded_us: int = 0  # when that is

    def __deepcopy__(self, _memo: Any) -> Nginx:
        return self

    @property
    def due_us(self) -> int | None:
        """When something happens in it by itself; None: never."""
        coming = [self.loaded_us] if self.loading is not None else []
        coming += [max(self.asked_us, self.free_us)] if self.asked_us is not None else []
        return min(coming, default=None)


def asked(nginx: Nginx, now_us: int) -> Nginx:
    """It has heard of something."""
    return nginx if nginx.asked_us is not None else evolve(nginx, asked_us=now_us)


def advanced(nginx: Nginx, newest: Configuration, now_us: int) -> Nginx:
    """It as it is after what was due by now; what it takes over is what is known now."""
    if nginx.loading is not None and nginx.loaded_us <= now_us:
        nginx = evolve(nginx, works_by=nginx.loading, loading=None)
    at_us = nginx.due_us
    if nginx.loading is not None or at_us is None or at_us > now_us:
        return nginx
    took_us = reload_us(nginx.works_by, newest)
    done_us = at_us + took_us
    nginx = evolve(nginx, asked_us=None, free_us=max(at_us + PERIOD_US, done_us))
    if done_us // SECOND_US <= now_us // SECOND_US:
        return evolve(nginx, works_by=newest)
    return evolve(nginx, loading=newest, loaded_us=done_us // SECOND_US * SECOND_US)


def reload_us(before: Configuration, after: Configuration) -> int:
    """How long nginx takes to work by another configuration."""
    if after.table is before.table:
        return 0
    return RELOAD_US + LOCATION_US * sum(1 for _ in after.table.locations())
