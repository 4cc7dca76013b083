"""Real manifests into an empty cluster, and what became of them: the engine of `kubesim sim`.

Documents are applied in the order of the files, as kubectl would: a refused one does not stop those after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attrs import define

from kubesim_tui.api import manifest, removed
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import ordered
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from kubesim_tui.faults.catalogue import Planned, aim, strike
from kubesim_tui.scheduler.config import Configuration

JsonMap = dict[str, Any]
ADMIN = User("kubernetes-admin", ("system:masters", "system:authenticated"))
DEFINITION = "CustomResourceDefinition"
CLASSES = ("StorageClass", "IngressClass")
"""Where the manifests bring their own of the cluster's name, theirs is taken: these cannot be changed into another."""
SUFFIXES = (".yaml", ".yml", ".json")


class SimError(ValueError):
    """A file that cannot be read: says which, and what to do."""


@define(eq=False)
class Outcome:
    """What became of one document."""

    file: str
    document: int
    line: int
    api_version: str = ""
    kind: str = ""
    name: str = ""
    error: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """As `kubesim sim --json` prints it."""
        found: dict[str, Any] = {
            "file": self.file,
            "document": self.document,
            "line": self.line,
            "apiVersion": self.api_version,
            "kind": self.kind,
            "name": self.name,
            "accepted": self.error is None,
        }
        if self.error is not None:
            found["error"] = self.error
        return found


def files_of(paths: Iterable[str]) -> list[Path]:
    """Files as they are named, folders with all their manifests, sorted. SimError if there is nothing."""
    found: list[Path] = []
    for name in paths:
        path = Path(name)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
            if not inside:
                raise SimError(f"{name}: the folder holds no manifest ({', '.join(SUFFIXES)})")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise SimError(f"{name}: no such file or folder")
    return found


