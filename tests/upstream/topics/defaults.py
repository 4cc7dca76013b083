"""What a field is when it is left out: of API objects, of the kubelet's configuration, of controllers."""

import copy
import re

import attrs

from kubesim_tui.api import duration, quantity, scheme
from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver import heartbeat
from kubesim_tui.apiserver.defaults import set_defaults
from kubesim_tui.controllers.base import Autoscaling
from kubesim_tui.controllers.job import backoff
from kubesim_tui.kubelet import node_reporter, node_status, server
from kubesim_tui.kubelet.backoff import FIRST, MOST
from kubesim_tui.kubelet.configuration import DEFAULTS, Configuration, file_name
from tests.apiserver.door import Door, document, pod, service
from tests.upstream.adapters import answers

TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
LABELLED = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
PROBED = pod(containers=[{"name": "c", "image": "x", "livenessProbe": {"httpGet": {"port": 80}}}])
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}

VOLUME = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/x"}}


def _volume(**source):
    return pod(volumes=[{"name": "v", **source}])


def _projected(**source):
    return _volume(projected={"sources": [source]})


def _described(**source):
    return pod(containers=[{"name": "c", "image": "x", "env": [{"name": "E", "valueFrom": source}]}])


SILENT = {
    "Deployment": ("", document("Deployment", "apps/v1", "x", spec=LABELLED)),
    "DaemonSet": ("", document("DaemonSet", "apps/v1", "x", spec=LABELLED)),
    "StatefulSet": ("", document("StatefulSet", "apps/v1", "x", spec=LABELLED)),
    "ReplicaSet": ("", document("ReplicaSet", "apps/v1", "x", spec=LABELLED)),
    "ReplicationController": ("", document("ReplicationController", "v1", "x", spec={"template": TEMPLATE})),
    "Job": ("", document("Job", "batch/v1", "x", spec={"template": TEMPLATE})),
    "CronJob": ("", document("CronJob", "batch/v1", "x", spec={"jobTemplate": {"spec": {"template": TEMPLATE}}})),
    "HorizontalPodAutoscaler": ("", document("HorizontalPodAutoscaler", "autoscaling/v2", "x", spec={})),
    "Service": ("", service()),
    "Endpoints": ("", document("Endpoints", "v1", "x", subsets=[{"ports": [{"port": 80}]}])),
    "Namespace": ("", document("Namespace", "v1", "x")),
    "Node": ("", document("Node", "v1", "x")),
    "PersistentVolume": ("", document("PersistentVolume", "v1", "x", spec=VOLUME)),
    "PersistentVolumeClaim": ("", document("PersistentVolumeClaim", "v1", "x", spec=CLAIM)),
    "LimitRange": ("spec", document("LimitRange", "v1", "x", spec={"limits": [{"type": "Container"}]})),
    "Secret": ("", document("Secret", "v1", "x")),
    "Pod": ("", pod()),
    "PodSpec": ("spec", pod()),
    "Container": ("spec.containers[0]", pod()),
    "ContainerPort": ("spec.containers[0].ports[0]", pod(containers=[{"name": "c", "ports": [{"containerPort": 80}]}])),
    "Probe": ("spec.containers[0].livenessProbe", PROBED),
    "HTTPGetAction": ("spec.containers[0].livenessProbe.httpGet", PROBED),
    "Volume": ("spec.volumes[0]", _volume()),
    "SecretVolumeSource": ("spec.volumes[0].secret", _volume(secret={"secretName": "s"})),
    "ConfigMapVolumeSource": ("spec.volumes[0].configMap", _volume(configMap={"name": "c"})),
    "DownwardAPIVolumeSource": ("spec.volumes[0].downwardAPI", _volume(downwardAPI={"items": []})),
    "ProjectedVolumeSource": ("spec.volumes[0].projected", _projected(secret={"name": "s"})),
    "HostPathVolumeSource": ("spec.volumes[0].hostPath", _volume(hostPath={"path": "/x"})),
    "ServiceAccountTokenProjection": (
        "spec.volumes[0].projected.sources[0].serviceAccountToken",
        _projected(serviceAccountToken={"path": "t"}),
    ),
    "ObjectFieldSelector": (
        "spec.containers[0].env[0].valueFrom.fieldRef",
        _described(fieldRef={"fieldPath": "metadata.name"}),
    ),
}
"""A manifest of each kind that leaves everything out, and where a part lies in it."""
LIMITS = {"cpu": "1", "memory": "1Gi"}


def _set(data, path, value):
    *steps, last = re.findall(r"[^.\[\]]+", path)
    for step in steps:
        data = data[int(step)] if step.isdigit() else data.setdefault(step, {})
    data[last] = value


