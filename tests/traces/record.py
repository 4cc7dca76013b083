"""What our control plane did, in the form and with the normalised names of the recordings.

Hashes and suffixes are taken from the objects themselves: each ReplicaSet, Pod and Job of an owner is known by its
owner's name and `<hash>` or `<id>`; what was never made (a Pod that a quota refused) by the form of its suffix.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.conditions import is_pod_ready
from tests.traces.player import Player

SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]{5}"
WORKLOADS = ("deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "persistentvolumeclaims")
WORKLOADS += ("poddisruptionbudgets", "replicationcontrollers")
REVISION = "deployment.kubernetes.io/revision"
Row = dict[str, Any]


class Recording:
    """A played story, to be compared with a recorded one."""

    def __init__(self, player: Player) -> None:
        self.player, self.plane, self.namespace = player, player.plane, player.namespace
        self.changes = [c for c in self.plane.kept.changes if c.object.metadata.namespace == self.namespace]

    # -- names -------------------------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> dict[str, str]:
        """The normalised name of each object that was made for another."""
        found: dict[str, str] = {}
        for kinds in (("ReplicaSet", "Job"), ("Pod",)):
            for change in self.changes:
                obj, name = change.object, change.object.metadata.name
                owner = next(iter(obj.metadata.owner_references), None)
                if obj.kind not in kinds or owner is None or name in found:
                    continue
                above = found.get(owner.name, owner.name)
                if obj.kind == "ReplicaSet":
                    found[name] = f"{above}-<hash>"
                elif owner.kind != "StatefulSet":
                    index = name.removeprefix(f"{owner.name}-").rpartition("-")[0]
                    found[name] = f"{above}-{index}-<id>" if index else f"{above}-<id>"
        return found

    def text(self, text: str) -> str:
        """A message with normalised names."""
        for name in sorted(self._names, key=len, reverse=True):
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?!\w)", self._names[name], text)
        owners = {*self._names.values()} | {r["name"] for r in self.workloads if r["kind"] != "ReplicaSet"}
        for owner in sorted(owners, key=len, reverse=True):
            text = re.sub(rf"(?<![\w-]){re.escape(owner)}-{SUFFIX}(?!\w)", f"{owner}-<id>", text)
        return text

    def name(self, name: str) -> str:
        """A normalised name."""
        return self._names.get(name, name)

    # -- rows --------------------------------------------------------------------------------------------------

    @cached_property
    def workloads(self) -> list[Row]:
        """Each change of a workload that is kept, then the state of the others."""
        rows = []
        for change in self.changes:
            obj = change.object
            if obj.kind in ("Pod", "CronJob"):
                continue
            data = encode_object(obj)
            rows.append(
                {
                    "kind": obj.kind,
                    "name": self._names.get(obj.metadata.name, obj.metadata.name),
                    "revision": obj.metadata.annotations.get(REVISION, "") if obj.kind == "ReplicaSet" else "",
                    "type": change.type,
                    "spec": {"replicas": (data.get("spec") or {}).get("replicas")},
                    "status": data.get("status") or {},
                }
            )
        return rows

    @cached_property
    def final(self) -> list[Any]:
        """The workloads that there are at the end."""
        kinds = [scheme.for_plural(plural).group_resource for plural in WORKLOADS]
        return [o for kind in kinds for o in self.plane.etcd.table(kind).in_namespace(self.namespace)]

    @cached_property
    def events(self) -> list[Row]:
        """Events, those that are the same after normalisation counted together, in the order of their first."""
        found: dict[tuple[str, ...], Row] = {}
        events = [e for e in self.plane.list(types.Event) if self._concerns(e)]
        for event in sorted(events, key=lambda e: (e.first_timestamp, e.metadata.resource_version)):
            about = event.involved_object
            key = (f"{about.kind}/{self.name(about.name)}", event.type, event.reason, self.text(event.message))
            if key in found:
                found[key]["count"] += event.count
            else:
                names = ("object", "type", "reason", "message")
                found[key] = {**dict(zip(names, key, strict=True)), "count": event.count}
        return list(found.values())

    def _concerns(self, event: types.Event) -> bool:
        about = event.involved_object
        return about.kind == "Node" or about.namespace == self.namespace

    @cached_property
    def conditions(self) -> list[Row]:
        """Each change of a condition of a workload."""
        rows: list[tuple[str, ...]] = []
        last: dict[tuple[str, ...], tuple[str, ...]] = {}
        for row in self.workloads:
            for c in row["status"].get("conditions") or ():
                message = self.text(c.get("message", ""))
                made = (row["kind"], row["name"], c["type"], c["status"], c.get("reason", ""), message)
                if last.get(made[:3]) != made:
                    last[made[:3]] = made
                    rows.append(made)
        names = ("kind", "name", "type", "status", "reason", "message")
        return [dict(zip(names, row, strict=True)) for row in rows]

    @cached_property
    def pods(self) -> list[Row]:
        """Each change of a Pod's face."""
        rows: list[Row] = []
        last: dict[str, Row] = {}
        for change in self.changes:
            if not isinstance(change.object, types.Pod):
                continue
            pod, meta = change.object, change.object.metadata
            row = {
                "name": self.name(meta.name),
                "type": "DELETED" if change.type == "DELETED" else "",
                "phase": pod.status.phase,
                "ready": "True" if is_pod_ready(pod) else "False",
                "bound": bool(pod.spec.node_name),
                "deleting": meta.deletion_timestamp is not None,
                "image": pod.spec.containers[0].image,
            }
            if last.get(meta.uid) != row:
                rows.append(row)
            last[meta.uid] = row
        return rows

    @cached_property
    def endpoints(self) -> dict[str, tuple[int, int]]:
        """By Service, at the end: how many addresses of its Endpoints are ready, and how many are not."""
        found: dict[str, tuple[int, int]] = {}
        for obj in self.plane.etcd.table("endpoints").in_namespace(self.namespace):
            subsets = encode_object(obj).get("subsets") or ()
            ready, rest = (sum(len(s.get(k) or ()) for s in subsets) for k in ("addresses", "notReadyAddresses"))
            found[obj.metadata.name] = (ready, rest)
        return found
