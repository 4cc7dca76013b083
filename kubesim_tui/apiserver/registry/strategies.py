"""The table of strategies: one row a kind that has something of its own."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.helpers.qos import qos_class
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.apiextensions import definitions
from kubesim_tui.apiserver.apiregistration import registered
from kubesim_tui.apiserver.registry import certificates, prepare, services
from kubesim_tui.apiserver.registry.context import Context
from kubesim_tui.apiserver.registry.strategy import Strategy

__all__ = ["STRATEGIES", "Context", "pod_grace"]


def pod_grace(pod: Object, asked: int | None) -> int:
    """Seconds of graceful deletion of a Pod; 0 when it can go at once (never bound, or finished)."""
    assert isinstance(pod, types.Pod)
    if pod.spec is None or not pod.spec.node_name or (pod.status and pod.status.phase in ("Succeeded", "Failed")):
        return 0
    seconds = asked if asked is not None else pod.spec.termination_grace_period_seconds
    return 1 if seconds is not None and seconds < 0 else seconds or 0


def new_pod(pod: Object, _context: Context) -> Object:
    """A new Pod is Pending. (What came through the JSON stations is already; a Pod of a known template is not.)"""
    assert isinstance(pod, types.Pod)
    if pod.status is not None and pod.status.phase == "Pending" and pod.status.qos_class:
        return pod
    return pod.evolve(status=types.PodStatus(phase="Pending", qos_class=qos_class(pod.spec or types.PodSpec())))


def pod_status(new: Object, old: Object, _context: Context) -> Object:
    """The class of service never changes; an observedGeneration is not lost."""
    assert isinstance(new, types.Pod)
    assert isinstance(old, types.Pod)
    status, before = new.status, old.status
    if status is None or before is None:
        return new
    if status.qos_class == before.qos_class and (status.observed_generation or not before.observed_generation):
        return new
    generation = status.observed_generation or before.observed_generation
    return new.evolve(status=status.evolve(qos_class=before.qos_class, observed_generation=generation))


def namespace_finished(obj: Object) -> bool:
    """A namespace goes when its own finalizers have gone, too."""
    assert isinstance(obj, types.Namespace)
    return obj.spec is None or not obj.spec.finalizers


def labelled_as_pods(job: Object) -> Object:
    """A Job without labels has those of its template, of which some were only made for it."""
    assert isinstance(job, types.Unstructured)
    template = (job.rest.get("spec") or {}).get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    return job.evolve(metadata=job.metadata.evolve(labels=labels)) if labels and not job.metadata.labels else job


PLAIN = Strategy(has_status=False)
COUNTED = Strategy(generation=True)
COUNTED_PLAIN = Strategy(has_status=False, generation=True)

STRATEGIES: dict[str, Strategy] = {
    "pods": Strategy(
        prepare=prepare.pod,
        create=new_pod,
        status=pod_status,
        writes=("labels", "annotations", "finalizers"),  # old kubelets spoilt the owners
        grace=pod_grace,
        generation=True,
    ),
    "services": Strategy(prepare=services.prepare),
    "namespaces": Strategy(prepare=prepare.namespace, finished=namespace_finished),
    "nodes": Strategy(keeps_status=True),
    "persistentvolumes": Strategy(prepare=prepare.volume),
    "persistentvolumeclaims": Strategy(prepare=prepare.claim),
    "replicationcontrollers": Strategy(generation=True, orphans=True),
    "podtemplates": COUNTED_PLAIN,
    "events": PLAIN,
    "configmaps": PLAIN,
    "secrets": PLAIN,
    "serviceaccounts": PLAIN,
    "endpoints": PLAIN,
    "limitranges": PLAIN,
    "deployments.apps": Strategy(generation=True, writes=("annotations", "finalizers", "owner_references")),
    "replicasets.apps": COUNTED,
    "statefulsets.apps": COUNTED,
    "daemonsets.apps": COUNTED,
    "controllerrevisions.apps": PLAIN,
    "jobs.batch": Strategy(prepare=prepare.job, stored=labelled_as_pods, generation=True, orphans=True),
    "cronjobs.batch": Strategy(prepare=prepare.cron_job, generation=True),
    "ingresses.networking.k8s.io": Strategy(prepare=prepare.ingress, generation=True),
    "ingressclasses.networking.k8s.io": COUNTED_PLAIN,
    "networkpolicies.networking.k8s.io": COUNTED_PLAIN,
    "endpointslices.discovery.k8s.io": Strategy(has_status=False, generation=True, labels_count=True),
    "horizontalpodautoscalers.autoscaling": Strategy(prepare=prepare.autoscaler, generation=True),
    "poddisruptionbudgets.policy": Strategy(generation=True, unconditional=False),
    "storageclasses.storage.k8s.io": PLAIN,
    "volumeattachments.storage.k8s.io": Strategy(unconditional=False, writes=()),
    "csinodes.storage.k8s.io": Strategy(has_status=False, unconditional=False),
    "csidrivers.storage.k8s.io": Strategy(has_status=False, generation=True, numbered=False, unconditional=False),
    "roles.rbac.authorization.k8s.io": PLAIN,
    "rolebindings.rbac.authorization.k8s.io": PLAIN,
    "clusterroles.rbac.authorization.k8s.io": PLAIN,
    "clusterrolebindings.rbac.authorization.k8s.io": PLAIN,
    "priorityclasses.scheduling.k8s.io": Strategy(prepare=prepare.priority_class, has_status=False, numbered=True),
    "leases.coordination.k8s.io": Strategy(has_status=False, unconditional=False),
    "events.events.k8s.io": PLAIN,
    "runtimeclasses.node.k8s.io": Strategy(has_status=False, unconditional=False),
    "validatingwebhookconfigurations.admissionregistration.k8s.io": Strategy(
        has_status=False, generation=True, unconditional=False
    ),
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": Strategy(
        has_status=False, generation=True, unconditional=False
    ),
    "validatingadmissionpolicies.admissionregistration.k8s.io": Strategy(
        generation=True, unconditional=False, writes=()
    ),
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": Strategy(
        has_status=False, generation=True, unconditional=False
    ),
    "mutatingadmissionpolicies.admissionregistration.k8s.io": Strategy(
        has_status=False, generation=True, unconditional=False
    ),
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": Strategy(
        has_status=False, generation=True, unconditional=False
    ),
    "flowschemas.flowcontrol.apiserver.k8s.io": Strategy(generation=True, writes=()),
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": Strategy(generation=True, writes=()),
    "servicecidrs.networking.k8s.io": Strategy(writes=()),
    "resourceclaims.resource.k8s.io": Strategy(writes=()),
    "deviceclasses.resource.k8s.io": COUNTED_PLAIN,
    "resourceslices.resource.k8s.io": COUNTED_PLAIN,
    "resourceclaimtemplates.resource.k8s.io": PLAIN,
    "csistoragecapacities.storage.k8s.io": Strategy(has_status=False, unconditional=False),
    "certificatesigningrequests.certificates.k8s.io": Strategy(
        requested=certificates.requested, prepare=certificates.prepare, status=certificates.status
    ),
    "customresourcedefinitions.apiextensions.k8s.io": Strategy(
        create=definitions.created,
        update=definitions.changed,
        leaving=definitions.leaving,
        generation=True,
        unconditional=False,
        writes=(),
    ),
    "apiservices.apiregistration.k8s.io": Strategy(prepare=registered.prepare, unconditional=False, writes=()),
}
"""By the resource's name and group. What has no row: status, no generation, dependents go with it."""
