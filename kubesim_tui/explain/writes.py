"""Why the API server takes nothing from those who should act: etcd is full or slow, or somebody floods their flow."""

from __future__ import annotations

from kubesim_tui.explain.chain import Chain, Link, Subject
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.plane import idle, no_etcd, no_server
from kubesim_tui.explain.trust import nobody_believes

LATELY = 60
"""Ticks for which a refusal may still be why something has not happened."""
TOO_MANY, TIMED_OUT = "the server has received too many requests", "etcdserver: request timed out"
ACCOUNT = "system:serviceaccount:"


def refused(evidence: Evidence) -> Chain | None:
    """The chain behind writes of controllers that are refused for the same reason all over; None if they are not."""
    silent = no_etcd(evidence)
    if silent:
        about = evidence.component("etcd")
        return Chain((Link(silent, "etcd", None, about),), "etcd-down", about)
    if evidence.stopped("kube-apiserver"):
        return no_server(evidence)
    if evidence.world.etcd_full():
        about = evidence.component("etcd")
        text = "etcd has its NOSPACE alarm: the database is larger than its quota, and nothing is put into it"
        return Chain((Link(text, "etcd", None, about),), "etcd-full", about)
    return nobody_believes(evidence) or _slow(evidence) or _flooded(evidence)


def no_endpoints_written(evidence: Evidence, about: Subject | None) -> Chain | None:
    """The chain behind EndpointSlices that stay as they are, whatever becomes of their Pods; None if somebody does."""
    head = Link("nobody writes endpoints anew", "endpointslice-controller", None, about)
    unwritten = refused(evidence)
    if unwritten is not None:
        return unwritten.after(head)
    manager = "kube-controller-manager"
    if evidence.stopped(manager):
        return Chain((head, *idle(evidence, manager)), "controller-manager-down", evidence.component(manager))
    told = evidence.refusal("endpointslice-controller")
    if told is None or evidence.tick - told.tick > LATELY:
        return None
    link = Link(told.message, "kube-apiserver", told.tick, about or evidence.component(manager), "Forbidden")
    return Chain((head, link), "forbidden", ("ServiceAccount", "kube-system", "endpointslice-controller"))


def _slow(evidence: Evidence) -> Chain | None:
    machine = evidence.world.keeper("etcd")
    factor = evidence.world.slowness(machine, "etcd")
    about = evidence.component("etcd")
    told = _last(evidence, TIMED_OUT, about)
    if factor == 1 or told is None:
        return None
    text = f"the disk of etcd on {machine} is {factor} times slower than it should be"
    return Chain((told, Link(text, "machine", None, about)), "etcd-slow", about)


def _flooded(evidence: Evidence) -> Chain | None:
    told = _last(evidence, TOO_MANY, evidence.component("kube-apiserver"))
    floods = evidence.world.floods()
    if told is None or not floods:
        return None
    user, rate = floods[0]
    namespace, _, name = user.removeprefix(ACCOUNT).partition(":")
    about: Subject = ("ServiceAccount", namespace, name) if user.startswith(ACCOUNT) else ("User", "", user)
    text = f"{user} asks {rate} times a second, and fills the queues of their flow"
    return Chain((told, Link(text, "kube-apiserver", None, about)), "api-overload", about)


def _last(evidence: Evidence, words: str, about: Subject) -> Link | None:
    """The latest refusal with these words, if there was one lately."""
    for record in reversed(evidence.requests):
        if evidence.tick - record.tick > LATELY:
            return None
        if record.message.startswith(words):
            return Link(f"{record.user}: {record.message}", "kube-apiserver", record.tick, about)
    return None
