"""From the endpoints that should be, and the slices that are, to the slices to create, change and delete. Pure.

As reconcileByPortMapping and finalize in k8s.io/endpointslice: a slice is written only when one of its endpoints has
changed; new endpoints go first into slices that are written anyway, then into one with room for all of them, then
into new ones; a slice that would go is reused for one that would come. Never more than a hundred endpoints a slice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from kubesim_tui.api.frozen import EMPTY, FrozenMap
from kubesim_tui.api.helpers.ownership import controller_ref
from kubesim_tui.api.types import Endpoint, EndpointSlice, ObjectMeta, Service
from kubesim_tui.controllers.endpointslice.endpoints import Ports, port_key

MOST = 100
SERVICE_NAME, MANAGED_BY = "kubernetes.io/service-name", "endpointslice.kubernetes.io/managed-by"
HEADLESS = "service.kubernetes.io/headless"
CONTROLLER = "endpointslice-controller.k8s.io"
_RESERVED = frozenset({SERVICE_NAME, MANAGED_BY, HEADLESS})


@define
class Wanted:
    """The endpoints of one set of ports, by Pod uid."""

    ports: Ports
    endpoints: dict[str, Endpoint] = field(factory=dict)


@frozen
class Changes:
    """What to write."""

    create: tuple[EndpointSlice, ...] = ()
    update: tuple[EndpointSlice, ...] = ()
    delete: tuple[EndpointSlice, ...] = ()


def slice_labels(service: Service) -> Mapping[str, str]:
    """The Service's labels and the three that nobody may override."""
    found = {k: v for k, v in service.metadata.labels.items() if k not in _RESERVED}
    if is_headless(service):
        found[HEADLESS] = ""
    found[SERVICE_NAME], found[MANAGED_BY] = service.metadata.name, CONTROLLER
    return FrozenMap(found)


def is_headless(service: Service) -> bool:
    """A Service without an address of its own."""
    return service.spec is not None and service.spec.cluster_ip == "None"


def new_slice(service: Service, ports: Ports, address_type: str) -> EndpointSlice:
    """An empty slice of a Service."""
    return EndpointSlice(
        address_type=address_type,
        ports=ports,
        metadata=ObjectMeta(
            generate_name=f"{service.metadata.name}-",
            namespace=service.metadata.namespace,
            labels=slice_labels(service),
            owner_references=(controller_ref(service),),
        ),
    )


def reconcile(
    service: Service, existing: Sequence[EndpointSlice], wanted: Sequence[Wanted], address_type: str
) -> Changes:
    """What to write so that the slices of one address type hold the wanted endpoints."""
    by_ports: dict[object, list[EndpointSlice]] = {}
    for found in existing:
        by_ports.setdefault(port_key(found.ports), []).append(found)
    create: list[EndpointSlice] = []
    update: list[EndpointSlice] = []
    delete: list[EndpointSlice] = []
    for group in wanted:
        if group.endpoints:
            _group(service, by_ports.pop(port_key(group.ports), []), group, address_type, (create, update, delete))
    for unwanted in by_ports.values():
        delete += unwanted
    if not create and len(delete) == len(existing):
        placeholder = new_slice(service, (), address_type)
        if len(delete) == 1 and _same_but_name(delete[0], placeholder):
            delete.clear()
        else:
            create.append(placeholder)
    return _recycled(create, update, delete)


@define(eq=False)
class _Row:
    """A slice, and the endpoints that it is going to have."""

    slice: EndpointSlice
    endpoints: list[Endpoint]

    def fill(self, rest: list[Endpoint]) -> None:
        """Move endpoints in until it is full."""
        take = MOST - len(self.endpoints)
        self.endpoints += rest[:take]
        del rest[:take]

    def filled(self, labels: Mapping[str, str]) -> EndpointSlice:
        """The slice as it must be written."""
        metadata = self.slice.metadata.evolve(labels=labels)
        return self.slice.evolve(endpoints=tuple(self.endpoints), metadata=metadata)


Lists = tuple[list[EndpointSlice], list[EndpointSlice], list[EndpointSlice]]


def _group(service: Service, existing: Sequence[EndpointSlice], group: Wanted, address_type: str, out: Lists) -> None:
    create, update, delete = out
    left = dict(group.endpoints)
    labels = slice_labels(service)
    changed: list[_Row] = []
    same: list[_Row] = []
    for found in existing:
        kept, touched = _kept(found, left)
        if not kept:
            delete.append(found)
        elif touched or found.metadata.labels != labels:
            changed.append(_Row(found, kept))
        else:
            same.append(_Row(found, kept))
    rest = list(left.values())
    for row in sorted(changed, key=lambda row: -len(row.endpoints)):
        row.fill(rest)
    while rest:
        room = _roomiest(same, len(rest)) if len(rest) < MOST else None
        if room is None:
            row = _Row(new_slice(service, group.ports, address_type), [])
            row.fill(rest)
            create.append(row.filled(labels))
        else:
            same.remove(room)
            room.fill(rest)
            changed.append(room)
    update += [row.filled(labels) for row in changed]


def _kept(found: EndpointSlice, left: dict[str, Endpoint]) -> tuple[list[Endpoint], bool]:
    """A slice's endpoints that are still wanted, as they should be now (taken out of `left`); whether any changed."""
    kept, touched = [], False
    for endpoint in found.endpoints:
        uid = endpoint.target_ref.uid if endpoint.target_ref is not None else ""
        now = left.get(uid)
        if now is None or not _same_identity(now, endpoint):
            touched = True
            continue
        del left[uid]
        kept.append(now)
        touched = touched or (now is not endpoint and now != endpoint)
    return kept, touched


def _same_identity(a: Endpoint, b: Endpoint) -> bool:
    """An endpoint whose address, node or host name has changed is another one."""
    return a is b or (a.addresses == b.addresses and a.node_name == b.node_name and a.hostname == b.hostname)


def _roomiest(rows: Sequence[_Row], count: int) -> _Row | None:
    """The fullest slice with room for so many."""
    fitting = [row for row in rows if len(row.endpoints) + count <= MOST]
    return max(fitting, key=lambda row: len(row.endpoints), default=None)


def _same_but_name(a: EndpointSlice, b: EndpointSlice) -> bool:
    return (a.endpoints, a.ports, a.address_type, a.metadata.labels) == (
        b.endpoints,
        b.ports,
        b.address_type,
        b.metadata.labels,
    )


def _recycled(create: list[EndpointSlice], update: list[EndpointSlice], delete: list[EndpointSlice]) -> Changes:
    """Slices that would be deleted are rewritten to be those that would be created."""
    count = min(len(create), len(delete))
    reused = [
        new.evolve(metadata=old.metadata.evolve(labels=new.metadata.labels), rest=EMPTY)
        for new, old in zip(create[:count], delete[:count], strict=True)
    ]
    return Changes(tuple(create[count:]), (*update, *reused), tuple(delete[count:]))
