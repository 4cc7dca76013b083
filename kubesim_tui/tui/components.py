"""The components of a cluster in words: what each is for, what is seen when it fails, how it stands, what it tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kubesim_tui.cluster.picture.followed import Facts
from kubesim_tui.cluster.picture.room import CUT, OFF, PAUSED, RUNNING, SLOW, STOPPED
from kubesim_tui.tui.glyphs import Glyph
from kubesim_tui.tui.i18n import N_, Texts

STATES: Mapping[str, Glyph] = {
    RUNNING: Glyph("●", "green", N_("running")),
    SLOW: Glyph("▲", "yellow", N_("slow")),
    PAUSED: Glyph("◌", "soft", N_("paused")),
    STOPPED: Glyph("✗", "red", N_("stopped")),
    CUT: Glyph("⊘", "orange", N_("cut off")),
    OFF: Glyph("○", "mute", N_("no power")),
}

CODEX: Mapping[str, tuple[str, str]] = {
    "etcd": (
        N_("The store of all objects, never of what applications keep. A write counts once a majority has it."),
        N_("Without a majority nothing can be written, and the truth cannot be read. Running Pods go on."),
    ),
    "kube-apiserver": (
        N_("The only door to etcd: who are you, may you, admission, validation; then all who watch hear of it."),
        N_("Down, nobody can ask or change anything. Running Pods go on serving, with the rules of before."),
    ),
    "kube-scheduler": (
        N_("Takes Pods without a node one by one, filters and scores the nodes, and writes down the best."),
        N_("Down, new Pods stay Pending without an Event."),
    ),
    "kube-controller-manager": (
        N_("The control loops: each compares what is wanted with what is, and makes up the difference."),
        N_("Down, nothing is replaced, scaled or rolled out, and nobody notices a lost node."),
    ),
    "cloud-controller-manager": (
        N_("Speaks to the cloud: balancers, addresses and zones of nodes, nodes that the cloud has taken away."),
        N_("Down, a LoadBalancer stays <pending> and new nodes keep their taint uninitialized."),
    ),
    "cluster-autoscaler": (
        N_("Asks the cloud for machines when Pods fit nowhere, and gives back what is not needed."),
        N_("Down, Pods that fit nowhere wait for good."),
    ),
    "coredns": (
        N_("Answers names of Services with their addresses, from its own copy of what the API server told it."),
        N_("Down, callers find nobody as soon as what they remember is over."),
    ),
    "ingress-nginx-controller": (
        N_("Takes requests from outside and sends them on by host and path, as the Ingress objects say."),
        N_("Down, no user gets in; inside, all is as before."),
    ),
    "kubelet": (
        N_("Runs the Pods of its node: has the runtime start them, probes them, and reports how they are."),
        N_("Silent for 50 s, its node is NotReady; 300 s later its Pods are replaced elsewhere. They may still run."),
    ),
    "runtime": (
        N_("Pulls images; makes, starts and stops containers, as the kubelet asks."),
        N_("Down, nothing new starts on its node; what runs goes on."),
    ),
    "kube-proxy": (
        N_("Writes the rules of its node: which Pods stand behind a Service's address."),
        N_("Down, the rules stand still: requests go to Pods that are gone, from this node only."),
    ),
}
"""What a component is for, and what is seen when it fails."""

SHORT: Mapping[str, str] = {
    "behind": N_("{n} behind"),
    "revision": N_("rev {n}"),
    "requests": N_("{n} in {seconds}s"),
    "lists": N_("{n} lists, {size}"),
    "wait-seats": N_("{n} waiting"),
    "retries": N_("{n} retries"),
    "queue": N_("{n} waiting"),
    "loops": N_("{n} loops"),
    "names": N_("{n} names"),
    "routes": N_("{n} Ingress"),
    "heard": N_("beat {seconds}s"),
    "containers": N_("{n} running"),
    "rules": N_("{n} Services"),
    "stale": N_("rules stale"),
    "stands-by": N_("stands by"),
    "term": N_("term {n}"),
    "keys": N_("{n} objects"),
    "size": N_("{size} of {quota}"),
    "no-space": N_("NOSPACE"),
    "lease": N_("lease {seconds}s"),
    "pods": N_("{n} Pods"),
}
"""A figure in a box."""

LONG: Mapping[str, str] = {
    "behind": N_("It is {n} revisions behind the leader."),
    "revision": N_("Revision {n}."),
    "term": N_("Term {n}."),
    "keys": N_("{n} objects."),
    "size": N_("Its file has {size}, its quota is {quota} ({percent} %)."),
    "no-space": N_("The alarm NOSPACE is raised: nothing is put any more."),
    "requests": N_("{n} writes in the last {seconds} s."),
    "lists": N_("It answers {n} lists at once, which take {size} of memory."),
    "wait-seats": N_("{n} requests wait for seats."),
    "retries": N_("{n} objects failed and are tried again."),
    "queue": N_("{n} Pods wait for a node."),
    "loops": N_("{n} control loops."),
    "lease": N_("It renewed its lease {seconds} s ago."),
    "stands-by": N_("It stands by: another one has the lease."),
    "names": N_("It knows {n} names of Services."),
    "routes": N_("It knows {n} Ingress objects."),
    "heard": N_("Its node's lease was renewed {seconds} s ago."),
    "pods": N_("{n} Pods."),
    "containers": N_("{n} containers."),
    "rules": N_("Rules for {n} Services."),
    "stale": N_("Its rules are {n} changes behind those of the others."),
    "release": N_("Release {release}."),
    "fails": N_("It ends as soon as it begins: {said}"),
}


ONE: Mapping[str, str] = {
    "{n} retries": "{n} retry",
    "{n} loops": "{n} loop",
    "{n} names": "{n} name",
    "{n} Services": "{n} Service",
    "{n} objects": "{n} object",
    "{n} Pods": "{n} Pod",
    "It is {n} revisions behind the leader.": "It is {n} revision behind the leader.",
    "{n} objects.": "{n} object.",
    "{n} writes in the last {seconds} s.": "{n} write in the last {seconds} s.",
    "{n} objects failed and are tried again.": "{n} object failed and is tried again.",
    "{n} Pods wait for a node.": "{n} Pod waits for a node.",
    "{n} control loops.": "{n} control loop.",
    "It knows {n} names of Services.": "It knows {n} name of a Service.",
    "It knows {n} Ingress objects.": "It knows {n} Ingress object.",
    "{n} Pods.": "{n} Pod.",
    "{n} containers.": "{n} container.",
    "Rules for {n} Services.": "Rules for {n} Service.",
}
"""The same of one, where a language tells one from many."""


def short(t: Texts, facts: Facts) -> list[str]:
    """Figures for a box."""
    return [_figure(t, SHORT[code], values) for code, values in facts if code in SHORT]


def long(t: Texts, facts: Facts) -> list[str]:
    """Figures as sentences."""
    return [_figure(t, LONG[code], values) for code, values in facts if code in LONG]


def _figure(t: Texts, text: str, given: Iterable[tuple[str, str]]) -> str:
    values = dict(given)
    if t.language == "en" and values.get("n") == "1" and text in ONE:
        return ONE[text].format(**values)
    return t(text, **values)
