"""The start of a level: its manifests go through the front door, as an administrator's would.

A Node among them changes the machine of that name (labels, taints, unschedulable); everything else is applied as it is,
with kubectl's note of what was applied: a field that the player takes out of a manifest and applies again goes.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import manifest
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.game.level import Level
from kubesim_tui.kubectl.last_applied import annotated

ADMIN = User("kubernetes-admin", ("system:masters", "system:authenticated"))


class StartError(ValueError):
    """A manifest of a level's start that the cluster refuses: file, line, and its answer."""


def apply_start(cluster: Cluster, level: Level) -> None:
    """Apply start/*.yaml in order."""
    for file, text in level.start:
        for document in manifest.read(text, f"{level.folder}/start/{file}"):
            if document.error is not None:
                raise StartError(str(document.error))
            _apply(cluster, document.data, f"{level.folder}/start/{file}:{document.line}", level.namespace)


def _apply(cluster: Cluster, data: dict[str, Any], place: str, namespace: str) -> None:
    resource = cluster.server.resource_for_kind(data.get("apiVersion", ""), data.get("kind", ""))
    if resource is None:
        raise StartError(f"{place}: no matches for kind {data.get('kind')!r} in version {data.get('apiVersion')!r}")
    meta = data["metadata"]
    where = meta.get("namespace", namespace) if resource.namespaced else ""
    name = meta.get("name", "")
    exists = cluster.etcd.get(resource.group_resource, (where, name)) is not None
    options = Options(field_manager="kubectl-client-side-apply")
    if exists:
        request = Request(ADMIN, "patch", resource, where, name, body=data, patch_type="merge", options=options)
    else:
        placed = {**data, "metadata": {**meta, **({"namespace": where} if where else {})}}
        request = Request(ADMIN, "create", resource, where, name, body=annotated(placed), options=options)
    try:
        cluster.server.handle(request)
    except ApiError as error:
        raise StartError(f"{place}: {error}") from error
