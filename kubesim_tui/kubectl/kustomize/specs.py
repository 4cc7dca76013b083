"""Where kustomize looks for labels, annotations, namespaces, images, replicas and names of other resources."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from kubesim_tui.kubectl.kustomize.fields import FieldSpec

WORKLOADS = ("Deployment", "ReplicaSet", "DaemonSet")
RBAC = "rbac.authorization.k8s.io"
WEBHOOKS = "admissionregistration.k8s.io"
NETWORK = "networking.k8s.io"

POD_SPEC = {
    "Pod": "spec",
    "PodTemplate": "template/spec",
    **dict.fromkeys(
        ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "ReplicationController"), "spec/template/spec"
    ),
    "CronJob": "spec/jobTemplate/spec/template/spec",
}
"""Where a kind holds its Pods' spec."""


def _made(path: str, kind: str = "", group: str = "", version: str = "") -> FieldSpec:
    return FieldSpec(path, kind, group, version, create=True)


def _templates(what: str) -> Iterator[FieldSpec]:
    """Metadata of a resource and of the Pods that it makes."""
    yield _made(f"metadata/{what}")
    yield _made(f"spec/template/metadata/{what}", "ReplicationController", "", "v1")
    for kind in WORKLOADS:
        yield _made(f"spec/template/metadata/{what}", kind)
    yield _made(f"spec/template/metadata/{what}", "StatefulSet", "apps")
    yield _made(f"spec/template/metadata/{what}", "Job", "batch")
    yield _made(f"spec/jobTemplate/metadata/{what}", "CronJob", "batch")
    yield _made(f"spec/jobTemplate/spec/template/metadata/{what}", "CronJob", "batch")


def _selectors() -> Iterator[FieldSpec]:
    for kind in ("Service", "ReplicationController"):
        yield _made("spec/selector", kind, "", "v1")
    for kind in WORKLOADS:
        yield _made("spec/selector/matchLabels", kind)
    yield _made("spec/selector/matchLabels", "StatefulSet", "apps")
    for kind in ("Deployment", "StatefulSet"):
        for affinity in ("podAffinity", "podAntiAffinity"):
            base = f"spec/template/spec/affinity/{affinity}"
            preferred = "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm"
            for rule in (preferred, "requiredDuringSchedulingIgnoredDuringExecution"):
                yield FieldSpec(f"{base}/{rule}/labelSelector/matchLabels", kind, "apps")
        yield FieldSpec("spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels", kind, "apps")
    yield FieldSpec("spec/selector/matchLabels", "Job", "batch")
    yield FieldSpec("spec/jobTemplate/spec/selector/matchLabels", "CronJob", "batch")
    yield FieldSpec("spec/selector/matchLabels", "PodDisruptionBudget", "policy")
    for path in ("podSelector", "ingress/from/podSelector", "egress/to/podSelector"):
        yield FieldSpec(f"spec/{path}/matchLabels", "NetworkPolicy", NETWORK)


LABELS = (_made("metadata/labels"),)
TEMPLATE_LABELS = (*_templates("labels"), _made("spec/volumeClaimTemplates[]/metadata/labels", "StatefulSet", "apps"))
COMMON_LABELS = (*_selectors(), *TEMPLATE_LABELS)
ANNOTATIONS = tuple(_templates("annotations"))
NAMESPACE = (
    _made("spec/service/namespace", "APIService", "apiregistration.k8s.io"),
    FieldSpec(
        "spec/conversion/webhook/clientConfig/service/namespace", "CustomResourceDefinition", "apiextensions.k8s.io"
    ),
)
REPLICAS = tuple(
    _made("spec/replicas", kind) for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
)
IMAGES = tuple(
    _made(f"{base}/{path}")
    for base in ("spec", "spec/template/spec")
    for path in ("containers[]/image", "initContainers[]/image", "volumes[]/image/reference")
)


@frozen
class Referral:
    """A kind that others refer to by name, and the fields in which they do."""

    kind: str
    group: str
    version: str
    fields: tuple[FieldSpec, ...]


