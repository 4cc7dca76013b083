"""horizontal-pod-autoscaler-controller: every 15 s, each autoscaler's target gets the size that its metrics ask for.

An autoscaler is worked on one period after it was first seen and then each period, whatever happens to it; without
autoscalers there is no timer. Recommendations and changes are kept in memory, as upstream's are: a restarted manager
has forgotten them.
"""

from __future__ import annotations

from typing import Any, cast

from attrs import evolve

from kubesim_tui.api import labels
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.labels import Selector, SelectorError
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Object, Pod
from kubesim_tui.apiserver.client import Throttled
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.request import Request
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, key_of
from kubesim_tui.controllers.podautoscaler import behavior
from kubesim_tui.controllers.podautoscaler.behavior import Memory
from kubesim_tui.controllers.podautoscaler.decide import ABLE, Decision, Observed, Round, decide
from kubesim_tui.controllers.podautoscaler.metrics import MetricsClient
from kubesim_tui.controllers.podautoscaler.proposal import Target, fetch
from kubesim_tui.controllers.podautoscaler.replicas import MetricError, Scope
from kubesim_tui.kernel.engine import Key

GOT_SCALE = ("True", "SucceededGetScale", "the HPA controller was able to get the target's current scale")
NO_SELECTOR = ("SelectorRequired", "selector is required", "the HPA target's scale is missing a selector")


class ScaleError(Exception):
    """The scale of the target cannot be read."""


