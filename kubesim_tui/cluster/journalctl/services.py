"""What kubelets and systemd have said, out of the journal that the machines share.

A lease that is not renewed is one entry: the attempts in between are arithmetic, as the lease controller makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kubesim_tui.api.types import ObjectReference
from kubesim_tui.cluster.journalctl.line import Line, klog, pid, quoted
from kubesim_tui.kubelet import diary
from kubesim_tui.world import journal
from kubesim_tui.world.journal import SYSTEMD, Entry
from kubesim_tui.world.machine import KUBELET

DESCRIPTIONS: Mapping[str, str] = {
    "kubelet": "kubelet: The Kubernetes Node Agent",
    "containerd": "containerd container runtime",
    "crio": "Container Runtime Interface for OCI (CRI-O)",
    "docker": "Docker Application Container Engine",
}
FIRST_SLEEP, LAST_SLEEP = 200, 7_000
"""Milliseconds between two attempts to renew a lease: they double up to the last."""
RESTART = 10
"""Seconds after which systemd starts a kubelet again that has given up (RestartSec)."""
LEASE = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{}?timeout=10s"


class Services:
    """Lines of one machine. `begin`: the machine's time at tick 0; `server`: where its kubelet finds an API server."""

    def __init__(self, machine: str, begin: int, now: int, server: str) -> None:
        self.machine, self.begin, self.now, self.server = machine, begin, now, server

    def lines(self, entries: Iterable[Entry]) -> Iterator[Line]:
        """All that these entries say."""
        own = [entry for entry in entries if entry.machine == self.machine]
        for number, entry in enumerate(own):
            if entry.unit == SYSTEMD:
                yield from self._systemd(entry, own[number + 1 :])
            elif entry.kind == diary.UNRENEWED:
                yield from self._unrenewed(entry, self._end(own[number + 1 :]))
            else:
                yield from self._kubelet(entry)

    def _end(self, later: Iterable[Entry]) -> int:
        """When a kubelet reached the API server again, or ended, at the latest now."""
        return next((e.tick for e in later if e.kind == diary.HEARD or KUBELET in e.words), self.now)

    def _kubelet(self, entry: Entry) -> Iterator[Line]:
        own = {"node": self.machine}
        if entry.kind == diary.EVENT:
            yield self._say(entry, "I", "event.go:395", "Event occurred", _of_event(*entry.words))
        elif entry.kind == diary.REGISTERS:
            yield self._say(entry, "I", "kubelet_node_status.go:75", "Attempting to register node", own)
        elif entry.kind == diary.REGISTERED:
            yield self._say(entry, "I", "kubelet_node_status.go:78", "Successfully registered node", own)

    def _say(
        self, entry: Entry, level: str, place: str, message: str, values: Mapping[str, str], after_ms: int = 0
    ) -> Line:
        tick, micros = entry.tick + after_ms // 1000, after_ms % 1000 * 1000
        process = pid(entry.unit, entry.starts)
        text = klog(level, self.begin + tick, micros, process, place, quoted(message), values)
        return Line(tick, micros, f"{entry.unit}[{process}]", entry.unit, text)

    # -- leases ------------------------------------------------------------------------------------------------

    def _unrenewed(self, entry: Entry, end: int) -> Iterator[Line]:
        first, reason, at_once = entry.words
        head = "failed to update lease using latest lease, fallback to ensure lease"
        after, sleep = 1000 * (first - entry.tick), FIRST_SLEEP
        if entry.tick + after // 1000 >= end:
            return
        yield self._say(
            entry, "I", "controller.go:178", head, {"err": self._told("Put", reason, network=at_once)}, after
        )
        said, again = self._told("Get", reason, network=at_once), "Failed to ensure lease exists, will retry"
        while entry.tick + after // 1000 < end:
            yield self._say(entry, "E", "controller.go:208", again, {"err": said, "interval": _duration(sleep)}, after)
            after, sleep = after + sleep, min(2 * sleep, LAST_SLEEP)

    def _told(self, verb: str, reason: str, *, network: bool) -> str:
        """As client-go says it: a server that has answered is only quoted."""
        if not network:
            return reason
        why = f"dial tcp {self.server}: connect: {reason}" if reason == "connection refused" else reason
        return f'{verb} "https://{self.server}{LEASE.format(self.machine)}": {why}'

    # -- systemd -----------------------------------------------------------------------------------------------

    def _systemd(self, entry: Entry, later: list[Entry]) -> Iterator[Line]:
        name = str(entry.words[0])
        service = f"{name}.service - {DESCRIPTIONS.get(name, name)}"
        if entry.kind == journal.STARTED:
            yield self._init(entry.tick, name, f"Started {service}.")
        elif entry.kind == journal.STOPPED:
            for text in (f"Stopping {service}...", f"{name}.service: Deactivated successfully.", f"Stopped {service}."):
                yield self._init(entry.tick, name, text)
        else:
            changes = (e.tick for e in later if e.unit == SYSTEMD and e.words[0] == name)
            yield from self._gave_up(entry, next(changes, self.now + 1))

    def _gave_up(self, entry: Entry, end: int) -> Iterator[Line]:
        """It says why, and systemd starts it again and again."""
        name, said = (str(word) for word in entry.words)
        for count, tick in enumerate(range(entry.tick, end, RESTART)):
            if count:
                yield self._init(tick, name, f"{name}.service: Scheduled restart job, restart counter is at {count}.")
                yield self._init(tick, name, f"Started {name}.service - {DESCRIPTIONS.get(name, name)}.")
            process = pid(name) + count
            text = klog("E", self.begin + tick, 0, process, "run.go:72", said, {})
            yield Line(tick, 0, f"{name}[{process}]", name, text)
            yield self._init(tick, name, f"{name}.service: Main process exited, code=exited, status=1/FAILURE")
            yield self._init(tick, name, f"{name}.service: Failed with result 'exit-code'.")

    @staticmethod
    def _init(tick: int, name: str, text: str) -> Line:
        return Line(tick, 0, "systemd[1]", name, text)


def _of_event(about: ObjectReference, type_: str, reason: str, message: str) -> dict[str, str]:
    """As client-go logs an Event."""
    name = f"{about.namespace}/{about.name}" if about.namespace else about.name
    values = {"object": name, "fieldPath": about.field_path, "kind": about.kind, "apiVersion": about.api_version}
    return {**values, "type": type_, "reason": reason, "message": message}


def _duration(ms: int) -> str:
    """As Go writes durations: 200ms, 1.6s, 7s."""
    return f"{ms}ms" if ms < 1000 else f"{ms / 1000:g}s"
