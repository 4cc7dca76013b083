"""Rule 5 of the gate: luck does not win.

The *lucky bot* presses, at Go, each entry of each menu, and each pair of entries; in a drill it lets things settle
first, as anybody would. The *shotgun* scales everything to 10, restarts everything, adds machines. What wins must be
declared in the level's `lucky`: entries as `scale deployment/web`, pairs joined by ` + `; whatever contains a declared
entry is declared. Of equal Pods of one workload one is tried; what only looks, or changes nothing, is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from attrs import frozen

from kubesim_tui.cluster.view import Ref, View
from kubesim_tui.game import forms, menus
from kubesim_tui.game.game import Game
from kubesim_tui.game.gate_runs import Row, Runs
from kubesim_tui.game.level import Level
from kubesim_tui.game.replay import Taped
from kubesim_tui.game.state import Action

LOOKS = ("describe", "logs", "previous", "shell", "debug", "forward", "status", "endpoints", "edit")
"""Actions that change nothing, and the editor and shells, in which nobody types by luck."""

SETTLE = 30
MORE_COPIES = 2
MANY = 10
MACHINES = 2


@frozen
class Press:
    """One entry of a menu, as the bot presses it: its name and its kubectl line."""

    name: str  # "restart deployment/web"
    line: str  # "" adds machines
    stdin: str = ""  # a manifest that a form has written

    @property
    def tape(self) -> Taped:
        """What its line reads."""
        return Taped(None, {"-": self.stdin})


@frozen
class Attempt:
    """Some presses at once, and whether they won."""

    presses: tuple[Press, ...]
    won: bool

    @property
    def name(self) -> str:
        """`uncordon node/node-b + restart deployment/web`."""
        return " + ".join(press.name for press in self.presses)


def things(view: View, namespace: str) -> Iterator[tuple[Ref, str]]:
    """Everything that can be selected and belongs to the level: its machines, and what is in its namespace.

    With the name that declarations use: a Pod's ends in chance, so `pod/web` is any Pod of the workload web.
    """
    for node in view.nodes:
        if not node.control_plane:
            yield node.ref, _named(node.ref)
    for workload in view.workloads:
        if workload.ref.namespace == namespace:
            yield workload.ref, _named(workload.ref)
            if workload.pods and workload.pods[0].ref != workload.ref:
                yield workload.pods[0].ref, f"pod/{workload.ref.name}"
    groups: tuple[Iterable[Ref], ...] = (
        (s.ref for s in view.services),
        dict.fromkeys(r.ref for r in view.routes),
        (c.ref for c in view.configs),
        (c.ref for c in view.claims),
    )
    for group in groups:
        yield from ((ref, _named(ref)) for ref in group if ref.namespace == namespace)


def _named(ref: Ref) -> str:
    return f"{ref.kind.lower()}/{ref.name}"


def presses(runs: Runs, seed: str) -> list[Press]:
    """What the bot can press at Go: entries that change something."""
    game, found = runs.fresh(seed), []
    for ref, name in things(game.cluster.picture(), game.level.namespace):
        for action in menus.actions(game, ref, "en"):
            if action.id in LOOKS:
                continue
            line, stdin = (action.command, "") if action.command else _filled_in(game, ref, action)
            press = Press(f"{action.id} {name}", line, stdin)
            if press.line and _changes(runs.fresh(seed), press):
                found.append(press)
    return found


def _changes(game: Game, press: Press) -> bool:
    before = game.score.changes
    game.kubectl(press.line, press.tape)
    return bool(game.score.changes != before or game.jobs)


def _filled_in(game: Game, ref: Ref, action: Action) -> tuple[str, str]:
    """A form as it stands, two copies more where it is about copies: (line, stdin), "" where that changes nothing."""
    values = {f.name: f.value for f in forms.form(game, ref, action, "en").fields}
    if action.form == "scale":
        values["replicas"] = str(int(values["replicas"] or 0) + MORE_COPIES)
    proposal = forms.propose(game, ref, action, values, "en")
    return (proposal.command, proposal.stdin) if proposal.diff and not proposal.error else ("", "")


def shots(game: Game) -> Iterator[tuple[Press, ...]]:
    """The shotgun: each of its barrels, and all at once."""
    workloads = [w.ref for w in game.cluster.picture().workloads if w.ref.namespace == game.level.namespace]
    known = [r for r in workloads if r.kind in ("Deployment", "StatefulSet")]
    name = {r: _named(r) for r in known}
    where = f" -n {game.level.namespace}"
    scale = tuple(Press(f"scale {name[r]}", f"kubectl scale {name[r]} --replicas={MANY}{where}") for r in known)
    restart = tuple(Press(f"restart {name[r]}", f"kubectl rollout restart {name[r]}{where}") for r in known)
    machines = (Press("add-nodes", ""),)
    yield from (scale, restart, machines, scale + restart + machines)


def declared(level: Level, chosen: Iterable[Press]) -> bool:
    """Whether a level declares these presses, or some of them."""
    names = {press.name for press in chosen}
    return any(names.issuperset(part.strip() for part in entry.split(" + ")) for entry in level.lucky)


def attempt(runs: Runs, chosen: tuple[Press, ...], seed: str) -> Attempt:
    """Press, let a drill settle, go, and play to the end."""
    game = runs.fresh(seed)
    for press in chosen:
        _do(game, press)
    if game.level.mode == "drill":
        for _ in range(SETTLE):
            game.step()
    game.go()
    while game.may_step():
        game.step()
    return Attempt(chosen, game.won)


def _do(game: Game, press: Press) -> None:
    if press.line:
        game.kubectl(press.line, press.tape)
        return
    for i in range(MACHINES):
        game.cluster.add_node(f"more-{i + 1}", game.level.cluster.nodes[0])


def plan(runs: Runs, seed: str) -> list[tuple[Press, ...]]:
    """Everything to be tried: single presses, pairs, the shotgun; not what is declared already."""
    each = presses(runs, seed)
    chosen = [*((press,) for press in each), *combinations(each, 2), *shots(runs.fresh(seed))]
    return [some for some in chosen if not declared(runs.level, some)]


def try_all(runs: Runs, part: int, parts: int, seed: str) -> tuple[int, list[Attempt]]:
    """Every so-manyth of the plan: (how many were tried, those that won)."""
    mine = plan(runs, seed)[part::parts]
    return len(mine), [found for found in (attempt(runs, chosen, seed) for chosen in mine) if found.won]


def row(level: str, tried: int, wins: list[Attempt], seconds: float) -> Row:
    """The finding. Of wins that contain a smaller one only the smaller is named."""
    least = [w for w in wins if not any(set(o.presses) < set(w.presses) for o in wins)]
    found = f"{tried} tried, " + (f"{len(wins)} won: {'; '.join(w.name for w in least)}" if wins else "none won")
    return Row(level, 5, "luck", 1, "only what is declared wins", found, not wins, seconds)
