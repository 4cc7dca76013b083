"""Rules 1–4, 6 and 8 of the gate (LEVELS.md): what is played by scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import define, field

from kubesim_tui.game.gate_runs import Ran, Row, Runs, Watch, read
from kubesim_tui.game.level import Level, Script
from kubesim_tui.game.script import Play

MOST_SECONDS = 5.0
USUAL_SEEDS = 4
UNTOUCHED = Play("untouched", {}, ())


def told(runs: Sequence[Ran]) -> str:
    """Runs in a few words: `won 4/4`, `lost web`, with what went wrong first."""
    won = sum(r.won for r in runs)
    lost = sorted({name for r in runs for name in r.lost})
    wrong = next((r.wrong for r in runs if r.wrong), "")
    text = f"won {won}/{len(runs)}" if won else "lost"
    return (
        text
        + (f", lost {', '.join(lost)}" if won and lost else f" {', '.join(lost)}" if lost else "")
        + (f" ({wrong})" if wrong else "")
    )


@define(eq=False)
class Scripts:
    """See the module. `solved`: the runs of each solution, by name."""

    level: Level
    runs: Runs
    winning: tuple[str, ...]  # seeds of scripts that should win
    losing: tuple[str, ...]
    solved: dict[str, list[Ran]] = field(factory=dict)
    all: list[Ran] = field(factory=list)

    def rows(self) -> Iterator[Row]:
        """All rows, in the order of the rules."""
        yield self._row(1, "untouched", self._play(UNTOUCHED, self.level.folder, self.losing), "loses")
        for solution in self.level.solutions:
            yield self._solution(solution)
        yield self._approaches()
        for solution in self.level.solutions:
            yield self._hollow(solution)
        for trap in self.level.traps:
            yield self._trap(trap)
        yield from self._stars()
        yield from self._pars()

    def _play(self, steps: Play, folder: str, seeds: Sequence[str], *, strict: bool = False) -> list[Ran]:
        found = [self.runs.script(steps, folder, seed, strict=strict) for seed in seeds]
        self.all += found
        return found

    def _row(self, rule: int, subject: str, runs: Sequence[Ran], expected: str, seconds: float = 0.0) -> Row:
        ok = all(r.won and not r.wrong for r in runs) if expected.startswith("wins") else not any(r.won for r in runs)
        return Row(self.level.id, rule, subject, len(runs), expected, told(runs), ok, seconds)

    def _solution(self, solution: Script) -> Row:
        watch = Watch()
        runs = self.solved[solution.name] = self._play(read(solution), solution.folder, self.winning, strict=True)
        with_bonus = "bonus" in solution.head.get("reaches", "")
        row = self._row(2, solution.name, runs, "wins with bonus" if with_bonus else "wins", watch.seconds)
        if with_bonus and row.ok and not all(r.bonus for r in runs):
            missing = sum(not r.bonus for r in runs)
            return _but(row, f"{row.found}, but {missing} without bonus")
        return row

    def _approaches(self) -> Row:
        names = sorted({s.head.get("approach", s.name) for s in self.level.solutions})
        found = f"{len(names)}" + (f" (only: {self.level.only})" if self.level.only else "")
        ok = len(names) >= 2 or (bool(self.level.only) and len(names) == 1)
        return Row(self.level.id, 2, "approaches", 0, "at least 2, or why only one", found, ok)

    def _hollow(self, solution: Script) -> Row:
        watch, steps = Watch(), read(solution)
        if not steps.taught:
            return Row(self.level.id, 3, solution.name, 0, "loses untaught", "no line is marked taught", ok=False)
        runs = self._play(steps.without_taught(), solution.folder, self.losing)
        return self._row(3, solution.name, runs, "loses untaught", watch.seconds)

    def _trap(self, trap: Script) -> Row:
        watch = Watch()
        runs = self._play(read(trap), trap.folder, self.losing)
        loses, why = trap.head.get("loses", ""), trap.head.get("why", "")
        row = self._row(4, trap.name, runs, f"loses {loses}: {why}", watch.seconds)
        for one in runs:
            if loses not in one.lost:
                return _but(row, f"{told([one])}, but not {loses or 'anything that it names'}")
            if one.causes[loses] != why:
                return _but(row, f"lost {loses}: {one.causes[loses]}")
            if one.wrong:
                return _but(row, row.found)
        return row if not row.ok else _as(row, f"lost {loses}: {why}")

    def _stars(self) -> Iterator[Row]:
        held = [name for name, runs in self.solved.items() if all(r.won for r in runs)]
        yield Row(self.level.id, 6, "star: survives", 0, "some solution", ", ".join(held) or "none", bool(held))
        bonus = [name for name, runs in self.solved.items() if all(r.won and r.bonus for r in runs)]
        yield Row(self.level.id, 6, "star: bonus", 0, "some solution", ", ".join(bonus) or "none", bool(bonus))

    def _pars(self) -> Iterator[Row]:
        for medal in ("served", "cost", "changes"):
            par = self.level.par.get(medal)
            worst = {
                n: max(r.figures[medal] for r in runs) for n, runs in self.solved.items() if all(r.won for r in runs)
            }
            best = f"best {min(worst.values())}" if worst else "nobody won"
            expected = f"some solution ≤ {par}" if par is not None else "a par"
            ok = par is not None and any(figure <= par for figure in worst.values())
            yield Row(self.level.id, 6, f"medal: {medal}", 0, expected, best, ok)

    def ends(self) -> Iterator[Row]:
        """Rule 8, when everything has been played."""
        open_ended = sum(not r.over for r in self.all)
        found = f"{len(self.all) - open_ended}/{len(self.all)} ended"
        yield Row(self.level.id, 8, "ends by itself", 0, "every run", found, not open_ended)
        spent, most = self.runs.spent, MOST_SECONDS * max(1, len(self.winning) // USUAL_SEEDS)
        yield Row(self.level.id, 8, "time", 0, f"< {most:.0f} s", f"{spent:.2f} s", spent < most, spent)


def _but(row: Row, found: str) -> Row:
    """The row, failed, for this reason."""
    return Row(row.level, row.rule, row.subject, row.seeds, row.expected, found, ok=False, seconds=row.seconds)


def _as(row: Row, found: str) -> Row:
    return Row(row.level, row.rule, row.subject, row.seeds, row.expected, found, row.ok, row.seconds)
