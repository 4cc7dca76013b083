"""The API server's way to a webhook: Service → an endpoint that is ready → its Pod, from the control plane's machine.

The server chooses an endpoint itself and dials the Pod (upstream: --enable-aggregator-routing), so that no kube-proxy
is in between. It stands in the API server's proxy table under "webhook"; body: {"url", "timeout", "review"}; it answers
with the body of the reply. Of its certificate
only the dates are checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubesim_tui.api.types import EndpointSlice, Service
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.plane import ControlPlane
from kubesim_tui.cluster.trust import Trust
from kubesim_tui.kernel.clock import MICROS
from kubesim_tui.world import net, urls
from kubesim_tui.world.net import Net

SLICES, OF_SERVICE = "endpointslices.discovery.k8s.io", "kubernetes.io/service-name"


class WebhookHandler:
    """See the module. `plane` knows where an API server stands, `trust` what it believes there."""

    def __init__(self, etcd: Etcd, net: Net, plane: ControlPlane, trust: Trust) -> None:
        self.etcd, self.net, self.plane, self.trust = etcd, net, plane, trust
        self._turn = 0

    def handle(self, request: Request) -> str:
        """The body of the answer, or a StatusError with what Go's client says."""
        body: Mapping[str, Any] = request.body if isinstance(request.body, Mapping) else {}
        url, seconds = str(body["url"]), int(body["timeout"])
        address = urls.split(url)
        host, port = address.host, address.port or 443
        if request.name:
            host, port = self._endpoint(request, port, url)
        dialled = f"https://{host}:{port}{urls.target(address) or '/'}"
        found = self.net.fetch(self.plane.place, "", dialled, "POST", str(body["review"]), seconds * MICROS)
        if found.error:
            raise _failed(url, _said(found.error, host, port))
        distrust = self.trust.webhook(self.plane.place, request.namespace, request.name) if request.name else ""
        if distrust:
            raise _failed(url, distrust)
        if found.status == 404:
            raise StatusError(404, "NotFound", "the server could not find the requested resource")
        if found.status >= 400:
            said = f"an error on the server ({_quoted(found.body)}) has prevented the request from succeeding"
            raise StatusError(found.status, "InternalError", said)
        return found.body

    def _endpoint(self, request: Request, port: int, url: str) -> tuple[str, int]:
        """The address of a ready endpoint, one after the other."""
        service = self.etcd.get("services", (request.namespace, request.name))
        if not isinstance(service, Service) or service.spec is None:
            raise _failed(url, f'service "{request.name}" not found')
        wanted = next((p for p in service.spec.ports if p.port == port), None)
        if wanted is None:
            raise _failed(url, f'no service port {port} found for service "{request.name}"')
        ready = list(self._ready(request.namespace, request.name, wanted.name))
        if not ready:
            raise _failed(url, f'no endpoints available for service "{request.name}"')
        self._turn += 1
        return ready[self._turn % len(ready)]

    def _ready(self, namespace: str, name: str, port: str) -> Iterator[tuple[str, int]]:
        slices = self.etcd.table(SLICES).by_namespace.get(namespace, {})
        for found in (slices[key] for key in sorted(slices)):
            if not isinstance(found, EndpointSlice) or found.metadata.labels.get(OF_SERVICE) != name:
                continue
            number = next((p.port for p in found.ports if (p.name or "") == port), None)
            if number is None:
                continue
            for endpoint in found.endpoints:
                if endpoint.conditions is None or endpoint.conditions.ready is not False:
                    yield from ((address, number) for address in endpoint.addresses)


def _failed(url: str, why: str) -> StatusError:
    return StatusError(500, "InternalError", f'Post "{url}": {why}')


def _said(error: str, host: str, port: int) -> str:
    if error == net.TIMED_OUT:
        return "context deadline exceeded"
    if error == net.UNKNOWN_HOST:
        return f"dial tcp: lookup {host}: no such host"
    return f"dial tcp {host}:{port}: connect: {error}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"').rstrip("\n") + '"'
