"""Which objects a list call means: label and field selectors.

Every kind can be chosen by its name and namespace; a few offer further fields, as in upstream's conversion functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve

from kubesim_tui.api import fields, labels
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object, Pod
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.apiextensions.resource import CustomResource

_POD = ("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork")
_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_EVENT = (*(f"involvedObject.{f}" for f in _ABOUT), "reason", "reportingComponent", "source", "type")

OWN_FIELDS: dict[str, tuple[str, ...]] = {
    "pods": (*_POD, "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
    "events": _EVENT,
    "events.events.k8s.io": (*_EVENT, *(f"regarding.{f}" for f in _ABOUT), "reportingController"),
    "replicationcontrollers": ("status.replicas",),
    "replicasets.apps": ("status.replicas",),
    "jobs.batch": ("status.successful",),
    "certificatesigningrequests.certificates.k8s.io": ("spec.signerName",),
}
"""Fields that a kind offers besides metadata.name and metadata.namespace."""

ALIASES = {"spec.host": "spec.nodeName", "status.successful": "status.succeeded"}


def select(resource: Resource, found: Iterable[Object], label_selector: str, field_selector: str) -> list[Object]:
    """The objects that both selectors choose; a 400 for a selector that cannot be understood."""
    chosen = list(found)
    if label_selector:
        wanted = parse_labels(label_selector)
        chosen = [o for o in chosen if wanted.matches(o.metadata.labels)]
    if field_selector:
        chosen = _by_fields(resource, chosen, parse_fields(resource, field_selector))
    return chosen


def parse_labels(text: str) -> labels.Selector:
    """A label selector; a 400 if it is none."""
    try:
        return labels.parse(text)
    except labels.SelectorError as wrong:
        raise errors.bad_request(str(wrong)) from None


def parse_fields(resource: Resource, text: str) -> fields.Selector:
    """A field selector of fields that the kind offers; a 400 `field label not supported: x`."""
    try:
        found = fields.parse(text)
    except fields.FieldSelectorError as wrong:
        raise errors.bad_request(str(wrong)) from None
    known = ["metadata.name", *(["metadata.namespace"] if resource.namespaced else [])]
    own = resource.selectable if isinstance(resource, CustomResource) else OWN_FIELDS.get(resource.group_resource)
    for term in found.terms:
        if term.field in known or term.field in (own or ()) or (own and term.field in ALIASES):
            continue
        if own is None:
            text = f'"{term.field}" is not a known field selector: only "metadata.name", "metadata.namespace"'
            raise errors.bad_request(text)
        raise errors.bad_request(f"field label not supported: {term.field}")
    return fields.Selector(tuple(evolve(t, field=ALIASES.get(t.field, t.field)) for t in found.terms))


def _by_fields(resource: Resource, found: list[Object], wanted: fields.Selector) -> list[Object]:
    read = _reader(resource, [t.field for t in wanted.terms])
    return [o for o in found if wanted.matches(read(o))]


def _reader(resource: Resource, names: list[str]) -> Callable[[Object], dict[str, str]]:
    """How an object's fields are read: from its typed form where that is enough."""
    if all(n in ("metadata.name", "metadata.namespace") for n in names):
        return _metadata
    if resource.cls is Pod and all(n in _POD_FIELDS for n in names):
        return _pod_fields
    return _FromJson(tuple(names))


def _metadata(obj: Object) -> dict[str, str]:
    return {"metadata.name": obj.metadata.name, "metadata.namespace": obj.metadata.namespace}


_POD_FIELDS = ("metadata.name", "metadata.namespace", "spec.nodeName", "status.phase")


def _pod_fields(pod: Any) -> dict[str, str]:
    return {
        "metadata.name": pod.metadata.name,
        "metadata.namespace": pod.metadata.namespace,
        "spec.nodeName": pod.spec.node_name if pod.spec is not None else "",
        "status.phase": pod.status.phase if pod.status is not None else "",
    }


class _FromJson:
    """Any field, from the object's JSON."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def __call__(self, obj: Object) -> dict[str, str]:
        data = encode_object(obj)
        return {name: _text(_value(data, name)) for name in self.names}


def _value(data: Any, name: str) -> Any:
    if name == "source":
        return (data.get("source") or {}).get("component") or data.get("reportingComponent")
    if name == "spec.unschedulable":
        return bool((data.get("spec") or {}).get("unschedulable"))
    if name == "spec.hostNetwork":
        return bool((data.get("spec") or {}).get("hostNetwork"))
    if name in ("status.replicas", "status.succeeded"):
        return (data.get("status") or {}).get(name[7:]) or 0
    for step in name.split("."):
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
