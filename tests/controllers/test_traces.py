"""Stories that a real control plane (1.20) was recorded in, played against our controllers.

Kubelets are played as they were in the recording: a bound Pod runs after 1 s and is ready after 3 (images with `slow`
after 8, with `bad` never; `job-ok` and `job-fail` end after 3); a deleted one is gone 1 s later. Pods are bound in
turn. Times are not compared, and sizes that followed one another within one second may be merged in ours, so that our
sequences must be subsequences of theirs with the same end.

Differences that later releases explain:
- ScalingReplicaSet says "from A to B" since 1.26 (pkg/controller/deployment/sync.go): A is struck here.
- A Job's Pod that is deleted counts as failed since 1.26 (tracking by finalizers).
- Complete and Failed of Jobs come with reason and message, and after SuccessCriteriaMet or FailureTarget, since 1.31.
"""

import json
import os
import pathlib
import re

import pytest

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError, forbidden
from kubesim_tui.apiserver.request import Options, Request
from kubesim_tui.controllers.daemonset.pods import target_node
from kubesim_tui.controllers.registry import CONTROLLERS
from tests.controllers.bench import Manager, node
from tests.harness import ADMIN, NoAdmission

FOLDER = pathlib.Path(os.environ.get("KUBESIM_TRACES") or pathlib.Path(__file__).parent.parent / "data" / "traces")
NEEDS_SCHEDULER = {"sched-texts", "dep-unschedulable"}
TRACES = [json.loads(p.read_text()) for p in sorted(FOLDER.glob("*.json"))]
TRACES = [t for t in TRACES if t["name"] not in NEEDS_SCHEDULER]
SILENT = {"nodelifecycle", "node-lifecycle-controller"}
SOURCES = {
    "deployment-controller",
    "replicaset-controller",
    "statefulset-controller",
    "daemonset-controller",
    "job-controller",
    "cronjob-controller",
    "persistentvolume-controller",
    "controllermanager",
}
COUNTS = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas", "unavailableReplicas", "currentReplicas")
COUNTS += ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled")
COUNTS += ("numberAvailable", "numberUnavailable", "active", "succeeded", "failed")


class PodQuota(NoAdmission):
    """As much of the quota plugin as these stories need: the number of Pods."""

    def __init__(self):
        self.etcd = None

    def validate(self, request, obj, old):
        if request.verb != "create" or request.subresource or request.resource.plural != "pods":
            return
        for quota in self.etcd.table("resourcequotas").in_namespace(request.namespace):
            data = encode_object(quota)
            most = int(data["spec"]["hard"].get("pods", 1 << 30))
            used = len(list(self.etcd.table("pods").in_namespace(request.namespace)))
            if used >= most:
                why = (
                    f"exceeded quota: {quota.metadata.name}, requested: pods=1, used: pods={used}, limited: pods={most}"
                )
                raise forbidden("", "pods", obj.metadata.name, why)


