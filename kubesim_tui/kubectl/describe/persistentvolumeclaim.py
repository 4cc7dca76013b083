"""kubectl describe persistentvolumeclaim."""

from __future__ import annotations

from kubesim_tui.apiserver.table.storage import access_modes, storage_class
from kubesim_tui.kubectl.describe.writer import Data, Writer, at, date, go_list, meta


def describe(w: Writer, o: Data) -> None:
    """One PersistentVolumeClaim."""
    name, uid = meta(o).get("name"), meta(o).get("uid")
    owners = {r.get("uid") for r in meta(o).get("ownerReferences") or () if r.get("kind") == "Pod"}
    _fields(w, o, whole=True)
    users = []
    for pod in w.list("pods", meta(o).get("namespace", "")):
        claims = [at(v, "persistentVolumeClaim", "claimName") for v in at(pod, "spec", "volumes") or ()]
        if name in claims or (uid and meta(pod).get("uid") in owners):
            users.append(str(meta(pod).get("name", "")))
    w.column("Used By:", sorted(users))
    conditions = at(o, "status", "conditions")
    if conditions:
        w(0, "Conditions:")
        w(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage")
        w(1, "----\t------\t-----------------\t------------------\t------\t-------")
        for c in conditions:
            times = f"{date(c.get('lastProbeTime'))} \t{date(c.get('lastTransitionTime'))}"
            w(1, f"{c.get('type')} \t{c.get('status')} \t{times} \t{c.get('reason', '')} \t{c.get('message', '')}")
    w.events(o)


def template(w: Writer, o: Data) -> None:
    """The claim of an ephemeral volume, inside the description of the volume. Upstream indents labels there twice."""
    inner = Writer(w.env)
    _fields(inner, o, whole=False)
    for line in inner.raw().splitlines():
        title, _, value = line.partition("\t")
        if title in ("Labels:", "Annotations:"):
            w(2, f"{title}\t    {value}")
        else:
            w(2, line if title else f"    \t    {value}")


def _fields(w: Writer, o: Data, *, whole: bool) -> None:
    spec, status = o.get("spec") or {}, o.get("status") or {}
    if whole:
        w.name(o)
    w(0, f"StorageClass:\t{storage_class(o)}")
    if whole:
        deleted = meta(o).get("deletionTimestamp")
        w(0, f"Status:\t{f'Terminating (lasts {w.since(deleted)})' if deleted else status.get('phase', '')}")
    bound = spec.get("volumeName", "")
    w(0, f"Volume:\t{bound}")
    w.about(o)
    if whole:
        w(0, f"Finalizers:\t{go_list(meta(o).get('finalizers'))}")
    w(0, f"Capacity:\t{(at(status, 'capacity', 'storage') or '0') if bound else ''}")
    w(0, f"Access Modes:\t{access_modes(status.get('accessModes')) if bound else ''}")
    if spec.get("volumeMode"):
        w(0, f"VolumeMode:\t{spec['volumeMode']}")
    if source := spec.get("dataSource"):
        w(0, "DataSource:")
        for title, key in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
            if source.get(key) is not None:
                w(1, f"{title}:\t{source[key]}")
