"""Why the ingress controller answers itself: an annotation of the Ingress says so, or a key of its ConfigMap."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.api import types
from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.failed import Failed, last
from kubesim_tui.network.ingress_annotations import Refusal, refusal
from kubesim_tui.network.ingress_upstream import ANNOTATIONS

CONTROLLER = "ingress-nginx-controller"
CONFIG = ("ingress-nginx", "ingress-nginx-controller")
SAYING = {
    "too-large": ("proxy-body-size",),
    "redirect": ("temporal-redirect", "permanent-redirect", "app-root", "from-to-www-redirect", "force-ssl-redirect"),
    "denied": ("auth-secret", "auth-type", "auth-url", "whitelist-source-range", "denylist-source-range"),
    "source-range": ("allowlist-source-range", "whitelist-source-range", "denylist-source-range"),
    "unauthorized": ("auth-type", "auth-url"),
    "no-leave": ("auth-url",),
    "default-backend": ("custom-http-errors",),
    "rate-limit": ("limit-rps", "limit-rpm"),
    "connection-limit": ("limit-connections",),
}
"""Code of a failure → the annotations that may be behind it."""
BY_ADDRESS = ("source-range", "rate-limit", "connection-limit")
CAUSES = {
    "too-large": "body-too-large",
    "redirect": "redirected",
    "denied": "location-denied",
    "source-range": "source-not-allowed",
    "unauthorized": "not-signed-in",
    "no-leave": "auth-service-down",
    "default-backend": "no-error-page",
    "rate-limit": "rate-limit",
    "connection-limit": "rate-limit",
}


def answered(evidence: Evidence, failed: Failed) -> Chain:
    """What nginx answers, and who has written that it should."""
    ingress = last(failed, "Ingress")
    links = [Link(f"nginx answers {failed.reason}: {failed.detail}", CONTROLLER, None, ingress)]
    links += [Link(text, "kube-apiserver", None, ingress) for text in _said(evidence, ingress, SAYING[failed.code])]
    if failed.code in BY_ADDRESS:
        links += _hidden(evidence, failed)
    return Chain(tuple(links), CAUSES[failed.code], ingress)


def misspoken(evidence: Evidence, failed: Failed) -> Chain:
    """nginx speaks another protocol with a Pod than that does."""
    ingress, pod = last(failed, "Ingress"), last(failed, "Pod")
    links = [Link(f"nginx answers {failed.reason}: {failed.detail}", CONTROLLER, None, pod)]
    said = _said(evidence, ingress, ("backend-protocol",))
    links += [Link(text, "kube-apiserver", None, ingress) for text in said]
    if not said:
        links.append(Link("no annotation backend-protocol says that its Pods speak HTTPS", CONTROLLER, None, ingress))
    return Chain(tuple(links), "wrong-backend-protocol", ingress)


def _said(evidence: Evidence, ingress: Subject | None, names: tuple[str, ...]) -> list[str]:
    """What an Ingress's annotations say of some names, or else the controller's ConfigMap."""
    obj = evidence.etcd.get("ingresses.networking.k8s.io", ingress[1:]) if ingress is not None else None
    notes = obj.metadata.annotations if isinstance(obj, types.Ingress) else {}
    own = [
        f"its annotation {ANNOTATIONS}{n} says {notes[ANNOTATIONS + n]}" for n in names if notes.get(ANNOTATIONS + n)
    ]
    data = config(evidence)
    common = [f"the key {name} of ConfigMap {CONFIG[1]} says {data[name]}" for name in names if data.get(name)]
    return own[:1] or common[:1]


def _hidden(evidence: Evidence, failed: Failed) -> list[Link]:
    """Whoever comes by a node has that node's address, unless the controller's Service keeps to its own."""
    service = evidence.service(*CONFIG)
    local = service is not None and service.spec is not None and service.spec.external_traffic_policy == "Local"
    node = next((one for one in evidence.etcd.table("nodes") if failed.detail.endswith(f" {_address(one)}")), None)
    if local or node is None:
        return []
    name = node.metadata.name
    text = f"it is the address of node {name}: with externalTrafficPolicy Cluster nobody sees those of users"
    return [Link(text, "kube-proxy", None, ("Service", *CONFIG))]


def _address(node: types.Object) -> str:
    addresses = node.status.addresses if isinstance(node, types.Node) and node.status is not None else ()
    return next((one.address for one in addresses if one.type == "InternalIP"), "?")


def config(evidence: Evidence) -> Mapping[str, str]:
    """What the controller's ConfigMap says."""
    found = evidence.etcd.get("configmaps", CONFIG)
    return found.data if isinstance(found, types.ConfigMap) else {}


def not_taken(evidence: Evidence, ingress: types.Ingress) -> Refusal | None:
    """What the controller has against an Ingress."""
    return refusal(ingress.metadata.annotations, config(evidence))
