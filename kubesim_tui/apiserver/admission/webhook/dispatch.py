"""MutatingAdmissionWebhook and ValidatingAdmissionWebhook: whom to ask, in which order, and what comes of it.

A call is made through the proxy (`apiserver.proxy`, "webhook"), which goes over the cluster's network to a Pod. It is
answered within the request, as everything at the door: the answer's time is not the caller's, but one that is longer
than the webhook's `timeoutSeconds` has failed (docs/FIDELITY.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubesim_tui.api import scheme
from kubesim_tui.api.types import Object, Unstructured
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.admission.attributes import Attributes, attributes
from kubesim_tui.apiserver.admission.conditions import hold, scope
from kubesim_tui.apiserver.admission.webhook import review
from kubesim_tui.apiserver.admission.webhook.matching import could_match, matches
from kubesim_tui.apiserver.admission.webhook.review import Malformed, Verdict
from kubesim_tui.apiserver.apiextensions.cel.values import CelError
from kubesim_tui.apiserver.authorization.rbac import Rbac
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.patch import json_patch
from kubesim_tui.apiserver.patch.schema import PatchError
from kubesim_tui.apiserver.proxy import Proxy
from kubesim_tui.apiserver.request import Request, User

JsonMap = dict[str, Any]
Hook = Mapping[str, Any]
MUTATING = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
VALIDATING = "validatingwebhookconfigurations.admissionregistration.k8s.io"
API_SERVER = User("system:apiserver", ("system:masters", "system:authenticated"))


class CallFailed(Exception):
    """A webhook that has not answered, or not in a way that can be understood."""


class Webhooks:
    """All webhooks of a cluster, read from etcd for each request that they can concern."""

    def __init__(self, etcd: Etcd, proxy: Proxy, rbac: Rbac | None = None) -> None:
        self.etcd, self.proxy, self.rbac = etcd, proxy, rbac
        self._mutating, self._validating = etcd.table(MUTATING).objects, etcd.table(VALIDATING).objects
        self._serial = 0

    @property
    def present(self) -> bool:
        """Whether there are any."""
        return bool(self._mutating or self._validating)

    def concern(self, request: Request) -> bool:
        """Whether any webhook may want to hear of a request. Cheap while there are none."""
        return self.present and any(
            could_match(hook, request) for table in (self._mutating, self._validating) for hook in _all(table)
        )

    def mutate(self, request: Request, data: JsonMap, old: Object | None) -> tuple[bool, list[str]]:
        """Ask the mutating webhooks, which may change an object in place. (whether one has, warnings)."""
        warnings: list[str] = []
        if not self._mutating:
            return False, warnings
        last: dict[int, int] = {}  # how many changes each that wants to be asked again has seen
        changes = 0
        hooks = [h for h in _all(self._mutating) if could_match(h, request)]
        for turn in (0, 1):
            for i, hook in enumerate(hooks):
                again = hook.get("reinvocationPolicy") == "IfNeeded" and last.get(i, changes) < changes
                if turn and not again:
                    continue
                verdict = self._ask(hook, attributes(self.etcd, request, data, old))
                if verdict is not None:
                    warnings += verdict.warnings
                    changes += self._patched(hook, data, verdict)
                    last[i] = changes
        return changes > 0, warnings

    def _patched(self, hook: Hook, data: JsonMap, verdict: Verdict) -> int:
        if verdict.patch is None:
            return 0
        try:
            made = json_patch.apply(data, verdict.patch)
        except PatchError as wrong:
            raise errors.internal(str(wrong)).at(_station(hook)) from None
        if not isinstance(made, dict):
            raise errors.internal("the patched object is no object").at(_station(hook))
        if made == data:
            return 0
        data.clear()
        data.update(made)
        return 1

    def validate(self, request: Request, data: JsonMap | None, old: Object | None) -> list[str]:
        """Ask the validating webhooks about what will be; returns warnings. All are asked, the first refusal counts."""
        warnings: list[str] = []
        refused: errors.StatusError | None = None
        for hook in _all(self._validating):
            if not could_match(hook, request):
                continue
            try:
                verdict = self._ask(hook, attributes(self.etcd, request, data, old))
            except errors.StatusError as refusal:
                refused = refused or refusal
            else:
                warnings += verdict.warnings if verdict is not None else ()
        if refused is not None:
            raise refused
        return warnings

    # -- one call ----------------------------------------------------------------------------------------------

    def _ask(self, hook: Hook, about: Attributes) -> Verdict | None:
        """The verdict of a webhook; None if it is not concerned, or has failed and may. StatusError: refused."""
        if not matches(hook, about):
            return None
        self._serial += 1
        asked, name = review.request_of(about, self._serial), hook.get("name") or ""
        try:
            conditions = hook.get("matchConditions") or ()
            if conditions and not hold(conditions, scope(about, asked, self.rbac)):
                return None
            verdict = self._call(hook, asked, name)
        except (CallFailed, CelError) as failure:
            if hook.get("failurePolicy") == "Ignore":
                return None
            raise errors.internal(f'failed calling webhook "{name}": {failure}').at(_station(hook)) from None
        if not verdict.allowed:
            raise review.denied(name, verdict.status).at(_station(hook))
        return verdict

    def _call(self, hook: Hook, asked: JsonMap, name: str) -> Verdict:
        seconds, config = hook.get("timeoutSeconds") or 10, hook.get("clientConfig") or {}
        service = config.get("service")
        if service is None:
            base = str(config.get("url") or "")
            joint = "&" if "?" in base else "?"
            namespace, target, url = "", "", f"{base}{joint}timeout={seconds}s"
        else:
            namespace, target = service.get("namespace") or "", service.get("name") or ""
            path = f"/{(service.get('path') or '').lstrip('/')}"
            url = f"https://{target}.{namespace}.svc:{service.get('port') or 443}{path}?timeout={seconds}s"
        body = {"url": url, "timeout": seconds, "review": review.text_of(asked)}
        resource = scheme.for_plural("services")
        try:
            answer = self.proxy.call(
                "webhook", Request(API_SERVER, "create", resource, namespace, target, "proxy", body=body)
            )
        except errors.StatusError as failure:
            raise CallFailed(f"failed to call webhook: {failure.message}") from None
        try:
            return review.read(answer, asked["uid"], name)
        except Malformed as wrong:
            raise CallFailed(f"{wrong.prefix}: {wrong}") from None


def _all(table: Mapping[tuple[str, str], Object]) -> Iterator[Hook]:
    """The webhooks of all configurations, by the names of these."""
    for key in sorted(table):
        found = table[key]
        if isinstance(found, Unstructured):
            yield from found.rest.get("webhooks") or ()


def _station(hook: Hook) -> str:
    return f"admission/{hook.get('name') or 'webhook'}"
