"""Subresources with a behaviour of their own: binding, eviction, scale, finalize and those that lead to a kubelet.

`status` is not among them: it is an update of the other half of the object, and the door does it.
"""

from __future__ import annotations

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.apiextensions.resource import CustomResource
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.approval import Approval
from kubesim_tui.apiserver.subresources.base import Subresource
from kubesim_tui.apiserver.subresources.binding import Binding
from kubesim_tui.apiserver.subresources.custom_scale import CustomScale
from kubesim_tui.apiserver.subresources.ephemeral import EphemeralContainers
from kubesim_tui.apiserver.subresources.eviction import Eviction
from kubesim_tui.apiserver.subresources.finalize import Finalize
from kubesim_tui.apiserver.subresources.forward import Forward
from kubesim_tui.apiserver.subresources.resize import Resize
from kubesim_tui.apiserver.subresources.scale import Scale
from kubesim_tui.apiserver.subresources.token import Token

SCALE, CUSTOM_SCALE = Scale(), CustomScale()
SUBRESOURCES: dict[tuple[str, str], Subresource] = {
    ("pods", "binding"): Binding(),
    ("pods", "eviction"): Eviction(),
    ("pods", "ephemeralcontainers"): EphemeralContainers(),
    ("pods", "resize"): Resize(),
    ("pods", "log"): Forward("log"),
    ("pods", "exec"): Forward("exec"),
    ("pods", "attach"): Forward("attach"),
    ("pods", "portforward"): Forward("portforward"),
    ("pods", "proxy"): Forward("proxy"),
    ("services", "proxy"): Forward("proxy"),
    ("nodes", "proxy"): Forward("proxy"),
    ("namespaces", "finalize"): Finalize(),
    ("serviceaccounts", "token"): Token(),
    ("deployments.apps", "scale"): SCALE,
    ("replicasets.apps", "scale"): SCALE,
    ("statefulsets.apps", "scale"): SCALE,
    ("replicationcontrollers", "scale"): SCALE,
    ("certificatesigningrequests.certificates.k8s.io", "approval"): Approval(),
}
"""By resource and subresource."""

NOT_SERVED = "the server could not find the requested resource"


def subresource(request: Request) -> Subresource:
    """The subresource that a request is for; 404 if the resource has none of that name."""
    if isinstance(request.resource, CustomResource) and request.subresource == "scale":
        return CUSTOM_SCALE
    found = SUBRESOURCES.get((request.resource.group_resource, request.subresource))
    if found is None:
        raise StatusError(404, "NotFound", NOT_SERVED)
    return found


def served(resource: Resource) -> tuple[str, ...]:
    """The names of a resource's subresources of this sort (for discovery)."""
    if isinstance(resource, CustomResource):
        return tuple(name for name in resource.subresources if name != "status")
    return tuple(name for of, name in SUBRESOURCES if of == resource.group_resource)