WHEN = {
    "unset": (),
    "parallelism unset too": (),
    "no matching toleration": (),
    "no source given": (),
    "no podFailurePolicy": (),
    "podFailurePolicy unset": (),
    "podFailurePolicy set": (("spec.podFailurePolicy", {"rules": []}),),
    "with podFailurePolicy": (("spec.podFailurePolicy", {"rules": []}),),
    "backoffLimitPerIndex set": (("spec.backoffLimitPerIndex", 1),),
    "limits set, requests unset": (("spec.containers[0].resources", {"limits": LIMITS}),),
    "tag latest or no tag": (("spec.containers[0].image", "nginx"),),
    "other tag": (("spec.containers[0].image", "nginx:1.27"),),
    "sessionAffinity ClientIP": (("spec.sessionAffinity", "ClientIP"),),
    "ClusterIP, NodePort or LoadBalancer": (("spec.type", "NodePort"),),
    "NodePort or LoadBalancer": (("spec.type", "NodePort"),),
    "NodePort, LoadBalancer": (("spec.type", "NodePort"),),
    "LoadBalancer": (("spec.type", "LoadBalancer"),),
    "type RollingUpdate": (("spec.{strategy}.type", "RollingUpdate"),),
    "RollingUpdate": (("spec.{strategy}.type", "RollingUpdate"),),
    "max set": (("spec.limits[0].max", LIMITS),),
    "min set": (("spec.limits[0].min", LIMITS),),
    "default set": (("spec.limits[0].default", LIMITS),),
    "capacity set": (("status.capacity", LIMITS),),
}
"""What is set, after all, in the words of the table."""
CREATED = ("status.phase", "metadata.", "spec.tolerations")
"""Fields that are filled in when an object is made."""


def _filled(kind, when, field):
    data = copy.deepcopy(SILENT[kind][1])
    strategy = "strategy" if kind == "Deployment" else "updateStrategy"
    for path, value in WHEN[when]:
        _set(data, path.format(strategy=strategy), copy.deepcopy(value))
    if field.startswith(CREATED):
        return encode_object(Door().send("create", data))
    set_defaults(scheme.for_kind(data["apiVersion"], data["kind"]), data)
    return data


def _at(data, path):
    """The value at a path (`a.b[*].c`, `labels[key]`, `tolerations[key:effect]`); None if there is none."""
    for step in re.findall(r"\[[^\]]*\]|[^.\[\]]+", path):
        if data is None:
            return None
        data = _step(data, step.strip("[]"))
    return data


def _step(data, name):
    if isinstance(data, dict):
        return data.get(name)
    if ":" in name:
        key, _, effect = name.rpartition(":")
        return next((t for t in data if (t["key"], t["effect"]) == (key, effect)), None)
    return data[0 if name == "*" else int(name)]


class _Api:
    """A field's value, which the table may write out, or say in words where it is taken from."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, wanted):
        if isinstance(wanted, str) and wanted in WORDS:
            return WORDS[wanted] == self.value
        return (self.value or None) == (wanted or None)  # Go's zero values need not be written

    __hash__ = None

    def __repr__(self):
        return repr(self.value)


WORDS = {
    "copied from limits per resource": LIMITS,
    "copy of capacity": LIMITS,
    "max": LIMITS,
    "min": LIMITS,
    "default": LIMITS,
    "the namespace name": "x",
    "emptyDir: {}": {"name": "v", "emptyDir": {}},
}
"""Values that the table describes: what the manifests above give."""


class _Setting:
    """A number of a component: seconds, bytes, a map; the table writes texts."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, wanted):
        if isinstance(self.value, int) and isinstance(wanted, str):
            return self.value in (_seconds(wanted), _bytes(wanted))
        if isinstance(wanted, dict):
            return wanted.items() <= dict(self.value).items()  # upstream's list of signals is not complete
        return wanted == self.value

    __hash__ = None

    def __repr__(self):
        return repr(self.value)


def _seconds(text):
    try:
        return duration.parse(text) // duration.SECOND
    except duration.DurationError:
        return None


def _bytes(text):
    try:
        return quantity.value(text)
    except quantity.QuantityError:
        return None


FLAGS = Autoscaling()
SETTINGS = {
    ("kube-controller-manager", "horizontalPodAutoscalerSyncPeriod"): FLAGS.sync_period,
    ("kube-controller-manager", "horizontalPodAutoscalerDownscaleStabilizationWindow"): FLAGS.downscale_stabilization,
    ("kube-controller-manager", "horizontalPodAutoscalerCPUInitializationPeriod"): FLAGS.cpu_initialization_period,
    ("kube-controller-manager", "horizontalPodAutoscalerInitialReadinessDelay"): FLAGS.initial_readiness_delay,
    ("kube-controller-manager", "horizontalPodAutoscalerTolerance"): FLAGS.tolerance,
    ("KubeletConfiguration", "nodeLeaseDurationSeconds"): heartbeat.LEASE_DURATION,
    ("KubeletConfiguration", "nodeStatusUpdateFrequency"): node_reporter.PERIOD,
    ("KubeletConfiguration", "nodeStatusMaxImages"): node_status.MOST_IMAGES,
    ("KubeletConfiguration", "maxPods"): node_status.MAX_PODS,
    ("KubeletConfiguration", "port"): server.PORT,
    ("kubelet", "crash loop back-off, first delay"): FIRST,
    ("kubelet", "crash loop back-off, maximum"): MOST,
    ("kube-controller-manager", "Job pod failure back-off, first delay"): backoff.FIRST,
    ("kube-controller-manager", "Job pod failure back-off, maximum"): backoff.MOST,
}


@answers("defaults", "default")
def default(given):
    kind, field, when = given["kind"], given["field"], given["when"]
    if (kind, field) in SETTINGS:
        return {"value": _Setting(SETTINGS[kind, field])}
    if kind == "KubeletConfiguration":
        (name,) = [f.name for f in attrs.fields(Configuration) if file_name(f.name) == field]
        return {"value": _Setting(getattr(DEFAULTS, name))}
    where, _ = SILENT[kind]
    path = re.sub(r" \(.*\)", "", field.removeprefix("source"))  # a remark stands in brackets
    return {"value": _Api(_at(_filled(kind, when, field), ".".join(filter(None, (where, path)))))}
