"""The ingress controller (ingress-nginx): outside requests by host and path to Services.

It follows the Ingresses of its class, one tick late, and keeps a routing table (network/ingress_table). A request goes
on to the Service's address, so that the kube-proxy of the controller's own node decides on the Pod. Answers of its own:
404 when nothing matches, 503 when the Service is missing or has no endpoint, 502 when the Pod refuses, 504 when it does
not answer in time. A process that is stopped has lost its table, and lists again.
"""

from __future__ import annotations

from kubesim_tui.api.types import (
    Ingress,
    IngressClass,
    IngressLoadBalancerIngress,
    IngressLoadBalancerStatus,
    IngressStatus,
    Object,
)
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, Recorder
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive
from kubesim_tui.network.ingress_table import Location, Table

CONTROLLER = "k8s.io/ingress-nginx"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
ANNOTATED = "nginx"


class IngressController(Component):
    """ingress-nginx on one machine. `version` grows when the table changes."""

    phase = "network"

    def __init__(
        self,
        engine: Engine,
        client: Client,
        process: Alive,
        ingresses: Informer,
        classes: Informer,
        address: str,
    ) -> None:
        super().__init__("ingress-nginx-controller", engine, client, process)
        self.table = Table()
        self.version = 0
        self.address = address
        self.recorder = self.voice(Recorder(client, "nginx-ingress-controller"))
        self._ingresses, self._classes = self.watch(ingresses), self.watch(classes)
        self._mine: dict[tuple[str, str], Ingress] = {}
        ingresses.on_change(self.enqueue_changed)
        classes.on_change(self.class_changed)

    def class_changed(self, _before: Object | None, _now: Object | None) -> None:
        """Classes decide whose Ingresses are ours."""
        for key in self._ingresses.table.objects:
            self.enqueue(key)

    def stop(self) -> None:
        """The process ends, and with it its table."""
        super().stop()
        self._mine = {}
        self._build()

    def ours(self, ingress: Ingress) -> bool:
        """Whether an Ingress is of a class that names our controller. The old annotation counts for more."""
        annotated = ingress.metadata.annotations.get(CLASS_ANNOTATION)
        if annotated is not None:
            return annotated == ANNOTATED
        name = ingress.spec.ingress_class_name if ingress.spec else None
        found = self._classes.get("", name) if name else None
        return isinstance(found, IngressClass) and found.spec is not None and found.spec.controller == CONTROLLER

    def sync(self, key: Key) -> None:
        """Take one Ingress into the table, or out of it, and write its address."""
        assert isinstance(key, tuple)
        ingress = self._ingresses.get(*key)
        before = self._mine.pop(key, None)
        if not isinstance(ingress, Ingress) or not self.ours(ingress):
            if before is not None:
                self._build()
            return
        self._mine[key] = ingress
        if before is None or _told(before) != _told(ingress):
            self._build()
            self.recorder.event(ingress, NORMAL, "Sync", "Scheduled for sync")
        self._write_address(ingress)

    def _build(self) -> None:
        self.table = Table(self._mine.values())
        self.version += 1

    def _write_address(self, ingress: Ingress) -> None:
        status = IngressStatus(
            load_balancer=IngressLoadBalancerStatus(ingress=(IngressLoadBalancerIngress(ip=self.address),))
        )
        if ingress.status != status:
            fresh = self.client.get(Ingress, ingress.metadata.namespace, ingress.metadata.name)
            self.client.update_status(fresh.evolve(status=status))

    def match(self, host: str, path: str) -> Location | None:
        """The location of a request, or None (404)."""
        return self.table.match(host, path)


def _told(ingress: Ingress) -> tuple[object, object]:
    """What the table depends on."""
    return ingress.spec, ingress.metadata.annotations
