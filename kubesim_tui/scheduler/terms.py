"""Affinity terms of Pods towards other Pods, ready to be matched.

A term chooses Pods by namespace and labels; it is about all nodes that share the value of its topology key. Without
namespaces and namespaceSelector it means the Pod's own namespace; an empty namespaceSelector means all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.helpers import selector
from kubesim_tui.api.types import LabelSelector, PodAffinity, PodAffinityTerm, PodAntiAffinity, PodSpec


@frozen(eq=False)
class Term:
    """One term."""

    namespaces: tuple[str, ...]
    namespace_selector: LabelSelector | None
    selector: LabelSelector | None
    topology_key: str

    def matches(self, namespace: str, labels: Mapping[str, str], namespace_labels: Mapping[str, str] = EMPTY) -> bool:
        """Whether it chooses a Pod with these labels in this namespace (with its labels)."""
        if namespace not in self.namespaces and not selector.matches(self.namespace_selector, namespace_labels):
            return False
        return selector.matches(self.selector, labels)

    def __deepcopy__(self, _memo: Any) -> Term:
        return self


@frozen(eq=False)
class WeightedTerm:
    """A preference; anti-affinity has a negative weight."""

    term: Term
    weight: int

    def __deepcopy__(self, _memo: Any) -> WeightedTerm:
        return self


@frozen(eq=False)
class Terms:
    """All terms of a Pod."""

    affinity: tuple[Term, ...] = ()
    anti_affinity: tuple[Term, ...] = ()
    preferred: tuple[WeightedTerm, ...] = ()


NONE = Terms()


def term_of(term: PodAffinityTerm, namespace: str) -> Term:
    """A term of a Pod that lives in a namespace."""
    own = not term.namespaces and term.namespace_selector is None
    return Term(
        (namespace,) if own else term.namespaces, term.namespace_selector, term.label_selector, term.topology_key
    )


def affinity_terms(spec: PodSpec, namespace: str) -> Terms:
    """The terms of a Pod's spec."""
    affinity = spec.affinity
    if affinity is None or (affinity.pod_affinity is None and affinity.pod_anti_affinity is None):
        return NONE
    to, away = affinity.pod_affinity or PodAffinity(), affinity.pod_anti_affinity or PodAntiAffinity()
    preferred = [
        WeightedTerm(term_of(w.pod_affinity_term or PodAffinityTerm(), namespace), sign * w.weight)
        for sign, part in ((1, to), (-1, away))
        for w in part.preferred_during_scheduling_ignored_during_execution
    ]
    return Terms(
        tuple([term_of(t, namespace) for t in to.required_during_scheduling_ignored_during_execution]),
        tuple([term_of(t, namespace) for t in away.required_during_scheduling_ignored_during_execution]),
        tuple(preferred),
    )