class Player:
    """Plays one story."""

    def __init__(self, trace):
        self.trace, self.replies = trace, []
        quota = PodQuota()
        m = self.m = Manager(*[r.cls for r in CONTROLLERS if r.name not in SILENT], admission=quota)
        quota.etcd = m.etcd
        for name, zone in (("node-c", "z2"), ("node-d", "z2")):
            m.create(node(name, zone))
        m.nodes = ["node-a", "node-b", "node-c", "node-d"]
        self.bound: dict[str, int] = {}
        self.deleted: dict[str, int] = {}

    def play(self):
        steps = sorted(self.trace["steps"], key=lambda s: s["at"])
        last = max([s["at"] for s in steps] + [w["t"] for w in self.trace["observed"]["pods"]], default=0)
        for tick in range(int(last) + 25):
            for step in [s for s in steps if int(s["at"]) == tick]:
                self.do(step)
            self.kubelets(tick)
            self.m.tick()
            self.binder(tick)
        return self

    # -- inputs ------------------------------------------------------------------------------------------------

    def do(self, step):
        what = next(k for k in step if k != "at")
        try:
            getattr(self, what)(step[what], step)
        except StatusError as refused:
            self.replies.append((refused.code, refused.message, refused.reason))

    def ask(self, verb, kind, name, subresource="", **more):
        resource = next(r for r in scheme.builtin() if r.kind == kind)
        namespace = "default" if resource.namespaced else ""
        return self.m.server.handle(Request(ADMIN, verb, resource, namespace, name, subresource, **more))

    def apply(self, data, _step):
        data = {**data, "apiVersion": data["apiVersion"].replace("v1beta1", "v1")}
        self.m.create(data)
        self.replies.append((201, None, None))

    def patch(self, body, _step):
        kind, name, patch = body
        self.ask("patch", kind, name, body=patch, patch_type="merge")
        self.replies.append((200, None, None))

    def scale(self, body, _step):
        kind, name, replicas = body
        self.patch([kind, name, {"spec": {"replicas": replicas}}], None)

    def delete(self, body, _step):
        kind, name, policy = body
        self.ask("delete", kind, name, options=Options(propagation=policy or ""))
        self.replies.append((200, None, None))

    def chosen(self, text, count):
        key, value = text.split("=")
        pods = [p for p in self.m.list(types.Pod, "default") if p.metadata.labels.get(key) == value]
        return [p for p in pods if p.metadata.deletion_timestamp is None][:count]

    def delete_pods(self, body, _step):
        for pod in self.chosen(body["selector"], body["count"]):
            self.ask("delete", "Pod", pod.metadata.name)
        self.replies.append((200, None, None))

    def evict(self, body, _step):
        last = (201, None, None)
        for pod in self.chosen(body["selector"], body["count"]):
            try:
                self.m.admin.evict("default", pod.metadata.name)
            except StatusError as refused:
                last = (refused.code, refused.message, refused.reason)
        self.replies.append(last)

    # -- kubelets and scheduler --------------------------------------------------------------------------------

    def binder(self, tick):
        for pod in self.m.list(types.Pod):
            if pod.spec.node_name or pod.metadata.deletion_timestamp is not None or not self.claims_bound(pod):
                continue
            self.m._turn += 1
            chosen = target_node(pod) or self.m.nodes[self.m._turn % 4]
            self.m.admin.update(pod.evolve(spec=pod.spec.evolve(node_name=chosen)))
            self.bound[pod.metadata.uid] = tick

    def claims_bound(self, pod):
        sources = [v.persistent_volume_claim for v in pod.spec.volumes if v.persistent_volume_claim]
        claims = [self.m.get(types.PersistentVolumeClaim, s.claim_name) for s in sources]
        return all(c.status.phase == "Bound" for c in claims)

    def kubelets(self, tick):
        for pod in self.m.list(types.Pod):
            uid = pod.metadata.uid
            if pod.metadata.deletion_timestamp is not None:
                if self.deleted.setdefault(uid, tick) < tick:
                    self.m.gone(pod.metadata.name)
            elif uid in self.bound:
                self.grow(pod, tick - self.bound[uid])

    def grow(self, pod, age):
        image = pod.spec.containers[0].image
        ready, phase = False, "Pending"
        if "bad" not in image and age >= 1:
            phase, ready = "Running", age >= (8 if "slow" in image else 3)
        if "job" in image:
            ready = False
            if age >= 3:
                phase = "Failed" if "fail" in image else "Succeeded"
        now = self.m.engine.clock.now
        known = {c.type: c for c in pod.status.conditions}.get("Ready")
        state = ("True" if ready else "False", phase)
        if known is not None and (known.status, pod.status.phase) == state:
            return
        condition = types.PodCondition(type="Ready", status=state[0], last_transition_time=now)
        address = f"10.244.0.{len(self.bound) % 250 + 1}" if phase == "Running" else ""
        status = pod.status.evolve(phase=phase, conditions=(condition,), pod_ip=address, start_time=now)
        self.m.admin.update_status(pod.evolve(status=status))


@pytest.fixture(scope="module")
def played():
    """Each story is played once."""
    done = {}

    def play(trace):
        if trace["name"] not in done:
            done[trace["name"]] = Player(trace).play()
        return done[trace["name"]]

    return play


# -- normalisation -----------------------------------------------------------------------------------------------


def plain_name(text):
    text = re.sub(r"(web)-[0-9a-z]{6,10}(-[a-z0-9]{5})\b", r"\1-<hash>-<id>", text)
    text = re.sub(r"(web)-[0-9a-z]{6,10}\b", r"\1-<hash>", text)
    return re.sub(r"\b(agent|j)-[a-z0-9]{5}\b", r"\1-<id>", text)


def message(text):
    return plain_name(re.sub(r" from \d+ to (\d+)", r" to \1", text))


def our_events(m):
    found = sorted(m.list(types.Event), key=lambda e: e.metadata.resource_version)
    return [
        (f"{e.involved_object.kind}/{plain_name(e.involved_object.name)}", e.type, e.reason, message(e.message))
        for e in found
        if e.source.component in SOURCES
    ]


def their_events(trace):
    return [
        (e["object"], e["type"], e["reason"], e["message"].removeprefix("(combined from similar events): "))
        for e in trace["observed"]["events"]
        if e["source"] in SOURCES
    ]


def merged(sequence):
    """Without repetitions of the same next to each other."""
    return [s for i, s in enumerate(sequence) if i == 0 or s != sequence[i - 1]]


def is_subsequence(short, long):
    rest = iter(long)
    return all(s in rest for s in short)


def journal(m, resource):
    return [c for c in m.etcd.journal if c.resource == resource]


# -- what must be the same ---------------------------------------------------------------------------------------


def each(test):
    return pytest.mark.parametrize("trace", TRACES, ids=[t["name"] for t in TRACES])(test)


