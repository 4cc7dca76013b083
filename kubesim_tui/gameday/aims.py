"""Whom a fault strikes on a game day: what the application is made of, each once; of machines the busiest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.diagnoses import evidence_of
from kubesim_tui.explain.chain import Subject, name_of, subject
from kubesim_tui.gameday.objects import SYSTEM, every, of_kind

Aim = tuple[str | None, str]
"""(target, as it is shown)."""
EVERYWHERE = "kube-root-ca.crt"
"""A ConfigMap that every namespace has."""
HOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def aims(cluster: Cluster, kind: str) -> Iterator[Aim]:
    """Whom a fault that strikes targets of a kind is to strike here; one that needs no target strikes all."""
    found = FOUND.get(kind)
    if found is None:
        yield None, ""
    else:
        yield from found(cluster)


def _one_of_each(cluster: Cluster) -> Iterator[Aim]:
    """A Pod of each workload of the application."""
    found: dict[Subject, str] = {}
    evidence = evidence_of(cluster)
    for pod in pods(cluster):
        ref = controller_of(pod)
        if ref is None or ref.kind != "Job":
            found.setdefault(subject(evidence.workload(pod)), f"{pod.metadata.namespace}/{pod.metadata.name}")
    yield from ((pod, name_of(owner)) for owner, pod in found.items())


def _busiest(cluster: Cluster) -> Iterator[Aim]:
    count = Counter(p.spec.node_name for p in pods(cluster) if p.spec is not None and p.spec.node_name)
    node = min(count, key=lambda node: (-count[node], node), default="")
    if node:
        yield node, f"node/{node}"


def _outside(cluster: Cluster) -> Iterator[Aim]:
    yield from ((name, name) for name in cluster.world.outside)


def _regions(cluster: Cluster) -> Iterator[Aim]:
    yield from ((name, name) for name in cluster.world.regions)


def _services(cluster: Cluster) -> Iterator[Aim]:
    """Those that choose Pods."""
    for service in of_kind(cluster.etcd, types.Service):
        if service.metadata.namespace in _namespaces(cluster) and service.spec is not None and service.spec.selector:
            yield _aim(service)


def _configs(cluster: Cluster) -> Iterator[Aim]:
    for obj in (*of_kind(cluster.etcd, types.ConfigMap), *of_kind(cluster.etcd, types.Secret)):
        if obj.metadata.namespace in _namespaces(cluster) and obj.metadata.name != EVERYWHERE:
            yield _aim(obj)


def _certificates(cluster: Cluster) -> Iterator[Aim]:
    for secret in of_kind(cluster.etcd, types.Secret):
        if secret.metadata.namespace in _namespaces(cluster) and secret.type == "kubernetes.io/tls":
            yield _aim(secret)


def _claims(cluster: Cluster) -> Iterator[Aim]:
    for claim in of_kind(cluster.etcd, types.PersistentVolumeClaim):
        if claim.metadata.namespace in _namespaces(cluster):
            yield _aim(claim)


def _accounts(cluster: Cluster) -> Iterator[Aim]:
    """The service accounts of the application's Pods."""
    used = dict.fromkeys((p.metadata.namespace, p.spec.service_account_name) for p in pods(cluster) if p.spec)
    for account in of_kind(cluster.etcd, types.ServiceAccount):
        if (account.metadata.namespace, account.metadata.name) in used:
            yield _aim(account)


def _images(cluster: Cluster) -> Iterator[Aim]:
    containers = (c for pod in pods(cluster) if pod.spec is not None for c in pod.spec.containers)
    yield from ((image, image) for image in dict.fromkeys(c.image for c in containers))


def _spaces(cluster: Cluster) -> Iterator[Aim]:
    yield from ((name, f"namespace/{name}") for name in _namespaces(cluster))


def _bindings(cluster: Cluster) -> Iterator[Aim]:
    """Those by which the application's own service accounts have rights."""
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        for binding in every(cluster.etcd, kind):
            subjects = encode_object(binding).get("subjects") or ()
            if any(who.get("namespace") in _namespaces(cluster) for who in subjects):
                yield _aim(binding)


def _hooks(cluster: Cluster) -> Iterator[Aim]:
    yield from (_aim(hook) for kind in HOOKS for hook in every(cluster.etcd, kind))


FOUND: Mapping[str, Callable[[Cluster], Iterator[Aim]]] = {
    "pod": _one_of_each,
    "node": _busiest,
    "outside": _outside,
    "region": _regions,
    "service": _services,
    "config": _configs,
    "certificate": _certificates,
    "account": _accounts,
    "claim": _claims,
    "image": _images,
    "namespace": _spaces,
    "binding": _bindings,
    "webhook": _hooks,
}


def pods(cluster: Cluster) -> list[types.Pod]:
    """The Pods of the application, by namespace and name."""
    return [pod for pod in of_kind(cluster.etcd, types.Pod) if pod.metadata.namespace not in SYSTEM]


def _namespaces(cluster: Cluster) -> list[str]:
    """Where the application has Pods."""
    return list(dict.fromkeys(pod.metadata.namespace for pod in pods(cluster)))


def _aim(obj: types.Object) -> Aim:
    kind, namespace, name = subject(obj)
    return "/".join(filter(None, (namespace, kind.lower(), name))), name_of((kind, namespace, name))
