"""Faults of the objects that applications are made of: somebody deletes, changes or adds what he should not."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from kubesim_tui.faults.fault import Act, Fault, Options, Story
from kubesim_tui.faults.hand import Hand, ObjectAt
from kubesim_tui.faults.options import number, positive, text

CLOSED, TIGHT, URGENT = "default-deny", "tightened", "urgent"
"""Names of what somebody adds: a NetworkPolicy, a ResourceQuota, a PriorityClass with its Deployment."""
LABEL, PRIORITY = "release=next", 1_000_000


def _delete(hand: Hand, target: Any, _options: Options) -> bool:
    return hand.delete_object(target)


def _restore(hand: Hand, target: Any, _options: Options) -> bool:
    return hand.restore_object(target)


def _configure(hand: Hand, target: ObjectAt, options: Options) -> bool:
    """A key gets another value, or none at all."""
    given = options.get("value")
    if given is not None and target[0].lower() == "secret":
        given = b64encode(str(given).encode()).decode("ascii")
    return hand.patch_object(target, {"data": {options["key"]: given}})


def label(given: Any) -> tuple[str, str]:
    """KEY=VALUE."""
    key, equals, value = str(given).partition("=")
    if not key or not equals:
        raise ValueError(f"{given!r} is not KEY=VALUE")
    return key, value


def _select(hand: Hand, target: ObjectAt, options: Options) -> bool:
    key, value = label(options.get("label", LABEL))
    return hand.patch_object(target, {"spec": {"selector": {key: value}}})


def _put(kind: str, name: str, body: Mapping[str, Any]) -> Act:
    def strike(hand: Hand, target: Any, _options: Options) -> bool:
        return hand.put_object((kind, target, name), body)

    return strike


def _drop(kind: str, name: str) -> Act:
    def heal(hand: Hand, target: Any, _options: Options) -> bool:
        return hand.delete_object((kind, target, name))

    return heal


def _tighten(hand: Hand, target: Any, options: Options) -> bool:
    most = str(number(options.get("pods", 0)))
    return hand.put_object(("resourcequota", target, TIGHT), {"spec": {"hard": {"pods": most}}})


def backend(hand: Hand, target: ObjectAt) -> ObjectAt | None:
    """The Service of a webhook's configuration."""
    for hook in (hand.read_object(target) or {}).get("webhooks", ()):
        service = hook["clientConfig"].get("service")
        if service is not None:
            return "service", service["namespace"], service["name"]
    return None


def _unhook(hand: Hand, target: ObjectAt, _options: Options) -> bool:
    service = backend(hand, target)
    return service is not None and hand.delete_object(service)


def _hook(hand: Hand, target: ObjectAt, _options: Options) -> bool:
    service = backend(hand, target)
    return service is not None and hand.restore_object(service)


def _rush(hand: Hand, target: Any, options: Options) -> bool:
    """A class of a high priority, and a Deployment of it that requests a lot."""
    hand.put_object(("priorityclass", "", URGENT), {"value": PRIORITY})
    requests = {"cpu": str(positive(options.get("cores", 1)))}
    container = {"name": URGENT, "image": "registry.k8s.io/pause:3.10", "resources": {"requests": requests}}
    template = {
        "metadata": {"labels": {"app": URGENT}},
        "spec": {"priorityClassName": URGENT, "containers": [container]},
    }
    copies = positive(options.get("replicas", 20))
    spec = {"replicas": copies, "selector": {"matchLabels": {"app": URGENT}}, "template": template}
    return hand.put_object(("deployment", target, URGENT), {"spec": spec})


def _rest(hand: Hand, target: Any, _options: Options) -> bool:
    gone = hand.delete_object(("deployment", target, URGENT))
    return hand.delete_object(("priorityclass", "", URGENT)) or gone


