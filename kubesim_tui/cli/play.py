"""`kubesim play`: the game on a screen, or in plain lines. Whatever happens, what was begun is kept."""

from __future__ import annotations

import os
import signal
import sys
import time
from argparse import Namespace
from threading import Thread
from types import FrameType

from kubesim_tui.cli import WON, Trouble
from kubesim_tui.game.desk import Desk
from kubesim_tui.game.folders import UnknownLevel, find
from kubesim_tui.kernel import heap

TROUBLES = (UnknownLevel,)


def main(args: Namespace) -> int:
    """Play until the player leaves."""
    desk = Desk(language=args.lang, seed=args.seed)
    if args.level:
        find(args.level)  # before the terminal is taken
    _keep_when_killed(desk)
    try:
        return _plain(desk, args) if args.plain else _screen(desk, args)
    finally:
        desk.close()
        if desk.recorder.wrong is not None:
            print(f"kubesim: {desk.recorder.wrong}; free some space or make it writable", file=sys.stderr)


def _screen(desk: Desk, args: Namespace) -> int:
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # Textual paints on standard error
        raise Trouble("the game needs a terminal; use `kubesim play --plain` or `kubesim run` without one")
    from kubesim_tui.tui.app import run

    _notice_hang_up()
    return run(desk.open, desk, level=args.level, theme=args.theme, speed=args.speed)


def _plain(desk: Desk, args: Namespace) -> int:
    from kubesim_tui.cli import output
    from kubesim_tui.game.start import StartError
    from kubesim_tui.tui import i18n, plain

    if desk.notice:
        output.complain(desk.notice)
    level = args.level or desk.next_level() or next(iter(desk.levels))
    try:
        session = desk.open(level)
    except (*output.TROUBLES, StartError) as wrong:
        raise Trouble(str(wrong)) from wrong

    def ended() -> None:
        try:
            desk.record(session.state().level, session.state())
        except OSError as error:
            output.complain(str(error))

    heap.set_aside()
    plain.play(session, i18n.load(desk.language), ended)
    return WON


def _notice_hang_up() -> None:
    """The kernel tells the leader of a session that its terminal is closed; who was begun by make has to look."""

    def look() -> None:
        while os.isatty(0):
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGHUP)

    if hasattr(signal, "SIGHUP"):
        Thread(target=look, daemon=True).start()


def _keep_when_killed(desk: Desk) -> None:
    """A terminal that is closed, or a kill: the game in the middle is written, then the signal does its work."""

    def keep(number: int, _frame: FrameType | None) -> None:
        desk.close()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), keep)
