"""Words of the cluster for completion: types, names, namespaces, containers, labels, fields of the schema.

Read straight from the store's tables, for those who may list: a key press has no time for a sorted list of 10,000 Pods.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

from attrs import frozen

from kubesim_tui.api import scheme
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object, Pod
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.kubectl import choose_pod, discovery
from kubesim_tui.kubectl.env import data_of
from kubesim_tui.kubectl.result import Terminal

MOST = 100
FAMILIAR = (
    *("pods", "deployments", "services", "nodes", "configmaps", "secrets", "statefulsets", "daemonsets", "jobs"),
    *("cronjobs", "ingresses", "replicasets", "persistentvolumeclaims", "namespaces", "events", "endpointslices"),
    *("horizontalpodautoscalers", "poddisruptionbudgets", "persistentvolumes", "storageclasses", "serviceaccounts"),
    *("networkpolicies", "resourcequotas", "limitranges", "roles", "rolebindings", "leases", "priorityclasses"),
)
"""Types in the order in which people want them."""


def paths(terminal: Terminal | None, start: str) -> list[str]:
    """Files and folders of the player that begin so; a folder ends in a slash."""
    if terminal is None:
        return []
    folder, slash, begun = start.rpartition("/")
    before = f"{folder}{slash}"
    there = _listed(terminal, folder or before or ".") or ()
    names = [n for n in there if n.startswith(begun) and (begun or not n.startswith("."))][:MOST]
    return [f"{before}{n}{'/' if _listed(terminal, before + n) is not None else ''}" for n in names]


def _listed(terminal: Terminal, folder: str) -> list[str] | None:
    try:
        return list(terminal.list(folder))
    except OSError:
        return None


@frozen(eq=False)
class Cluster:
    """What completion may see of the cluster."""

    client: Client
    namespace: str

    def types(self, start: str, verbs_on: Iterable[str] = ()) -> list[str]:
        """Plurals of types that begin so: those of which there is something first, familiar ones before others."""
        only = tuple(verbs_on)
        found = {r.plural: r for r in reversed(self._served()) if r.plural.startswith(start)}
        return sorted((p for p in found if not only or p in only), key=lambda p: self._place(found[p]))

    def _served(self) -> tuple[Resource, ...]:
        try:
            return discovery.resources(self.client)
        except ApiError:
            return scheme.builtin()

    def _place(self, r: Resource) -> tuple[bool, int, str]:
        known = FAMILIAR.index(r.plural) if r.plural in FAMILIAR else len(FAMILIAR)
        return not self.objects(r), known, r.plural

    def find(self, word: str) -> Resource | None:
        """The type that a word names."""
        try:
            return discovery.find(self.client, word)
        except ApiError:
            return None

    def objects(self, r: Resource) -> Mapping[Name, Object]:
        """The objects of a type in the namespace; none for who may not list them."""
        namespace = self.namespace if r.namespaced else ""
        server = self.client.server
        if not self.client.road.open():
            return {}
        if not server.authorizer.authorize(self.client.user, "list", r, "", namespace, "")[0]:
            return {}
        return server.etcd.table(r.group_resource).by_namespace.get(namespace, {})

    def names(self, r: Resource, start: str, prefix: str = "") -> list[str]:
        """Names of objects that begin so, each behind a prefix."""
        found = (name for _, name in self.objects(r) if name.startswith(start))
        return [f"{prefix}{name}" for name in heapq.nsmallest(MOST, found)]

    def plain(self, plural: str, start: str) -> list[str]:
        """Names of objects of a type."""
        return self.names(scheme.for_plural(plural), start)

    def slashed(self, plural: str, start: str) -> list[str]:
        """`deployment/web`."""
        r = scheme.for_plural(plural)
        word = f"{r.singular}/"
        if not word.startswith(start) and not start.startswith(word):
            return []
        return self.names(r, start[len(word) :], word)

    def typed(self, start: str) -> list[str]:
        """`po/web-1`: the type as it is written, whichever of its names that is."""
        word, _, name = start.partition("/")
        r = self.find(word)
        return self.names(r, name, f"{word}/") if r is not None else []

    # -- within objects ----------------------------------------------------------------------------------------

    def containers(self, target: str, start: str, suffix: str = "") -> list[str]:
        """Names of a Pod's or workload's containers."""
        return [f"{name}{suffix}" for name in self._containers(target) if name.startswith(start)]

    def _containers(self, target: str) -> list[str]:
        word, slash, name = target.partition("/")
        r = self.find(word) if slash else scheme.for_plural("pods")
        key = (self.namespace, name if slash else word)
        found = self.objects(r).get(key) if r is not None else None
        if isinstance(found, Pod):
            return [n for n, _ in choose_pod.containers(found)]
        spec = (data_of(found).get("spec") or {}) if found is not None else {}
        pod = (spec.get("template") or {}).get("spec") or {}
        return [c["name"] for c in pod.get("containers") or ()]

    def ports(self, target: str, start: str) -> list[str]:
        """The ports of a Pod, a Service or a workload's template."""
        word, slash, name = target.partition("/")
        r = self.find(word) if slash else scheme.for_plural("pods")
        found = self.objects(r).get((self.namespace, name if slash else word)) if r is not None else None
        spec = (data_of(found).get("spec") or {}) if found is not None else {}
        pod = (spec.get("template") or {}).get("spec") or spec
        numbers = [p.get("port") for p in spec.get("ports") or ()]
        numbers += [p["containerPort"] for c in pod.get("containers") or () for p in c.get("ports") or ()]
        before, colon, begun = start.rpartition(":")
        texts = dict.fromkeys(str(n) for n in numbers if n)
        return [f"{before}{colon}{text}" for text in texts if text.startswith(begun)]

    def labels(self, r: Resource, start: str) -> list[str]:
        """`app=web` of the objects of a type."""
        found: dict[str, int] = {}
        for obj in list(self.objects(r).values())[:1000]:
            for key, value in obj.metadata.labels.items():
                text = f"{key}={value}"
                if text.startswith(start):
                    found[text] = found.get(text, 0) + 1
        return sorted(found, key=lambda text: (-found[text], text))[:MOST]

    def fields(self, path: str) -> list[str]:
        """`pod.spec.containers.image`: the fields of the schema at the end of a path."""
        *holders, start = path.split(".")
        r = self.find(holders[0]) if holders else None
        if r is None or "." not in r.definition:
            return []
        code = r.definition
        for name in holders[1:]:
            code = scheme.definition(code).fields.get(name, "") if "." in code else ""
            while code.startswith(("[]", "{}")):
                code = code[2:]
        if "." not in code:
            return []
        before = ".".join(holders)
        return [f"{before}.{name}" for name in sorted(scheme.definition(code).fields) if name.startswith(start)]
