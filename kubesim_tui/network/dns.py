"""What CoreDNS hears of the cluster: Services and EndpointSlices, one tick late, become the records of its zone.

All servers that hear everything hold the same records, so they share one live Zone that a single follower keeps. Which
servers there are, and whether they answer, is a matter of their Pods (cluster/name_servers).
"""

from __future__ import annotations

from kubesim_tui.api.types import Service
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Always
from kubesim_tui.network.dns_records import NOTHING, records_of
from kubesim_tui.network.dns_zone import Zone
from kubesim_tui.network.slices import ServicesFollower


class ZoneFollower(ServicesFollower):
    """Keeps the Zone that every server in sync has."""

    def __init__(self, engine: Engine, client: Client, services: Informer, slices: Informer) -> None:
        super().__init__("coredns", engine, client, Always(), services, slices)
        self.live = Zone()

    def sync(self, key: Key) -> None:
        """Write the records of one Service anew."""
        assert isinstance(key, tuple)
        service = self._services.get(*key)
        made = records_of(service, self._index.of(key)) if isinstance(service, Service) else NOTHING
        self.live.replace(key, made)
