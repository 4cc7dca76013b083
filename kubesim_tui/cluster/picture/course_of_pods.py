"""From a Pod to its first request: scheduler, kubelet, EndpointSlice, the rules of each machine, users."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.api.helpers.selector import matches_set
from kubesim_tui.api.types import Object
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.managers import SCHEDULER
from kubesim_tui.cluster.picture.course_of_work import events_of
from kubesim_tui.cluster.picture.followed import Fact, fact
from kubesim_tui.cluster.picture.steps import AHEAD, DONE, FAILED, WAITING, Step, changes, ref_of
from kubesim_tui.cluster.placement import placement
from kubesim_tui.cluster.view import Ref

SLICES = "endpointslices.discovery.k8s.io"
SHOWN = 5  # nodes of a decision that are named
REST = ("kubelet", "ready", "endpointslice", "rules", "served")


def steps(cluster: Cluster, ref: Ref, since: int) -> Iterator[Step]:
    """The steps of one Pod, as far as it has come."""
    pod = cluster.etcd.get("pods", (ref.namespace, ref.name))
    if not isinstance(pod, types.Pod) or pod.spec is None:
        yield Step("gone", None, FAILED, (), ref)
        return
    yield _scheduled(cluster, pod, ref, since)
    if not pod.spec.node_name:
        yield from (Step(kind, None, AHEAD) for kind in REST)
        return
    yield _started(cluster, pod, ref)
    ready = _ready(cluster, pod, ref)
    yield ready
    services = list(_slices(cluster, ref, since))
    if ready.state != DONE:
        yield from (Step(kind, None, AHEAD) for kind in REST[2:])
    elif services:
        yield from services
        yield _rules(cluster, ref)
        yield _request(cluster, ref)
    elif (awaited := _selected_by(cluster, pod)) is not None:
        yield Step("endpointslice", None, WAITING, (fact("not-yet", service=awaited.name),), awaited)
        yield from (Step(kind, None, AHEAD) for kind in REST[3:])
    else:
        yield Step("endpointslice", None, DONE, (fact("no-service"),))


def _scheduled(cluster: Cluster, pod: types.Pod, ref: Ref, since: int) -> Step:
    """The scheduler's decision, with its filters and scores."""
    if not cluster.witness.acts(SCHEDULER) and not _node(pod):
        return Step("scheduler", None, WAITING, (fact("scheduler-down"),), ref)
    found = placement(cluster, ref.namespace, ref.name)
    bound = next((c.tick for c in changes(cluster.etcd, "pods", since) if _is_bound(c.object, ref)), None)
    said: list[Fact] = []
    if found is not None:
        refused = [row for row in found.rows if row.examined and not row.fits]
        fitting = [row for row in found.rows if row.fits]
        said += [
            fact("refused-by", node=r.node, plugin=r.refused_by, why=", ".join(r.reasons)) for r in refused[:SHOWN]
        ]
        said += [fact("score", node=r.node, total=r.total) for r in fitting[:SHOWN] if r.scores]
        said += [fact("text", text=found.message)] if found.message else []
    if not _node(pod):
        return Step("scheduler", None, FAILED if said else WAITING, tuple(said), ref)
    return Step("scheduler", bound, DONE, (*said, fact("bound", node=_node(pod))), ref)


def _is_bound(obj: Object, ref: Ref) -> bool:
    return isinstance(obj, types.Pod) and obj.metadata.name == ref.name and bool(_node(obj))


def _node(pod: types.Pod) -> str:
    return pod.spec.node_name or "" if pod.spec is not None else ""


def _started(cluster: Cluster, pod: types.Pod, ref: Ref) -> Step:
    """What the kubelet said of it: image, sandbox, containers."""
    epoch = cluster.engine.clock.epoch
    said = []
    for event in events_of(cluster, pod):
        if event.reason not in ("Scheduled", "FailedScheduling"):
            when = (event.last_timestamp or event.first_timestamp or epoch) - epoch
            said.append(fact("event", tick=when, reason=event.reason, text=event.message))
    statuses = pod.status.container_statuses if pod.status is not None else ()
    running = [s for s in statuses if s.state is not None and s.state.running is not None]
    if pod.status is not None and pod.status.pod_ip:
        said.append(fact("sandbox", ip=pod.status.pod_ip, node=_node(pod)))
    for status in statuses:
        waits = status.state.waiting if status.state is not None else None
        if waits is not None:
            said.append(fact("waits", container=status.name, reason=waits.reason, text=waits.message or ""))
    if statuses and len(running) == len(statuses):
        begun = max(
            (s.state.running.started_at or epoch for s in running if s.state and s.state.running), default=epoch
        )
        return Step("kubelet", begun - epoch, DONE, tuple(said), ref)
    bad = any(
        code == "waits" and dict(values)["reason"] not in ("ContainerCreating", "PodInitializing")
        for code, values in said
    )
    return Step("kubelet", None, FAILED if bad else WAITING, tuple(said), ref)


