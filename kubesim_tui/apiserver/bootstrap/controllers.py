"""The roles of kube-controller-manager's controllers: system:controller:NAME, bound to the account NAME.

As upstream's controller_policy.go; the last ones belong to what runs beside the manager in this cluster. (The
attachdetach-controller also does the work of a CSI driver's attacher here, and so writes volumeattachments/status.)
"""

from __future__ import annotations

from kubesim_tui.apiserver.bootstrap.notation import EVENTS, READ, JsonMap, account, binding, cluster_role

PREFIX = "system:controller:"

CONTROLLERS: dict[str, tuple[str, ...]] = {
    "attachdetach-controller": (
        "list watch | core | persistentvolumeclaims persistentvolumes",
        f"{READ} | core | nodes",
        "patch update | core | nodes/status",
        "list watch | core | pods",
        EVENTS,
        "create delete get list watch | storage.k8s.io | volumeattachments",
        "patch update | storage.k8s.io | volumeattachments/status",
        "patch update | storage.k8s.io | volumeattachments/status",  # the external attacher's part
        f"{READ} | storage.k8s.io | csidrivers",
        f"{READ} | storage.k8s.io | csinodes",
    ),
    "certificate-controller": (
        f"delete {READ} | certificates.k8s.io | certificatesigningrequests",
        "update | certificates.k8s.io | certificatesigningrequests/approval certificatesigningrequests/status",
        "approve | certificates.k8s.io | signers | kubernetes.io/kube-apiserver-client-kubelet",
        "sign | certificates.k8s.io | signers | kubernetes.io/kube-apiserver-client "
        "kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown",
        "create | authorization.k8s.io | subjectaccessreviews",
        EVENTS,
    ),
    "clusterrole-aggregation-controller": (
        "escalate get list patch update watch | rbac.authorization.k8s.io | clusterroles",
    ),
    "cronjob-controller": (
        "get list update watch | batch | cronjobs",
        "create delete get list patch update watch | batch | jobs",
        "update | batch | cronjobs/status",
        "update | batch | cronjobs/finalizers",
        "delete list | core | pods",
        EVENTS,
    ),
    "daemon-set-controller": (
        f"{READ} | apps extensions | daemonsets",
        "update | apps extensions | daemonsets/status",
        "update | apps extensions | daemonsets/finalizers",
        "list watch | core | nodes",
        "create delete list patch watch | core | pods",
        "create | core | pods/binding",
        "create delete get list patch update watch | apps | controllerrevisions",
        EVENTS,
    ),
    "deployment-controller": (
        "get list update watch | apps extensions | deployments",
        "update | apps extensions | deployments/status",
        "update | apps extensions | deployments/finalizers",
        "create delete get list patch update watch | apps extensions | replicasets",
        "get list update watch | core | pods",
        EVENTS,
    ),
    "disruption-controller": (
        f"{READ} | apps extensions | deployments",
        f"{READ} | apps extensions | replicasets",
        f"{READ} | core | replicationcontrollers",
        f"{READ} | policy | poddisruptionbudgets",
        f"{READ} | apps | statefulsets",
        "update | policy | poddisruptionbudgets/status",
        "patch update | core | pods/status",
        "get | * | */scale",
        EVENTS,
    ),
    "endpoint-controller": (
        f"{READ} | core | pods services",
        "create delete get list update | core | endpoints",
        "create | core | endpoints/restricted",
        EVENTS,
    ),
    "endpointslice-controller": (
        f"{READ} | core | nodes pods services",
        "update | core | services/finalizers",
        "create delete get list update | discovery.k8s.io | endpointslices",
        EVENTS,
    ),
    "endpointslicemirroring-controller": (
        f"{READ} | core | endpoints services",
        "update | core | services/finalizers",
        "update | core | endpoints/finalizers",
        "create delete get list update | discovery.k8s.io | endpointslices",
        EVENTS,
    ),
    "ephemeral-volume-controller": (
        f"{READ} | core | pods",
        "update | core | pods/finalizers",
        "create get list watch | core | persistentvolumeclaims",
        EVENTS,
    ),
    "expand-controller": (
        "get list patch update watch | core | persistentvolumes",
        "patch update | core | persistentvolumeclaims/status",
        f"{READ} | core | persistentvolumeclaims",
        f"{READ} | storage.k8s.io | storageclasses",
        EVENTS,
    ),
    "generic-garbage-collector": ("delete get list patch update watch | * | *", EVENTS),
    "horizontal-pod-autoscaler": (
        f"{READ} | autoscaling | horizontalpodautoscalers",
        "update | autoscaling | horizontalpodautoscalers/status",
        "get update | * | */scale",
        "list | core | pods",
        "list | metrics.k8s.io | pods",
        "get list | custom.metrics.k8s.io | *",
        "get list | external.metrics.k8s.io | *",
        EVENTS,
    ),
    "job-controller": (
        "get list patch update watch | batch | jobs",
        "update | batch | jobs/status",
        "update | batch | jobs/finalizers",
        "create delete list patch watch | core | pods",
        EVENTS,
    ),
    "namespace-controller": (
        "delete get list watch | core | namespaces",
        "update | core | namespaces/finalize namespaces/status",
        "delete deletecollection get list | * | *",
    ),
    "node-controller": (
        "delete get list patch update | core | nodes",
        "patch update | core | nodes/status",
        "patch update | core | pods/status",
        "delete get list | core | pods",
        EVENTS,
    ),
    "persistent-volume-binder": (
        "create delete get list update watch | core | persistentvolumes",
        "update | core | persistentvolumes/status",
        "get list update watch | core | persistentvolumeclaims",
        "update | core | persistentvolumeclaims/status",
        "create delete get list watch | core | pods",
        f"{READ} | storage.k8s.io | storageclasses",
        "get list | core | nodes",
        "watch | core | events",
        EVENTS,
    ),
    "pod-garbage-collector": (
        "delete list watch | core | pods",
        "get list | core | nodes",
        "patch update | core | pods/status",
    ),
    "pv-protection-controller": ("get list update watch | core | persistentvolumes", EVENTS),
    "pvc-protection-controller": (
        "get list update watch | core | persistentvolumeclaims",
        f"{READ} | core | pods",
        EVENTS,
    ),
    "replicaset-controller": (
        "get list update watch | apps extensions | replicasets",
        "update | apps extensions | replicasets/status",
        "update | apps extensions | replicasets/finalizers",
        "create delete list patch watch | core | pods",
        EVENTS,
    ),
    "replication-controller": (
        "get list update watch | core | replicationcontrollers",
        "update | core | replicationcontrollers/status",
        "update | core | replicationcontrollers/finalizers",
        "create delete list patch watch | core | pods",
        EVENTS,
    ),
    "resourcequota-controller": ("list watch | * | *", "update | core | resourcequotas/status", EVENTS),
    "root-ca-cert-publisher": ("create update | core | configmaps", EVENTS),
    "route-controller": ("list watch | core | nodes", "patch | core | nodes/status", EVENTS),
    "service-account-controller": ("create | core | serviceaccounts", EVENTS),
    "service-controller": (
        f"{READ} | core | services",
        "patch update | core | services/status",
        "list watch | core | nodes",
        EVENTS,
    ),
    "statefulset-controller": (
        "list watch | core | pods",
        f"{READ} | apps | statefulsets",
        "update | apps | statefulsets/status",
        "update | apps | statefulsets/finalizers",
        "create delete get patch update | core | pods",
        "create delete get list patch update watch | apps | controllerrevisions",
        "create get | core | persistentvolumeclaims",
        "delete update | core | persistentvolumeclaims",
        EVENTS,
    ),
    "taint-eviction-controller": (
        "get list delete | core | pods",
        "patch update | core | pods/status",
        EVENTS,
    ),
    "ttl-after-finished-controller": ("delete get list watch | batch | jobs", EVENTS),
    "ttl-controller": ("list patch update watch | core | nodes", EVENTS),
}

BESIDE: dict[str, tuple[str, ...]] = {
    "csi-resizer": (
        "get list patch update watch | core | persistentvolumes",
        f"{READ} | core | persistentvolumeclaims",
        "patch update | core | persistentvolumeclaims/status",
        f"{READ} | core | pods",
        EVENTS,
    ),
    "csi-provisioner": (
        "create delete get list patch update watch | core | persistentvolumes",
        "get list update watch | core | persistentvolumeclaims",
        f"{READ} | storage.k8s.io | storageclasses",
        "get list watch | storage.k8s.io | csinodes",
        f"{READ} | core | nodes",
        EVENTS,
    ),
    "cloud-node-lifecycle-controller": (
        "delete get list patch update watch | core | nodes",
        "patch update | core | nodes/status",
        EVENTS,
    ),
}
"""Installed with a CSI driver and a cloud's controller manager."""


def objects() -> list[JsonMap]:
    """The ClusterRoles and their bindings."""
    found = []
    for name, lines in CONTROLLERS.items():
        found += [cluster_role(PREFIX + name, lines), binding(PREFIX + name, account(name))]
    for name, lines in BESIDE.items():
        found += [cluster_role(name, lines), binding(name, account(name))]
    return found
