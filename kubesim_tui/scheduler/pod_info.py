"""What the scheduler needs to know of a Pod, worked out once a template.

All Pods of a ReplicaSet share the pieces of one frozen spec; `Facts` is what follows from them: requests as integers,
host ports, affinity terms, spread constraints. `Group` is what *other* Pods see of a Pod: its namespace, its labels,
its affinity terms and whether it is terminating. A node counts its Pods by group, so that spreading and affinity
look at a handful of groups instead of a hundred Pods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, frozen

from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.helpers.claims import claim_name, is_ephemeral
from kubesim_tui.api.helpers.resources import as_amounts, pod_requests
from kubesim_tui.api.types import Container, Pod, PodSpec, TopologySpreadConstraint
from kubesim_tui.scheduler.terms import Term, WeightedTerm, affinity_terms

NO_SPEC = PodSpec()
NON_ZERO: Mapping[str, str] = {"cpu": "100m", "memory": "200Mi"}
"""What a container without a request counts as, in scoring only: else all such Pods would land on one node."""
Port = tuple[str, str, int]
"""(host IP, protocol, host port)."""


@frozen(eq=False)
class Resource:
    """Amounts: millicores, bytes, bytes, and whole units of everything else (by name, sorted)."""

    cpu: int = 0
    memory: int = 0
    storage: int = 0  # ephemeral-storage
    scalars: tuple[tuple[str, int], ...] = ()

    @property
    def nothing(self) -> bool:
        """Nothing is asked for."""
        return not (self.cpu or self.memory or self.storage or self.scalars)

    def amount(self, name: str) -> int:
        """The amount of a resource by its name."""
        if name == "cpu":
            return self.cpu
        if name == "memory":
            return self.memory
        return self.storage if name == "ephemeral-storage" else dict(self.scalars).get(name, 0)

    def __deepcopy__(self, _memo: Any) -> Resource:
        return self


def resource_of(amounts: Mapping[str, int]) -> Resource:
    """Amounts by name as a Resource; `pods` is no part of it."""
    known = ("cpu", "memory", "ephemeral-storage", "pods")
    scalars = tuple(sorted((n, a) for n, a in amounts.items() if n not in known))
    return Resource(amounts.get("cpu", 0), amounts.get("memory", 0), amounts.get("ephemeral-storage", 0), scalars)


@frozen(eq=False)
class Facts:
    """What follows from a Pod's spec and namespace."""

    spec: PodSpec
    priority: int
    requests: Resource
    non_zero: Resource  # with what scoring assumes for containers without requests
    ports: tuple[Port, ...]
    claims: tuple[str, ...]  # names of PersistentVolumeClaims
    ephemeral: tuple[str, ...]  # names of the claims of generic ephemeral volumes
    images: tuple[str, ...]  # of all containers, with a tag
    affinity: tuple[Term, ...]  # required
    anti_affinity: tuple[Term, ...]  # required
    preferred: tuple[WeightedTerm, ...]  # anti-affinity has a negative weight
    spread: tuple[TopologySpreadConstraint, ...]
    has_affinity: bool  # any affinity to, or aversion from, other Pods

    def __deepcopy__(self, _memo: Any) -> Facts:
        return self


@frozen(eq=False)
class Group:
    """Pods that look the same to other Pods. Interned: one object a group (identity is equality)."""

    namespace: str
    labels: Mapping[str, str]
    facts: Facts
    terminating: bool

    def __deepcopy__(self, _memo: Any) -> Group:
        return self


@frozen(eq=False)
class PodInfo:
    """A Pod with its facts."""

    pod: Pod
    uid: str
    key: tuple[str, str]
    facts: Facts
    group: Group

    def __deepcopy__(self, _memo: Any) -> PodInfo:
        return self

    @property
    def spec(self) -> PodSpec:
        """The Pod's own spec (that in the facts is of an earlier Pod of its template)."""
        return self.pod.spec or NO_SPEC

    @property
    def namespace(self) -> str:
        """The Pod's namespace."""
        return self.key[0]

    @property
    def labels(self) -> Mapping[str, str]:
        """The Pod's labels."""
        return self.group.labels

    @property
    def priority(self) -> int:
        """spec.priority, or 0."""
        return self.facts.priority

    @property
    def nominated(self) -> str:
        """The node that was freed for it, or ""."""
        return self.pod.status.nominated_node_name if self.pod.status is not None else ""


