"""EndpointSlices by the Service that they belong to: an index that kube-proxy, DNS and the ingress controller share."""

from __future__ import annotations

from kubesim_tui.api.types import EndpointSlice, Object

SERVICE_NAME = "kubernetes.io/service-name"
Key = tuple[str, str]


def service_of(piece: Object) -> Key | None:
    """(namespace, Service) of a slice, by its label; None if it has none."""
    name = piece.metadata.labels.get(SERVICE_NAME)
    return (piece.metadata.namespace, name) if name else None


class SliceIndex:
    """Slices by Service, kept by an informer's handler."""

    __slots__ = ("_by_service",)

    def __init__(self) -> None:
        self._by_service: dict[Key, dict[str, EndpointSlice]] = {}

    def note(self, before: Object | None, now: Object | None) -> list[Key]:
        """Take a change in; which Services it concerns."""
        touched: list[Key] = []
        if before is not None and (key := service_of(before)) is not None:
            self._by_service.get(key, {}).pop(before.metadata.name, None)
            touched.append(key)
        if now is not None and (key := service_of(now)) is not None:
            assert isinstance(now, EndpointSlice)
            self._by_service.setdefault(key, {})[now.metadata.name] = now
            if key not in touched:
                touched.append(key)
        return touched

    def of(self, key: Key) -> list[EndpointSlice]:
        """The slices of a Service, by name."""
        found = self._by_service.get(key)
        return [found[name] for name in sorted(found)] if found else []
