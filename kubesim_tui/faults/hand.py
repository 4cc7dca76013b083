"""What a fault can lay its hand on: front doors and the world, never an outcome. The cluster implements it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kubesim_tui.faults.machine_hand import MachineHand, ObjectAt

PodAt = tuple[str, str, str]
"""(namespace, Pod, node)."""

__all__ = ["Hand", "ObjectAt", "PodAt"]


class Hand(MachineHand, Protocol):
    """See the module. Names that do not exist are left alone and reported as False."""

    def pods(self, namespace: str, selector: str) -> list[PodAt]:
        """Pods that are bound and not yet leaving, by name: those that are Ready, or all if none is."""
        ...

    def nodes(self) -> list[str]:
        """Names of the Nodes that are not of the control plane."""
        ...

    def delete_pod(self, namespace: str, name: str) -> bool:
        """Through the API, as anybody could."""
        ...

    def set_image(self, kind: str, namespace: str, name: str, image: str) -> bool:
        """Through the API, as a pipeline does: the first container of a workload's template gets an image."""
        ...

    def read_object(self, at: ObjectAt) -> Mapping[str, Any] | None:
        """An object as it is now; None if there is none."""
        ...

    def delete_object(self, at: ObjectAt) -> bool:
        """By mistake, as anybody could."""
        ...

    def date_certificate(self, at: ObjectAt, seconds: int) -> bool:
        """The certificate in a Secret was not renewed in time: it is good for so many seconds more."""
        ...

    def patch_object(self, at: ObjectAt, patch: Mapping[str, Any]) -> bool:
        """As a pipeline does: a merge patch."""
        ...

    def put_object(self, at: ObjectAt, manifest: Mapping[str, Any]) -> bool:
        """Somebody creates it, if it is not there."""
        ...

    def restore_object(self, at: ObjectAt) -> bool:
        """What a stroke has deleted or changed is as it was before."""
        ...

    def exit_container(self, namespace: str, pod: str, code: int) -> bool:
        """The main process of a Pod's first container exits."""
        ...

    def ail(self, namespace: str, pod: str, *, hangs: bool, errors_pm: int, spare_probes: bool) -> bool:
        """The program of a Pod's first container hangs, or errs; what its probes ask for may still be answered."""
        ...

    def slow_starts(self, node: str, factor: int) -> bool:
        """Programs on a machine take so many times as long to start (1: as long as they should)."""
        ...

    def remove_image(self, image: str, *, back: bool) -> bool:
        """An image is removed from its registry, or pushed again."""
        ...

    def throttle(self, registry: str, bytes_s: int) -> bool:
        """A registry ("": each) gives a machine but so many bytes a second (0: what it should)."""
        ...

    def storm(self, stream: str, tries: int) -> bool:
        """Users ("": all) try again so often, at once (0: as they should)."""
        ...

    def herd(self, stream: str, seconds: int) -> bool:
        """All users ("": of all streams) who would come within so many seconds come at once."""
        ...

    def kill_container(self, namespace: str, pod: str) -> bool:
        """SIGKILL to the first container of a Pod."""
        ...

    def leak(self, namespace: str, pod: str, bytes_s: int) -> bool:
        """The first container of a Pod loses so much memory a second (0 heals it)."""
        ...

    def burn(self, namespace: str, pod: str, milli: int) -> bool:
        """The program of a Pod's first container uses so many millicores for nothing (0 heals it)."""
        ...

    def flood(self, namespace: str, pod: str, bytes_s: int, path: str) -> bool:
        """The first container of a Pod writes so much a second, to a file or ("") to its log (0 heals it)."""
        ...

    def isolate(self, node: str) -> bool:
        """All links of a machine are cut."""
        ...

    def rejoin(self, node: str) -> bool:
        """They are mended."""
        ...

    def delay_links(self, node: str, added_us: int) -> bool:
        """Round trips from and to a machine take so much longer (0 heals it)."""
        ...

    def narrow_links(self, node: str, bytes_s: int) -> bool:
        """From and to a machine get only so many bytes a second (0 heals it)."""
        ...

    def lose_packets(self, node: str, loss_pm: int, where: str) -> bool:
        """So many of a thousand packets are lost (0 heals it): of a machine, between its zone and others, of users."""
        ...

    def shape_pod(self, namespace: str, pod: str, delay_us: int, loss_pm: int) -> bool:
        """Packets of a Pod are delayed or lost (both 0: no longer)."""
        ...

    def leak_addresses(self, node: str, leave: int) -> bool:
        """Nobody gives back the Pod addresses of a machine: all but so many that are free are taken."""
        ...

    def sweep_addresses(self, node: str) -> bool:
        """Addresses that nobody has are free again."""
        ...

    def clog_connections(self, node: str, leave: int) -> bool:
        """Connections that nobody closes fill the table of a machine's kernel, but for so many."""
        ...

    def unclog_connections(self, node: str) -> bool:
        """They are closed."""
        ...

    def look_up(self, namespace: str, pod: str, times: int) -> bool:
        """A Pod's first container looks a name up so often for each call (0: as it should)."""
        ...

    def leak_sockets(self, namespace: str, pod: str, leave: int | None) -> bool:
        """A Pod's first container closes no connection any more, and has so many ports left (None: it closes all)."""
        ...

    def link(self, node: str, other: str, *, up: bool) -> bool:
        """The link between two machines is cut, or mended."""
        ...

    def zone_links(self, node: str, *, up: bool) -> bool:
        """All links between the zone of a machine and the others are cut, or mended."""
        ...

    def registry(self, name: str, *, up: bool) -> bool:
        """A registry ("" : all) stops answering, or answers again."""
        ...

    def rotate(self, registry: str, *, back: bool) -> bool:
        """All passwords of a private registry ("": of all) are changed, or the old ones hold again."""
        ...

    def cloud(self, *, up: bool) -> bool:
        """The API of the cloud stops answering, or answers again."""
        ...

    def throttle_cloud(self, patience: int) -> bool:
        """The API of the cloud answers one question in so many; 1: all."""
        ...

    def sell_out(self, node: str, *, back: bool) -> bool:
        """The zone of a machine has none to give, or has again."""
        ...

    def cap_cloud(self, *, lift: bool) -> bool:
        """The account may have no more processors than it has now; lift: as many as before."""
        ...

    def balancer(self, at: ObjectAt, *, up: bool) -> bool:
        """The balancer of a Service passes nothing on, or does again."""
        ...

    def outside(self, name: str, *, up: bool) -> bool:
        """A system outside the cluster stops answering, or answers again."""
        ...

    def region(self, name: str, *, cut: bool) -> bool:
        """The way from a region of users is cut, or there again."""
        ...

    def delay_region(self, name: str, added_us: int) -> bool:
        """Round trips from a region of users take so much longer (0 heals it)."""
        ...

    def rate(self, stream: str, factor_pm: int) -> bool:
        """Users ("" : all) send factor_pm/1000 times as much."""
        ...
