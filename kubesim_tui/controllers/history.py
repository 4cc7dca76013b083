"""ControllerRevisions: the templates that a StatefulSet or DaemonSet has had, each under the hash of its content.

As pkg/controller/history. A template that comes back gets its old revision, with a new number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import decode, encode
from kubesim_tui.api.frozen import FrozenMap, Json, freeze, merged
from kubesim_tui.api.helpers.ownership import controller_ref
from kubesim_tui.api.helpers.template_hash import fnv32a, safe_encode
from kubesim_tui.api.types import ControllerRevision, Object, ObjectMeta, PodTemplateSpec
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers import generic

HASH = "controller.kubernetes.io/hash"
REVISION_HASH = "controller-revision-hash"


def template_patch(template: PodTemplateSpec) -> Json:
    """What a revision keeps: a patch that puts the template back."""
    return freeze({"spec": {"template": {"$patch": "replace", **encode(template)}}})


def template_of(revision: ControllerRevision) -> PodTemplateSpec:
    """The template that a revision keeps."""
    spec = (revision.data or {}).get("spec", {})
    return decode(PodTemplateSpec, {k: v for k, v in spec.get("template", {}).items() if k != "$patch"})


def hash_of(data: Json, collisions: int | None) -> str:
    """The hash of a revision's content."""
    h = fnv32a(json.dumps(data, sort_keys=True, separators=(",", ":")).encode())
    if collisions is not None:
        h = fnv32a(collisions.to_bytes(8, "little"), h)
    return safe_encode(str(h))


def new_revision(
    owner: Object, template: PodTemplateSpec, labels: Mapping[str, str], number: int, collisions: int | None
) -> ControllerRevision:
    """The revision of a template."""
    data = template_patch(template)
    hash_ = hash_of(data, collisions)
    meta = owner.metadata
    return ControllerRevision(
        metadata=ObjectMeta(
            name=f"{meta.name[:223]}-{hash_}",
            namespace=meta.namespace,
            labels=merged(labels, {HASH: hash_}),
            annotations=meta.annotations,
            owner_references=(controller_ref(owner),),
        ),
        data=data,
        revision=number,
    )


def by_number(revisions: Iterable[ControllerRevision]) -> list[ControllerRevision]:
    """Oldest first."""
    return sorted(revisions, key=_order)


def _order(r: ControllerRevision) -> tuple[int, int, str]:
    return r.revision or 0, r.metadata.creation_timestamp or 0, r.metadata.name


def next_number(ordered: Sequence[ControllerRevision]) -> int:
    """The number of the next revision."""
    return (ordered[-1].revision or 0) + 1 if ordered else 1


def equal_to(ordered: Sequence[ControllerRevision], wanted: ControllerRevision) -> list[ControllerRevision]:
    """Those with the same content."""
    return [r for r in ordered if r.data == wanted.data]


def create(client: Client, wanted: ControllerRevision) -> ControllerRevision | None:
    """Create a revision; None if its name is taken by another content (the hash collides)."""
    try:
        return client.create(wanted)
    except StatusError as refused:
        if refused.reason != "AlreadyExists":
            raise
    found = client.get(ControllerRevision, wanted.metadata.namespace, wanted.metadata.name)
    return found if found.data == wanted.data else None


def truncate(client: Client, ordered: Sequence[ControllerRevision], live: Iterable[str], limit: int) -> None:
    """Delete the oldest revisions that nobody uses, down to the limit."""
    used = frozenset(live)
    idle = [r for r in ordered if r.metadata.name not in used]
    for revision in idle[: max(0, len(idle) - limit)]:
        meta = revision.metadata
        generic.delete(client, scheme.of(revision), meta.namespace, meta.name, Options())


def label_map(template: PodTemplateSpec | None) -> Mapping[str, Any]:
    """A template's labels."""
    return template.metadata.labels if template is not None and template.metadata is not None else FrozenMap()
