"""`kubesim gameday -f FILE_OR_DIR …`: one's own manifests, users at their doors, and every fault once."""

from __future__ import annotations

import sys
from argparse import Namespace

from kubesim_tui.cli import LOST, WON, Trouble, applied, output
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.explain.chain import name_of
from kubesim_tui.faults.catalogue import FAULTS, known
from kubesim_tui.gameday import before, report, trials
from kubesim_tui.gameday.doors import Door, doors, named
from kubesim_tui.gameday.opening import opened
from kubesim_tui.gameday.report import Report

TROUBLES = applied.TROUBLES
NO_DOOR = (
    "nothing to send requests to: there is no Ingress, and no Service that speaks HTTP; name an address with --url"
)


def main(args: Namespace) -> int:
    """Apply, settle, try; 0 if everything was survived."""
    sim = applied.prepare(args)
    for refused in (outcome for outcome in sim.outcomes if outcome.error is not None):
        assert refused.error is not None
        output.complain(f"{refused.file}:{refused.line}: refused: {refused.error['message']}")
    cluster = sim.cluster
    names = _faults(args.faults)
    trials.settle(cluster)
    at = _named(args.url) or doors(cluster.etcd) or _opened(cluster)
    if not at:
        raise Trouble(NO_DOOR)
    slo = round(args.slo * 10)
    felt = trials.warmed(cluster, at, int(args.rate * 1000))
    tried = [f.door for f in felt if f.served_pm >= slo]
    found = _tried(cluster, names, tried, quiet=args.json or args.junit) if tried else []
    single = tuple(name_of(one) for one in before.single_copies(cluster))
    unwell, guessed = tuple(before.unwell(cluster)), tuple(before.guessed(cluster))
    made = Report(slo, felt, tuple(found), single, unwell, guessed, args.lang or "en")
    if args.json:
        output.print_json(report.to_json(made))
    elif args.junit:
        print(report.to_junit(made))
    else:
        _tell(made)
    return WON if made.passed else LOST


def _named(urls: list[str]) -> list[Door]:
    try:
        return [named(url) for url in urls]
    except ValueError as wrong:
        raise Trouble(f"--url: {wrong}") from wrong


def _opened(cluster: Cluster) -> list[Door]:
    made = opened(cluster)
    trials.settle(cluster)
    return made


def _faults(given: str) -> list[str]:
    """The faults that `--faults` names, in the table's order."""
    if given == "all":
        return list(FAULTS)
    names = [name.strip() for name in given.split(",")]
    for name in names:
        known(name)
    return [name for name in FAULTS if name in names]


def _tried(cluster: Cluster, names: list[str], at: list[Door], *, quiet: bool) -> list[trials.Result]:
    """All trials; how far they are shows on a terminal."""
    planned = trials.trials(cluster, names)
    shows = not quiet and sys.stderr.isatty()
    found = []
    for i, trial in enumerate(planned):
        if shows:
            print(f"\r\033[K{i + 1}/{len(planned)} {trial.fault} {trial.target}", end="", file=sys.stderr, flush=True)
        found.append(trials.run(cluster, trial, at))
    if shows:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return found


def _tell(made: Report) -> None:
    lines = report.before(made)
    if made.results:
        lines += ["", *output.table(report.head(made.language), report.rows(made))]
    for line in (*lines, *report.details(made), *report.after(made)):
        print(line)
