"""The chain of admission plugins, in upstream's order.

Mutating plugins see JSON before it is validated, reviewing ones see it afterwards. Two things are asked for every
write in whatever form it comes, and so are cheap: whether the namespace takes new objects, and whether its quotas have
room. `version` lets Pods of one template skip the rest for as long as nothing changes that the rest has read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubesim_tui.api import scheme
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.admission import node_restriction
from kubesim_tui.apiserver.admission.classes import (
    DefaultIngressClass,
    DefaultStorageClass,
    PersistentVolumeClaimResize,
    RuntimeClasses,
    StorageObjectInUseProtection,
)
from kubesim_tui.apiserver.admission.limit_ranger import LimitRanger
from kubesim_tui.apiserver.admission.namespace_lifecycle import NamespaceLifecycle
from kubesim_tui.apiserver.admission.plugin import JsonMap, Plugin, Refused
from kubesim_tui.apiserver.admission.pod_security import PodSecurity
from kubesim_tui.apiserver.admission.policy.mutating import MutatingPolicies
from kubesim_tui.apiserver.admission.policy.validating import ValidatingPolicies
from kubesim_tui.apiserver.admission.priority import Priority
from kubesim_tui.apiserver.admission.resource_quota import ResourceQuotas
from kubesim_tui.apiserver.admission.service_account import ServiceAccounts
from kubesim_tui.apiserver.admission.tolerations import DefaultTolerationSeconds, TaintNodesByCondition
from kubesim_tui.apiserver.admission.webhook.dispatch import API_SERVER, Webhooks
from kubesim_tui.apiserver.authorization import escalation
from kubesim_tui.apiserver.authorization.rbac import GROUP as RBAC_GROUP
from kubesim_tui.apiserver.authorization.rbac import Rbac
from kubesim_tui.apiserver.etcd import Change, Etcd
from kubesim_tui.apiserver.proxy import Proxy
from kubesim_tui.apiserver.request import Request

PLUGINS: tuple[type[Plugin], ...] = (
    LimitRanger,
    ServiceAccounts,
    TaintNodesByCondition,
    PodSecurity,
    Priority,
    DefaultTolerationSeconds,
    DefaultStorageClass,
    StorageObjectInUseProtection,
    PersistentVolumeClaimResize,
    RuntimeClasses,
    DefaultIngressClass,
)
WATCHED = ("namespaces", "serviceaccounts", "limitranges")
WATCHED_BY_ALL = ("priorityclasses.scheduling.k8s.io", "runtimeclasses.node.k8s.io")


class Chain:
    """server.Admission with every plugin that Kubernetes runs by default and that has something to do here.

    With `rbac`, nobody grants rights that they do not have themselves; `proxy` leads to webhooks.
    """

    def __init__(
        self,
        etcd: Etcd,
        rbac: Rbac | None = None,
        plugins: Sequence[type[Plugin]] = PLUGINS,
        proxy: Proxy | None = None,
    ) -> None:
        self._etcd, self._rbac = etcd, rbac
        self._webhooks = Webhooks(etcd, proxy or Proxy(), rbac)
        self._mutating, self._validating = MutatingPolicies(etcd, rbac), ValidatingPolicies(etcd, rbac)
        self._asked = 0  # Pods that webhooks or policies were asked about
        self._lifecycle, self._quotas = NamespaceLifecycle(etcd), ResourceQuotas(etcd)
        self._by_resource: dict[str, list[Plugin]] = {}
        for plugin in (cls(etcd) for cls in plugins):
            for resource in sorted(plugin.resources):
                self._by_resource.setdefault(resource, []).append(plugin)
        self._versions: dict[str, int] = {}
        self._version_of_all = 0
        for resource in (*WATCHED, *WATCHED_BY_ALL):
            etcd.subscribe(resource, self)

    def deliver(self, change: Change) -> None:
        """Something changed that Pods are admitted by."""
        if change.resource in WATCHED_BY_ALL:
            self._version_of_all += 1
            return
        namespace = change.key[1] if change.resource == "namespaces" else change.key[0]
        self._versions[namespace] = self._versions.get(namespace, 0) + 1

    def version(self, namespace: str) -> int:
        """Grows when anything changes that Pods of a namespace are admitted by; with webhooks and policies always."""
        asked = any(part.present for part in (self._webhooks, self._mutating, self._validating))
        if asked and self.hooked(Request(API_SERVER, "create", scheme.for_plural("pods"), namespace)):
            self._asked += 1
            return -self._asked
        return self._version_of_all + self._versions.get(namespace, 0)

    def hooked(self, request: Request) -> bool:
        """Whether a webhook or policy may want to hear of a request: then nothing is spared it."""
        return any(part.concern(request) for part in (self._webhooks, self._mutating, self._validating))

    def mutate(self, request: Request, data: JsonMap, old: Object | None) -> tuple[bool, Sequence[str]]:
        """Run the mutating phase on an object that is created or changed; of a status only webhooks hear."""
        if old is None:
            self._lifecycle.may_create(request, asked_name(request, data))
        for plugin in self._plugins(request):
            try:
                plugin.admit(request, data, old)
            except Refused as why:
                raise _forbidden(request, asked_name(request, data), plugin, why) from None
            if request.notes is not None and type(plugin).admit is not Plugin.admit:
                request.notes.worked(f"admission/{plugin.name}", data)
        return self._changed_last(request, data, old)

    def _changed_last(self, request: Request, data: JsonMap, old: Object | None) -> tuple[bool, Sequence[str]]:
        """Policies, then webhooks; the former may want to see what the latter have changed."""
        changed = self._mutating.mutate(request, data, old)
        patched, warnings = self._webhooks.mutate(request, data, old)
        if patched:
            self._mutating.mutate(request, data, old, again=True)
        if request.notes is not None and self.hooked(request):
            request.notes.worked("mutating webhooks and policies", data)
        return changed or patched, warnings

    def _plugins(self, request: Request) -> Sequence[Plugin]:
        return () if request.subresource == "status" else self._by_resource.get(request.resource.group_resource, ())

    def review(self, request: Request, data: JsonMap, old: Object | None) -> Sequence[str]:
        """Run the second phase on a valid object; returns warnings."""
        warnings: list[str] = []
        for plugin in self._plugins(request):
            try:
                warnings += plugin.review(request, data, old)
            except Refused as why:
                raise _forbidden(request, data["metadata"].get("name") or "", plugin, why) from None
            if request.notes is not None and type(plugin).review is not Plugin.review:
                request.notes.passed(f"admission/{plugin.name}")
        warnings += self._asked_last(request, data, old)
        if request.notes is not None and self.hooked(request):
            request.notes.passed("validating webhooks and policies")
        return warnings

    def _asked_last(self, request: Request, data: JsonMap | None, old: Object | None) -> list[str]:
        """Policies, then webhooks."""
        return self._validating.validate(request, data, old) + self._webhooks.validate(request, data, old)

    def validate(self, request: Request, obj: Object | None, old: Object | None) -> None:
        """What is asked for every creation, update and deletion (and for subresources that are created: obj None)."""
        node_restriction.check(self._etcd, request, obj, old)
        if request.verb == "delete":
            self._lifecycle.may_delete(request)
        elif old is None:
            self._lifecycle.may_create(request, obj.metadata.name if obj is not None else request.name)
        if obj is None:
            self._without_object(request, old)
        else:
            if self._rbac is not None and request.resource.group == RBAC_GROUP:
                escalation.check(self._rbac, request, obj, old)
            self._quotas.charge(request, obj, old)
            if request.notes is not None:
                request.notes.passed("admission/ResourceQuota")

    def _without_object(self, request: Request, old: Object | None) -> None:
        """A deletion, or what is sent to a subresource: webhooks and policies see the latter as it came."""
        if not self.hooked(request):
            return
        body = thaw(request.body) if isinstance(request.body, Mapping) and request.verb == "create" else {}
        self._changed_last(request, body, old)
        self._asked_last(request, body or None, old)


def asked_name(request: Request, data: JsonMap) -> str:
    """The name before one is generated: the mutating phase comes earlier, and so do its messages."""
    meta = data["metadata"]
    return request.name or meta.get("generateName") or meta.get("name") or ""


def _forbidden(request: Request, name: str, plugin: Plugin, why: Refused) -> errors.StatusError:
    r = request.resource
    return errors.forbidden(r.group, r.plural, name, str(why)).at(f"admission/{plugin.name}")
