"""Why those who reach each other do not believe each other: a certificate is over, or a clock goes wrong."""

from __future__ import annotations

from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence

SERVER = "kube-apiserver"


def nobody_believes(evidence: Evidence) -> Chain | None:
    """The chain behind API servers that not even their own managers believe; None if they do."""
    machine = evidence.world.keeper("kube-controller-manager")
    return apart(evidence, machine) if evidence.world.distrust(machine)[0] == SERVER else None


def apart(evidence: Evidence, name: str) -> Chain | None:
    """The chain behind a kubelet and API servers that do not believe each other, or by a clock; None if they do."""
    world, about = evidence.world, _node(name)
    whose, said = world.distrust(name)
    if said:
        asks, other = (f"kubelet on {name}", "the API server") if whose == "kubelet" else ("the API server", "kubelet")
        link = Link(f"{other} does not believe {asks}: {said}", whose, None, about)
        for machine in (name, *world.control_plane):
            if world.clock_skew(machine):
                return Chain((link, _wrong(evidence, machine)), "clock-skew", _node(machine))
        owner = about if whose == "kubelet" else evidence.component(whose)
        text = f"the certificate of {asks} is over"
        return Chain((link, Link(text, whose, None, owner)), "certificate-expired", owner)
    if world.clock_skew(name) < 0:
        link = Link("its renewals look older than the last one that was seen", "node-controller", None, about)
        return Chain((link, _wrong(evidence, name)), "clock-skew", about)
    return None


def _wrong(evidence: Evidence, machine: str) -> Link:
    seconds = evidence.world.clock_skew(machine)
    way = "behind" if seconds < 0 else "ahead"
    return Link(f"the clock of machine {machine} is {abs(seconds)} s {way}", "machine", None, _node(machine))


def _node(name: str) -> Subject:
    return "Node", "", name
