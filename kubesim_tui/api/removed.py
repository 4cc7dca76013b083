"""API versions that Kubernetes serves no more, and where their kinds are served now.

As the deprecated API migration guide has them: the manifests that people find are often years old.
"""

from __future__ import annotations

from functools import cache

from kubesim_tui.api import scheme

_REMOVED = (
    ("1.16", "extensions/v1beta1", "DaemonSet Deployment NetworkPolicy PodSecurityPolicy ReplicaSet"),
    ("1.16", "apps/v1beta1", "ControllerRevision Deployment StatefulSet"),
    ("1.16", "apps/v1beta2", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet"),
    ("1.21", "batch/v2alpha1", "CronJob"),
    ("1.22", "admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration ValidatingWebhookConfiguration"),
    ("1.22", "apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"),
    ("1.22", "apiregistration.k8s.io/v1beta1", "APIService"),
    ("1.22", "certificates.k8s.io/v1beta1", "CertificateSigningRequest"),
    ("1.22", "coordination.k8s.io/v1beta1", "Lease"),
    ("1.22", "extensions/v1beta1", "Ingress"),
    ("1.22", "networking.k8s.io/v1beta1", "Ingress IngressClass"),
    ("1.22", "rbac.authorization.k8s.io/v1alpha1", "ClusterRole ClusterRoleBinding Role RoleBinding"),
    ("1.22", "rbac.authorization.k8s.io/v1beta1", "ClusterRole ClusterRoleBinding Role RoleBinding"),
    ("1.22", "scheduling.k8s.io/v1alpha1", "PriorityClass"),
    ("1.22", "scheduling.k8s.io/v1beta1", "PriorityClass"),
    ("1.22", "storage.k8s.io/v1beta1", "CSIDriver CSINode StorageClass VolumeAttachment"),
    ("1.25", "autoscaling/v2beta1", "HorizontalPodAutoscaler"),
    ("1.25", "batch/v1beta1", "CronJob"),
    ("1.25", "discovery.k8s.io/v1beta1", "EndpointSlice"),
    ("1.25", "events.k8s.io/v1beta1", "Event"),
    ("1.25", "node.k8s.io/v1beta1", "RuntimeClass"),
    ("1.25", "policy/v1beta1", "PodDisruptionBudget PodSecurityPolicy"),
    ("1.26", "autoscaling/v2beta2", "HorizontalPodAutoscaler"),
    ("1.26", "flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema PriorityLevelConfiguration"),
    ("1.27", "storage.k8s.io/v1beta1", "CSIStorageCapacity"),
    ("1.29", "flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema PriorityLevelConfiguration"),
    ("1.32", "flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema PriorityLevelConfiguration"),
)


@cache
def _release() -> dict[tuple[str, str], str]:
    return {(version, kind): release for release, version, kinds in _REMOVED for kind in kinds.split()}


def hint(api_version: str, kind: str) -> str:
    """What to write instead of an apiVersion that is not served; "" if nothing is known of the kind."""
    served = [r.api_version for r in scheme.builtin() if r.kind == kind]
    use = f"use apiVersion: {served[-1]}" if served else "there is nothing in its place"
    release = _release().get((api_version, kind))
    if release:
        return f"{kind} is not served as {api_version} since Kubernetes {release}: {use}"
    return f"{kind} is served as {' and '.join(served)}" if served else ""
