"""scale of a custom kind: its definition says in which fields the numbers are."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import freeze, thaw
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.apiextensions.objects import value_at
from kubesim_tui.apiserver.apiextensions.resource import CustomResource, ScalePaths
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.scale import Scale, scale_of


class CustomScale(Scale):
    """Get, update and patch the scale of a custom object."""

    def shown(self, request: Request, workload: Object) -> Object:
        """Its Scale; 500 if the object does not say how many replicas it wants."""
        paths, data = _paths(request), encode_object(workload)
        wanted = value_at(data, paths.replicas)
        if wanted is None:
            where = "." + ".".join(paths.replicas)
            raise errors.internal(f'the spec replicas field "{where}" does not exist')
        found = value_at(data, paths.status_replicas) or 0
        return scale_of(
            workload.metadata, wanted, found, value_at(data, paths.selector) or "" if paths.selector else ""
        )

    def scaled(self, request: Request, workload: Object, replicas: int) -> Object:
        """The object with the number at its place."""
        assert isinstance(workload, Unstructured)
        path = _paths(request).replicas
        rest: dict[str, Any] = thaw(workload.rest)
        holder = rest
        for name in path[:-1]:
            holder = holder.setdefault(name, {})
        holder[path[-1]] = replicas
        return workload.evolve(rest=freeze(rest))


def _paths(request: Request) -> ScalePaths:
    assert isinstance(request.resource, CustomResource)
    assert request.resource.scale is not None
    return request.resource.scale
