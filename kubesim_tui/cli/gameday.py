"""`kubesim gameday -f FILE_OR_DIR …`: one's own manifests, users at their doors, and every fault once."""

from __future__ import annotations

import sys
from argparse import Namespace

from kubesim_tui.cli import LOST, WON, Trouble, applied, output
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.explain.chain import name_of
from kubesim_tui.faults.catalogue import FAULTS, known
from kubesim_tui.gameday import report, trials
from kubesim_tui.gameday.doors import Door, doors, named
from kubesim_tui.gameday.report import Report

TROUBLES = applied.TROUBLES
NO_DOOR = (
    "nothing to send requests to: there is no Ingress, and no Service of type LoadBalancer or NodePort; "
    "name an address with --url"
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
    at = _named(args.url) or doors(cluster.etcd)
    if not at:
        raise Trouble(NO_DOOR)
    slo = round(args.slo * 10)
    felt = trials.warmed(cluster, at, int(args.rate * 1000))
    tried = [f.door for f in felt if f.served_pm >= slo]
    found = _tried(cluster, names, tried, quiet=args.json or args.junit) if tried else []
    single = tuple(name_of(one) for one in trials.single_copies(cluster))
    made = Report(slo, felt, tuple(found), single, args.lang or "en")
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
    for felt in made.doors:
        print(f"{felt.door.name}  {felt.door.url}  {report.percent(felt.served_pm)}")
    for felt in made.silent:
        print(f"\n{felt.door.name} is not tried: it does not serve even while nothing is broken.")
        for line in report.chains(felt, made.language):
            print(line)
    if made.results:
        print()
        for line in output.table(report.HEAD, report.rows(made)):
            print(line)
    for line in report.details(made):
        print(line)
    survived = len(made.results) - len(made.fallen)
    print(f"\nsurvived {survived} of {len(made.results)}, at {report.percent(made.slo_pm)}")
    if made.single:
        print(f"only one copy: {', '.join(made.single)}")
