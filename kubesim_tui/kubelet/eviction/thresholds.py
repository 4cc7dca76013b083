"""When a resource counts as short (upstream: eviction/api/types.go, and the threshold half of eviction/helpers.go).

A threshold is a signal and a quantity, `nodefs.available` and `10%`. A hard one acts at once, a soft one when it has
been met for its grace period. Once met it stays so until as much more is free as the minimum reclaim says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from kubesim_tui.api.quantity import QuantityError, value
from kubesim_tui.kubelet.configuration import Configuration, ConfigurationError, seconds

MEMORY, DISK, PID = "MemoryPressure", "DiskPressure", "PIDPressure"
CONDITIONS: Mapping[str, str] = {
    "memory.available": MEMORY,
    "nodefs.available": DISK,
    "nodefs.inodesFree": DISK,
    "imagefs.available": DISK,
    "imagefs.inodesFree": DISK,
    "pid.available": PID,
}
"""Signal → the condition of the Node."""
RESOURCES: Mapping[str, str] = {
    "memory.available": "memory",
    "nodefs.available": "ephemeral-storage",
    "nodefs.inodesFree": "inodes",
    "imagefs.available": "ephemeral-storage",
    "imagefs.inodesFree": "inodes",
    "pid.available": "pids",
}
"""Signal → the resource that is reclaimed."""
_FIRST = ("memory.available", "allocatableMemory.available")


@frozen
class Observation:
    """What there is of something now, and in all."""

    available: int
    capacity: int


@frozen
class Amount:
    """A quantity, or a share of the capacity in thousandths of a per cent."""

    whole: int = 0
    share: int = 0

    def of(self, capacity: int) -> int:
        """How much that is."""
        return capacity * self.share // 100_000 if self.share else self.whole


NONE = Amount()


@frozen
class Threshold:
    """See the module. `grace` is -1 for a hard one."""

    signal: str
    amount: Amount
    grace: int = -1
    reclaim: Amount = NONE

    @property
    def hard(self) -> bool:
        """Whether it acts at once."""
        return self.grace < 0

    def is_met(self, seen: Observation, *, reclaimed: bool = False) -> bool:
        """Whether there is too little; `reclaimed`: or not yet as much more as has to be reclaimed."""
        wanted = self.amount.of(seen.capacity)
        return seen.available < wanted + (self.reclaim.of(seen.capacity) if reclaimed else 0)


def parse_amount(text: str) -> Amount:
    """`10%`, `7.5%` or `1Gi`. ConfigurationError."""
    try:
        if not text.endswith("%"):
            return Amount(whole=_not_negative(value(text)))
        whole, _, fraction = text[:-1].partition(".")
        share = int(whole) * 1000 + _not_negative(int((fraction + "000")[:3]))
    except (ValueError, QuantityError) as wrong:
        raise ConfigurationError(f"eviction threshold {text!r} is neither a quantity nor a percentage") from wrong
    if not 0 < share <= 100_000:
        raise ConfigurationError(f"eviction percentage threshold {text} must be positive and at most 100%")
    return Amount(share=share)


def _not_negative(amount: int) -> int:
    if amount < 0:
        raise ValueError(amount)
    return amount


def thresholds(configuration: Configuration) -> tuple[Threshold, ...]:
    """All that a kubelet watches. ConfigurationError."""
    reclaims, graces = configuration.eviction_minimum_reclaim, configuration.eviction_soft_grace_period
    hard, soft = configuration.eviction_hard, configuration.eviction_soft
    for signal in (*hard, *soft, *graces, *reclaims):
        if signal not in CONDITIONS:
            raise ConfigurationError(f"unsupported eviction signal {signal}")
    found = [_threshold(signal, text, -1, reclaims) for signal, text in hard.items()]
    for signal, text in soft.items():
        if signal not in graces:
            raise ConfigurationError(f"grace period must be specified for the soft eviction threshold {signal}")
        found.append(_threshold(signal, text, _grace(signal, graces[signal]), reclaims))
    return tuple(one for one in found if one.amount != NONE)


def _grace(signal: str, text: str) -> int:
    try:
        return seconds(text)
    except ValueError as wrong:
        raise ConfigurationError(f"evictionSoftGracePeriod of {signal}: {wrong}") from wrong


def _threshold(signal: str, text: str, grace: int, reclaims: Mapping[str, str]) -> Threshold:
    off = text in ("0%", "100%")  # upstream: no threshold at all
    reclaim = parse_amount(reclaims[signal]) if signal in reclaims else NONE
    return Threshold(signal, NONE if off else parse_amount(text), grace, reclaim)


def signal_order(names: Sequence[str]) -> list[str]:
    """Memory is seen to first; what has no resource to reclaim comes last, as it is."""
    return sorted(names, key=lambda name: name not in _FIRST)