_FED = tuple(kind for kind in POD_SPEC if kind != "ReplicationController")
_HELD = tuple(kind for kind in POD_SPEC if kind not in ("PodTemplate", "ReplicaSet"))


def _pods(kinds: tuple[str, ...], *paths: str) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(f"{POD_SPEC[kind]}/{path}", kind) for kind in kinds for path in paths)


def _fields(**paths: tuple[str, ...]) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(path, kind) for kind, found in paths.items() for path in found)


def _fed(ref: str, *more: str) -> tuple[FieldSpec, ...]:
    """References to a ConfigMap or Secret in Pods: `configMap`, `secret`."""
    of = [f"{c}/env/valueFrom/{ref}KeyRef/name" for c in ("containers", "initContainers")]
    of += [f"{c}/envFrom/{ref}Ref/name" for c in ("containers", "initContainers")]
    return _pods(_FED, *of, f"volumes/projected/sources/{ref}/name", *more)


_NAMED = ("rules/resourceNames",)
_AUTH = tuple(
    f"metadata/annotations/{prefix}ingress.kubernetes.io\\/{name}"
    for prefix, name in (("", "auth-secret"), ("nginx.", "auth-secret"), ("nginx.", "auth-tls-secret"))
)

REFERRALS = (
    *(
        Referral(kind, "", "", _fields(HorizontalPodAutoscaler=("spec/scaleTargetRef/name",)))
        for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
    ),
    Referral(
        *("ConfigMap", "", "v1"),
        _fed("configMap", "volumes/configMap/name")
        + _fields(
            Role=_NAMED,
            ClusterRole=_NAMED,
            Ingress=("metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap",),
        ),
    ),
    Referral(
        *("Secret", "", "v1"),
        _fed("secret", "volumes/secret/secretName", "imagePullSecrets/name")
        + _fields(
            Ingress=("spec/tls/secretName", *_AUTH),
            ServiceAccount=("imagePullSecrets/name",),
            StorageClass=tuple(
                f"parameters/{name}" for name in ("secretName", "adminSecretName", "userSecretName", "secretRef")
            ),
            Role=_NAMED,
            ClusterRole=_NAMED,
            PersistentVolume=("spec/azureFile/secretName",),
        ),
    ),
    Referral(
        *("Service", "", "v1"),
        _fields(
            StatefulSet=("spec/serviceName",),
            Ingress=(
                *("spec/rules/http/paths/backend/serviceName", "spec/backend/serviceName"),
                *("spec/rules/http/paths/backend/service/name", "spec/defaultBackend/service/name"),
            ),
            APIService=("spec/service/name",),
            ValidatingWebhookConfiguration=("webhooks/clientConfig/service",),
            MutatingWebhookConfiguration=("webhooks/clientConfig/service",),
        ),
    ),
    Referral("Role", RBAC, "", _fields(RoleBinding=("roleRef/name",))),
    Referral("ClusterRole", RBAC, "", _fields(RoleBinding=("roleRef/name",), ClusterRoleBinding=("roleRef/name",))),
    Referral(
        *("ServiceAccount", "", "v1"),
        _fields(RoleBinding=("subjects",), ClusterRoleBinding=("subjects",)) + _pods(_HELD, "serviceAccountName"),
    ),
    Referral("PersistentVolumeClaim", "", "v1", _pods(_HELD, "volumes/persistentVolumeClaim/claimName")),
    Referral("PersistentVolume", "", "v1", _fields(PersistentVolumeClaim=("spec/volumeName",), ClusterRole=_NAMED)),
    Referral(
        *("StorageClass", "storage.k8s.io", "v1"),
        _fields(
            PersistentVolume=("spec/storageClassName",),
            PersistentVolumeClaim=("spec/storageClassName",),
            StatefulSet=("spec/volumeClaimTemplates/spec/storageClassName",),
        ),
    ),
    Referral("PriorityClass", "scheduling.k8s.io", "v1", _pods(_HELD, "priorityClassName")),
    Referral(
        *("ValidatingAdmissionPolicy", WEBHOOKS, ""),
        _fields(ValidatingAdmissionPolicyBinding=("spec/policyName",)),
    ),
)
