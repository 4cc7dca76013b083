"""The ClusterRoles of users, nodes and the other components, and who is bound to them (upstream's policy.go).

The rules of admin, edit and view are what the aggregation controller would write: those of the roles that they
aggregate.
"""

from __future__ import annotations

from kubesim_tui.apiserver.bootstrap.notation import (
    EVENTS,
    READ,
    WRITE,
    JsonMap,
    account,
    binding,
    cluster_role,
    group,
    user,
)

AUTHENTICATED, UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"
_WORKLOADS = "deployments deployments/rollback deployments/scale"

VIEW = (
    f"{READ} | core | configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods "
    "replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
    f"{READ} | core | bindings events limitranges namespaces/status pods/log pods/status "
    "replicationcontrollers/status resourcequotas resourcequotas/status",
    f"{READ} | core | namespaces",
    f"{READ} | discovery.k8s.io | endpointslices",
    f"{READ} | apps | controllerrevisions daemonsets daemonsets/status deployments deployments/scale "
    "deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale "
    "statefulsets/status",
    f"{READ} | autoscaling | horizontalpodautoscalers horizontalpodautoscalers/status",
    f"{READ} | batch | cronjobs cronjobs/status jobs jobs/status",
    f"{READ} | extensions | daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses "
    "ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
    f"{READ} | policy | poddisruptionbudgets poddisruptionbudgets/status",
    f"{READ} | networking.k8s.io | ingresses ingresses/status networkpolicies",
)
EDIT = (
    f"{READ} | core | pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy",
    "impersonate | core | serviceaccounts",
    f"{WRITE} | core | pods pods/attach pods/exec pods/portforward pods/proxy",
    "create | core | pods/eviction",
    f"{WRITE} | core | configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale "
    "secrets serviceaccounts services services/proxy",
    "create | core | serviceaccounts/token",
    f"{WRITE} | apps | daemonsets {_WORKLOADS} replicasets replicasets/scale statefulsets statefulsets/scale",
    f"{WRITE} | autoscaling | horizontalpodautoscalers",
    f"{WRITE} | batch | cronjobs jobs",
    f"{WRITE} | extensions | daemonsets {_WORKLOADS} ingresses networkpolicies replicasets replicasets/scale "
    "replicationcontrollers/scale",
    f"{WRITE} | policy | poddisruptionbudgets",
    f"{WRITE} | networking.k8s.io | ingresses networkpolicies",
    f"create delete deletecollection {READ} patch update | coordination.k8s.io | leases",
)
ADMIN = (
    "create | authorization.k8s.io | localsubjectaccessreviews",
    f"{WRITE} {READ} | rbac.authorization.k8s.io | rolebindings roles",
)
NODE = (
    "create | authentication.k8s.io | tokenreviews",
    "create | authorization.k8s.io | localsubjectaccessreviews subjectaccessreviews",
    f"{READ} | core | services",
    "create get list watch | core | nodes",
    "patch update | core | nodes/status",
    "patch update | core | nodes",
    EVENTS,
    f"{READ} | core | pods",
    "create delete | core | pods",
    "patch update | core | pods/status",
    "create | core | pods/eviction",
    f"{READ} | core | configmaps secrets",
    "get | core | persistentvolumeclaims persistentvolumes",
    "get | core | endpoints",
    "create get list watch | certificates.k8s.io | certificatesigningrequests",
    "create delete get patch update | coordination.k8s.io | leases",
    "get | storage.k8s.io | volumeattachments",
    "create | core | serviceaccounts/token",
    "get patch update | core | persistentvolumeclaims/status",
    f"{READ} | storage.k8s.io | csidrivers",
    "create delete get patch update | storage.k8s.io | csinodes",
    f"{READ} | node.k8s.io | runtimeclasses",
)
SCHEDULER = (
    EVENTS,
    "create list watch | coordination.k8s.io | leases",
    "get update | coordination.k8s.io | leases | kube-scheduler",
    f"{READ} | core | nodes",
    f"delete {READ} | core | pods",
    "create | core | bindings pods/binding",
    "patch update | core | pods/status",
    f"{READ} | core | replicationcontrollers services",
    f"{READ} | apps extensions | replicasets",
    f"{READ} | apps | statefulsets",
    f"{READ} | policy | poddisruptionbudgets",
    f"{READ} | core | persistentvolumeclaims persistentvolumes",
    f"{READ} | core | namespaces",
    "create | authentication.k8s.io | tokenreviews",
    "create | authorization.k8s.io | subjectaccessreviews",
    f"{READ} | storage.k8s.io | csidrivers csinodes csistoragecapacities volumeattachments",
)
VOLUME_SCHEDULER = (
    f"{READ} patch update | core | persistentvolumes",
    f"{READ} | storage.k8s.io | storageclasses",
    f"{READ} patch update | core | persistentvolumeclaims",
)
PROXY = (
    "list watch | core | endpoints services",
    f"{READ} | core | nodes",
    EVENTS,
    "list watch | discovery.k8s.io | endpointslices",
)
MANAGER = (
    EVENTS,
    "create | coordination.k8s.io | leases",
    "get update | coordination.k8s.io | leases | kube-controller-manager",
    "create | core | secrets serviceaccounts",
    "delete | core | secrets",
    "get | core | configmaps namespaces secrets serviceaccounts",
    "update | core | secrets serviceaccounts",
    "create | authentication.k8s.io | tokenreviews",
    "create | authorization.k8s.io | subjectaccessreviews",
    "list watch | * | *",
    "create | core | serviceaccounts/token",
)
COREDNS = ("list watch | core | endpoints namespaces pods services", "list watch | discovery.k8s.io | endpointslices")
INGRESS = (
    "list watch | core | configmaps endpoints namespaces nodes pods secrets",
    "get | core | nodes",
    f"{READ} | core | services",
    f"{READ} | networking.k8s.io | ingressclasses ingresses",
    "update | networking.k8s.io | ingresses/status",
    f"{READ} | discovery.k8s.io | endpointslices",
    EVENTS,
)
PROVISIONER = (
    f"create delete {READ} | core | persistentvolumes",
    f"{READ} update | core | persistentvolumeclaims",
    f"{READ} | storage.k8s.io | storageclasses",
    "watch | core | events",
    EVENTS,
)
SIGNERS = ("legacy-unknown", "kubelet-serving", "kube-apiserver-client", "kube-apiserver-client-kubelet")
"""Of each there is a role that may approve its requests."""
_CERTIFICATES = "system:certificates.k8s.io"
_OPENID = "/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/"
_HEALTH = "/healthz /healthz/* /livez /livez/* /readyz /readyz/*"
_PROBES = "/healthz /livez /readyz /version /version/"


