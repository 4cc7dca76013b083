"""Upstream's tables of the scheduler, and the little worlds that their cases describe.

KUBESIM_UPSTREAM may name another directory with the same files (more cases of the same tables).
"""

import json
import os
from pathlib import Path

import pytest

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.apiserver.etcd import Table
from kubesim_tui.scheduler.cache import Cache
from kubesim_tui.scheduler.framework import Code
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.profile import Profile
from kubesim_tui.scheduler.runtime import Cycle

DATA = Path(__file__).parents[1] / "data" / "upstream" / "scheduling"


def _path(topic):
    elsewhere = os.environ.get("KUBESIM_UPSTREAM")
    for folder in (Path(elsewhere) / "scheduling", Path(elsewhere)) if elsewhere else ():
        if (folder / f"{topic}.json").exists():
            return folder / f"{topic}.json"
    return DATA / f"{topic}.json"


def rows(topic, *, kind=None, want=None):
    """The cases of a table as pytest parameters (given, want); of one kind, or those that want a thing."""
    table = json.loads(_path(topic).read_text())["cases"]
    chosen = [r for r in table if kind in (None, r["given"].get("kind")) and (want is None or want in r["want"])]
    return [pytest.param(r["given"], r["want"], id=r["name"]) for r in chosen]


def cases(topic, **choice):
    """A test of each case of a table."""
    return pytest.mark.parametrize("given, want", rows(topic, **choice))


class Shelf:
    """A source with a table that is not an informer."""

    def __init__(self, *objects):
        self.table = Table()
        for obj in objects:
            self.table.put((obj.metadata.namespace, obj.metadata.name), obj, None)


def pod(data):
    """A Pod; its name is its uid if it has none. Start times may be given in nanoseconds."""
    status = dict(data.get("status") or {})
    started = status.pop("startTime_ns", None)
    made = decode_object(types.Pod, {**data, "status": status})
    made = made.evolve(metadata=made.metadata.evolve(uid=made.metadata.uid or made.metadata.name))
    return made.evolve(spec=made.spec or types.PodSpec(), status=made.status.evolve(start_time=started))


def many(cls, rows):
    """Objects of a kind."""
    return [decode_object(cls, row) for row in rows or ()]


class World:
    """The nodes, running Pods and listers of a case."""

    def __init__(self, given):
        self.cache = Cache()
        for row in given.get("nodes") or ():
            self.cache.add_node(decode_object(types.Node, row))
        for row in given.get("existing_pods") or ():
            if (row.get("spec") or {}).get("nodeName"):
                self.cache.set_pod(pod(row))
        args = given.get("args") or {}
        namespaces = [{"metadata": n} for n in args.get("namespaces") or ()]
        self.handle = Handle(
            self.cache,
            {
                "persistentvolumeclaims": Shelf(*many(types.PersistentVolumeClaim, given.get("pvcs"))),
                "persistentvolumes": Shelf(*many(types.PersistentVolume, given.get("pvs"))),
                "storageclasses": Shelf(*many(types.StorageClass, given.get("storage_classes"))),
                "services": Shelf(*many(types.Service, given.get("services") or args.get("services"))),
                "namespaces": Shelf(*many(types.Namespace, namespaces)),
            },
        )
        self.pod = self.cache.register.info(pod(given["pod"])) if "pod" in given else None

    def cycle(self, *plugins):
        """A cycle of the case's Pod with these plugins only."""
        return Cycle(Profile(plugins=plugins), self.handle, self.pod)


def pre_filter(world, plugin):
    """(state, node names or None, status or None) of a plugin's pre-filter."""
    state = {}
    names, status = plugin.pre_filter(state, world.pod, world.handle)
    return state, names, status


def face(status, wanted):
    """A status as the tables write it; reasons only if the case tells them."""
    if status is None:
        return {"code": "Success"}
    found = {"code": str(status.code)}
    if "reasons" in wanted:
        found["reasons"] = list(status.reasons)
    return found


def verdicts(world, plugin, wanted):
    """What a plugin says of each node, as the tables write it: a refusal by the pre-filter is one of all nodes."""
    state, _, status = pre_filter(world, plugin)
    skipped = status is not None and status.code is Code.SKIP
    refused = None if skipped else status
    found = {}
    for name, want in wanted.items():
        node = world.cache.nodes[name]
        verdict = refused if refused is not None or skipped else plugin.filter(state, world.pod, node)
        found[name] = face(verdict, want)
    return found


def scores(world, plugin, names=None):
    """A plugin's normalized scores by node; all 0 if it skips."""
    nodes = [world.cache.nodes[n] for n in names] if names is not None else world.handle.nodes()
    state = {}
    status = plugin.pre_score(state, world.pod, nodes, world.handle)
    if status is not None and status.code is Code.SKIP:
        return {n.name: 0 for n in nodes}
    raw = [plugin.score(state, world.pod, n) for n in nodes]
    return {n.name: s for n, s in zip(nodes, plugin.normalize(state, world.pod, raw, nodes), strict=True)}
