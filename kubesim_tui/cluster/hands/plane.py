"""Strokes at the control plane's store and doors."""

from __future__ import annotations

from kubesim_tui.apiserver.fairness import ACCOUNT
from kubesim_tui.apiserver.request import User
from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.cluster.plane import ETCD


class PlaneHand(Base):
    """What all who ask the API server feel."""

    def flood_etcd(self, rate: int) -> bool:
        """Somebody writes so many bytes a second into etcd; 0: no more, and what he wrote is cleared away."""
        members = self.cluster.plane.members
        changed = members.backend.begin_flood(rate)
        if not rate:
            members.backend.compact()
            for member in members.processes:
                members.backend.defragment(member)
            members.backend.disarm()
        return changed

    def everywhere(self, process: str, *, runs: bool) -> bool:
        """A process is stopped on all machines that have it, or started again there."""
        there = [machine for machine in self.cluster.world.machines.values() if process in machine.processes]
        for machine in there:
            machine.start_process(process) if runs else machine.stop_process(process)
        self.cluster.look()
        return bool(there)

    def stop_quorum(self) -> bool:
        """So many members of etcd are stopped that no majority is left."""
        machines = self.cluster.plane.hosts
        running = [machine for machine in machines if machine.runs(ETCD)]
        most = len(machines) - self.cluster.plane.members.majority  # that may be away
        for machine in running[: max(0, len(running) - (len(machines) - most) + 1)]:
            machine.stop_process(ETCD)
        self.cluster.look()
        return bool(running)

    def slow_etcd(self, factor: int) -> bool:
        """The disk of etcd's leader is so many times slower (1: the disks of all members are as they should be)."""
        machines = self.cluster.plane.hosts
        leader = self.cluster.witness.keeper(ETCD)
        for machine in machines if factor == 1 else [m for m in machines if m.name == leader]:
            machine.processes[ETCD].slow_down(factor)
        self.cluster.look()
        return True

    def flood_api(self, namespace: str, account: str, asked: str, rate: int) -> bool:
        """A ServiceAccount asks about a namespace so many times a second (0: no more)."""
        if self.cluster.etcd.get("serviceaccounts", (namespace, account)) is None:
            return False
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
        user = User(f"{ACCOUNT}{namespace}:{account}", groups)
        return self.cluster.server.fairness.flood(user, asked, rate)
