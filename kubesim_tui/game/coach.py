"""The coach: one line at a time of a level's tour, each until the player has done what it asks for.

What a step may wait for (`until`, one or a list of which any will do):

- `opened`, `selected`: the thing that the step selects, or the one named: `opened:configmap/api-config`
- `ran:VERB`: a kubectl line with that verb that worked: `ran:scale`, `ran:rollout undo`; `ran` alone: any line
- `go`, `restart`: Go, the same level again
- what scripts wait for: `deployment/web spec.replicas >= 3`, `deployment/web Available`, `served web < 95%`

Go ends all steps before it. A restart goes on after the last `until: restart` that was reached, else the tour begins
anew; a rewind finds the step of its tick again. What only time can bring about (a status, served requests) is looked
at from the next tick on: the moment after a Pod was deleted, its Deployment still says that all are ready.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, field, frozen

from kubesim_tui.cluster.view import Face, Ref, View
from kubesim_tui.game import script
from kubesim_tui.game.level import Level, TourStep
from kubesim_tui.game.script import Until
from kubesim_tui.game.state import Coach

KINDS: Mapping[str, str] = {
    "pod": "Pod", "deployment": "Deployment", "statefulset": "StatefulSet", "node": "Node", "service": "Service",
    "ingress": "Ingress", "configmap": "ConfigMap", "secret": "Secret", "claim": "PersistentVolumeClaim",
}  # fmt: skip
EVENTS = ("opened", "selected", "ran", "go", "restart")
"""What the player does, that a step may wait for."""

Holds = Callable[[Until], bool]


@frozen
class Wait:
    """One thing that a step waits for: an event (of `what`), or a condition of the world."""

    event: str
    what: str = ""
    condition: Until | None = None

    @property
    def slow(self) -> bool:
        """Only time can bring it about."""
        until = self.condition
        return until is not None and (until.kind != "state" or until.path.startswith("status"))


def read(text: str) -> Wait:
    """One `until` of a tour; ValueError says what is not understood."""
    event, _, what = text.partition(":")
    if event in EVENTS:
        if event in ("opened", "selected") and what and what.partition("/")[0] not in KINDS:
            raise ValueError(f"there is no kind {what.partition('/')[0]!r}; there are {', '.join(sorted(KINDS))}")
        return Wait(event, what.strip())
    try:
        step = script.parse(f"until {text}", "tour").steps[0]
    except script.ScriptError as wrong:
        raise ValueError(f"there is no event {text!r}; there are {', '.join(EVENTS)}; or {wrong.message}") from wrong
    return Wait("", condition=step.until)


@define(eq=False)
class Guide:
    """Where the tour stands. `passed`: (tick, step reached then), for rewinds."""

    level: Level
    at: int = 0
    since: int = 0
    passed: list[tuple[int, int]] = field(factory=list)

    # -- what the player does ----------------------------------------------------------------------------------

    def go(self, tick: int) -> None:
        """Go ends all steps that wait for something else."""
        waiting = [i for i, step in enumerate(self.level.tour) if i >= self.at and "go" in step.until]
        if waiting:
            self._to(waiting[0] + 1, tick)

    def ran(self, line: str, tick: int) -> bool:
        """A line of kubectl that worked; True if the tour goes on by it. Who types need not open a menu first."""
        words = [word for word in line.split()[1:] if not word.startswith("-")]
        at = self.at
        while at < len(self.level.tour) and _only_looks(self.level.tour[at]):
            at += 1
        return self._event("ran", lambda wait, _: _contains(words, wait.what.split()), tick, at)

    def saw(self, event: str, ref: Ref | None, tick: int) -> bool:
        """The player has opened or selected a thing (None: not known which); True if the tour goes on by it."""
        return self._event(event, lambda wait, step: _is(ref, wait.what or step.select), tick)

    def _event(self, name: str, fits: Callable[[Wait, TourStep], bool], tick: int, at: int | None = None) -> bool:
        """Something happened that the step of now, or the one at `at`, may wait for."""
        at = self.at if at is None else at
        step = self._step(at)
        if step is None or not any(w.event == name and fits(w, step) for w in map(read, step.until)):
            return False
        self._to(at + 1, tick)
        return True

    # -- the world, time ---------------------------------------------------------------------------------------

    def look(self, holds: Holds, tick: int) -> None:
        """Go on as far as the world is already as the steps ask for."""
        while (step := self._step(self.at)) is not None:
            waits = [wait for wait in map(read, step.until) if wait.condition is not None]
            if not any(holds(w.condition) for w in waits if w.condition and not (w.slow and tick <= self.since)):
                return
            self._to(self.at + 1, tick)

    def restarted(self) -> None:
        """The same level again."""
        asked = [i for i, step in enumerate(self.level.tour) if "restart" in step.until and i <= self.at]
        self.passed.clear()
        self.at, self.since = asked[-1] + 1 if asked else 0, 0
        if self.at:
            self.passed.append((0, self.at))

    def rewound(self, tick: int) -> None:
        """Back to a tick: the step that stood there then."""
        self.passed = [(then, at) for then, at in self.passed if then <= tick]
        self.since, self.at = self.passed[-1] if self.passed else (0, 0)

    def _to(self, at: int, tick: int) -> None:
        self.at, self.since = at, tick
        self.passed.append((tick, at))

    # -- what is said ------------------------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Nothing is left to say."""
        return self._step(self.at) is None

    def _step(self, at: int) -> TourStep | None:
        return self.level.tour[at] if at < len(self.level.tour) else None

    def coach(self, view: View, language: str) -> Coach:
        """The line of now, and the object that it points at."""
        step = self._step(self.at)
        if step is None:
            return Coach()
        return Coach(self.level.text(step.say, language), _find(view, step.select, self.level.namespace))


def _only_looks(step: TourStep) -> bool:
    """Whether a step waits for nothing but a look at something."""
    return bool(step.until) and all(read(until).event in ("opened", "selected") for until in step.until)


def _contains(words: list[str], wanted: list[str]) -> bool:
    """Whether the wanted words follow one another somewhere."""
    return any(words[i : i + len(wanted)] == wanted for i in range(len(words) - len(wanted) + 1))


def _is(ref: Ref | None, wanted: str) -> bool:
    """Whether a thing is the one named (`deployment/web`, `pod/app=web`: a Pod of web, `node`: any)."""
    kind, _, name = wanted.partition("/")
    if ref is None or not kind:
        return True
    if ref.kind != KINDS[kind]:
        return False
    if kind == "pod":
        return ref.name.startswith(name.partition("=")[2] or name)
    return not name or ref.name == name


def _find(view: View, select: str, namespace: str) -> Ref | None:
    """`deployment/web` by name, `pod/app=web` the first Pod of the workload of that name."""
    word, _, name = select.partition("/")
    kind = KINDS.get(word)
    if kind is None:
        return None
    if kind == "Pod":
        wanted = name.partition("=")[2] or name
        pods = [pod for w in view.workloads if w.ref.name == wanted for pod in w.pods]
        return next((pod.ref for pod in pods if pod.face is not Face.STOPPING), pods[0].ref if pods else None)
    return Ref(kind, "" if kind == "Node" else namespace, name)
