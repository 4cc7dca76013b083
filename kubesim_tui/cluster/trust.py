"""Who believes whom: the certificates of API servers, kubelets and webhooks, and the clocks by which they are judged.

An API server shows its certificate to whoever calls, and looks at the caller's; tokens are judged as certificates are
(FIDELITY.md). As long as no clock goes wrong and nothing has expired nobody has to be asked (`doubts`).
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from kubesim_tui.apiserver.errors import ApiError, StatusError, Unreachable
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.world.certificates import Certificate
from kubesim_tui.world.world import World

KUBELET = "kubelet"
"""Who has a certificate of its own on each machine; all others have one that was issued with the cluster."""


class Trust:
    """See the module. A worker of the engine: its key is the tick in which a certificate ends."""

    name, order, phase = "trust", 0, "timers"

    def __init__(self, world: World, engine: Engine, look: Callable[[], None]) -> None:
        """`look` is called when a certificate has ended by itself."""
        self.world, self.engine, self.clock, self.look = world, engine, engine.clock, look
        self._first = Certificate.issued(self.clock.epoch)
        self._others: dict[tuple[str, str], Certificate] = {}  # (whose, where) → one that is not as it was issued
        self.doubts = False

    # -- certificates and clocks

    def certificate(self, whose: str, where: str) -> Certificate:
        """That of a server, kubelet or webhook."""
        return self._others.get((whose, where), self._first)

    def expire(self, whose: str, where: str, seconds: int = 0) -> bool:
        """A certificate has only so many seconds left (0: it is over); False if it ends before that anyhow."""
        known, end = self.certificate(whose, where), self.clock.now + seconds - 1
        if known.ends <= end:
            return False
        self._others[whose, where] = evolve(known, ends=end)
        if seconds:
            self.engine.at(self.clock.tick + seconds, self.phase, self, self.clock.tick + seconds)
        self._ask()
        return True

    def runs(self) -> bool:
        """Time goes on, whoever runs."""
        return True

    def reconcile(self, _key: Key) -> None:
        """A certificate has ended, unless it was renewed."""
        self.look()

    def renew(self, whose: str, where: str) -> bool:
        """A new one takes its place; False if it was never anything else."""
        if (whose, where) not in self._others:
            return False
        self.issue(whose, where)
        return True

    def issue(self, whose: str, where: str) -> None:
        """A new one takes the place of whatever there is."""
        self._others[whose, where] = Certificate.issued(self.clock.now)
        self._ask()

    def set_clock(self, machine: str, seconds: int) -> bool:
        """The clock of a machine goes wrong by so many seconds (0: it goes right)."""
        found = self.world.machines.get(machine)
        if found is None or found.clock_skew == seconds:
            return False
        found.clock_skew = seconds
        self._ask()
        return True

    def _ask(self) -> None:
        self.doubts = bool(self._others) or any(m.clock_skew for m in self.world.machines.values())

    def now(self, machine: str) -> int:
        """What a machine takes for the time; outside it is right."""
        found = self.world.machines.get(machine)
        return self.clock.now + (found.clock_skew if found is not None else 0)

    # -- who believes whom

    def refusal(self, caller: str, whose: str, server: str) -> ApiError | None:
        """Why a process on a machine and the API server of another one do not come together; None if they do."""
        said = self.certificate("kube-apiserver", server).complaint(self.now(caller))
        if said:
            return Unreachable(f"tls: failed to verify certificate: {said}")
        if self.certificate(whose, caller).complaint(self.now(server)):
            return StatusError(401, "Unauthorized", "Unauthorized")
        return None

    def webhook(self, place: str, namespace: str, service: str) -> str:
        """What an API server says of a webhook's certificate; "" if it believes it."""
        said = self.certificate("webhook", f"{namespace}/{service}").complaint(self.now(place)) if self.doubts else ""
        return f"tls: failed to verify certificate: {said}" if said else ""