def _ready(cluster: Cluster, pod: types.Pod, ref: Ref) -> Step:
    """Its probes."""
    condition = find(pod.status.conditions, "Ready") if pod.status is not None else None
    probed = any(c.readiness_probe is not None for c in pod.spec.containers) if pod.spec is not None else False
    said = [fact("probed" if probed else "unprobed")]
    if condition is not None and condition.status == "True":
        when = (condition.last_transition_time or 0) - cluster.engine.clock.epoch
        return Step("ready", when, DONE, tuple(said), ref)
    if condition is not None and condition.message:
        said.append(fact("text", text=condition.message))
    return Step("ready", None, WAITING, tuple(said), ref)


def _slices(cluster: Cluster, ref: Ref, since: int) -> Iterator[Step]:
    """The slices that have it as ready, and since when."""
    seen: dict[str, None] = {}
    for change in changes(cluster.etcd, SLICES, since):
        made = change.object
        if not isinstance(made, types.EndpointSlice) or made.metadata.name in seen or not _has(made, ref):
            continue
        seen[made.metadata.name] = None
        service = made.metadata.labels.get("kubernetes.io/service-name", "")
        said = fact("slice", name=made.metadata.name, service=service, revision=change.revision)
        yield Step("endpointslice", change.tick, DONE, (said,), Ref("Service", ref.namespace, service))


def _selected_by(cluster: Cluster, pod: types.Pod) -> Ref | None:
    """The first Service that selects it and keeps endpoints: an ExternalName has none, whatever it selects."""
    for service in cluster.etcd.table("services").in_namespace(pod.metadata.namespace):
        if not isinstance(service, types.Service) or service.spec is None or service.spec.type == "ExternalName":
            continue
        if service.spec.selector and matches_set(service.spec.selector, pod.metadata.labels):
            return ref_of(service)
    return None


def _has(made: types.EndpointSlice, ref: Ref) -> bool:
    for endpoint in made.endpoints:
        known = endpoint.target_ref is not None and endpoint.target_ref.name == ref.name
        if known and made.metadata.namespace == ref.namespace:
            return endpoint.conditions is None or endpoint.conditions.ready is not False
    return False


def _rules(cluster: Cluster, ref: Ref) -> Step:
    """On how many machines the rules know it."""
    there = [name for name, machine in cluster.world.machines.items() if machine.powered]
    with_it = [name for name in there if _knows(cluster, name, ref)]
    without = [name for name in there if name not in with_it]
    said = [fact("known-on", n=len(with_it), of=len(there), lag=cluster.spec.flags.kube_proxy_lag)]
    said += [fact("unknown-on", machine=name) for name in without[:SHOWN]]
    return Step("rules", None, DONE if with_it else WAITING, tuple(said), ref)


def _knows(cluster: Cluster, machine: str, ref: Ref) -> bool:
    """Whether the rules of a machine have a Pod behind any Service."""
    known = cluster.fabric.rules(machine).by_name.items()
    ready = (target for key, rules in known if key[0] == ref.namespace for rule in rules for target in rule.ready)
    return any(target.pod == ref.name for target in ready)


def _request(cluster: Cluster, ref: Ref) -> Step:
    """Whether users' requests have come to it."""
    hop = ("Pod", ref.namespace, ref.name)
    station = next((s for s in cluster.traffic.stations.values() if s.pod == hop and s.legs), None)
    if station is None:
        return Step("served", None, WAITING if cluster.traffic.streams else DONE, (fact("no-way"),), ref)
    if station.work is None:
        return Step("served", None, WAITING, (fact("way", tick=station.since),), ref)
    served = fact("serves", tick=station.since, n=station.work.done)
    return Step("served", station.since, DONE, (served,), ref)