def image_name(name: str) -> str:
    """An image's name with its tag: `:latest` if it has none (normalizedImageName)."""
    return f"{name}:latest" if name.rfind(":") <= name.rfind("/") else name


def host_ports(spec: PodSpec) -> tuple[Port, ...]:
    """The ports of the host that a Pod wants: of its containers and sidecars."""
    found = []
    for container in (*spec.containers, *[c for c in spec.init_containers if c.restart_policy == "Always"]):
        for port in container.ports:
            if port.host_port:
                found.append((port.host_ip or "0.0.0.0", port.protocol or "TCP", port.host_port))
    return tuple(found)


def claim_names(spec: PodSpec) -> tuple[str, ...]:
    """The claims that a Pod's volumes name."""
    return tuple([v.persistent_volume_claim.claim_name for v in spec.volumes if v.persistent_volume_claim is not None])


def ephemeral_names(name: str, spec: PodSpec) -> tuple[str, ...]:
    """The claims that are made for a Pod's generic ephemeral volumes."""
    return tuple([claim_name(v, name) for v in spec.volumes if is_ephemeral(v)])


def facts_of(pod: Pod) -> Facts:
    """Work out a Pod's facts."""
    spec, namespace = pod.spec or NO_SPEC, pod.metadata.namespace
    terms = affinity_terms(spec, namespace)
    containers: tuple[Container, ...] = (*spec.init_containers, *spec.containers)
    return Facts(
        spec=spec,
        priority=spec.priority or 0,
        requests=resource_of(as_amounts(pod_requests(spec))),
        non_zero=resource_of(as_amounts(pod_requests(spec, missing=NON_ZERO))),
        ports=host_ports(spec),
        claims=claim_names(spec),
        ephemeral=ephemeral_names(pod.metadata.name, spec),
        images=tuple([image_name(c.image) for c in containers]),
        affinity=terms.affinity,
        anti_affinity=terms.anti_affinity,
        preferred=terms.preferred,
        spread=spec.topology_spread_constraints,
        has_affinity=bool(terms.affinity or terms.anti_affinity or terms.preferred),
    )


KEPT_FACTS = 8192


@define(eq=False)
class Register:
    """Facts and groups that have been worked out, so that the Pods of one template share them.

    Facts are found by the identity of the spec's frozen pieces: binding a Pod makes a new spec of the same pieces.
    """

    facts: dict[tuple[Any, ...], Facts]
    groups: dict[tuple[Any, ...], Group]

    @staticmethod
    def empty() -> Register:
        """Nothing is known."""
        return Register({}, {})

    def info(self, pod: Pod) -> PodInfo:
        """A Pod with its facts and its group."""
        meta = pod.metadata
        facts = self.facts_of(pod)
        return PodInfo(pod, meta.uid, (meta.namespace, meta.name), facts, self.group_of(pod, facts))

    def facts_of(self, pod: Pod) -> Facts:
        """The facts of a Pod, perhaps of an earlier one of its template."""
        spec = pod.spec or NO_SPEC
        name = pod.metadata.name if any(is_ephemeral(v) for v in spec.volumes) else ""
        key = (pod.metadata.namespace, name, *_pieces(spec))
        known = self.facts.get(key)
        if known is None:
            if len(self.facts) >= KEPT_FACTS:
                self.facts.clear()
            known = self.facts[key] = facts_of(pod)
        return known

    def group_of(self, pod: Pod, facts: Facts) -> Group:
        """The group of a Pod."""
        meta = pod.metadata
        terminating = meta.deletion_timestamp is not None
        terms = id(facts) if facts.has_affinity else 0
        key = (meta.namespace, terminating, terms, *sorted(meta.labels.items()))
        known = self.groups.get(key)
        if known is None:
            if len(self.groups) >= KEPT_FACTS:
                self.groups.clear()
            known = self.groups[key] = Group(meta.namespace, meta.labels or EMPTY, facts, terminating)
        return known


def _pieces(spec: PodSpec) -> tuple[int | str | None, ...]:
    """What tells templates apart. The ids stay true, since the facts hold the spec that holds the pieces."""
    return (
        id(spec.containers),
        id(spec.init_containers),
        id(spec.volumes),
        id(spec.affinity),
        id(spec.tolerations),
        id(spec.node_selector),
        id(spec.topology_spread_constraints),
        id(spec.overhead),
        id(spec.resources),
        spec.priority,
        spec.preemption_policy,
    )
