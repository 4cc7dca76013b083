"""What holds whatever people and machines do: random verbs, lost nodes and seconds, judged after every second.

The control plane is the whole one, scheduler and all; its kubelets are played (tests/traces/plane.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kubesim_tui.api import intstr, types
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import ADDED, DELETED, Change
from tests.traces.plane import NODES, Plane

SPACE = "default"
APP = {"app": "web"}
IMAGES = st.sampled_from(["app:v1", "app:v2", "app:v3-slow", "bad:v4"])
HEALTHY = st.sampled_from(["app:v1", "app:v2", "app:v3-slow"])
NODE = st.sampled_from([name for name, _ in NODES])
BOUND = st.one_of(st.integers(0, 3), st.sampled_from(["25%", "50%"]))
PATIENCE = st.sampled_from([0, 2, 5, 12, 60])
"""Seconds that somebody lets pass after a release."""
ENOUGH = settings(max_examples=60, stateful_step_count=30, deadline=None)
SETTLED, QUIET = 700, 60
"""Seconds: until nothing is left to be done, and for how long nothing may happen then."""


def template(image):
    return {"metadata": {"labels": APP}, "spec": {"containers": [{"name": "c", "image": image}]}}


class Story(RuleBasedStateMachine):
    """A control plane, and what anybody does to it. `look` is called after each second with what was committed."""

    def __init__(self):
        super().__init__()
        self.plane = Plane()
        self.plane.tick(3)
        self.seen = len(self.plane.kept.changes)
        self.ours: set[str] = set()  # uids of Pods that we have deleted
        self.problems: list[str] = []

    # -- verbs -------------------------------------------------------------------------------------------------

    def create(self, kind, name, spec):
        self.plane.ask("create", kind, name, "", SPACE, body={"metadata": {"name": name}, "spec": spec})

    def patch(self, kind, name, body):
        self.plane.ask("patch", kind, name, "", SPACE, body=body, patch_type="merge")

    def pods(self):
        return self.plane.list(types.Pod, SPACE)

    @rule(turn=st.integers(0, 9))
    def delete_a_pod(self, turn):
        alive = [p for p in self.pods() if p.metadata.deletion_timestamp is None]
        if alive:
            pod = alive[turn % len(alive)]
            self.ours.add(pod.metadata.uid)
            self.plane.ask("delete", "Pod", pod.metadata.name, "", SPACE)

    @rule(node=NODE, up=st.booleans())
    def cordon(self, node, up):
        self.plane.ask("patch", "Node", node, body={"spec": {"unschedulable": not up}}, patch_type="merge")

    @rule(node=NODE)
    def silence(self, node):
        if node not in self.plane.silent and len(self.plane.silent) < 2:
            self.plane.silence(node)

    @rule()
    def wake(self):
        for node in list(self.plane.silent):
            self.plane.silence(node, on=False)

    @rule(seconds=st.sampled_from([1, 2, 5, 12, 60]))
    def wait(self, seconds):
        for _ in range(seconds):
            self.plane.tick()
            changes = self.plane.kept.changes[self.seen :]
            self.seen += len(changes)
            self.look(changes)

    def look(self, changes: list[Change]) -> None:
        """Judge one second."""

    @invariant()
    def nothing_is_wrong(self):
        assert self.problems == []

    # -- what the controllers did ------------------------------------------------------------------------------

    def stopped(self, changes: list[Change]) -> Iterator[types.Pod]:
        """Pods that the controllers have told to stop (not we, not a drained or lost node), as they were before."""
        for change in changes:
            pod = change.object
            if not isinstance(pod, types.Pod) or pod.metadata.uid in self.ours:
                continue
            before = change.previous
            first = isinstance(before, types.Pod) and before.metadata.deletion_timestamp is None
            now = pod.metadata.deletion_timestamp is not None or change.type == DELETED
            if first and now and before.spec.node_name not in self.plane.silent:
                yield before


# -- Deployments -----------------------------------------------------------------------------------------------------


class Rollouts(Story):
    """A Deployment is released, scaled, paused, while Pods and nodes come and go."""

    @initialize(replicas=st.integers(1, 6), surge=BOUND, unavailable=BOUND)
    def deploy(self, replicas, surge, unavailable):
        if intstr.scaled_value(surge, 100, round_up=True) == intstr.scaled_value(unavailable, 100, round_up=False) == 0:
            surge = 1
        rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
        spec = {"replicas": replicas, "selector": {"matchLabels": APP}, "template": template("app:v1")}
        self.create("Deployment", "web", {**spec, "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}})
        self.sizes: dict[str, int] = {}
        self.scaled = True
        self.total = 0
        self.wait(seconds=12)

    @rule(replicas=st.integers(0, 8))
    def scale(self, replicas):
        self.patch("Deployment", "web", {"spec": {"replicas": replicas}})
        self.scaled = True

    @rule(image=IMAGES, seconds=PATIENCE)
    def release(self, image, seconds):
        self.patch("Deployment", "web", {"spec": {"template": template(image)}})
        self.wait(seconds=seconds)

    @rule(paused=st.booleans())
    def pause(self, paused):
        self.patch("Deployment", "web", {"spec": {"paused": paused}})

    def look(self, changes):
        spec = self.plane.admin.get(types.Deployment, SPACE, "web").spec
        rolling = spec.strategy.rolling_update
        surge = intstr.scaled_value(rolling.max_surge, spec.replicas, round_up=True)
        unavailable = intstr.scaled_value(rolling.max_unavailable, spec.replicas, round_up=False)
        if surge == unavailable == 0:
            unavailable = 1
        self._surge(changes, spec.replicas + (surge if spec.replicas else 0))
        self._availability(changes, spec.replicas - min(unavailable, spec.replicas))
        self.scaled = False

    def _surge(self, changes, most):
        """No ReplicaSet grows beyond what all of them may have together."""
        for change in changes:
            if not isinstance(change.object, types.ReplicaSet):
                continue
            uid, before = change.object.metadata.uid, self.sizes.get(change.object.metadata.uid, 0)
            self.sizes[uid] = 0 if change.type == DELETED else change.object.spec.replicas
            if self.sizes[uid] > before and sum(self.sizes.values()) > most:
                self.problems.append(f"{sum(self.sizes.values())} Pods are wanted where {most} are allowed")
        going = sum(1 for p in self.pods() if p.metadata.deletion_timestamp is None)
        if going > max(most, self.total) and going > sum(self.sizes.values()):
            self.problems.append(f"there are {going} Pods, wanted are {sum(self.sizes.values())}")
        self.total = going

    def _availability(self, changes, least):
        """A second in which a controller stops a ready Pod ends with enough ready ones; but for that of a scaling."""
        stopped = [p.metadata.name for p in self.stopped(changes) if is_pod_ready(p)]
        ready = sum(1 for p in self.pods() if is_pod_ready(p) and p.metadata.deletion_timestamp is None)
        if stopped and ready < least and not self.scaled:
            self.problems.append(f"{stopped} stopped, {ready} are left where {least} must be")


TestRollouts = Rollouts.TestCase
TestRollouts.settings = ENOUGH


# -- StatefulSets ----------------------------------------------------------------------------------------------------


class Identities(Story):
    """A StatefulSet in order is released and scaled; nodes are lost."""

    @initialize(replicas=st.integers(1, 4))
    def deploy(self, replicas):
        spec = {"replicas": replicas, "selector": {"matchLabels": APP}, "serviceName": "db"}
        self.create("StatefulSet", "db", {**spec, "template": template("app:v1")})
        self.scaled = True
        self.wait(seconds=12)

    @rule(replicas=st.integers(0, 5))
    def scale(self, replicas):
        self.patch("StatefulSet", "db", {"spec": {"replicas": replicas}})
        self.scaled = True

    @rule(image=HEALTHY, seconds=PATIENCE)
    def release(self, image, seconds):
        self.patch("StatefulSet", "db", {"spec": {"template": template(image)}})
        self.wait(seconds=seconds)

    def look(self, changes):
        mine = [c for c in changes if isinstance(c.object, types.Pod)]
        self._one_of_each(mine)
        self._in_order(mine)
        self._one_at_a_time(mine)
        self.scaled = False

    def _one_of_each(self, changes):
        """A Pod of a node that says nothing is never replaced: it may still run there."""
        for change in changes:
            node = change.object.spec.node_name
            if change.type == DELETED and node in self.plane.silent:
                self.problems.append(f"{change.object.metadata.name} is gone from {node}, which has not said so")

    def _in_order(self, changes):
        """A Pod is made when all before it are ready."""
        pods = {p.metadata.name: p for p in self.pods()}
        for change in changes:
            if change.type != ADDED:
                continue
            ordinal = int(change.object.metadata.name.rpartition("-")[2])
            below = [pods.get(f"db-{i}") for i in range(ordinal)]
            if not all(p is not None and is_pod_ready(p) for p in below):
                self.problems.append(f"db-{ordinal} is made before those below it are ready")

    def _one_at_a_time(self, changes):
        """An update stops one Pod at a time, and only when those above it are ready."""
        stopped = list(self.stopped(changes))
        if len(stopped) > 1:
            self.problems.append(f"{[p.metadata.name for p in stopped]} are stopped at once")
        for pod in stopped:
            ordinal = int(pod.metadata.name.rpartition("-")[2])
            above = [p for p in self.pods() if int(p.metadata.name.rpartition("-")[2]) > ordinal]
            if not self.scaled and any(p.metadata.deletion_timestamp is not None for p in above):
                self.problems.append(f"db-{ordinal} is stopped while one above it goes")


TestIdentities = Identities.TestCase
TestIdentities.settings = ENOUGH


# -- claims ----------------------------------------------------------------------------------------------------------


class Claims(Story):
    """Claims, volumes and Pods that use them come and go."""

    @initialize()
    def begin(self):
        self.bound: dict[str, str] = {}  # a claim's uid → its volume

    @rule(name=st.sampled_from("abc"), size=st.integers(1, 3))
    def claim(self, name, size):
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": f"{size}Gi"}}}
        self.try_to(self.create, "PersistentVolumeClaim", name, {**spec, "storageClassName": ""})

    @rule(name=st.sampled_from("xyz"), size=st.integers(1, 3), policy=st.sampled_from(["Retain", "Delete"]))
    def volume(self, name, size, policy):
        spec = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": f"{size}Gi"}, "hostPath": {"path": "/x"}}
        self.try_to(self.create, "PersistentVolume", name, {**spec, "persistentVolumeReclaimPolicy": policy})

    @rule(name=st.sampled_from("abc"), pod=st.sampled_from(["p", "q"]))
    def use(self, name, pod):
        volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": name}}]
        self.try_to(self.create, "Pod", pod, {"containers": [{"name": "c", "image": "app:v1"}], "volumes": volumes})

    @rule(kind=st.sampled_from(["PersistentVolumeClaim", "PersistentVolume"]), name=st.sampled_from("abcxyz"))
    def drop(self, kind, name):
        self.try_to(self.plane.ask, "delete", kind, name, "", SPACE)

    def try_to(self, verb, *words):
        try:
            verb(*words)
        except StatusError as refused:
            if refused.code not in (403, 404, 409):
                raise

    def look(self, _changes):
        claims = self.plane.list(types.PersistentVolumeClaim, SPACE)
        for claim in claims:
            uid, volume = claim.metadata.uid, claim.spec.volume_name
            if self.bound.setdefault(uid, volume) not in ("", volume):
                self.problems.append(
                    f"claim {claim.metadata.name} has left {self.bound[uid]} for {volume or 'nothing'}"
                )
            self.bound[uid] = volume
        bound = [c for c in claims if c.status.phase == "Bound"]
        if len({c.spec.volume_name for c in bound}) < len(bound):
            self.problems.append("two claims are bound to one volume")
        for claim in bound:
            found = self.plane.etcd.get("persistentvolumes", ("", claim.spec.volume_name))
            if found is None or found.spec.claim_ref.uid != claim.metadata.uid:
                self.problems.append(f"the volume of {claim.metadata.name} is not its own")
        self._kept_while_used({c.metadata.name for c in claims})

    def _kept_while_used(self, claims):
        """What a Pod on a node uses is there."""
        for pod in self.pods():
            used = pod.spec.volumes[0].persistent_volume_claim if pod.spec.volumes else None
            if used is not None and pod.spec.node_name and used.claim_name not in claims:
                self.problems.append(f"{pod.metadata.name} uses a claim that is gone")


TestClaims = Claims.TestCase
TestClaims.settings = ENOUGH


# -- rest ------------------------------------------------------------------------------------------------------------


class Rest(Story):
    """Whatever was done, when nobody does anything any more all comes to rest, and a second at rest costs nothing."""

    @initialize(replicas=st.integers(0, 4))
    def deploy(self, replicas):
        spec = {"replicas": replicas, "selector": {"matchLabels": APP}, "template": template("app:v1")}
        self.create("Deployment", "web", spec)
        self.create("StatefulSet", "db", {**spec, "serviceName": "db", **self._labelled("db")})
        self.create("DaemonSet", "agent", self._labelled("agent"))
        job = {"containers": [{"name": "c", "image": "job-ok"}], "restartPolicy": "Never"}
        self.create("Job", "j", {"completions": 2, "template": {"spec": job}})

    def _labelled(self, name):
        labels = {"app": name}
        return {"selector": {"matchLabels": labels}, "template": {**template("app:v1"), "metadata": {"labels": labels}}}

    @rule(replicas=st.integers(0, 5), kind=st.sampled_from(["Deployment/web", "StatefulSet/db"]))
    def scale(self, replicas, kind):
        self.patch(*kind.split("/"), {"spec": {"replicas": replicas}})

    @rule(image=HEALTHY)
    def release(self, image):
        containers = [{"name": "c", "image": image}]
        self.patch("Deployment", "web", {"spec": {"template": {"spec": {"containers": containers}}}})

    @rule()
    def rest(self):
        """Nodes speak again and take Pods; then nobody does anything."""
        self.wake()
        for node, _ in NODES:
            self.cordon(node, up=True)
        self.plane.tick(SETTLED)
        queued = {name: phase._sequence for name, phase in self.plane.engine.phases.items()}
        revision = self.plane.etcd.revision
        self.plane.tick(QUIET)
        self.seen = len(self.plane.kept.changes)
        if self.plane.etcd.revision != revision:
            self.problems.append("a cluster at rest is written to")
        if queued != {name: phase._sequence for name, phase in self.plane.engine.phases.items()}:
            self.problems.append("a cluster at rest works")
        self._as_wanted()

    def _as_wanted(self):
        counts: dict[str, int] = {}
        for pod in self.pods():
            owner = controller_of(pod)
            if pod.metadata.deletion_timestamp is not None:
                self.problems.append(f"{pod.metadata.name} is still going")
            elif owner is not None and is_pod_ready(pod):
                counts[owner.kind] = counts.get(owner.kind, 0) + 1
        web = self.plane.admin.get(types.Deployment, SPACE, "web").spec.replicas
        db = self.plane.admin.get(types.StatefulSet, SPACE, "db").spec.replicas
        wanted = {"ReplicaSet": web, "StatefulSet": db, "DaemonSet": len(NODES)}
        if counts != {k: v for k, v in wanted.items() if v}:
            self.problems.append(f"there are {counts} where {wanted} are wanted")


TestRest = Rest.TestCase
TestRest.settings = settings(ENOUGH, max_examples=10)
