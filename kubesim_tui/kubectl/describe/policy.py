"""kubectl describe poddisruptionbudget, priorityclass and networkpolicy."""

from __future__ import annotations

from kubesim_tui.apiserver.table.model import selector
from kubesim_tui.kubectl.describe.writer import NONE, UNSET, Data, Writer, flat, lower, meta

EMPTY = "<none> (Allowing the specific traffic to all pods in this namespace)"


def describe_budget(w: Writer, o: Data) -> None:
    """One PodDisruptionBudget."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    w.name(o)
    if spec.get("minAvailable") is not None:
        w(0, f"Min available:\t{spec['minAvailable']}")
    elif spec.get("maxUnavailable") is not None:
        w(0, f"Max unavailable:\t{spec['maxUnavailable']}")
    w(0, f"Selector:\t{selector(spec['selector']) if spec.get('selector') is not None else UNSET}")
    w(0, "Status:")
    for title, key in (
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ):
        w(2, f"{title}:\t{status.get(key) or 0}")
    w.events(o)


def describe_priority(w: Writer, o: Data) -> None:
    """One PriorityClass."""
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w(0, f"Value:\t{o.get('value') or 0}")
    w(0, f"GlobalDefault:\t{lower(o.get('globalDefault'))}")
    w(0, f"PreemptionPolicy:\t{o.get('preemptionPolicy') or ''}")
    w(0, f"Description:\t{o.get('description', '')}")
    w(0, f"Annotations:\t{flat(meta(o).get('annotations'))}")
    w.events(o)


def describe_network(w: Writer, o: Data) -> None:
    """One NetworkPolicy."""
    spec = o.get("spec") or {}
    w.name(o)
    created = str(meta(o).get("creationTimestamp", "")).replace("T", " ").replace("Z", " +0000 UTC")
    w(0, f"Created on:\t{created}")
    w.about(o)
    w(0, "Spec:")
    text = selector(spec.get("podSelector"), "")
    w(1, f"PodSelector:     {text or EMPTY}")
    types = spec.get("policyTypes") or []
    for word, key, peers in (("ingress", "ingress", "from"), ("egress", "egress", "to")):
        if word.title() in types:
            w(1, f"Allowing {word} traffic:")
            _rules(w, spec.get(key) or [], word, peers)
        else:
            w(1, f"Not affecting {word} traffic")
    w(1, f"Policy Types: {', '.join(types) or NONE}")


def _rules(w: Writer, rules: list[Data], word: str, peers: str) -> None:
    if not rules:
        w(2, f"<none> (Selected pods are isolated for {word} connectivity)")
    title = peers.title()
    side = "source" if peers == "from" else "destination"
    for i, rule in enumerate(rules):
        if not rule.get("ports"):
            w(2, "To Port: <any> (traffic allowed to all ports)")
        for p in rule.get("ports") or ():
            last = "" if p.get("endPort") is None else f"-{p['endPort']}"
            w(2, f"To Port{' Range' if last else ''}: {p.get('port', '<nil>')}{last}/{p.get('protocol', 'TCP')}")
        if not rule.get(peers):
            w(2, f"{title}: <any> (traffic not restricted by {side})")
        for peer in rule.get(peers) or ():
            w(2, f"{title}:")
            _peer(w, peer)
        if i < len(rules) - 1:
            w(2, "----------")


def _peer(w: Writer, peer: Data) -> None:
    for title, key in (("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")):
        if peer.get(key) is not None:
            w(3, f"{title}: {selector(peer[key])}")
    if block := peer.get("ipBlock"):
        w(3, "IPBlock:")
        w(4, f"CIDR: {block.get('cidr', '')}")
        w(4, f"Except: {', '.join(block.get('except') or ())}")