def objects() -> list[JsonMap]:
    """Roles, then bindings."""
    return [*_for_users(), *_for_components(), *_for_certificates(), *_bindings()]


def _for_users() -> list[JsonMap]:
    nodes = f"{READ} | core | nodes"
    return [
        cluster_role("cluster-admin", ("* | * | *", "url | * | *")),
        cluster_role("admin", (*EDIT, *VIEW, *ADMIN), aggregates="admin"),
        cluster_role("edit", (*EDIT, *VIEW), aggregated_to="admin", aggregates="edit"),
        cluster_role("view", VIEW, aggregated_to="edit", aggregates="view"),
        cluster_role("system:aggregate-to-admin", ADMIN, aggregated_to="admin"),
        cluster_role("system:aggregate-to-edit", EDIT, aggregated_to="edit"),
        cluster_role("system:aggregate-to-view", VIEW, aggregated_to="view"),
        cluster_role("system:discovery", (f"url | get | /api /api/* /apis /apis/* /openapi /openapi/* {_PROBES}",)),
        cluster_role("system:public-info-viewer", (f"url | get | {_PROBES}",)),
        cluster_role("system:monitoring", (f"url | get | {_HEALTH} /metrics",)),
        cluster_role(
            "system:basic-user",
            (
                "create | authorization.k8s.io | selfsubjectaccessreviews selfsubjectrulesreviews",
                "create | authentication.k8s.io | selfsubjectreviews",
            ),
        ),
        cluster_role(
            "system:kubelet-api-admin",
            (nodes, "proxy | core | nodes", "* | core | nodes/log nodes/metrics nodes/proxy nodes/stats"),
        ),
        cluster_role(
            "system:auth-delegator",
            ("create | authentication.k8s.io | tokenreviews", "create | authorization.k8s.io | subjectaccessreviews"),
        ),
    ]


def _for_components() -> list[JsonMap]:
    return [
        cluster_role("system:node", NODE),
        cluster_role("system:node-proxier", PROXY),
        cluster_role("system:node-problem-detector", ("get | core | nodes", "patch | core | nodes/status", EVENTS)),
        cluster_role("system:kube-controller-manager", MANAGER),
        cluster_role("system:kube-scheduler", SCHEDULER),
        cluster_role("system:volume-scheduler", VOLUME_SCHEDULER),
        cluster_role("system:kube-dns", ("list watch | core | endpoints services",)),
        cluster_role("system:coredns", COREDNS),
        cluster_role("ingress-nginx", INGRESS),
        cluster_role("system:kube-aggregator", (f"{READ} | core | endpoints services",)),
        cluster_role("system:persistent-volume-provisioner", PROVISIONER),
        cluster_role("system:service-account-issuer-discovery", (f"url | get | {_OPENID}",)),
    ]


def _for_certificates() -> list[JsonMap]:
    """Who may ask for kubelets' certificates, and who may approve requests to a signer."""
    group_name, asked = "certificates.k8s.io", "certificatesigningrequests"
    own = [
        cluster_role(f"{_CERTIFICATES}:{asked}:{who}", (f"create | {group_name} | {asked}/{who}",))
        for who in ("nodeclient", "selfnodeclient")
    ]
    approvers = [
        cluster_role(f"{_CERTIFICATES}:{s}-approver", (f"approve | {group_name} | signers | kubernetes.io/{s}",))
        for s in SIGNERS
    ]
    bootstrapper = cluster_role("system:node-bootstrapper", (f"create {READ} | {group_name} | {asked}",))
    return [*own, *approvers, bootstrapper]


def _bindings() -> list[JsonMap]:
    everybody = (group(AUTHENTICATED), group(UNAUTHENTICATED))
    return [
        binding("cluster-admin", group("system:masters")),
        binding("system:discovery", group(AUTHENTICATED)),
        binding("system:basic-user", group(AUTHENTICATED)),
        binding("system:public-info-viewer", *everybody),
        binding("system:monitoring", group("system:monitoring")),
        binding("system:node"),
        binding("system:node-proxier", user("system:kube-proxy")),
        binding("system:kube-controller-manager", user("system:kube-controller-manager")),
        binding("system:kube-scheduler", user("system:kube-scheduler")),
        binding("system:volume-scheduler", user("system:kube-scheduler")),
        binding("system:kube-dns", account("kube-dns")),
        binding("system:coredns", account("coredns")),
        binding("system:service-account-issuer-discovery", group("system:serviceaccounts")),
        binding("ingress-nginx", account("ingress-nginx", "ingress-nginx")),
    ]