APPLICATIONS: Mapping[str, Fault] = {
    "bad-config": Fault(
        "config",
        _configure,
        _restore,
        "a pipeline changes a key of a ConfigMap or Secret (with: key, value; without a value the key is gone)",
        {"key": text, "value": str},
        ("key",),
        story=Story(
            "Files of mounted volumes change within a minute or two; environments do not, until containers start anew.",
            "Nothing at first; at the next restart or rollout errors, crashes, or a key that is not there.",
            "kubectl get configmap NAME -o yaml; kubectl rollout history",
            "Immutable ConfigMaps with a new name for each change: then a change is a rollout, and probes stop it.",
            ("env-empty", "config-missing", "wrong-password", "stale-env", "dns-name", "crash-loop"),
        ),
    ),
    "secret-deleted": Fault(
        "config",
        _delete,
        _restore,
        "somebody deletes a Secret or ConfigMap",
        story=Story(
            "Running containers keep what they have read; no new one can be made without it. The ingress controller "
            "shows a certificate of its own where that of a host has gone.",
            "CreateContainerConfigError or FailedMount for Pods that start, and nothing for those that run; of a "
            "certificate: certificate error, for every user of its host at once.",
            "kubectl describe pod; kubectl get events",
            "Backups of Secrets, or their source in a vault; few who may delete.",
            ("config-missing", "certificate-missing", "single-replica"),
        ),
    ),
    "service-deleted": Fault(
        "service",
        _delete,
        _restore,
        "somebody deletes a Service",
        story=Story(
            "Its name, its address and its rules are gone; the Pods run on, and nobody finds them.",
            "503 of the Ingress; callers inside cannot look the name up (NXDOMAIN); its node ports refuse, and its "
            "balancer goes with it.",
            "kubectl get service,endpointslices; why",
            "Manifests in a repository, from which it can be applied again; few who may delete.",
            ("service-not-found", "dns-name", "no-node-port"),
        ),
    ),
    "selector-changed": Fault(
        "service",
        _select,
        _restore,
        "a pipeline changes the selector of a Service (with: label KEY=VALUE)",
        {"label": label},
        story=Story(
            "Endpoints are whoever has all labels of the selector: now nobody.",
            "503 though all Pods are Ready: the Service has no endpoints.",
            "kubectl describe service; kubectl get endpointslices; kubectl get pods --show-labels",
            "A selector that never changes; version labels on Pods only.",
            ("selector-mismatch",),
        ),
    ),
    "namespace-deleted": Fault(
        "namespace",
        lambda h, ns, _: h.delete_object(("namespace", "", ns)),
        None,
        "somebody deletes a whole namespace",
        story=Story(
            "The namespace is Terminating: its controller deletes all that is in it, and nothing new is let in.",
            "Everything of it goes within seconds, routes and claims among them.",
            "kubectl get namespaces; kubectl get all -n NAME",
            "Manifests and backups outside of the cluster; few who may delete namespaces; reclaimPolicy Retain.",
            ("namespace-deleted",),
        ),
    ),
    "quota-tightened": Fault(
        "namespace",
        _tighten,
        _drop("resourcequota", TIGHT),
        "a ResourceQuota appears in a namespace (with: pods, how many it allows)",
        {"pods": number},
        story=Story(
            "Pods that run stay; admission refuses each new one: rollouts stop, and what dies is not replaced.",
            "FailedCreate: exceeded quota; fewer Pods than asked for.",
            "kubectl describe resourcequota; kubectl get events",
            "Room in quotas for a rollout's surge; an alert before they are full.",
            ("not-created", "single-replica"),
        ),
    ),
    "policy-closed": Fault(
        "namespace",
        _put("networkpolicy", CLOSED, {"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}),
        _drop("networkpolicy", CLOSED),
        "a NetworkPolicy that denies all ingress appears in a namespace",
        story=Story(
            "Every Pod of the namespace is chosen, and no rule lets anybody through; kubelets' probes still come in.",
            "Time-outs from everywhere, though all Pods are Ready.",
            "kubectl get networkpolicies; why",
            "Policies that allow, in place before the one that denies.",
            ("network-policy",),
        ),
    ),
    "rbac-removed": Fault(
        "binding",
        _delete,
        _restore,
        "somebody deletes a ClusterRoleBinding or RoleBinding",
        story=Story(
            "Who had his rights by it is refused from the next request on: 403.",
            "A controller that does nothing more: nothing is replaced, no endpoints follow.",
            "kubectl auth can-i --list --as=NAME; kubectl get clusterrolebindings",
            "Bindings in a repository; few who may change RBAC.",
            ("forbidden", "single-replica"),
        ),
    ),
    "webhook-down": Fault(
        "webhook",
        _unhook,
        _hook,
        "the Service of an admission webhook is gone",
        story=Story(
            "With failurePolicy Fail every request that the webhook wants to see is refused; with Ignore it is let in.",
            "failed calling webhook …; of Pods: FailedCreate, and nothing that dies is replaced.",
            "kubectl get events; kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
            "Two copies of its backend; failurePolicy Ignore, or a namespaceSelector that spares what must go on.",
            ("webhook-down", "single-replica"),
        ),
    ),
    "priority-cascade": Fault(
        "namespace",
        _rush,
        _rest,
        "somebody creates a Deployment of a high priority (with: replicas, cores that each requests)",
        {"replicas": positive, "cores": positive},
        story=Story(
            "Where there is no room the scheduler preempts Pods of lower priority; new ones stay Pending.",
            "Preempted Events, Pending Pods, fewer copies than before.",
            "kubectl get events; kubectl get pods -o wide; kubectl get priorityclasses",
            "Priority classes of one's own for what matters; quotas for the high ones; PodDisruptionBudgets.",
            ("preempted", "unschedulable"),
        ),
    ),
}
"""Name → row."""
