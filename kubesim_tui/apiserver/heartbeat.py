"""Heartbeats, kept as data: since when somebody renews a lease, or when he stopped.

A kubelet renews its node's Lease every 10 s. In a quiet cluster that would be most of all writes, and nobody looks; so
renewals are no events. Who starts or regains its road calls `beat_from`, who loses it `stop`; the time of the last
renewal follows by arithmetic, and a Lease's renewTime is rendered when somebody reads it (FIDELITY.md). Listeners
hear of starts and stops only: the node-lifecycle controller sets its timer by them. The leases of elected leaders are
renewed in the same way (leaderelection.py).
"""

from __future__ import annotations

from typing import Protocol

from attrs import define, evolve, field, frozen

from kubesim_tui.api.types import Lease, LeaseSpec, Object
from kubesim_tui.kernel.clock import MICROS, Clock

LEASE_DURATION = 40
PERIOD = LEASE_DURATION // 4
"""Seconds that a lease holds, and between two renewals."""
NAMESPACE = "kube-node-lease"
LOCKS = "kube-system"
"""Where kubelets' leases are, and where those of elected leaders."""


@frozen
class Beat:
    """One lease: renewals at `since`, `since + period`, …, none after `until` (None: it still beats)."""

    since: int
    until: int | None = None
    period: int = PERIOD

    def last(self, tick: int) -> int:
        """The tick of the last renewal that had come by a tick (counting that tick)."""
        end = tick if self.until is None else min(self.until, tick)
        return self.since + max(0, end - self.since) // self.period * self.period


class Listener(Protocol):
    """Who is told when a heart starts or stops."""

    def heartbeat(self, node: str, beats: bool) -> None:
        """A node's kubelet renews its lease from now on, or no longer."""
        ...


@define(eq=False)
class Heartbeats:
    """All leases of a kind: those of kubelets, unless it is said otherwise. Times are ticks."""

    period: int = PERIOD
    _beats: dict[str, Beat] = field(factory=dict)
    _listeners: list[Listener] = field(factory=list)

    def listen(self, listener: Listener) -> None:
        """Tell somebody of starts and stops from now on."""
        self._listeners.append(listener)

    def beat_from(self, node: str, tick: int) -> None:
        """The kubelet reaches the API server from this tick on: it renews at once, then every 10 s."""
        known = self._beats.get(node)
        if known is not None and known.until is None:
            return
        self._beats[node] = Beat(tick, period=self.period)
        self._tell(node, True)

    def stop(self, node: str, tick: int) -> None:
        """The kubelet does not reach the API server any more: the renewal of this tick is its last, if it was due."""
        known = self._beats.get(node)
        if known is None or known.until is not None:
            return
        self._beats[node] = evolve(known, since=known.last(tick), until=tick)
        self._tell(node, False)

    def forget(self, node: str) -> None:
        """The node is gone."""
        self._beats.pop(node, None)

    def beats(self, node: str) -> bool:
        """Whether its kubelet renews now."""
        known = self._beats.get(node)
        return known is not None and known.until is None

    def last(self, node: str, now: int) -> int | None:
        """The tick of the last renewal; None if there never was one."""
        known = self._beats.get(node)
        return None if known is None else known.last(now)

    def _tell(self, node: str, beats: bool) -> None:
        for listener in self._listeners:
            listener.heartbeat(node, beats)


@frozen(eq=False)
class LeaseView:
    """Fills in renewTime when a Lease is read: a hook of the registry (`Registry.views`)."""

    heartbeats: Heartbeats
    clock: Clock
    terms: Heartbeats | None = None  # of elected leaders, by the name of the lease

    def render(self, obj: Object) -> Object:
        """The Lease as it would be had every renewal been written."""
        if not isinstance(obj, Lease):
            return obj
        meta = obj.metadata
        if meta.namespace == NAMESPACE:
            last = self.heartbeats.last(meta.name, self.clock.tick)
            spec = obj.spec or LeaseSpec(holder_identity=meta.name, lease_duration_seconds=LEASE_DURATION)
        elif self.terms is not None and meta.namespace == LOCKS and obj.spec is not None and obj.spec.holder_identity:
            last, spec = self.terms.last(meta.name, self.clock.tick), obj.spec
        else:
            return obj
        if last is None:
            return obj
        return obj.evolve(spec=spec.evolve(renew_time=(self.clock.epoch + last) * MICROS))
