"""What is to be known of an application before anything is broken: what is unwell already, and what is guessed."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.diagnoses import evidence_of
from kubesim_tui.explain.chain import Chain, Subject, subject
from kubesim_tui.explain.evidence import replicas
from kubesim_tui.explain.thing import thing_not_well
from kubesim_tui.gameday.aims import pods
from kubesim_tui.world.errors import InvalidReference
from kubesim_tui.world.reference import parse


def workloads(cluster: Cluster) -> list[types.Object]:
    """What the application's Pods belong to, each once."""
    evidence = evidence_of(cluster)
    tops = (evidence.workload(pod) for pod in pods(cluster))
    return list({subject(owner): owner for owner in tops}.values())


def single_copies(cluster: Cluster) -> list[Subject]:
    """The workloads of the application that have one copy."""
    return [subject(owner) for owner in workloads(cluster) if replicas(owner) == 1 or owner.kind == "Pod"]


def unwell(cluster: Cluster) -> list[tuple[Subject, Chain]]:
    """The workloads that are not well, and why."""
    evidence = evidence_of(cluster)
    found = ((subject(owner), thing_not_well(evidence, subject(owner))) for owner in workloads(cluster))
    return [(about, chain) for about, chain in found if chain is not None]


def guessed(cluster: Cluster) -> list[str]:
    """The images of the application that nobody has described: taken for a small web server that needs nobody."""
    specs = (pod.spec for pod in pods(cluster) if pod.spec is not None)
    images = dict.fromkeys(one.image for spec in specs for one in (*spec.init_containers, *spec.containers))
    return [image for image in images if image and not _described(cluster, image)]


def _described(cluster: Cluster, image: str) -> bool:
    try:
        return cluster.world.catalogue.describes(parse(image).repository)
    except InvalidReference:
        return True  # nobody pulls it
