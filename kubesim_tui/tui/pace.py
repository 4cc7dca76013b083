"""How many ticks are due: speed, pause, and what is owed. Pure; wall time is handed in."""

from __future__ import annotations

from attrs import define

SPEEDS = (1, 2, 3, 5, 10, 20, 30, 60)  # simulated seconds a second
LONGEST = 500_000  # µs of wall time that a late timer may make up for


@define
class Pace:
    """The clock of the front end."""

    speed: int = 1
    paused: bool = False
    _owed: int = 0  # millionths of a tick

    def due(self, elapsed: float) -> int:
        """Whole ticks due after `elapsed` seconds of wall time; a pause owes nothing."""
        if self.paused:
            self._owed = 0
            return 0
        self._owed += min(round(elapsed * 1_000_000), LONGEST) * self.speed
        return self._owed // 1_000_000

    def ran(self, ticks: int) -> None:
        """So many ticks were run; what a slow machine could not run within half a second is forgiven."""
        self._owed = min(self._owed - ticks * 1_000_000, LONGEST * self.speed)

    def faster(self) -> None:
        """The next higher speed."""
        self.speed = next((s for s in SPEEDS if s > self.speed), SPEEDS[-1])

    def slower(self) -> None:
        """The next lower speed."""
        self.speed = next((s for s in reversed(SPEEDS) if s < self.speed), SPEEDS[0])
