"""`kubesim bench [NAME]`."""

from __future__ import annotations

from argparse import Namespace

from attrs import asdict

from kubesim_tui.cli import LOST, WON, output
from kubesim_tui.game.bench import Figure, UnknownFigure, measure

TROUBLES = (UnknownFigure,)


def main(args: Namespace) -> int:
    """Measure; 0 if every goal is reached."""
    found = list(measure(args.name))
    if args.json:
        output.print_json({"rows": [asdict(figure) | {"ok": figure.ok} for figure in found]})
    else:
        rows = [
            (f.name, _shown(f), f.unit, f"{f.compare} {f.goal:,g}", "yes" if f.ok else "NO", f.about) for f in found
        ]
        for line in output.table(("FIGURE", "FOUND", "UNIT", "GOAL", "OK", "WHAT"), rows):
            print(line)
    return WON if all(figure.ok for figure in found) else LOST


def _shown(figure: Figure) -> str:
    return f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