class HorizontalPodAutoscalerController(Controller):
    """See the module."""

    account = "horizontal-pod-autoscaler"
    source = "horizontal-pod-autoscaler"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.flags = kit.extras.autoscaling
        self.metrics = MetricsClient(self.client)
        self.autoscalers = self.watch(kit.shared("horizontalpodautoscalers"))
        self.pods = self.watch(kit.shared("pods"))
        self.autoscalers.on_change(self._changed)
        self._due: dict[Name, int] = {}  # the tick of the next round of each autoscaler
        self._memory: dict[Name, Memory] = {}
        self._selectors: dict[Name, Selector] = {}

    def stop(self) -> None:
        """What was recommended and done is forgotten."""
        super().stop()
        self._due.clear()
        self._memory.clear()
        self._selectors.clear()

    def _changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None:
            self._later(key_of(now))

    def _later(self, key: Name) -> None:
        """Work on it in one period, if that is not going to happen anyway."""
        if key not in self._due:
            self._due[key] = self.engine.tick + self.flags.sync_period
            self.enqueue_after(self.flags.sync_period, key)

    def sync(self, key: Key) -> None:
        """One round; the next one comes after the period, whatever became of this one."""
        name = cast(Name, key)
        if self.engine.tick < self._due.get(name, self.engine.tick + 1):
            return  # a timer of an earlier life
        found = self.autoscalers.get(*name)
        if found is None:
            self._forget(name)
            return
        try:
            self._round(name, found)
        except Throttled:
            raise
        except ApiError as failure:
            self.failed(name, failure)
        self._due.pop(name, None)
        self._later(name)

    def _forget(self, name: Name) -> None:
        self._due.pop(name, None)
        self._memory.pop(name, None)
        self._selectors.pop(name, None)

    # -- read --------------------------------------------------------------------------------------------------

    def _round(self, key: Name, found: Object) -> None:
        spec, status = generic.plain(found, "spec"), generic.plain(found, "status")
        conditions = list(status.get("conditions") or [])
        try:
            resource, scale = self._scale(found, spec["scaleTargetRef"])
        except ScaleError as failure:
            self.recorder.event(found, WARNING, "FailedGetScale", str(failure))
            text = f"the HPA controller was unable to get the target's current scale: {failure}"
            made = generic.condition(conditions, ABLE, "False", "FailedGetScale", text, format_time(self.now))
            self._report(found, status, {**status, "conditions": made})
            return
        observed = self._observe(key, spec, scale)
        memory = self._memory.get(key) or Memory()
        this = Round(spec, conditions, memory, self.flags, self.now, observed=observed)
        this = this.with_condition(ABLE, *GOT_SCALE)
        decision = decide(this)
        self._memory[key] = decision.memory
        for event in decision.events:
            self.recorder.event(found, *event)
        self._write(key, found, resource, scale, this, decision)

    def _scale(self, autoscaler: Object, target: dict[str, Any]) -> tuple[Resource, dict[str, Any]]:
        """The resource of the target, and its Scale."""
        group, kind = target.get("apiVersion", "").rpartition("/")[0], target["kind"]
        resource = self.client.server.resource_for_kind(target.get("apiVersion", ""), kind) or next(
            (r for r in self.client.server.resources() if (r.group, r.kind) == (group, kind)), None
        )
        if resource is None:
            raise ScaleError(f'no matches for kind "{kind}" in group "{group}"')
        namespace = autoscaler.metadata.namespace
        try:
            scale = self.client.send(Request(self.client.user, "get", resource, namespace, target["name"], "scale"))
        except Throttled:
            raise
        except ApiError as refused:
            raise ScaleError(str(refused)) from None
        return resource, encode_object(scale)

    def _observe(self, key: Name, spec: dict[str, Any], scale: dict[str, Any]) -> Observed:
        wanted, status = int((scale.get("spec") or {}).get("replicas") or 0), scale.get("status") or {}
        seen = Observed(wanted, int(status.get("replicas") or 0), (), key[0])
        text = status.get("selector") or ""
        if not text:
            return evolve(seen, selector_refused=NO_SELECTOR)
        try:
            chosen = labels.parse(text)
        except SelectorError as bad:
            said = f"couldn't convert selector into a corresponding internal selector object: {bad}"
            return evolve(seen, selector_refused=("InvalidSelector", said, said))
        self._selectors[key] = chosen
        pods = self._chosen(key[0], chosen)
        rivals = self._rivals(key[0], pods)
        if len(rivals) > 1:
            names = " ".join(f"{{{name} {key[0]}}}" for name in rivals)
            said = f"pods by selector {text} are controlled by multiple HPAs: [{names}]"
            return evolve(seen, selector_refused=("AmbiguousSelector", said, said))
        target = Target(Scope(pods, wanted, self.now), seen.running, key[0], chosen)
        metrics = [self._fetched(target, metric) for metric in spec.get("metrics") or ()]
        return evolve(seen, pods=pods, metrics=metrics)

    def _chosen(self, namespace: str, chosen: Selector) -> list[Pod]:
        found = (p for p in self.pods.table.in_namespace(namespace) if chosen.matches(p.metadata.labels))
        return cast("list[Pod]", sorted(found, key=lambda pod: pod.metadata.name))

    def _rivals(self, namespace: str, pods: list[Pod]) -> list[str]:
        """The autoscalers of a namespace whose targets have any of these Pods."""
        return sorted(
            name
            for (where, name), chosen in self._selectors.items()
            if where == namespace and any(chosen.matches(pod.metadata.labels) for pod in pods)
        )

    def _fetched(self, target: Target, metric: dict[str, Any]) -> Any:
        try:
            return fetch(self.metrics, target, metric)
        except MetricError as failure:
            return failure

    # -- write -------------------------------------------------------------------------------------------------

    def _write(
        self,
        key: Name,
        autoscaler: Object,
        resource: Resource,
        scale: dict[str, Any],
        this: Round,
        decision: Decision,
    ) -> None:
        before, after = this.observed.wanted, decision.replicas
        status = generic.plain(autoscaler, "status")
        made = {**status, "currentReplicas": before, "conditions": decision.conditions}
        made["desiredReplicas"] = decision.desired if decision.desired is not None else status.get("desiredReplicas", 0)
        made["currentMetrics"] = thaw(tuple(decision.metrics or ()))
        if after is not None:
            refused = self._rescale(autoscaler, resource, scale, after)
            this = evolve(this, conditions=decision.conditions)
            if refused is not None:
                said = f"New size: {after}; reason: {decision.why}; error: {refused}"
                self.recorder.event(autoscaler, WARNING, "FailedRescale", said)
                text = f"the HPA controller was unable to update the target scale: {refused}"
                this = this.with_condition(ABLE, "False", "FailedUpdateScale", text)
                made |= {k: status.get(k, v) for k, v in (("desiredReplicas", 0), ("currentMetrics", []))}
            else:
                text = f"the HPA controller was able to update the target scale to {after}"
                this = this.with_condition(ABLE, "True", "SucceededRescale", text)
                said = f"New size: {after}; reason: {decision.why}"
                self.recorder.event(autoscaler, NORMAL, "SuccessfulRescale", said)
                rules = this.spec.get("behavior")
                self._memory[key] = behavior.remember(decision.memory, rules, before, after, self.now)
                made["lastScaleTime"] = format_time(self.now)
            made["conditions"] = this.conditions
        if not made["currentMetrics"]:
            del made["currentMetrics"]
        self._report(autoscaler, status, made)

    def _rescale(self, autoscaler: Object, resource: Resource, scale: dict[str, Any], replicas: int) -> ApiError | None:
        body = {**scale, "spec": {"replicas": replicas}}
        namespace, name = autoscaler.metadata.namespace, scale["metadata"]["name"]
        try:
            self.client.send(Request(self.client.user, "update", resource, namespace, name, "scale", body=body))
        except Throttled:
            raise
        except ApiError as refused:
            return refused
        return None

    def _report(self, autoscaler: Object, before: dict[str, Any], status: dict[str, Any]) -> None:
        """Write the status if it is another."""
        if status == before:
            return
        try:
            self.client.update_status(generic.with_part(autoscaler, "status", status))
        except Throttled:
            raise
        except ApiError as refused:
            self.recorder.event(autoscaler, WARNING, "FailedUpdateStatus", str(refused))
