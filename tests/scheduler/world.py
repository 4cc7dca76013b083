"""Little worlds of the scheduler: some nodes, what runs there, and the Pod to place."""

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.apiserver.etcd import Table
from kubesim_tui.scheduler.cache import Cache
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.profile import Profile
from kubesim_tui.scheduler.runtime import Cycle
from tests.controllers.bench import pod


class Shelf:
    """A source with a table that is not an informer."""

    def __init__(self, *objects):
        self.table = Table()
        for obj in objects:
            self.table.put((obj.metadata.namespace, obj.metadata.name), obj, None)


LISTED = {
    "pvcs": ("persistentvolumeclaims", types.PersistentVolumeClaim),
    "pvs": ("persistentvolumes", types.PersistentVolume),
    "storage_classes": ("storageclasses", types.StorageClass),
    "services": ("services", types.Service),
    "namespaces": ("namespaces", types.Namespace),
}
"""What plugins list beside nodes and Pods."""


def pod_of(data):
    """A Pod; its name is its uid if it has none. Start times may be given in nanoseconds."""
    status = dict(data.get("status") or {})
    started = status.pop("startTime_ns", None)
    made = pod({**data, "status": status})
    meta = made.metadata.evolve(uid=made.metadata.uid or made.metadata.name)
    return made.evolve(metadata=meta, status=made.status.evolve(start_time=started))


def many(cls, rows):
    """Objects of a kind."""
    return [decode_object(cls, row) for row in rows or ()]


class World:
    """The nodes, running Pods and listers of a scheduler, from lists of JSON."""

    def __init__(self, nodes=(), existing_pods=(), pod=None, **others):
        self.cache = Cache()
        for row in nodes:
            self.cache.add_node(decode_object(types.Node, row))
        for row in existing_pods:
            if (row.get("spec") or {}).get("nodeName"):
                self.cache.set_pod(pod_of(row))
        assert others.keys() <= LISTED.keys()
        shelves = {plural: Shelf(*many(cls, others.get(key))) for key, (plural, cls) in LISTED.items()}
        self.handle = Handle(self.cache, shelves)
        self.pod = self.cache.register.info(pod_of(pod)) if pod else None

    def cycle(self, *plugins):
        """A cycle of the case's Pod with these plugins only."""
        return Cycle(Profile(plugins=plugins), self.handle, self.pod)
