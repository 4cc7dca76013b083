"""The order in which a build prints its resources: as they were read, or (`legacy`) by kind, what others need first."""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.kubectl.kustomize.model import Item, Items

FIRST = (
    *("Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy"),
    *("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service"),
    *("LimitRange", "PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet"),
    *("CronJob", "PodDisruptionBudget"),
)
LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


def legacy(items: Items, first: Sequence[str] = FIRST, last: Sequence[str] = LAST) -> Items:
    """By kind, then by group, version, kind, namespace and name."""
    places = {kind: at - len(first) for at, kind in enumerate(first)} | {kind: at + 1 for at, kind in enumerate(last)}

    def place(item: Item) -> tuple[int, str, str]:
        i = item.id
        version, kind = i.version or "[noVer]", i.kind or "[noKind]"
        by_type = f"{i.group or '~G'}_{i.version or '~V'}_{i.kind or '~K'}"
        by_name = f"{kind}.{version}.{i.group or '[noGrp]'}|{i.namespace or '~X'}|{i.name or '~N'}"
        return places.get(i.kind, 0), by_type, by_name

    return sorted(items, key=place)
