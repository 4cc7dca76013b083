"""`kubesim why LEVEL --script FILE [OBJECTIVE | KIND/NAME]`."""

from __future__ import annotations

from argparse import Namespace

from kubesim_tui.cli import LOST, WON, Trouble, output
from kubesim_tui.game import headless
from kubesim_tui.game.start import StartError

TROUBLES = (*output.TROUBLES, StartError)


def main(args: Namespace) -> int:
    """Play; explain what was missed; 0 won, 1 lost."""
    level = output.level(args.level)
    known = [o.id for o in (*level.objectives, *level.bonus)]
    thing = args.objective if "/" in args.objective else ""
    if args.objective and not thing and args.objective not in known:
        raise Trouble(f"{level.id} has no objective {args.objective!r}; there are {', '.join(known)}")
    script, folder = output.read_script(args.script)
    language = args.lang or "en"
    played = headless.run(level, script, folder, args.seed, language)
    if thing:
        found, wrong = headless.why_thing(played, thing, language)
        if wrong:
            raise Trouble(wrong)
    else:
        found = headless.whys(played, args.objective, language)
    if args.json:
        result = "won" if played.verdict.won else "lost"
        output.print_json({"result": result, "why": [headless.why_json(why) for why in found]})
    else:
        for line in headless.lines_of(found) or ["all is well" if thing else "nothing was missed"]:
            print(line)
    return WON if played.verdict.won else LOST
