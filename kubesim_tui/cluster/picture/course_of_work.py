"""From a stored object to Pods: what the controllers have made of it since."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.helpers.ownership import is_controlled_by
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.request import Record
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.managers import CONTROLLER_MANAGER
from kubesim_tui.cluster.picture.followed import fact
from kubesim_tui.cluster.picture.steps import DONE, FAILED, WAITING, Step, changes, ref_of

DEPLOYMENTS, REPLICASETS, PODS = "deployments.apps", "replicasets.apps", "pods"
OWNERS = {
    REPLICASETS: "replicaset-controller",
    "statefulsets.apps": "statefulset-controller",
    "daemonsets.apps": "daemonset-controller",
    "jobs.batch": "job-controller",
    "replicationcontrollers": "replication-controller",
}
"""Who makes the Pods of a resource."""


def steps(cluster: Cluster, record: Record) -> Iterator[Step]:
    """The steps after etcd, until there are Pods."""
    obj = cluster.etcd.get(record.resource, (record.namespace, record.name))
    if obj is None:
        yield Step("gone", None, DONE)
    elif record.resource == PODS:
        yield _of_pod(cluster, [obj], record.revision)
    elif record.resource == DEPLOYMENTS:
        yield from _of_deployment(cluster, obj, record.revision)
    elif record.resource in OWNERS:
        yield from _of_owner(cluster, record.resource, obj, record.revision)


def _of_deployment(cluster: Cluster, obj: Object, since: int) -> Iterator[Step]:
    """The ReplicaSets that the Deployment's controller has made or scaled."""
    found, first, last = [], None, None
    for change in changes(cluster.etcd, REPLICASETS, since):
        new, old = change.object, change.previous
        assert isinstance(new, types.ReplicaSet)
        if not is_controlled_by(new, obj):
            continue
        after, before = _replicas(new), _replicas(old) if isinstance(old, types.ReplicaSet) else 0
        if old is None or before != after:
            found.append(fact("replicas", name=new.metadata.name, a=before, b=after, tick=change.tick))
            first = change.tick if first is None else first
            last = new if after > before else last
    if not found:
        yield _idle(cluster, "deployment-controller", obj)
        return
    yield Step("deployment-controller", first, DONE, tuple(found), ref_of(obj))
    if last is not None:
        known = cluster.etcd.get(REPLICASETS, (last.metadata.namespace, last.metadata.name)) or last
        yield from _of_owner(cluster, REPLICASETS, known, since)


def _replicas(obj: types.ReplicaSet) -> int:
    return obj.spec.replicas or 0 if obj.spec is not None else 0


def _of_owner(cluster: Cluster, resource: str, owner: Object, since: int) -> Iterator[Step]:
    """The Pods that a controller has made for their owner, and what kept it from making more."""
    made = [c for c in changes(cluster.etcd, PODS, since) if c.previous is None and is_controlled_by(c.object, owner)]
    failures = [e for e in events_of(cluster, owner) if e.reason == "FailedCreate"]
    said = [fact("made", name=c.object.metadata.name, tick=c.tick) for c in made]
    said += [fact("text", text=e.message) for e in failures[-2:]]
    if not made and not failures:
        yield _idle(cluster, OWNERS[resource], owner)
        return
    state = DONE if made else FAILED
    yield Step(OWNERS[resource], made[0].tick if made else None, state, tuple(said), ref_of(owner))
    there = [cluster.etcd.get(PODS, c.key) for c in made]
    alive = [pod for pod in there if pod is not None]
    if alive:
        yield _of_pod(cluster, alive, since)


def _idle(cluster: Cluster, controller: str, obj: Object) -> Step:
    """A controller that has done nothing: it does not run, or there is nothing to do."""
    if not cluster.witness.acts(CONTROLLER_MANAGER):
        return Step(controller, None, WAITING, (fact("manager-down"),), ref_of(obj))
    return Step(controller, None, DONE, (fact("nothing-to-do"),), ref_of(obj))


def _of_pod(cluster: Cluster, pods: list[Object], since: int) -> Step:
    """One of the Pods: the first that is not ready, else the one that was ready last."""
    waiting = [pod for pod in pods if isinstance(pod, types.Pod) and not is_pod_ready(pod)]
    chosen = waiting[0] if waiting else pods[-1]
    tick = next((c.tick for c in changes(cluster.etcd, PODS, since - 1) if c.key[1] == chosen.metadata.name), None)
    return Step("pod", tick, DONE, (fact("one-of", n=len(pods), ready=len(pods) - len(waiting)),), ref_of(chosen))


def events_of(cluster: Cluster, obj: Object) -> list[types.Event]:
    """The Events about an object, oldest first."""
    found, uid = [], obj.metadata.uid
    for event in cluster.etcd.table("events").objects.values():
        if isinstance(event, types.Event) and event.involved_object and event.involved_object.uid == uid:
            found.append(event)
    return found
