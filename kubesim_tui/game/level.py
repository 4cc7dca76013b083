"""What a level is: frozen data read from `levels/NN-chapter/NN-name/` (game.loader reads it, LEVELS.md describes it).

Times are ticks from Go. Shares are per mille.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.faults.catalogue import FaultSpec
from kubesim_tui.traffic.spec import Users

Text = Mapping[str, str]
"""A text in every language: {"en": …, "zh": …}."""


@frozen
class ObjectiveSpec:
    """One objective or bonus; which of the fields count depends on `type`."""

    id: str
    type: str  # served data queue state never denied done limit named
    text: Text
    start: int = 0  # from
    end: int = 0  # to; 0: the end of the level
    bonus: bool = False
    options: Mapping[str, Any] = field(factory=dict)


@frozen
class TourStep:
    """One step of the coach."""

    say: Text
    select: str = ""  # "configmap/api-config", "deployment/web", "pod/app=web"
    until: tuple[str, ...] = ()  # any of these: see game.coach


@frozen
class Script:
    """A solution or a trap, as written: see game.script."""

    name: str
    file: str
    lines: tuple[tuple[int, str], ...]  # (line number, text)
    head: Mapping[str, str]  # approach, reaches, loses, why
    folder: str  # where its manifests lie


@frozen
class Level:
    """A whole level."""

    id: str  # "0-1"
    name: str
    version: int
    folder: str
    chapter: int
    number: int
    title: Text
    goal: Text
    concepts: tuple[int, ...]
    lesson: str
    minutes: int
    mode: str
    namespace: str
    player: str  # "namespace/serviceaccount", or "" for cluster-admin
    cluster: ClusterSpec
    traffic: tuple[Users, ...]
    faults: tuple[FaultSpec, ...]
    ends: int
    pause_on_first_failure: bool
    objectives: tuple[ObjectiveSpec, ...]
    bonus: tuple[ObjectiveSpec, ...]
    tour: tuple[TourStep, ...]
    settle: int  # ticks that the start runs before the player sees it
    par: Mapping[str, int]
    lucky: tuple[str, ...]
    only: str
    start: tuple[tuple[str, str], ...]  # (file name, text) of start/*.yaml
    images: tuple[tuple[str, str], ...]  # (file name, text) of images/*.yaml
    briefing: Text
    hints: Mapping[str, tuple[str, ...]]  # language → three steps
    debrief: Text
    solutions: tuple[Script, ...]
    traps: tuple[Script, ...]
    content: str  # hash of everything above, as a recording names it

    def text(self, text: Text, language: str) -> str:
        """A text in a language, English where there is none."""
        return text.get(language) or text["en"]
