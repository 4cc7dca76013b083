"""How long an API server lives without its etcd: the kubelet's liveness probe asks it for /livez, which asks etcd.

After eight failures, ten seconds apart, the kubelet ends it; the next one cannot begin without etcd. Until then it
answers what its watch cache has; after that nobody does, until etcd hears its leader again. Where no kubelet runs
nobody ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.etcd_servers import EtcdServers
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.world.machine import Machine

SERVER, KUBELET = "kube-apiserver", "kubelet"
PERIOD, FAILURES = 10, 8
"""Of kubeadm's manifest."""


class Liveness:
    """See the module. A worker of the engine: its key is the machine whose probe may have failed often enough."""

    name, order, phase = "liveness", 0, "timers"

    def __init__(
        self,
        engine: Engine,
        store: Etcd,
        machines: Iterable[Machine],
        etcds: Mapping[str, EtcdServers],
        changed: Callable[[], None],
    ) -> None:
        """`etcds`: as the API server of each machine has it. `changed`: one has been ended, outside of `look`."""
        self.engine, self.store, self.etcds, self.changed = engine, store, dict(etcds), changed
        self.machines = {machine.name: machine for machine in machines}
        self._lost: dict[str, tuple[int, int]] = {}  # machine → since when it has no etcd, and the revision heard last
        self._ended: dict[str, None] = {}

    def runs(self) -> bool:
        """Each kubelet is looked at by itself."""
        return True

    def ended(self, machine: str) -> bool:
        """Whether its API server cannot begin for want of etcd."""
        return machine in self._ended

    def heard(self, machine: str) -> int:
        """The revision of etcd that its API server has heard of."""
        return self._lost[machine][1] if machine in self._lost else self.store.revision

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        for name, machine in self.machines.items():
            if self.etcds[name].serves():
                self._lost.pop(name, None)
                self._ended.pop(name, None)
            elif not machine.runs(SERVER):
                self._ended[name] = None
            elif name not in self._lost:
                self._lost[name] = self.engine.tick, self.store.revision
                self.engine.at(self.engine.tick + PERIOD * FAILURES, self.phase, self, name)
            elif self._due(name):
                self._ended[name] = None

    def reconcile(self, key: Key) -> None:
        """Its last probe has failed, if etcd has not come back meanwhile."""
        name = str(key)
        if not self.ended(name) and self._due(name):
            self.changed()

    def _due(self, name: str) -> bool:
        lost = self._lost.get(name)
        lasts = lost is not None and self.engine.tick >= lost[0] + PERIOD * FAILURES
        return lasts and self.machines[name].runs(KUBELET)
