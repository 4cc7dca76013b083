"""`kubesim mix`: random mixes of faults strike a shop, and of every failed request it is asked why."""

from __future__ import annotations

import sys
from argparse import Namespace

from kubesim_tui.cli import LOST, WON, Trouble, output
from kubesim_tui.faults.catalogue import FaultError, known
from kubesim_tui.gameday import verdict
from kubesim_tui.gameday.inquest import Inquest, Task, hold
from kubesim_tui.gameday.mix import drawable
from kubesim_tui.gameday.verdict import Share

TROUBLES = (FaultError,)
HEAD = ("FAULT", "RUNS", "FAILED", "RIGHT", "WRONG")
MOST_FAULTS = 12


def main(args: Namespace) -> int:
    """Hold all inquests; 0 if enough answers were right."""
    names = _names(args.only)
    if len(names) < args.faults:
        raise Trouble(f"--only: {args.faults} different faults are wanted of {len(names)}")
    seeds = range(args.first, args.first + args.runs)
    found = _held([Task(str(seed), args.faults, names) for seed in seeds], args.jobs, quiet=args.json)
    every = verdict.whole(found)
    if args.json:
        output.print_json(verdict.to_json(found, args.goal))
    else:
        for line in verdict.lines(found, args.show):
            print(line)
        shares = [share for share in verdict.by_fault(found) if share.failed]
        for line in output.table(HEAD, map(_row, shares[:MOST_FAULTS])):
            print(line)
        print(f"\n{every.runs} mixes of {args.faults} faults, seeds {seeds[0]} to {seeds[-1]}")
        told = f"{every.right:,} of {every.failed:,} failed requests are explained by a fault that struck"
        print(f"{told}: {every.percent:g}% (goal {args.goal:g}%)")
    return WON if every.percent >= args.goal else LOST


def _names(given: str) -> tuple[str, ...]:
    """The faults to draw from, in the table's order."""
    wanted = [name.strip() for name in given.split(",")] if given else []
    for name in wanted:
        known(name)
    return tuple(name for name in drawable() if not wanted or name in wanted)


def _held(tasks: list[Task], jobs: int, *, quiet: bool) -> list[Inquest]:
    """All of them; how far they are shows on a terminal."""
    shows = not quiet and sys.stderr.isatty()
    found = []
    for one in hold(tasks, jobs):
        found.append(one)
        if shows:
            print(f"\r\033[K{len(found)}/{len(tasks)}", end="", file=sys.stderr, flush=True)
    if shows:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return found


def _row(share: Share) -> tuple[str, ...]:
    return share.name, str(share.runs), f"{share.failed:,}", f"{share.percent:g}%", f"{share.wrong:,}"
