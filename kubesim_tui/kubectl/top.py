"""kubectl top: what Pods and nodes use, from the metrics API.

`ApiServer.metrics` answers for metrics.k8s.io; None: no metrics server is installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kubesim_tui.api import labels, quantity
from kubesim_tui.api.scheme import Resource, for_plural
from kubesim_tui.apiserver import aggregation, errors
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import tabwriter
from kubesim_tui.kubectl.env import Env, data_of
from kubesim_tui.kubectl.fail import error, usage
from kubesim_tui.kubectl.result import Grid

GROUP = aggregation.METRICS_GROUP
PODS, NODES = aggregation.POD_METRICS, aggregation.NODE_METRICS
UNKNOWN = "<unknown>"
MEBI = 1 << 20
SOON = 120
"""Seconds after which a Pod without metrics is an error."""
Data = dict[str, Any]
Usage = tuple[int, int]
"""(millicores, bytes)."""


def run(env: Env) -> None:
    """The command."""
    if env.flags.text("sort-by") not in ("", "cpu", "memory"):
        raise error("--sort-by accepts only cpu or memory")
    if len(env.flags.args) > 1:
        raise usage(f"{env.flags.path.split()[-1]} [NAME | -l label]", env.flags.path)
    if env.flags.args and (env.flags.text("selector") or env.flags.text("field-selector")):
        raise error("only one of NAME or selector can be provided")
    (_nodes if env.flags.path == "top node" else _pods)(env)


def ask(env: Env, resource: Resource, namespace: str) -> list[Data]:
    """The metrics objects. Fail without a metrics API; 403."""
    client = env.client
    if not client.road.open():
        raise client.road.refusal()
    metrics = client.server.metrics
    if metrics is None:
        raise error("Metrics API not available")
    allowed, reason = client.server.authorizer.authorize(env.user, "list", resource, "", namespace, "")
    if not allowed:
        raise errors.forbidden(GROUP, resource.plural, "", reason)
    found = metrics.node_metrics() if resource is NODES else metrics.pod_metrics(namespace)
    return [dict(o) for o in found]


def _used(usages: Iterable[Data]) -> Usage:
    milli = size = 0
    for used in usages:
        milli += quantity.milli(used["cpu"])
        size += quantity.value(used["memory"])
    return milli, size


def _words(used: Usage) -> list[str]:
    return [f"{used[0]}m", f"{used[1] // MEBI}Mi"]


def _print(env: Env, headers: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    """Every cell ends with a tab, so that lines end with blanks."""
    env.grids.append(Grid(tuple(headers), tuple(map(tuple, body))))
    lines = tabwriter.rows([] if env.flags["no-headers"] else [*headers, ""], [[*row, ""] for row in body])
    env.out += lines


# -- Pods ------------------------------------------------------------------------------------------------------------


def _pods(env: Env) -> None:
    name = env.flags.args[0] if env.flags.args else ""
    namespace = "" if env.all_namespaces else env.namespace
    found = [m for m in ask(env, PODS, namespace) if not name or m["metadata"]["name"] == name]
    if name and not found:
        raise StatusError(404, "NotFound", f'podmetrics.{GROUP} "{namespace}/{name}" not found')
    if text := env.flags.text("selector"):
        wanted = labels.parse(text)
        found = [m for m in found if wanted.matches(m["metadata"].get("labels") or {})]
    if env.flags.text("field-selector"):
        pods = env.list(for_plural("pods"), namespace, fields=env.flags.text("field-selector"))
        names = {(p.metadata.namespace, p.metadata.name) for p in pods}
        found = [m for m in found if (m["metadata"]["namespace"], m["metadata"]["name"]) in names]
    if not found:
        _none(env, namespace)
        return
    _show_pods(env, sorted(found, key=lambda m: _order(env, m["metadata"], _used(_usages(m)))))


def _usages(metrics: Data) -> list[Data]:
    return [c["usage"] for c in metrics["containers"]]


def _order(env: Env, meta: Data, used: Usage) -> tuple[Any, ...]:
    """By use, most first, or by namespace and name."""
    by = env.flags.text("sort-by")
    first = {"cpu": -used[0], "memory": -used[1]}.get(by, 0)
    return first, meta.get("namespace", ""), meta.get("name", "")


def _show_pods(env: Env, found: Sequence[Data]) -> None:
    headers = ["NAMESPACE"] * env.all_namespaces + ["POD"] * bool(env.flags["containers"])
    headers += ["NAME", "CPU(cores)", "MEMORY(bytes)"]
    body: list[list[str]] = []
    for metrics in found:
        meta = metrics["metadata"]
        place = [meta["namespace"]] * env.all_namespaces
        if env.flags["containers"]:
            rows = [({"name": c["name"]}, _used([c["usage"]])) for c in metrics["containers"]]
            rows.sort(key=lambda row: _order(env, *row))
            body += [[*place, meta["name"], c["name"], *_words(used)] for c, used in rows]
        else:
            body.append([*place, meta["name"], *_words(_used(_usages(metrics)))])
    if env.flags["sum"]:
        blank = [""] * (len(headers) - 2)
        total = _words(_used(u for m in found for u in _usages(m)))
        body += [[*blank, "________", "________"], [*blank, *total]]
    _print(env, headers, body)


def _none(env: Env, namespace: str) -> None:
    """Say why there are no metrics."""
    labels_, fields = env.flags.text("selector"), env.flags.text("field-selector")
    pods = env.list(for_plural("pods"), namespace, labels_, fields)
    for pod in pods:
        _check_age(env, pod.metadata.namespace, pod.metadata.name, pod.metadata.creation_timestamp or 0)
    if pods:
        raise error("metrics not available yet")
    env.warn("No resources found" if env.all_namespaces else f"No resources found in {namespace} namespace.")


def _check_age(env: Env, namespace: str, name: str, made: int) -> None:
    if env.now - made > SOON:
        from kubesim_tui.api import duration

        age = duration.format((env.now - made) * 1_000_000_000)
        raise error(f"Metrics not available for pod {namespace}/{name}, age: {age}")


# -- nodes -----------------------------------------------------------------------------------------------------------


def _nodes(env: Env) -> None:
    name = env.flags.args[0] if env.flags.args else ""
    resource = for_plural("nodes")
    found = [m for m in ask(env, NODES, "") if not name or m["metadata"]["name"] == name]
    if name and not found:
        raise StatusError(404, "NotFound", f'nodemetrics.{GROUP} "{name}" not found')
    live = [env.get(resource, "", name)] if name else env.list(resource, "", env.flags.text("selector"))
    nodes = {n.metadata.name: data_of(n) for n in live}
    found = [m for m in found if m["metadata"]["name"] in nodes]
    if not found:
        raise error("metrics not available yet")
    found.sort(key=lambda m: _order(env, m["metadata"], _used([m["usage"]])))
    body = [_node_row(env, m, nodes.pop(m["metadata"]["name"])) for m in found]
    body += [[other, *[UNKNOWN] * 4] for other in sorted(nodes)]
    _print(env, ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"], body)


def _node_row(env: Env, metrics: Data, node: Data) -> list[str]:
    status = node.get("status") or {}
    amounts = status.get("capacity" if env.flags["show-capacity"] else "allocatable") or {}
    used = _used([metrics["usage"]])
    cpu, memory = quantity.milli(amounts.get("cpu", "0")), quantity.value(amounts.get("memory", "0"))
    words = _words(used)
    percent = [f"{used[0] * 100 // cpu}%" if cpu else UNKNOWN, f"{used[1] * 100 // memory}%" if memory else UNKNOWN]
    return [metrics["metadata"]["name"], words[0], percent[0], words[1], percent[1]]
