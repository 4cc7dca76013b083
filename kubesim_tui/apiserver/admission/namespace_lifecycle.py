"""NamespaceLifecycle: nothing is made in a namespace that is missing or going; three namespaces stay for ever."""

from __future__ import annotations

from kubesim_tui.api.types import Namespace
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.errors import Cause, Details, StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request

STATION = "admission/NamespaceLifecycle"
IMMORTAL = frozenset({"default", "kube-system", "kube-public"})
CAUSE = "NamespaceTerminating"


class NamespaceLifecycle:
    """Asked for every creation and deletion, in whatever form the object is: it must be cheap."""

    def __init__(self, etcd: Etcd) -> None:
        self.namespaces = etcd.table("namespaces").objects

    def may_create(self, request: Request, name: str) -> None:
        """404 if the namespace is missing, 403 if it is going."""
        namespace = request.namespace
        if not namespace or not request.resource.namespaced:
            return
        found = self.namespaces.get(("", namespace))
        if found is None:
            raise errors.not_found("", "namespaces", namespace).at(STATION)
        assert isinstance(found, Namespace)
        if found.metadata.deletion_timestamp is not None or (found.status and found.status.phase == "Terminating"):
            raise _terminating(request, name)

    def may_delete(self, request: Request) -> None:
        """403 for a namespace that may not be deleted."""
        if request.resource.group_resource == "namespaces" and request.name in IMMORTAL and not request.subresource:
            why = "this namespace may not be deleted"
            raise errors.forbidden("", "namespaces", request.name, why).at(STATION)


def _terminating(request: Request, name: str) -> StatusError:
    r, namespace = request.resource, request.namespace
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    refused = errors.forbidden(r.group, r.plural, name, why)
    cause = Cause(CAUSE, f"namespace {namespace} is being terminated", "metadata.namespace")
    refused.details = Details(name, r.group, r.plural, causes=(cause,))
    return refused.at(STATION)
