"""`kubesim run LEVEL --script FILE`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from kubesim_tui.cli import LOST, WON, output
from kubesim_tui.game import headless
from kubesim_tui.game.files import SaveError, write_atomic
from kubesim_tui.game.start import StartError

TROUBLES = (*output.TROUBLES, StartError, SaveError)


def main(args: Namespace) -> int:
    """Play; print the outcome; 0 won, 1 lost."""
    level = output.level(args.level)
    script, folder = output.read_script(args.script)
    played = headless.run(level, script, folder, args.seed, args.lang or "en")
    for wrong in played.log.failed:
        output.complain(f"{args.script}: {wrong}")
    if played.log.gave_up:
        output.complain(f"{args.script}:{played.log.gave_up}: what it waits for did not happen in time")
    if args.record:
        write_atomic(Path(args.record), played.recording.to_json())
    if args.json:
        output.print_json(headless.outcome(played.game, played.verdict))
    else:
        _tell(level.id, played)
    return WON if played.verdict.won else LOST


def _tell(level: str, played: headless.Played) -> None:
    for tick, line, answer, _ in played.log.lines:
        print(f"{tick:>5}s  $ {line}")
        for text in answer:
            print(f"          {text}")
    verdict, score = played.verdict, headless.score_json(played.game)
    print(f"{level}: {'won' if verdict.won else 'lost'} at {played.game.tick}s, stars: {verdict.stars} of 3")
    print(f"served {score['served']}, cost {score['cost']:.3f}, changes {score['changes']}")
    for line in headless.lines_of(verdict.whys):
        print(line)
    print(f"digest {played.game.digest}")
