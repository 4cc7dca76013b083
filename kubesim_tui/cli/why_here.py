"""`kubesim why-here [POD …] -f FILE_OR_DIR …` (or -k DIR): what the scheduler decided about Pods, node by node."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from itertools import chain

from kubesim_tui.api import types
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.cli import LOST, WON, Trouble, applied, output
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.placement import placement
from kubesim_tui.game.placement import lines, to_json
from kubesim_tui.gameday.objects import SYSTEM

TROUBLES = applied.TROUBLES


def main(args: Namespace) -> int:
    """Apply, run, tell; 0 if every Pod has a node."""
    run = applied.prepare(args)
    run.run(args.ticks)
    pods = list(chain.from_iterable(_named(run.cluster, word) for word in args.pods or ("",)))
    found = [p for pod in pods if (p := placement(run.cluster, pod.metadata.namespace, pod.metadata.name))]
    if not found:
        raise Trouble("there is no Pod that a scheduler has a say in")
    if args.json:
        output.print_json({"placements": [to_json(p) for p in found], "digest": run.cluster.digest})
    else:
        print("\n\n".join("\n".join(lines(p, args.lang or "en")) for p in found))
    return WON if all(p.node for p in found) else LOST


def _named(cluster: Cluster, word: str) -> Sequence[types.Pod]:
    """The Pods of a name, or of a workload, as NAMESPACE/NAME or NAME; all but the cluster's own for ""."""
    namespace, _, name = word.rpartition("/")
    every = [p for p in cluster.etcd.table("pods").objects.values() if isinstance(p, types.Pod)]
    pods = sorted(every, key=lambda p: (p.metadata.namespace, p.metadata.name))
    if not word:
        return [p for p in pods if p.metadata.namespace not in SYSTEM]
    near = [p for p in pods if p.metadata.namespace == (namespace or "default")]
    found = [p for p in near if name in _names(cluster, p)]
    if not found:
        known = ", ".join(f"{p.metadata.namespace}/{p.metadata.name}" for p in pods[:10])
        raise Trouble(f"there is no Pod {word!r}, and nothing of that name has Pods; there are {known or 'none'}")
    return found


def _names(cluster: Cluster, pod: types.Pod) -> Iterator[str]:
    """A Pod's name, and those of its controllers from the nearest up."""
    obj: types.Object | None = pod
    while obj is not None:
        yield obj.metadata.name
        owner = controller_of(obj)
        resource = cluster.server.resource_for_kind(owner.api_version, owner.kind) if owner is not None else None
        if owner is None or resource is None:
            return
        obj = cluster.etcd.get(resource.group_resource, (pod.metadata.namespace, owner.name))
