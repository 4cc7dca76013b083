"""Which words could stand at the cursor of the prompt: commands, types, names, flags and their values, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import frozen

from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.client import Client
from kubesim_tui.kubectl import flags, main
from kubesim_tui.kubectl.complete_words import MOST, Cluster, paths
from kubesim_tui.kubectl.result import Config, Terminal

VERBS = (
    *("get", "describe", "apply", "logs", "delete", "scale", "rollout", "create", "edit", "exec", "set", "expose"),
    *("top", "events", "explain", "label", "patch", "run", "drain", "cordon", "uncordon", "taint", "wait"),
    *("debug", "port-forward", "cp", "attach", "annotate", "autoscale", "diff", "replace", "config", "auth"),
    *("api-resources", "version", "cluster-info"),
)
"""Commands in the order in which people want them; the others follow by name."""

ROLLED = ("deployments", "statefulsets", "daemonsets")
SCALED = ("deployments", "statefulsets", "replicasets")
WORKLOADS = (*ROLLED, "jobs", "services")

KINDS_MADE = ("deployment", "configmap", "secret", "service", "namespace", "job", "cronjob", "ingress")
USUAL = ("replicas", "output", "selector", "all-namespaces", "watch", "follow", "previous", "container", "image")
OF_FILES = ("apply", "create", "replace", "diff")
DULL = (
    *("allow-missing-template-keys", "chunk-size", "field-manager", "kustomize", "recursive", "show-managed-fields"),
    *("template", "windows-line-endings", "insecure-skip-tls-verify-backend"),
)
"""Flags that nobody looks for."""

SLASHED = {
    "scale": SCALED,
    "autoscale": SCALED,
    "rollout": ROLLED,
    "set": ROLLED,
    "expose": ("deployments", "pods", "services", "replicasets"),
    "logs": WORKLOADS,
    "exec": WORKLOADS,
    "attach": WORKLOADS,
    "port-forward": ("services", *WORKLOADS[:-1]),
    "debug": ("nodes",),
}
"""Commands for which `deployment/web` is the natural first argument."""

PLAIN = {
    "logs": "pods",
    "exec": "pods",
    "attach": "pods",
    "port-forward": "pods",
    "debug": "pods",
    "cordon": "nodes",
    "uncordon": "nodes",
    "drain": "nodes",
    "top node": "nodes",
    "top pod": "pods",
    "certificate approve": "certificatesigningrequests",
    "certificate deny": "certificatesigningrequests",
}
"""Commands whose argument is a name without a type."""

ONE_POD = ("logs", "exec", "attach", "debug")
"""Commands that take one Pod, and a container of it."""

TYPED = ("get", "describe", "delete", "edit", "label", "annotate", "patch", "wait", "scale", "autoscale", "expose")
"""Commands that take TYPE NAME."""

LAST_APPLIED = ("apply edit-last-applied", "apply view-last-applied")
"""The same, below apply."""

VALUES: Mapping[str, tuple[str, ...]] = {
    "output": ("wide", "yaml", "json", "name", "jsonpath=", "custom-columns="),
    "dry-run": ("client", "server", "none"),
    "cascade": ("background", "foreground", "orphan"),
    "for": ("condition=Ready", "condition=Available", "condition=Complete", "delete", "create", "jsonpath="),
    "field-selector": ("status.phase=", "spec.nodeName=", "metadata.name=", "involvedObject.name=", "type=Warning"),
    "sort-by": (".metadata.creationTimestamp", ".metadata.name", ".status.phase", ".spec.nodeName"),
    "validate": ("strict", "warn", "ignore"),
    "restart": ("Never", "OnFailure", "Always"),
    "image-pull-policy": ("IfNotPresent", "Always", "Never"),
    "types": ("Warning", "Normal"),
    "profile": ("general", "baseline", "restricted", "netadmin", "sysadmin"),
}
OF_COMMAND: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("patch", "type"): ("strategic", "merge", "json"),
    ("expose", "type"): ("ClusterIP", "NodePort", "LoadBalancer"),
    ("top pod", "sort-by"): ("cpu", "memory"),
    ("top node", "sort-by"): ("cpu", "memory"),
    ("api-resources", "sort-by"): ("name", "kind"),
}


FILES = ("filename", "kustomize", "from-file", "from-env-file", "patch-file", "custom", "cert", "key")
"""Flags whose value is a file of the player's."""


