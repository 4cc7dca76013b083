"""What strategies may look at and draw from."""

from __future__ import annotations

from attrs import field, frozen

from kubesim_tui.api.times import format_time
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.registry.allocators import Allocators
from kubesim_tui.kernel.chance import Chance


@frozen(eq=False)
class Context:
    """The store, chance, and the addresses and ports that Services are given."""

    etcd: Etcd
    chance: Chance
    allocators: Allocators = field()

    @allocators.default
    def _make_allocators(self) -> Allocators:
        return Allocators(self.etcd, str(self.chance.seed))

    def now(self) -> str:
        """The time, as JSON has it."""
        return format_time(self.etcd.clock.now)
