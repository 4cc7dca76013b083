"""What fieldRef and resourceFieldRef stand for: the downward API (upstream: pkg/fieldpath)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from attrs import frozen

from kubesim_tui.api.quantity import parse
from kubesim_tui.api.types import Container, Pod, ResourceFieldSelector

_SUBSCRIPT = re.compile(r"(metadata\.(?:labels|annotations))\['(.*)'\]")


class FieldError(Exception):
    """A field that the downward API does not know; the text is the kubelet's."""


@frozen
class Place:
    """Where a Pod runs: what only the kubelet knows. Amounts are those of the node that can be allocated."""

    pod_ip: str
    host_ip: str
    allocatable: Mapping[str, str]


def field_value(pod: Pod, path: str, place: Place) -> str:
    """The value of a fieldRef."""
    meta, spec = pod.metadata, pod.spec
    found = _SUBSCRIPT.fullmatch(path)
    if found is not None:
        source = meta.labels if found[1].endswith("labels") else meta.annotations
        return source.get(found[2], "")
    assert spec is not None
    values = {
        "metadata.name": meta.name,
        "metadata.namespace": meta.namespace,
        "metadata.uid": meta.uid,
        "spec.nodeName": spec.node_name,
        "spec.serviceAccountName": spec.service_account_name,
        "status.hostIP": place.host_ip,
        "status.hostIPs": place.host_ip,
        "status.podIP": place.pod_ip,
        "status.podIPs": place.pod_ip,
    }
    if path in values:
        return values[path]
    if path in ("metadata.labels", "metadata.annotations"):
        return format_map(meta.labels if path.endswith("labels") else meta.annotations)
    raise FieldError(f"unsupported fieldPath: {path}")


def format_map(values: Mapping[str, str]) -> str:
    """`key="value"` lines, sorted."""
    return "\n".join(f"{key}={json.dumps(values[key], ensure_ascii=False)}" for key in sorted(values))


def resource_value(pod: Pod, container: Container, ref: ResourceFieldSelector, place: Place) -> str:
    """The value of a resourceFieldRef: of the named container, in units of its divisor, rounded up."""
    spec = pod.spec
    assert spec is not None
    if ref.container_name:
        container = next(
            (c for c in (*spec.containers, *spec.init_containers) if c.name == ref.container_name), container
        )
    which, _, name = ref.resource.partition(".")
    resources = container.resources
    asked = None if resources is None else (resources.limits if which == "limits" else resources.requests).get(name)
    if asked is None and which == "limits":
        asked = place.allocatable.get(name)
    amount = parse(asked or "0")
    divisor = parse(ref.divisor) if ref.divisor not in ("", "0") else parse("1")
    if name == "cpu":
        return str(-(-amount.milli_value() // divisor.milli_value()))
    return str(-(-amount.value() // max(1, divisor.value())))
