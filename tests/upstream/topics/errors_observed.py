"""What users have seen refused, in kubectl's words."""

import contextlib
import copy
import re

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.kubectl import fail
from tests.apiserver.door import Door, document, pod, service
from tests.scheduler.bench import Cluster
from tests.upstream.adapters import answers
from tests.upstream.answers import Saying
from tests.upstream.topics.admission import quota_refusal

LABELS = {"app": "x"}
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "fast"}


def _template():
    container = {"name": "c", "image": "nginx", "volumeMounts": [{"name": "here", "mountPath": "/here"}]}
    spec = {"containers": [container], "volumes": [{"name": "here", "emptyDir": {}}]}
    return {"metadata": {"labels": dict(LABELS)}, "spec": spec}


def _workload(kind, **more):
    spec = {"selector": {"matchLabels": dict(LABELS)}, "template": _template(), **more}
    return document(kind, "apps/v1", "", spec=spec)


def _job():
    template = _template()
    template["spec"]["restartPolicy"] = "Never"
    return document("Job", "batch/v1", "", spec={"template": template})


VALID = {
    "Deployment": lambda: _workload("Deployment"),
    "ReplicaSet": lambda: _workload("ReplicaSet"),
    "DaemonSet": lambda: _workload("DaemonSet"),
    "StatefulSet": lambda: _workload("StatefulSet", serviceName="x"),
    "Job": _job,
    "CronJob": lambda: document("CronJob", "batch/v1", "", spec={"schedule": "0 0 * * *", "jobTemplate": _job()}),
    "Pod": lambda: pod(**_template()["spec"]),
    "Service": service,
    "Secret": lambda: document("Secret", "v1", "", data={"k": "djE="}),
    "ConfigMap": lambda: document("ConfigMap", "v1", "", data={"k": "v1"}),
    "PersistentVolumeClaim": lambda: document("PersistentVolumeClaim", "v1", "", spec=copy.deepcopy(CLAIM)),
    "Namespace": lambda: document("Namespace", "v1", ""),
    "Ingress": lambda: document(
        "Ingress",
        "networking.k8s.io/v1",
        "",
        spec={"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
    ),
}
"""A valid object of each kind."""
OTHERS = {
    "spec.template": ("spec.template.metadata.labels.other", "yes"),
    "spec.volumeClaimTemplates": (
        "spec.volumeClaimTemplates",
        [{"metadata": {"name": "other"}, "spec": CLAIM}],
    ),
}
"""What `other` stands for where it is not the value itself: a smaller change."""
NEW = {"initContainers": {"name": "i", "image": "nginx"}, "volumeMounts": {"mountPath": "/there"}}
"""Items of lists that a change adds to: what they need beside it."""


def _changed(data, change):
    for path, value in change.items():
        place, new = OTHERS.get(path, (path, value)) if value == "other" else (path, value)
        _set(data, re.findall(r"[^.\[\]]+", place), copy.deepcopy(new))
    return data


def _set(data, steps, value, of=""):
    """Put a value at a path; what is missing on the way is made, null takes it away."""
    step, *rest = steps
    key = int(step) if step.isdigit() else step
    if not rest and value is None:
        data.pop(key, None)
    elif not rest:
        data[key] = value
    elif isinstance(data, list):
        if key == len(data):
            data.append(copy.deepcopy(NEW.get(of, {})))
        _set(data[key], rest, value)
    else:
        _set(data.setdefault(key, [] if rest[0].isdigit() else {}), rest, value, of=key)


def _named(given):
    data = VALID[given["kind"]]()
    data["metadata"]["name"] = given["name"]
    if given.get("immutable"):
        data["immutable"] = True
    return data


TEMPLATE = "<new template>"


class _Text(str):
    """kubectl's text; the table may leave out its beginning, its end, and a whole template within."""

    def __eq__(self, wanted):
        pattern = ".*".join(map(re.escape, wanted.split(TEMPLATE)))
        return re.search(pattern, str(self), re.DOTALL) is not None

    __hash__ = str.__hash__


def _refusal(door, verb, data):
    return {"message": _Text(fail.describe(door.refusal(verb, data)))}


@answers("errors_observed", "create")
def created(given):
    door = Door()
    data = _named(given)
    ports = [value for path, value in given["change"].items() if path.endswith(".nodePort")]
    for port in ports:
        data["spec"]["type"] = "NodePort"
        with contextlib.suppress(StatusError):  # a port that does not exist nobody has
            door.send("create", service("other", type="NodePort", ports=[{"port": 80, "nodePort": port}]))
    return _refusal(door, "create", _changed(data, given["change"]))


@answers("errors_observed", "update")
def updated(given):
    door = Door()
    before = encode_object(door.send("create", _named(given)))
    return _refusal(door, "update", _changed(before, given["change"]))


@answers("errors_observed", "quota")
def over_quota(given):
    return {"message": quota_refusal(given)}


@answers("errors_observed", "schedule")
def unschedulable(given):
    cluster = Cluster()
    missing = given["reasons"]
    assert sum(missing.values()) == given["nodes"]
    wanted = {}
    for number, (reason, count) in enumerate(sorted(missing.items())):
        resource = reason.removeprefix("Insufficient ")
        assert resource in ("cpu", "memory"), f"no world for {reason}"
        wanted[resource] = "2"
        for i in range(count):
            name = f"n-{number}-{i}"
            cluster.node(name, **{resource: "3"})
            cluster.pod(f"there-{name}", nodeName=name, **{resource: "2"})
    cluster.pod("new", **wanted)
    cluster.tick()
    return {"message": Saying(cluster.condition("new")[2])}