class Sim:
    """A cluster with nothing on it but what is applied."""

    def __init__(
        self,
        nodes: int = 3,
        seed: str = "1",
        faults: Iterable[Planned] = (),
        scheduler: Configuration | None = None,
        control_planes: int = 1,
        *,
        etcd_members: int | None = None,
        snapshots: bool = False,
        cluster: Cluster | None = None,
    ) -> None:
        """`cluster`: one that was made already, instead of one of so many nodes."""
        groups = (NodeGroup(count=nodes),)
        spec = ClusterSpec(
            groups,
            scheduler=scheduler,
            control_planes=control_planes,
            etcd_members=etcd_members,
            snapshots=snapshots,
        )
        self.cluster = cluster or Cluster(spec, seed)
        self.faults = sorted(faults, key=lambda f: f.tick)
        self.outcomes: list[Outcome] = []
        for _ in range(30):
            self.cluster.step()
        self._start = self.cluster.engine.clock.tick
        tables = self.cluster.etcd.tables.values()
        self._given = frozenset(obj.metadata.uid for table in tables for obj in table.objects.values())

    def apply(self, paths: Iterable[Path], *, create_namespaces: bool = False) -> None:
        """Apply all documents of some files. As kubectl does, a file's kinds are looked up before any of it is sent:
        a custom kind that the same file defines is not known yet. Before the next file its definition is established.
        """
        defined = False
        for path in paths:
            try:
                text = manifest.decode(path.read_bytes())
            except OSError as error:
                raise SimError(f"{path}: cannot be read: {error.strerror}") from error
            if defined:
                self.cluster.step()
            first = len(self.outcomes)
            self.apply_text(text, str(path), create_namespaces=create_namespaces)
            defined = any(o.kind == DEFINITION and o.error is None for o in self.outcomes[first:])

    def apply_text(self, text: str, name: str, *, create_namespaces: bool = False) -> None:
        """Apply all documents of a text; errors call it by the name."""
        documents = manifest.read(text, name)
        for document, resource in [(d, self._resource(d)) for d in documents]:
            self.outcomes.append(self._apply(document, resource, create_namespaces))

    def _resource(self, document: manifest.Document) -> Resource | None:
        kind, version = document.data.get("kind"), document.data.get("apiVersion")
        return self.cluster.server.resource_for_kind(_text(version), _text(kind))

    def _apply(self, document: manifest.Document, resource: Resource | None, create_namespaces: bool) -> Outcome:
        outcome = Outcome(document.file, document.index, document.line)
        data, meta = document.data, _map(document.data.get("metadata"))
        outcome.api_version, outcome.kind = _text(data.get("apiVersion")), _text(data.get("kind"))
        outcome.name = _text(meta.get("name")) or _text(meta.get("generateName"))
        if document.error is not None:
            outcome.line = document.error.line
            outcome.error = {"reason": "ParseError", "message": str(document.error), "fields": []}
            return outcome
        try:
            if resource is None:
                raise _unknown(data)
            outcome.name = self._send(resource, ordered(data), meta, create_namespaces).metadata.name
        except StatusError as refused:
            outcome.error = {"reason": refused.reason, "message": refused.message, "fields": refused.fields}
            if refused.fields:
                outcome.line = document.line_of_field(refused.fields[0])
        except ApiError as error:
            outcome.error = {"reason": "Unreachable", "message": str(error), "fields": []}
        return outcome

    def _send(self, resource: Resource, data: JsonMap, meta: JsonMap, create_namespaces: bool) -> Any:
        namespace = (_text(meta.get("namespace")) or "default") if resource.namespaced else ""
        if create_namespaces and namespace:
            self._namespace(namespace)
        name = _text(meta.get("name"))
        found = self.cluster.etcd.get(resource.group_resource, (namespace, name)) if name else None
        if found is not None and resource.kind in CLASSES and found.metadata.uid in self._given:
            self.cluster.etcd.delete(resource.group_resource, (namespace, name))
            found = None
        options = Options(field_manager="kubectl-client-side-apply")
        verb, patch_type = ("patch", "merge") if found is not None else ("create", "")
        if found is None and "resourceVersion" in meta:  # kubectl creates without it, too
            data = {**data, "metadata": {k: v for k, v in meta.items() if k != "resourceVersion"}}
        request = Request(ADMIN, verb, resource, namespace, name, body=data, patch_type=patch_type, options=options)
        return self.cluster.server.handle(request)

    def _namespace(self, name: str) -> None:
        if self.cluster.etcd.get("namespaces", ("", name)) is None:
            resource = self.cluster.server.resource_for_kind("v1", "Namespace")
            assert resource is not None
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            self.cluster.server.handle(Request(ADMIN, "create", resource, "", name, body=body))

    def run(self, ticks: int) -> list[str]:
        """Run so many ticks; what faults did, in words."""
        told: list[str] = []
        cluster = self.cluster
        end = cluster.engine.clock.tick + ticks
        draws = cluster.chance.stream("sim/faults")
        while cluster.engine.clock.tick < end:
            at = cluster.engine.clock.tick - self._start
            while self.faults and self.faults[0].tick <= at:
                aimed = aim(cluster.hand, self.faults.pop(0), draws)
                told += [f"{at}s {text}" for text in strike(cluster.hand, aimed, draws)]
                self.faults = sorted([*self.faults, *aimed.heals(at)], key=lambda f: f.tick)
            cluster.step()
        return told

    def objects(self) -> list[dict[str, Any]]:
        """Every object, sorted by kind, namespace and name."""
        found = []
        for resource in sorted(self.cluster.etcd.tables):
            table = self.cluster.etcd.tables[resource].objects
            found += [encode_object(table[key]) for key in sorted(table)]
        return found


def _unknown(data: JsonMap) -> StatusError:
    """Why no kind was found for a document; where the kind is served under another version, that is said."""
    kind, version = data.get("kind"), data.get("apiVersion")
    if not kind or not version:
        return StatusError(400, "BadRequest", f"Object '{'apiVersion' if kind else 'Kind'}' is missing")
    said = f'no matches for kind "{kind}" in version "{version}"'
    hint = removed.hint(_text(version), _text(kind))
    return StatusError(404, "NoMatch", f"{said}; {hint}" if hint else said)


def _map(value: Any) -> JsonMap:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