@each
def test_replies(trace, played):
    theirs = []
    for r in trace["replies"]:
        worst = max(r.get("all", [r]), key=lambda a: a["code"])
        theirs.append((worst["code"], worst.get("message"), worst.get("reason")))
    assert played(trace).replies == theirs


@each
def test_events(trace, played):
    ours, theirs = set(our_events(played(trace).m)), set(their_events(trace))
    scaling = {e for e in ours | theirs if e[2] == "ScalingReplicaSet"}
    assert ours - scaling == theirs - scaling
    assert ours & scaling <= theirs


@each
def test_sizes_of_replica_sets(trace, played):
    theirs, ours = {}, {}
    for row in trace["observed"]["workloads"]:
        if row["kind"] == "ReplicaSet" and row["type"] != "DELETED":
            theirs.setdefault(row.get("revision", ""), []).append(row["spec"]["replicas"])
    for change in journal(played(trace).m, "replicasets.apps"):
        if change.type != "DELETED":
            revision = change.object.metadata.annotations.get("deployment.kubernetes.io/revision", "")
            ours.setdefault(revision, []).append(change.object.spec.replicas)
    assert sorted(ours) == sorted(theirs)
    for revision, sizes in ours.items():
        assert is_subsequence(merged(sizes), merged(theirs[revision]))
        assert sizes[-1] == theirs[revision][-1]


@each
def test_comings_and_goings_of_named_pods(trace, played):
    """StatefulSet Pods: in which order they are made, told to stop, and gone."""
    theirs, ours, seen = [], [], set()
    for row in trace["observed"]["pods"]:
        if "<" not in row["name"]:
            note(theirs, seen, row["name"], row["deleting"], row["type"] == "DELETED")
    seen = set()
    for change in journal(played(trace).m, "pods"):
        if any(r.kind == "StatefulSet" for r in change.object.metadata.owner_references):
            meta = change.object.metadata
            note(ours, seen, meta.name, meta.deletion_timestamp is not None, change.type == "DELETED")
    if trace["name"].startswith("sts"):
        assert ours == theirs


def note(out, seen, name, deleting, gone):
    state = "gone" if gone else "stopping" if deleting else "there"
    if (name, state) not in seen:
        out.append((name, state))
        seen.add((name, state))
    if gone:
        seen -= {(name, s) for s in ("there", "stopping", "gone")}


@each
def test_final_counts(trace, played):
    """Of ReplicaSets by revision, which moves when an old template comes back: those that ours end with."""
    theirs, ours = {}, {}
    for row in trace["observed"]["workloads"]:
        key = (row["kind"], row["name"], row.get("revision") if row["kind"] == "ReplicaSet" else None)
        theirs.pop(key, None)
        if row["type"] != "DELETED":
            theirs[key] = counts(row["kind"], row["status"])
    m = played(trace).m
    for obj in workloads(m):
        revision = obj.metadata.annotations.get("deployment.kubernetes.io/revision")
        key = (obj.kind, plain_name(obj.metadata.name), revision if obj.kind == "ReplicaSet" else None)
        ours[key] = counts(obj.kind, encode_object(obj).get("status") or {})
        if obj.kind == "Job" and any("delete_pods" in s for s in trace["steps"]):
            ours[key].pop("failed", None)
    assert ours == {k: v for k, v in theirs.items() if k in ours or k[0] not in ("ReplicaSet", "PodDisruptionBudget")}


def counts(kind, status):
    """The figures that 1.20 had, too (availableReplicas of StatefulSets came with 1.22)."""
    found = {k: status[k] for k in COUNTS if status.get(k)}
    if kind == "StatefulSet":
        found.pop("availableReplicas", None)
    return found | phase(status)


def phase(status):
    return {"phase": status["phase"]} if "phase" in status else {}


def workloads(m):
    kinds = ("deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "persistentvolumeclaims")
    return [o for k in kinds for o in m.etcd.table(scheme.for_plural(k).group_resource)]


@each
def test_conditions(trace, played):
    """Ours are among theirs, and the last ones are the same."""
    theirs, last = set(), {}
    for row in trace["observed"]["conditions"]:
        found = (row["kind"], row["name"], row["type"], row["status"], row["reason"], row["message"])
        theirs.add(found)
        last[found[:3]] = found
    ours, now = set(), {}
    m = played(trace).m
    for change in m.etcd.journal:
        if change.object.kind not in ("Deployment", "ReplicaSet"):
            continue
        name = plain_name(change.object.metadata.name)
        for c in change.object.status.conditions if change.object.status else ():
            found = (change.object.kind, name, c.type, c.status, c.reason, plain_name(c.message))
            ours.add(found)
            now[found[:3]] = found
    assert ours <= theirs
    assert {k: v for k, v in last.items() if k[0] in ("Deployment", "ReplicaSet")} == now
