"""Writes the ConfigMap cluster-autoscaler-status when what it tells has changed; knows since when it has been so."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import ConfigMap, ObjectMeta
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.cloud.autoscaler.groups import Group
from kubesim_tui.cloud.autoscaler.registry import Readiness, Registry
from kubesim_tui.cloud.autoscaler.scale_down import Planner
from kubesim_tui.cloud.autoscaler.status import NAME, NAMESPACE, UPDATED, Counts, GroupState, states, text


@define(eq=False)
class Report:
    """See the module."""

    client: Client
    uid: str = ""
    _since: dict[str, tuple[str, str]] = field(factory=dict)  # condition → (its word, since when)
    _told: tuple[object, ...] = ()

    def forget(self) -> None:
        """Nothing was told."""
        self.uid, self._told = "", ()
        self._since.clear()

    def begin(self, now: int) -> None:
        """There is a ConfigMap that Events can be about. `now`: Unix seconds."""
        if not self.uid:
            self._put("Initializing", now)

    def write(
        self,
        groups: Sequence[tuple[Group, Readiness]],
        others: Counts,
        planner: Planner,
        registry: Registry,
        tick: int,
        now: int,
    ) -> None:
        """Tell how things are, if that is new."""
        found = tuple(_state(group, state, planner, registry, tick) for group, state in groups)
        if self._told == (found, others):
            return
        self._told = (found, others)
        at = format_time(now)
        self._since = {
            path: self._since[path] if self._since.get(path, ("", ""))[0] == word else (word, at)
            for path, word in states(found).items()
        }
        self._put(text(found, others, {p: since for p, (_, since) in self._since.items()}, at, _day(now)), now)

    def _put(self, said: str, now: int) -> None:
        meta = ObjectMeta(name=NAME, namespace=NAMESPACE, annotations=FrozenMap({UPDATED: _day(now)}))
        data = FrozenMap({"status": said})
        try:
            known = self.client.get(ConfigMap, NAMESPACE, NAME)
        except StatusError as refused:
            if refused.code != 404:
                raise
            self.uid = self.client.create(ConfigMap(metadata=meta, data=data)).metadata.uid
            return
        self.uid = known.metadata.uid
        self.client.update(known.evolve(metadata=known.metadata.evolve(annotations=meta.annotations), data=data))


def _state(group: Group, state: Readiness, planner: Planner, registry: Registry, tick: int) -> GroupState:
    rest = registry.backoff.rests.get(group.name) if registry.backoff.rests_now(group.name, tick) else None
    return GroupState(
        group.name,
        state.counts,
        group.size,
        group.smallest,
        group.largest,
        group.name in registry.requests,
        rest.failure if rest is not None else None,
        sum(name in planner.removable for name in group.instances),
    )


def _day(now: int) -> str:
    """As Go writes a time in full."""
    return format_time(now).replace("T", " ").replace("Z", " +0000 UTC")
