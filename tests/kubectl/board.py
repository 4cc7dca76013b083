"""A cluster without nodes, with objects of every kind in it, for kubectl to look at and to change.

The objects lie in tests/data/kubectl; they go straight into the store, with the uids and times that they have there.
"""

from __future__ import annotations

import json
import pathlib
from typing import Any, ClassVar

from kubesim_tui.api import manifest
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.errors import bad_request
from kubesim_tui.apiserver.request import Request
from kubesim_tui.kubectl import Config, Reply, run
from tests.harness import Harness

DATA = pathlib.Path(__file__).parent.parent / "data/kubectl"
MOST_POLLS = 400


def load(name: str) -> Harness:
    """The objects of a file in a cluster of their own."""
    harness = Harness()
    for document in manifest.read((DATA / name).read_text(), name):
        data = thaw(document.data)
        resource = harness.server.resource_for_kind(data["apiVersion"], data["kind"])
        assert resource is not None
        key = (data["metadata"].get("namespace", ""), data["metadata"]["name"])
        harness.etcd.put(resource.group_resource, key, decode_object(resource.cls, data))
    harness.server.proxy.register("log", Logs())
    harness.server.metrics = Metrics()
    return harness


class Terminal:
    """Files in memory; `edits` are what the player makes of the texts in the editor, one after the other."""

    width = 120

    def __init__(self, files: dict[str, str] | None = None, edits: tuple[tuple[str, str], ...] = ()) -> None:
        self.files, self.edits = files or {}, list(edits)
        self.opened: list[str] = []

    def read(self, path: str) -> str:
        if path in self.files:
            return self.files[path]
        raise FileNotFoundError(2, "No such file or directory", path)

    def list(self, path: str) -> list[str]:
        before = "" if path == "." else f"{path}/"
        inside = [name[len(before) :].split("/")[0] for name in self.files if name.startswith(before)]
        if not inside:
            raise NotADirectoryError(path)
        return sorted(set(inside))

    def edit(self, text: str) -> str | None:
        self.opened.append(text)
        if not self.edits:
            return None
        old, new = self.edits.pop(0)
        return text.replace(old, new)


class Logs:
    """What containers have written, one line a second."""

    LINES: ClassVar[dict[tuple[str, str], list[str]]] = {
        ("web-1", "web"): ["l1", "l2", "l3"],
        ("web-2", "web"): [f"w{i}" for i in range(15)],
        ("rich", "web"): ["rich web"],
        ("rich", "side"): ["side 1", "side 2"],
        ("rich", "init"): ["init!"],
        ("two", "a"): ["aa"],
        ("two", "b"): ["bb"],
    }

    def handle(self, request: Request) -> list[tuple[int, str]]:
        body: dict[str, Any] = dict(request.body or {})  # type: ignore[arg-type]
        name, container = request.name, body.get("container")
        if str(body.get("previous")).lower() == "true":
            raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        lines = self.LINES.get((name, str(container)))
        if lines is None:
            raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: ContainerCreating')
        if (tail := body.get("tailLines")) is not None:
            lines = lines[-int(tail) :] if int(tail) else []
        return [(1767258000 + i, line) for i, line in enumerate(lines)]


class Metrics:
    """What Pods and nodes use."""

    PODS = (
        ("web-1", "default", {"app": "web", "tier": "a"}, [("web", 12, 34567)]),
        ("web-2", "default", {"app": "web"}, [("web", 2, 90000)]),
        ("rich", "default", {"app": "rich"}, [("side", 1, 2048), ("web", 250, 1024000)]),
        ("x", "kube-system", {}, [("x", 3, 1000)]),
    )

    def pod_metrics(self, namespace: str = "") -> list[dict[str, Any]]:
        return [
            {
                "metadata": {"name": name, "namespace": where, "labels": labels},
                "containers": [{"name": c, "usage": _usage(milli, kibi)} for c, milli, kibi in containers],
            }
            for name, where, labels, containers in self.PODS
            if namespace in ("", where)
        ]

    def node_metrics(self) -> list[dict[str, Any]]:
        return [{"metadata": {"name": "node-a"}, "usage": _usage(1234, 3456789)}]


def _usage(milli: int, kibi: int) -> dict[str, str]:
    return {"cpu": f"{milli}m", "memory": f"{kibi}Ki"}


def kubectl(
    harness: Harness, line: str, terminal: Terminal | None = None, now: int | None = None, config: Config | None = None
) -> Reply:
    """Run a line; where it leaves a job, ask it as often as it takes, a second each time."""
    now = harness.engine.clock.now if now is None else now
    reply = run(line, harness.admin, terminal or Terminal(), now, config or Config())
    out, err, code, job = list(reply.out), list(reply.err), reply.code, reply.job
    for second in range(MOST_POLLS):
        if job is None:
            break
        poll = job.poll(harness.admin, now + second)
        out += poll.out
        err += poll.err
        if poll.done:
            code, job = poll.code, None
    return Reply(tuple(out), tuple(err), code, job, reply.config, reply.grids)


def recorded(name: str) -> dict[str, Any]:
    """What the real kubectl answered (a file of tests/data/kubectl)."""
    return dict(json.loads((DATA / f"{name}.json").read_text()))
