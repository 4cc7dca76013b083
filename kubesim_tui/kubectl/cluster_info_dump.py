"""kubectl cluster-info dump: nodes, then of each namespace its events and workloads, then the logs of its Pods."""

from __future__ import annotations

import posixpath
from typing import Any

from attrs import define, field

from kubesim_tui.api.scheme import Resource, for_plural
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.kubectl import choose_pod, fail, output
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.log_source import Source
from kubesim_tui.kubectl.result import save

LISTS = {
    "events": "events",
    "replicationcontrollers": "replication-controllers",
    "services": "services",
    "daemonsets": "daemonsets",
    "deployments": "deployments",
    "replicasets": "replicasets",
    "pods": "pods",
}
"""Plural → the name of its file."""
SYSTEM = "kube-system"


@define
class Sink:
    """Where it goes: standard output, or files in a folder."""

    env: Env
    folder: str
    ending: str
    texts: dict[str, str] = field(factory=dict)

    def put(self, path: str, text: str) -> None:
        """A part of the dump."""
        if not self.folder:
            self.env.say_raw(text)
            return
        try:
            save(self.env.terminal, posixpath.join(self.folder, path), text)
        except OSError as failure:
            raise error(f"open {path}: {(failure.strerror or str(failure)).lower()}") from None


def run(env: Env) -> None:
    """The command."""
    kind, folder = env.flags.text("output") or "json", env.flags.text("output-directory")
    sink = Sink(env, "" if folder == "-" else folder, "txt" if kind not in ("json", "yaml") else kind)
    printer = output.printer(env) if env.flags.text("output") else output.to_json
    assert printer is not None
    nodes = for_plural("nodes")
    sink.put(f"nodes.{sink.ending}", printer(_list(env, nodes, "")))
    for namespace in _namespaces(env):
        for plural, name in LISTS.items():
            found = _list(env, for_plural(plural), namespace)
            sink.put(f"{namespace}/{name}.{sink.ending}", printer(found))
        for pod in env.list(for_plural("pods"), namespace):
            assert isinstance(pod, Pod)
            sink.put(f"{namespace}/{pod.metadata.name}/logs.txt", _logs(env, pod))
    if sink.folder:
        env.say(f"Cluster info dumped to {sink.folder}")


def _namespaces(env: Env) -> list[str]:
    if env.all_namespaces:
        return [n.metadata.name for n in env.list(for_plural("namespaces"))]
    return list(env.flags["namespaces"] or dict.fromkeys((SYSTEM, env.namespace)))


def _list(env: Env, resource: Resource, namespace: str) -> dict[str, Any]:
    """A list as it is printed: its items are of one kind, which none of them says again."""
    found = [output.shown(env, data_of(o)) for o in env.list(resource, namespace)]
    items = [{k: v for k, v in o.items() if k not in ("kind", "apiVersion")} for o in found]
    version = f"{resource.group}/{resource.version}" if resource.group else resource.version
    meta = {"resourceVersion": str(env.client.server.etcd.revision)}
    return {"kind": f"{resource.kind}List", "apiVersion": version, "metadata": meta, "items": items}


def _logs(env: Env, pod: Pod) -> str:
    meta, lines = pod.metadata, list[str]()
    ordered = sorted(choose_pod.containers(pod), key=lambda row: row[1] != "init")
    for name, _ in ordered:
        of = f"logs for container {name} of pod {meta.namespace}/{meta.name}"
        lines.append(f"==== START {of} ====")
        try:
            lines += [text for _, text in Source(meta.namespace, meta.name, name).ask(env)]
        except ApiError as failure:
            lines.append(f"Request log error: {fail.plain(failure)}")
        lines.append(f"==== END {of} ====")
    return "".join(f"{line}\n" for line in lines)
