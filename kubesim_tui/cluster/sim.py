"""Real manifests into an empty cluster, and what became of them: the engine of `kubesim sim`.

Documents are applied in the order of the files, as kubectl would: a refused one does not stop those after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attrs import define

from kubesim_tui.api import manifest
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from kubesim_tui.faults.catalogue import Planned, aim, strike

ADMIN = User("kubernetes-admin", ("system:masters", "system:authenticated"))
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

    def __init__(self, nodes: int = 3, seed: str = "1", faults: Iterable[Planned] = ()) -> None:
        self.cluster = Cluster(ClusterSpec((NodeGroup(count=nodes),)), seed)
        self.faults = sorted(faults, key=lambda f: f.tick)
        self.outcomes: list[Outcome] = []
        for _ in range(30):
            self.cluster.step()
        self._start = self.cluster.engine.clock.tick

    def apply(self, paths: Iterable[Path], *, create_namespaces: bool = False) -> None:
        """Apply all documents of some files."""
        for path in paths:
            try:
                text = manifest.decode(path.read_bytes())
            except OSError as error:
                raise SimError(f"{path}: cannot be read: {error.strerror}") from error
            for document in manifest.read(text, str(path)):
                self.outcomes.append(self._apply(document, create_namespaces))

    def _apply(self, document: manifest.Document, create_namespaces: bool) -> Outcome:
        outcome = Outcome(document.file, document.index, document.line)
        data = document.data if isinstance(document.data, dict) else {}
        meta = data.get("metadata") if isinstance(data.get("metadata"), dict) else {}
        assert isinstance(meta, dict)
        outcome.api_version, outcome.kind = _text(data.get("apiVersion")), _text(data.get("kind"))
        outcome.name = _text(meta.get("name")) or _text(meta.get("generateName"))
        if document.error is not None:
            outcome.line = document.error.line
            outcome.error = {"reason": "ParseError", "message": str(document.error), "fields": []}
            return outcome
        try:
            made = self._send(data, meta, create_namespaces)
            outcome.name = made.metadata.name
        except StatusError as refused:
            fields = [c.field for c in refused.details.causes if c.field]
            outcome.error = {"reason": refused.reason, "message": refused.message, "fields": fields}
            outcome.line = document.line_of(manifest.path_of(fields[0])) if fields else document.line
        except ApiError as error:
            outcome.error = {"reason": "Unreachable", "message": str(error), "fields": []}
        return outcome

    def _send(self, data: dict[str, Any], meta: dict[str, Any], create_namespaces: bool) -> Any:
        server = self.cluster.server
        if not data.get("kind") or not data.get("apiVersion"):
            message = "Object 'Kind' is missing" if not data.get("kind") else "Object 'apiVersion' is missing"
            raise StatusError(400, "BadRequest", message)
        resource = server.resource_for_kind(_text(data["apiVersion"]), _text(data["kind"]))
        if resource is None:
            message = f'no matches for kind "{data["kind"]}" in version "{data["apiVersion"]}"'
            raise StatusError(404, "NoMatch", message)
        namespace = (_text(meta.get("namespace")) or "default") if resource.namespaced else ""
        if create_namespaces and namespace:
            self._namespace(namespace)
        name = _text(meta.get("name"))
        exists = name and self.cluster.etcd.get(resource.group_resource, (namespace, name)) is not None
        options = Options(field_manager="kubectl-client-side-apply")
        if exists:
            request = Request(ADMIN, "patch", resource, namespace, name, body=data, patch_type="merge", options=options)
        else:
            request = Request(ADMIN, "create", resource, namespace, name, body=data, options=options)
        return server.handle(request)

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


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
