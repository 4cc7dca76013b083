"""Priority and fairness as every cluster begins with it: flow schemas and the priority levels that they lead to.

`exempt` and `catch-all` are mandatory, the others suggested (apiserver/pkg/apis/flowcontrol/bootstrap).
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.bootstrap.policy import JsonMap

API = "flowcontrol.apiserver.k8s.io/v1"
LEVELS: dict[str, tuple[int, int, tuple[int, int]]] = {
    "catch-all": (5, 0, (0, 0)),
    "global-default": (20, 50, (128, 6)),
    "leader-election": (10, 0, (16, 4)),
    "node-high": (40, 25, (64, 6)),
    "system": (30, 33, (64, 6)),
    "workload-high": (40, 50, (128, 6)),
    "workload-low": (100, 90, (128, 6)),
}
"""Name → (shares of the seats, percent that it lends, its queues and how many of them a flow is dealt)."""
EVERYBODY = ("Group", "system:unauthenticated"), ("Group", "system:authenticated")
NODES = (("Group", "system:nodes"),)
MANAGER, SCHEDULER = ("User", "system:kube-controller-manager"), ("User", "system:kube-scheduler")
SYSTEM_ACCOUNTS = ("ServiceAccount", "kube-system/*")
USER, NAMESPACE = "ByUser", "ByNamespace"


def _subject(kind: str, name: str) -> JsonMap:
    if kind == "ServiceAccount":
        namespace, _, account = name.partition("/")
        return {"kind": kind, "serviceAccount": {"namespace": namespace, "name": account}}
    return {"kind": kind, kind.lower(): {"name": name}}


def _resources(verbs: str, group: str, resources: str, *, cluster: bool) -> JsonMap:
    found: dict[str, Any] = {
        "verbs": verbs.split(),
        "apiGroups": [group],
        "resources": resources.split(),
        "namespaces": ["*"],
    }
    return {**found, "clusterScope": True} if cluster else found


EVERYTHING = {
    "resourceRules": [_resources("*", "*", "*", cluster=True)],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
}
PROBES = {"nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz", "/readyz", "/livez"]}]}
LEASES = _resources("get create update", "coordination.k8s.io", "leases", cluster=False)
OWN_LEASES = _resources("*", "coordination.k8s.io", "leases", cluster=False)
OWN_NODES = _resources("*", "", "nodes nodes/status", cluster=True)


def _schema(
    name: str, level: str, precedence: int, by: str, subjects: tuple[tuple[str, str], ...], rules: Any
) -> JsonMap:
    spec: dict[str, Any] = {"priorityLevelConfiguration": {"name": level}, "matchingPrecedence": precedence}
    if by:
        spec["distinguisherMethod"] = {"type": by}
    spec["rules"] = [{"subjects": [_subject(*subject) for subject in subjects], **rules}]
    return _made("FlowSchema", name, spec)


def _made(kind: str, name: str, spec: JsonMap) -> JsonMap:
    annotations = {"apf.kubernetes.io/autoupdate-spec": "true"}
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name, "annotations": annotations}, "spec": spec}


def _level(name: str) -> JsonMap:
    shares, lent, (queues, hand) = LEVELS[name]
    response: dict[str, Any] = {"type": "Reject"}
    if queues:
        response = {"type": "Queue", "queuing": {"queues": queues, "handSize": hand, "queueLengthLimit": 50}}
    limited = {"nominalConcurrencyShares": shares, "lendablePercent": lent, "limitResponse": response}
    return _made("PriorityLevelConfiguration", name, {"type": "Limited", "limited": limited})


def objects() -> list[JsonMap]:
    """The levels, and the schemas in the order of their precedence."""
    exempt = {"type": "Exempt", "exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0}}
    leading = {"resourceRules": [LEASES]}
    return [
        _made("PriorityLevelConfiguration", "exempt", exempt),
        *map(_level, LEVELS),
        _schema("exempt", "exempt", 1, "", (("Group", "system:masters"),), EVERYTHING),
        _schema("probes", "exempt", 2, "", EVERYBODY, PROBES),
        _schema("system-leader-election", "leader-election", 100, USER, (MANAGER, SCHEDULER, SYSTEM_ACCOUNTS), leading),
        _schema("system-node-high", "node-high", 400, USER, NODES, {"resourceRules": [OWN_NODES, OWN_LEASES]}),
        _schema("system-nodes", "system", 500, USER, NODES, EVERYTHING),
        _schema("kube-controller-manager", "workload-high", 800, NAMESPACE, (MANAGER,), EVERYTHING),
        _schema("kube-scheduler", "workload-high", 800, NAMESPACE, (SCHEDULER,), EVERYTHING),
        _schema("kube-system-service-accounts", "workload-high", 900, NAMESPACE, (SYSTEM_ACCOUNTS,), EVERYTHING),
        _schema("service-accounts", "workload-low", 9000, USER, (("Group", "system:serviceaccounts"),), EVERYTHING),
        _schema("global-default", "global-default", 9900, USER, EVERYBODY, EVERYTHING),
        _schema("catch-all", "catch-all", 10000, USER, EVERYBODY, EVERYTHING),
    ]
