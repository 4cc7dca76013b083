"""`kubesim check [LEVEL …]`."""

from __future__ import annotations

from argparse import Namespace

from attrs import asdict

from kubesim_tui.cli import LOST, WON, output
from kubesim_tui.game import folders
from kubesim_tui.game.gate import check
from kubesim_tui.game.gate_runs import Row

TROUBLES = output.TROUBLES
HEAD = ("LEVEL", "RULE", "SUBJECT", "SEEDS", "EXPECTED", "FOUND", "OK", "SECONDS")


def main(args: Namespace) -> int:
    """Prove; 0 if everything holds."""
    chosen = [folders.find(name) for name in args.levels] or list(folders.catalogue().values())
    rows = check(chosen, args.seeds, args.jobs)
    ok = all(row.ok for row in rows)
    if args.json:
        output.print_json({"ok": ok, "rows": [asdict(row) for row in rows]})
    else:
        for line in output.table(HEAD, map(_cells, rows)):
            print(line)
        wrong = sum(not row.ok for row in rows)
        print(f"\n{len(rows)} checks of {len(chosen)} levels, " + (f"{wrong} do not hold" if wrong else "all hold"))
    return WON if ok else LOST


def _cells(row: Row) -> tuple[str, ...]:
    seeds, seconds = str(row.seeds or "-"), f"{row.seconds:.2f}" if row.seconds else "-"
    return row.level, str(row.rule), row.subject, seeds, row.expected, row.found, "yes" if row.ok else "NO", seconds
