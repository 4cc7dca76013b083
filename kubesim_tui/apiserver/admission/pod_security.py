"""PodSecurity: a namespace's labels say which of the Pod Security Standards its Pods must keep.

`enforce` refuses Pods, `warn` warns of Pods and of templates of Pods; `audit` writes into an audit log, which there is
none of here. A level that is unknown counts as restricted.
"""

# ruff: noqa: ARG002 - every plugin is asked in the same way

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from kubesim_tui.api import fielderror
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.helpers.pod_templates import TEMPLATES
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.admission.plugin import PODS, JsonMap, Plugin, Refused
from kubesim_tui.apiserver.admission.pod_security_checks import Found, checks
from kubesim_tui.apiserver.errors import Cause
from kubesim_tui.apiserver.request import Request

PREFIX = "pod-security.kubernetes.io/"
LEVELS = ("privileged", "baseline", "restricted")
LATEST, NEWEST_MINOR = "latest", 37
NAMESPACES = "namespaces"
_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)")


@frozen
class Policy:
    """A level as of a version; prints as `restricted:latest`."""

    level: str = "privileged"
    version: str = LATEST

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    @property
    def minor(self) -> int:
        """The minor version."""
        return NEWEST_MINOR if self.version == LATEST else min(NEWEST_MINOR, int(self.version[3:]))

    def violations(self, meta: JsonMap, spec: JsonMap) -> list[tuple[str, str]]:
        """(reason, detail) of each check that fails on a Pod."""
        if self.level == "privileged":
            return []
        found: list[Found] = [check.run(meta, spec) for check in checks(self.level, self.minor)]
        return [f for f in found if f is not None]


def policy(labels: Mapping[str, str], mode: str) -> Policy:
    """The policy of a namespace for a mode: enforce or warn. What cannot be read is strict when it is enforced."""
    level = labels.get(PREFIX + mode, "privileged")
    if level not in LEVELS:
        level = "restricted" if mode == "enforce" else "privileged"
    version = labels.get(f"{PREFIX}{mode}-version", LATEST)
    return Policy(level, version if _VERSION.fullmatch(version) else LATEST)


def label_errors(labels: Mapping[str, str]) -> list[Cause]:
    """Labels of this plugin that cannot be read."""
    found = []
    for mode in ("enforce", "audit", "warn"):
        level, version = labels.get(PREFIX + mode), labels.get(f"{PREFIX}{mode}-version")
        if level is not None and level not in LEVELS:
            found.append((PREFIX + mode, level, "must be one of " + ", ".join(LEVELS)))
        if version is not None and version != LATEST and not _VERSION.fullmatch(version):
            found.append((f"{PREFIX}{mode}-version", version, 'must be "latest" or "v1.x"'))
    wrong = [fielderror.invalid(f"metadata.labels[{key}]", value, text) for key, value, text in found]
    return [Cause(e.reason, e.message, e.field) for e in wrong]


def said(violations: Sequence[tuple[str, str]]) -> str:
    """`privileged (container "a" must not …), hostPort (…)`."""
    return ", ".join(f"{reason} ({detail})" for reason, detail in violations)


class PodSecurity(Plugin):
    """See the module."""

    name: ClassVar[str] = "PodSecurity"
    resources: ClassVar[frozenset[str]] = frozenset({PODS, NAMESPACES, *TEMPLATES})

    def review(self, request: Request, data: JsonMap, old: Object | None) -> Sequence[str]:
        """Check a Pod, a template, or the labels of a namespace."""
        resource = request.resource.group_resource
        if resource == NAMESPACES:
            return self._namespace(request, data, old)
        labels = self._labels(request.namespace)
        if not labels:
            return ()
        if resource == PODS:
            if old is not None and not _significant(data["spec"], old):
                return ()
            violations = policy(labels, "enforce").violations(data["metadata"], data["spec"])
            if violations:
                raise Refused(f'violates PodSecurity "{policy(labels, "enforce")}": {said(violations)}')
            return _warnings(labels, data)
        template = data
        for step in TEMPLATES[resource]:
            template = template.get(step) or {}
        return _warnings(labels, template) if template.get("spec") else ()

    def _labels(self, namespace: str) -> dict[str, str]:
        """The labels of a namespace that are about this."""
        found = self.etcd.get(NAMESPACES, ("", namespace))
        labels = found.metadata.labels if found is not None else {}
        return {k: v for k, v in labels.items() if k.startswith(PREFIX)}

    def _namespace(self, request: Request, data: JsonMap, old: Object | None) -> Sequence[str]:
        labels = data["metadata"].get("labels") or {}
        before = old.metadata.labels if old is not None else {}
        wrong = label_errors(labels)
        if wrong and wrong != label_errors(before):
            raise errors.invalid("", "Namespace", data["metadata"]["name"], wrong).at("admission/PodSecurity")
        now, was = policy(labels, "enforce"), policy(before, "enforce")
        stricter = now.version != was.version or LEVELS.index(now.level) > LEVELS.index(was.level)
        if old is None or now == was or now.level == "privileged" or not stricter:
            return ()
        return self._existing(old.metadata.name, now)

    def _existing(self, namespace: str, now: Policy) -> list[str]:
        """Warnings about Pods that would no longer be let in."""
        by_reason: dict[str, list[str]] = {}
        table = self.etcd.table(PODS).by_namespace.get(namespace, {})
        for key in sorted(table):
            pod = encode_object(table[key])
            violations = now.violations(pod["metadata"], pod.get("spec") or {})
            if violations:
                by_reason.setdefault(", ".join(reason for reason, _ in violations), []).append(key[1])
        if not by_reason:
            return []
        head = f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{now}"'
        return [head, *sorted(f"{_some(names)}: {reason}" for reason, names in by_reason.items())]


def _some(names: list[str]) -> str:
    more = len(names) - 1
    return names[0] + (f" (and {more} other pod{'s' if more > 1 else ''})" if more else "")


def _warnings(labels: Mapping[str, str], pod: JsonMap) -> Sequence[str]:
    warn = policy(labels, "warn")
    violations = warn.violations(pod.get("metadata") or {}, pod["spec"])
    return [f'would violate PodSecurity "{warn}": {said(violations)}'] if violations else ()


def _significant(spec: JsonMap, old: Object) -> bool:
    """Of a running Pod only images and added containers count."""
    before = encode_object(old).get("spec") or {}
    names = ("containers", "initContainers", "ephemeralContainers")
    return any(
        [(c.get("name"), c.get("image")) for c in spec.get(n) or ()]
        != [(c.get("name"), c.get("image")) for c in before.get(n) or ()]
        for n in names
    )
