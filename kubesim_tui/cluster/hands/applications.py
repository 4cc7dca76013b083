"""Strokes at the objects that applications are made of, through the API; what was there before can be put back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.x509 import dated
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.cluster.hands.base import Base, Owner
from kubesim_tui.faults.hand import ObjectAt
from kubesim_tui.world.certificates import YEAR

CERTIFICATE = "tls.crt"

OF_THE_SERVER = ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields",
                 "ownerReferences", "resourceVersion", "uid")  # fmt: skip
"""Metadata that a backup does not bring."""


class ApplicationsHand(Base):
    """Somebody deletes by mistake, a pipeline changes, and whoever finds out applies the backup."""

    def __init__(self, cluster: Owner, somebody: Client, pipeline: Client) -> None:
        super().__init__(cluster, somebody, pipeline)
        self._backups: dict[ObjectAt, dict[str, Any]] = {}

    def read_object(self, at: ObjectAt) -> Mapping[str, Any] | None:
        """An object as it is now; None if there is none."""
        return self._ask(self.somebody, "get", at)

    def delete_object(self, at: ObjectAt) -> bool:
        """By mistake, as anybody could."""
        before = self._ask(self.somebody, "get", at)
        if before is None or self._ask(self.somebody, "delete", at, options=Options(propagation="Background")) is None:
            return False
        self._backups[at] = before
        return True

    def patch_object(self, at: ObjectAt, patch: Mapping[str, Any]) -> bool:
        """As a pipeline does: a merge patch."""
        before = self._ask(self.pipeline, "get", at)
        if before is None or self._ask(self.pipeline, "patch", at, body=patch, patch_type="merge") is None:
            return False
        self._backups[at] = before
        return True

    def date_certificate(self, at: ObjectAt, seconds: int) -> bool:
        """The certificate in a Secret was not renewed in time: it is good for so many seconds more."""
        now = self.cluster.etcd.clock.now
        text = (self.read_object(at) or {}).get("data", {}).get(CERTIFICATE, "")
        try:
            aged = dated(b64decode(text), now - YEAR + seconds, now + seconds - 1)
        except ValueError:
            return False
        return self.patch_object(at, {"data": {CERTIFICATE: b64encode(aged).decode("ascii")}})

    def put_object(self, at: ObjectAt, manifest: Mapping[str, Any]) -> bool:
        """Somebody creates it, if it is not there."""
        return self._ask(self.somebody, "create", at, body={**manifest, **_heading(at)}) is not None

    def restore_object(self, at: ObjectAt) -> bool:
        """What a stroke has deleted or changed is as it was before."""
        backup = self._backups.pop(at, None)
        if backup is None:
            return False
        kept = {key: value for key, value in backup["metadata"].items() if key not in OF_THE_SERVER}
        body = {**{key: value for key, value in backup.items() if key != "status"}, "metadata": kept}
        verb = "create" if self._ask(self.somebody, "get", at) is None else "update"
        return self._ask(self.somebody, verb, at, body=body) is not None

    def _ask(self, who: Client, verb: str, at: ObjectAt, **more: Any) -> dict[str, Any] | None:
        """The object of an answer (nothing much after a deletion); None for a refusal."""
        kind, namespace, name = at
        resource = _resource(kind)
        if resource is None:
            return None
        place = namespace if resource.namespaced else ""
        try:
            found = who.send(Request(who.user, verb, resource, place, name, **more))
        except ApiError:
            return None
        return {} if verb == "delete" else encode_object(found)


def _resource(kind: str) -> Resource | None:
    """A built-in kind by its name in small letters."""
    return next((one for one in scheme.builtin() if one.singular == kind.lower()), None)


def _heading(at: ObjectAt) -> dict[str, Any]:
    resource = _resource(at[0])
    assert resource is not None, at
    metadata = {"name": at[2], "namespace": at[1]} if resource.namespaced else {"name": at[2]}
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
