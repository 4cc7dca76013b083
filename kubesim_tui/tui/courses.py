"""The course of a write in words: what each step is called, what it does, and what it decided."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.cluster.picture.followed import Fact
from kubesim_tui.cluster.picture.steps import AHEAD, DONE, FAILED, WAITING
from kubesim_tui.tui.glyphs import Glyph
from kubesim_tui.tui.i18n import N_, Texts

STATES: Mapping[str, Glyph] = {
    DONE: Glyph("✓", "green", N_("done")),
    WAITING: Glyph("◔", "yellow", N_("under way")),
    FAILED: Glyph("✗", "red", N_("it stopped here")),
    AHEAD: Glyph("○", "mute", N_("not reached")),
}

KINDS: Mapping[str, tuple[str, str, str]] = {
    "request": (N_("request"), "pink", N_("What kubectl sent to the API server.")),
    "authentication": (N_("authentication"), "blue", N_("Who asks? The certificate or token says it.")),
    "authorization": (N_("authorization"), "blue", N_("May this user do this? RBAC: a binding must allow it.")),
    "defaulting": (N_("defaulting"), "blue", N_("What was left out is filled in.")),
    "mutating": (N_("mutating admission"), "violet", N_("Plugins and webhooks may change the object.")),
    "validation": (N_("validation"), "blue", N_("Is it a valid object of its kind?")),
    "validating": (N_("validating admission"), "violet", N_("Plugins, policies and webhooks may refuse it.")),
    "etcd": (N_("etcd"), "green", N_("A majority has it on disk; all who watch hear of it.")),
    "deployment-controller": ("deployment-controller", "orange", N_("Moves replicas between ReplicaSets.")),
    "replicaset-controller": ("replicaset-controller", "orange", N_("Makes Pods until there are as many as wanted.")),
    "statefulset-controller": ("statefulset-controller", "orange", N_("Makes Pods one by one, in order.")),
    "daemonset-controller": ("daemonset-controller", "orange", N_("Makes one Pod for every node.")),
    "job-controller": ("job-controller", "orange", N_("Makes Pods until enough have finished well.")),
    "replication-controller": ("replication-controller", "orange", N_("Makes Pods until there are as many as wanted.")),
    "pod": (N_("Pod"), "cyan", N_("One of the Pods is followed from here: the one that is behind.")),
    "scheduler": (
        "kube-scheduler",
        "yellow",
        N_("Filters the nodes, scores those left, and binds the Pod to the best."),
    ),
    "kubelet": ("kubelet", "yellow", N_("Pulls the image, makes the sandbox, starts the containers.")),
    "ready": (N_("readiness"), "yellow", N_("Only a Pod that is ready gets requests.")),
    "endpointslice": ("EndpointSlice", "violet", N_("The Pod's address becomes an endpoint of its Services.")),
    "rules": (N_("kube-proxy rules"), "violet", N_("Every machine writes the endpoint into its own rules.")),
    "served": (N_("first request"), "pink", N_("Users' requests reach the Pod.")),
    "gone": (N_("gone"), "mute", N_("The object is not there any more.")),
}
"""What a step is called, its colour, and what happens there."""

SENTENCES: Mapping[str, str] = {
    "asked": N_("{verb} {about}"),
    "user": N_("User {name}, groups {groups}."),
    "master": N_("The group system:masters may do everything."),
    "allowed": "{text}",
    "changed": N_("{station} filled in or changed: {fields}"),
    "valid": N_("It is valid."),
    "complete": N_("Nothing had been left out."),
    "passed": N_("{station} let it pass as it is."),
    "refused": N_("{station} refused it with {status}:"),
    "stored": N_("Stored at revision {revision}."),
    "not-stored": N_("Nothing was to be written: the revision stays {revision}."),
    "replicas": N_("{name}: {a} → {b} replicas."),
    "made": N_("It made Pod {name}."),
    "nothing-to-do": N_("Want and is agree: there was nothing to do."),
    "manager-down": N_("kube-controller-manager does not work: nobody acts on it."),
    "scheduler-down": N_("kube-scheduler does not work: nobody looks for a node."),
    "one-of": N_("{ready} of {n} new Pods are ready."),
    "refused-by": N_("{node}: {plugin} filters it out ({why})."),
    "score": N_("{node}: {total} points."),
    "bound": N_("Bound to {node}."),
    "event": "{reason}: {text}",
    "sandbox": N_("Sandbox on {node}, address {ip}."),
    "waits": N_("Container {container} waits: {reason} {text}"),
    "probed": N_("Its readiness probe says when it is ready."),
    "unprobed": N_("It has no readiness probe: it counts as ready as soon as it runs."),
    "slice": N_("{name} of Service {service}, revision {revision}."),
    "not-yet": N_("Service {service} selects it, and its EndpointSlice does not have it yet."),
    "no-service": N_("No Service selects it: nobody is sent to it."),
    "known-on": N_("{n} of {of} machines have it in their rules; they hear of changes {lag} s late."),
    "unknown-on": N_("{machine} does not know it."),
    "no-way": N_("No way of users leads to it."),
    "way": N_("Users' ways lead to it; no request has come yet."),
    "serves": N_("It serves: {n} requests in the last second."),
    "text": "{text}",
}


def sentence(t: Texts, fact: Fact) -> str:
    """A fact as a sentence. What the cluster itself said stays as it is."""
    code, values = fact
    return t(SENTENCES[code], **{name: value for name, value in values if name != "tick"})
