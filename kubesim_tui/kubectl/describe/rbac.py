"""kubectl describe role, clusterrole and their bindings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from kubesim_tui.kubectl.describe.writer import Data, Writer, go_list, meta

Rule = tuple[str, str, str, str]  # group, resource, url, name


def describe(w: Writer, o: Data) -> None:
    """One Role or ClusterRole: a line for each resource, with all its verbs."""
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w.about(o)
    w(0, "PolicyRule:")
    w(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs")
    w(1, "---------\t-----------------\t--------------\t-----")
    for row in rows(o.get("rules") or ()):
        w(1, "\t".join(row))


def rows(rules: Iterable[Data]) -> Iterator[tuple[str, str, str, str]]:
    """(resource, URLs, names, verbs) in upstream's order: rules broken down, and those of a resource put together."""
    of_resources: dict[Rule, list[str]] = {}
    of_urls: list[tuple[Rule, list[str]]] = []
    for rule in rules:
        for single, verb in product(_broken_down(rule), rule.get("verbs") or ()):
            if single[2]:
                of_urls.append((single, [verb]))
            elif verb not in of_resources.setdefault(single, []):
                of_resources[single].append(verb)
    for (group, resource, url, name), held in sorted([*of_urls, *of_resources.items()], key=_order):
        urls, names = go_list([url] if url else []), go_list([name] if name else [])
        yield _combined(resource, group), urls, names, go_list(held)


def _order(row: tuple[Rule, list[str]]) -> str:
    """The text by which upstream sorts rules."""
    (group, resource, url, name), verbs = row
    return f"{go_list(verbs)},APIGroups:[{group}],Resources:[{resource}],ResourceNames:[{name}],URLs:[{url}]"


def _broken_down(rule: Data) -> Iterator[Rule]:
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for name in rule.get("resourceNames") or ("",):
                yield group, resource, "", name
    for url in rule.get("nonResourceURLs") or ():
        yield "", "", url, ""


def _combined(resource: str, group: str) -> str:
    """`deployments.apps/scale`."""
    word, slash, sub = resource.partition("/")
    return word + (f".{group}" if group and word else "") + (f"/{sub}" if slash else "")


def describe_binding(w: Writer, o: Data) -> None:
    """One RoleBinding or ClusterRoleBinding."""
    role = o.get("roleRef") or {}
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w.about(o)
    w(0, "Role:")
    w(1, f"Kind:\t{role.get('kind', '')}")
    w(1, f"Name:\t{role.get('name', '')}")
    w(0, "Subjects:")
    w(1, "Kind\tName\tNamespace")
    w(1, "----\t----\t---------")
    for s in o.get("subjects") or ():
        w(1, f"{s.get('kind', '')}\t{s.get('name', '')}\t{s.get('namespace', '')}")
