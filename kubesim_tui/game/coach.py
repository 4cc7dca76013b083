"""The coach: one line at a time of a level's tour, each until the player has done what it asks for."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define

from kubesim_tui.cluster.view import Ref, View
from kubesim_tui.game.level import Level, TourStep
from kubesim_tui.game.state import Coach

KINDS: Mapping[str, str] = {
    "pod": "Pod", "deployment": "Deployment", "statefulset": "StatefulSet", "node": "Node", "service": "Service",
    "ingress": "Ingress", "configmap": "ConfigMap", "secret": "Secret", "claim": "PersistentVolumeClaim",
}  # fmt: skip
EVENTS = ("opened", "selected", "ran", "go")
"""What the player does, that a step may wait for."""


@define(eq=False)
class Guide:
    """Where the tour stands."""

    level: Level
    at: int = 0

    def event(self, name: str) -> bool:
        """The player did something; True if the tour goes on by it. Go ends all steps that wait for something else."""
        if name == "go":
            waiting = [i for i, step in enumerate(self.level.tour) if i >= self.at and step.until == "go"]
            self.at = waiting[0] + 1 if waiting else self.at
            return True
        step = self._step()
        if step is None or step.until != name:
            return False
        self.at += 1
        return True

    @property
    def done(self) -> bool:
        """Nothing is left to say."""
        return self._step() is None

    def _step(self) -> TourStep | None:
        return self.level.tour[self.at] if self.at < len(self.level.tour) else None

    def coach(self, view: View, language: str) -> Coach:
        """The line of now, and the object that it points at."""
        step = self._step()
        if step is None:
            return Coach()
        return Coach(self.level.text(step.say, language), _find(view, step.select, self.level.namespace))


def _find(view: View, select: str, namespace: str) -> Ref | None:
    """`deployment/web` by name, `pod/app=web` the first Pod of the workload of that name."""
    word, _, name = select.partition("/")
    kind = KINDS.get(word)
    if kind is None:
        return None
    if kind == "Pod":
        wanted = name.partition("=")[2] or name
        for workload in view.workloads:
            if workload.ref.name == wanted and workload.pods:
                return workload.pods[0].ref
        return None
    return Ref(kind, "" if kind == "Node" else namespace, name)