def complete(
    line: str,
    cursor: int,
    client: Client,
    config: Config = Config(),  # noqa: B008 (frozen)
    terminal: Terminal | None = None,
) -> tuple[str, ...]:
    """Words that could stand at the cursor, best first; each begins with what is typed of it. `terminal`: has files."""
    words = line[:cursor].split(" ")
    start, before = words[-1], [w for w in words[:-1] if w]
    if "|" in before:
        return ()
    if not before:
        return _limited(start, [*(n for n in main.NAMES[:1] if start), *_verbs()])
    if before[0] in main.NAMES:
        before = before[1:]
    place = _place(before, start, client, config, terminal)
    return _limited(start, place.words()) if place is not None else ()


def _limited(start: str, words: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(w for w in words if w.startswith(start) and w != start)
    return tuple(found)[:MOST]


def _verbs() -> list[str]:
    return [*VERBS, *(v for v in flags.command("").sub if v not in VERBS)]


@frozen(eq=False)
class Place:
    """Where the cursor stands: the command, what stands before, the beginning of the word."""

    path: str
    args: tuple[str, ...]  # arguments before the cursor
    given: Mapping[str, str]  # flags before the cursor, with their texts
    waiting: str  # the flag whose value comes now
    start: str
    cluster: Cluster
    terminal: Terminal | None = None

    def words(self) -> Iterable[str]:
        """All words that fit, best first; some may begin otherwise than what is typed."""
        if self.waiting:
            return self.values(self.waiting, self.start)
        if self.start.startswith("-"):
            name, equals, text = self.start.removeprefix("--").partition("=")
            if equals:
                return [f"--{name}={value}" for value in self.values(name, text)]
            return self.flags()
        subs = flags.command(self.path).sub
        if subs and not self.args:
            if not self.path:
                return _verbs()
            return [*(s for s in KINDS_MADE if s in subs), *subs]
        return self.arguments()

    def flags(self) -> list[str]:
        """The command's own flags, then those that every command has."""
        own = sorted((f.name for f in flags.command(self.path).flags), key=self._flag_place)
        common = [f.name for f in flags.command("options").flags]
        names = [*own, "namespace", *common] if self.start != "-" else own
        return [*(["-n"] if self.start == "-" else []), *(f"--{n}" for n in names if n not in self.given)]

    def _flag_place(self, name: str) -> tuple[bool, int, bool, str]:
        usual = USUAL.index(name) if name in USUAL else len(USUAL)
        needed = flags.REQUIRED.get(self.path, ("filename",) if self.path in OF_FILES else ())
        return name not in needed, usual, name in DULL, name

    # -- values of flags ---------------------------------------------------------------------------------------

    def values(self, flag: str, start: str) -> list[str]:
        """What a flag can be."""
        if flag in FILES:
            return paths(self.terminal, start)
        if (self.path, flag) in OF_COMMAND:
            return list(OF_COMMAND[self.path, flag])
        if flag in VALUES:
            return list(VALUES[flag])
        ask: Callable[[str], list[str]] | None = getattr(self, f"_{flag.replace('-', '_')}", None)
        return ask(start) if ask is not None else []

    def _namespace(self, start: str) -> list[str]:
        return self.cluster.plain("namespaces", start)

    def _container(self, start: str) -> list[str]:
        return self.cluster.containers(self.args[0], start) if self.args else []

    def _selector(self, start: str) -> list[str]:
        plural = PLAIN.get(self.path, "pods")
        found = self.cluster.find(self.args[0].split("/")[0]) if self.args else for_plural(plural)
        return self.cluster.labels(found, start) if found is not None else []

    def _serviceaccount(self, start: str) -> list[str]:
        return self.cluster.plain("serviceaccounts", start)

    # -- arguments ---------------------------------------------------------------------------------------------

    def arguments(self) -> list[str]:
        """Types and names."""
        top, start = self.path.split(" ")[0], self.start
        if self.path == "explain":
            return self._explain()
        if self.path == "taint":
            return ["nodes"] if not self.args else self.cluster.plain("nodes", start)
        if self.path == "kustomize":
            return paths(self.terminal, start) if not self.args else []
        if self.path == "cp":
            return self._places() if len(self.args) < 2 else []
        if self.path == "port-forward" and self.args:
            return self._left(self.cluster.ports(self.args[0], start))
        if self.path in PLAIN and not (self.args and self.path in ONE_POD):
            plain = self._left(self.cluster.plain(PLAIN[self.path], start))
            return [*plain, *self._slashed(SLASHED.get(self.path, ()))]
        if self.path == "set image" and self.args:
            return self.cluster.containers(self.args[0], start, "=")
        if top in SLASHED and not self.args:
            typed = self.cluster.types(start, SLASHED[top]) if "/" not in start else []
            return [*self._slashed(SLASHED[top]), *typed]
        if top in SLASHED or top in TYPED or self.path in LAST_APPLIED:
            return self._names() if self.args else self._types()
        return []

    def _places(self) -> list[str]:
        """`web-1:`, and files of the player."""
        if ":" in self.start:
            return []
        pods = [f"{name}:" for name in self.cluster.plain("pods", self.start)]
        return [*pods, *paths(self.terminal, self.start)]

    def _slashed(self, plurals: Sequence[str]) -> list[str]:
        if "/" in self.start:
            return self.cluster.typed(self.start)
        return [word for plural in plurals for word in self.cluster.slashed(plural, self.start)]

    def _types(self) -> list[str]:
        if "/" in self.start:
            return self.cluster.typed(self.start)
        if "," in self.start:
            before, _, last = self.start.rpartition(",")
            known = before.split(",")
            return [f"{before},{word}" for word in self.cluster.types(last) if word not in known]
        return [*self.cluster.types(self.start), *(["all"] if self.path in ("get", "delete") else [])]

    def _names(self) -> list[str]:
        first = self.args[0]
        if "/" in first:
            return self._left(self.cluster.typed(self.start)) if "/" in self.start else []
        found = self.cluster.find(first)
        return self._left(self.cluster.names(found, self.start)) if found is not None else []

    def _left(self, names: Iterable[str]) -> list[str]:
        """Names that do not stand there yet."""
        return [n for n in names if n not in self.args]

    def _explain(self) -> list[str]:
        if self.args:
            return []
        return self.cluster.fields(self.start) if "." in self.start else self.cluster.types(self.start)


def _place(
    before: Sequence[str], start: str, client: Client, config: Config, terminal: Terminal | None
) -> Place | None:
    """Read the words before the cursor; None behind `--`."""
    path, args, given, waiting = "", list[str](), dict[str, str](), ""
    for word in before:
        if waiting:
            given[waiting], waiting = word, ""
        elif word == "--":
            return None
        elif word.startswith("-") and len(word) > 1:
            name, text = _flag(path, word)
            if text is None:
                waiting = name
            else:
                given[name] = text
        else:
            below = main.below(path, word) if not args else None
            if below is not None:
                path = below
            elif not path:
                return None
            else:
                args.append(word)
    namespace = given.get("namespace") or config.namespace
    return Place(path, tuple(args), given, waiting, start, Cluster(client, namespace), terminal)


def _flag(path: str, word: str) -> tuple[str, str | None]:
    """(name, text) of a flag; text None: it is still to come."""
    name, equals, text = word.lstrip("-").partition("=")
    known = flags.usable(path)
    flag = known.get(name) if word.startswith("--") else known.get(f"-{name[:1]}")
    if flag is None:
        return name, text
    if equals or flag.type == "bool" or flag.name in flags.WITHOUT_VALUE:
        return flag.name, text
    if not word.startswith("--") and len(name) > 1:
        return flag.name, name[1:]
    return flag.name, None
