"""Who reaches whom. Places are names: machines, "outside" (the users), "cloud", registries, systems outside.

A place without a zone lies outside the data centre. All places reach one another until something is cut: a pair
(in one or both directions), or a whole place from all others. Latency is a round trip and follows from the zones.
Links may lose a share of their packets (those of a place, or between two zones), and a place's may be narrow. Where
nearly all are lost nothing gets across.
"""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.world.netem import DEAF_PM, Pipe, either

OUTSIDE = "outside"

SAME_MACHINE_US = 50
SAME_ZONE_US = 300
OTHER_ZONE_US = 1_200
FAR_US = 20_000
PATIENCE_US = 10_000_000
"""How long a client of the API server waits for an answer."""


@define(eq=False, repr=False)
class Links:
    """The network between places. `version` grows with each change, so that answers may be kept until then."""

    version: int = 0
    _zones: dict[str, str] = field(factory=dict)
    _cut: dict[tuple[str, str], None] = field(factory=dict)
    _isolated: dict[str, None] = field(factory=dict)
    _slowed: dict[str, int] = field(factory=dict)
    _loses: dict[str, int] = field(factory=dict)  # place → of a thousand packets
    _apart: dict[tuple[str, str], int] = field(factory=dict)  # two zones → the same
    _narrow: dict[str, Pipe] = field(factory=dict)

    def place(self, name: str, zone: str) -> None:
        """Put a machine into a zone."""
        self._zones[name] = zone
        self.version += 1

    def remove(self, name: str) -> None:
        """Forget a place, with all that was cut there."""
        self._zones.pop(name, None)
        self._slowed.pop(name, None)
        self._loses.pop(name, None)
        self._narrow.pop(name, None)
        self.heal(name)

    def zone(self, name: str) -> str:
        """The zone of a place, "" if it lies outside."""
        return self._zones.get(name, "")

    def reachable(self, a: str, b: str) -> bool:
        """Whether a packet from `a` gets to `b` and the answer back."""
        if a == b:
            return True
        if self._isolated and (a in self._isolated or b in self._isolated):
            return False
        if self._deaf(a, b):
            return False
        return not self._cut or ((a, b) not in self._cut and (b, a) not in self._cut)

    def special(self, a: str) -> bool:
        """Whether something was done to a place's own links: it is cut off, slow, or does not reach some other."""
        if a in self._isolated or self._slowed.get(a) or a in self._loses or a in self._narrow:
            return True
        return any(a in pair for pair in self._cut)

    def timely(self, a: str, b: str) -> bool:
        """Whether a request from `a` to `b` is answered while its client waits."""
        return self.reachable(a, b) and (not self._slowed or self.latency_us(a, b) < PATIENCE_US)

    @property
    def troubled(self) -> bool:
        """Whether any link loses packets, or is narrow."""
        return bool(self._loses or self._apart or self._narrow)

    def loss_pm(self, a: str, b: str) -> int:
        """How many of a thousand packets between two places are lost."""
        zones = self._pair(self.zone(a), self.zone(b))
        return either(self._loses.get(a, 0), self._loses.get(b, 0) if a != b else 0, self._apart.get(zones, 0))

    def worst_loss_pm(self, a: str) -> int:
        """The same between a place and where most are lost."""
        zone = self.zone(a)
        return either(self._loses.get(a, 0), max((n for pair, n in self._apart.items() if zone in pair), default=0))

    def pipes(self, a: str, b: str) -> tuple[Pipe, ...]:
        """The narrow links between two places."""
        return tuple(self._narrow[place] for place in (a, b) if place in self._narrow) if a != b else ()

    def bytes_s(self, a: str) -> int:
        """How many bytes a second get from and to a place; 0: as many as are wanted."""
        return self._narrow[a].bytes_s if a in self._narrow else 0

    def _pair(self, a: str, b: str) -> tuple[str, str]:
        return (a, b) if a < b else (b, a)

    def added_us(self, a: str) -> int:
        """How much longer every round trip from or to a place takes than it should."""
        return self._slowed.get(a, 0)

    def between_zones_us(self, a: str, b: str) -> int:
        """The time of a round trip from a zone to a place, whoever asks there."""
        zone = self._zones.get(b)
        if not a or zone is None:
            return FAR_US + self._slowed.get(b, 0)
        return (SAME_ZONE_US if zone == a else OTHER_ZONE_US) + self._slowed.get(b, 0)

    def arrives(self, a: str, b: str) -> bool:
        """Whether a packet from `a` gets to `b`, answered or not."""
        return a == b or not (a in self._isolated or b in self._isolated or (a, b) in self._cut or self._deaf(a, b))

    def _deaf(self, a: str, b: str) -> bool:
        return bool(self._loses or self._apart) and self.loss_pm(a, b) >= DEAF_PM

    def latency_us(self, a: str, b: str) -> int:
        """The time of a round trip, in microseconds."""
        added = self._slowed.get(a, 0) + (self._slowed.get(b, 0) if a != b else 0)
        if a == b:
            return SAME_MACHINE_US + added
        zone = self._zones.get(a)
        other = self._zones.get(b)
        if zone is None or other is None:
            return FAR_US + added
        return (SAME_ZONE_US if zone == other else OTHER_ZONE_US) + added

    def cut(self, a: str, b: str, *, both: bool = True) -> None:
        """Drop the packets from `a` to `b`, and back unless `both` is false."""
        self._cut[a, b] = None
        if both:
            self._cut[b, a] = None
        self.version += 1

    def isolate(self, a: str) -> None:
        """Cut a place off from every other."""
        self._isolated[a] = None
        self.version += 1

    def slow(self, a: str, added_us: int) -> None:
        """Add so many microseconds to every round trip from or to a place; 0 heals it."""
        self._slowed[a] = added_us
        self.version += 1

    def lose(self, a: str, loss_pm: int) -> None:
        """So many of a thousand packets from and to a place are lost; 0 heals it."""
        self._loses.pop(a, None)
        if loss_pm:
            self._loses[a] = loss_pm
        self.version += 1

    def lose_between(self, zone: str, other: str, loss_pm: int) -> None:
        """The same between two zones."""
        pair = self._pair(zone, other)
        self._apart.pop(pair, None)
        if loss_pm:
            self._apart[pair] = loss_pm
        self.version += 1

    def narrow(self, a: str, bytes_s: int) -> None:
        """From and to a place get only so many bytes a second; 0 heals it."""
        self._narrow.pop(a, None)
        if bytes_s:
            self._narrow[a] = Pipe(bytes_s)
        self.version += 1

    def heal(self, a: str | None = None, b: str | None = None) -> None:
        """Mend the link between two places, all of one place's, or (without a name) everything."""
        if a is None:
            self._cut.clear()
            self._isolated.clear()
            self._slowed.clear()
            self._loses.clear()
            self._apart.clear()
            self._narrow.clear()
        elif b is None:
            self._isolated.pop(a, None)
            self._cut = {pair: None for pair in self._cut if a not in pair}
        else:
            self._cut.pop((a, b), None)
            self._cut.pop((b, a), None)
        self.version += 1
