"""A request at the door, and the record that it leaves."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from kubesim_tui.api.frozen import Json
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.notes import Notes, Stop


@frozen
class User:
    """Who asks: a name and groups, as authentication found them."""

    name: str
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    uid: str = ""

    def to_json(self) -> dict[str, Any]:
        """As UserInfo (authentication.k8s.io/v1)."""
        info: dict[str, Any] = {"username": self.name}
        if self.uid:
            info["uid"] = self.uid
        if self.groups:
            info["groups"] = list(self.groups)
        extra: dict[str, list[str]] = {}
        for key, value in self.extra:
            extra.setdefault(key, []).append(value)
        return {**info, "extra": extra} if extra else info


@frozen
class Options:
    """What create, update, patch and delete take besides the body."""

    dry_run: bool = False
    field_manager: str = ""
    force: bool = False
    validation: str = "Strict"  # fieldValidation: Strict, Warn, Ignore
    grace: int | None = None  # gracePeriodSeconds
    propagation: str = ""  # Background, Foreground, Orphan
    uid: str = ""  # precondition
    resource_version: int = 0  # precondition


@frozen(eq=False)
class Request:
    """One request. `body`: an Object from a component of the cluster, JSON from a client, of a patch the patch."""

    user: User
    verb: str  # get list create update patch delete deletecollection
    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    body: Object | Json = None
    patch_type: str = ""  # json, merge, strategic, apply
    label_selector: str = ""
    field_selector: str = ""
    options: Options = field(factory=Options)
    metadata_only: bool = False  # the answer as PartialObjectMetadata
    notes: Notes | None = None  # what the stations do with it, if somebody wants to know


@frozen(eq=False)
class Record:
    """What one request left in the trace: who did what to what, and what was decided."""

    tick: int
    user: str
    verb: str
    resource: str
    namespace: str
    name: str
    subresource: str
    code: int
    decided: str  # the station that decided: "", "authorization", "admission/ResourceQuota", "validation", "etcd"
    message: str
    revision: int
    stops: tuple[Stop, ...] = ()  # the stations that it has passed, if they were noted
    groups: tuple[str, ...] = ()  # of the user, then
    stored: bool = False  # whether etcd has written for it: not if all was so already, nor in a dry run
