"""The commands and their options, as one table for argparse."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from kubesim_tui import __version__
from kubesim_tui.cli import EXIT_CODES, USAGE

DEFAULT = "play"


class Parser(argparse.ArgumentParser):
    """Tells mistakes as all of kubesim does, and where to look."""

    def error(self, message: str) -> NoReturn:
        """One line, and exit code 2."""
        print(f"kubesim: {message} (see `{self.prog} --help`)", file=sys.stderr)
        raise SystemExit(USAGE)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command and its options; `kubesim` alone is `kubesim play`."""
    words = list(argv)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, DEFAULT)
    return _parser().parse_args(words)


def _parser() -> Parser:
    parser = Parser(
        prog="kubesim",
        description="A Kubernetes flight simulator for the terminal. `kubesim` alone opens the game.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"kubesim {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for add in (_play, _run, _check, _sim, _replay, _why, _why_here, _gameday, _mix, _bench, _levels):
        add(commands)
    return parser


Commands = argparse._SubParsersAction


def _add(commands: Commands[Parser], name: str, about: str, more: str = "") -> Parser:
    return commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + "." + (f" {more}" if more else ""),
        allow_abbrev=False,
    )


def _json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def _seed(parser: Parser) -> None:
    parser.add_argument("--seed", default="1", metavar="N", help="what chance brings (default: 1)")


def _lang(parser: Parser) -> None:
    parser.add_argument("--lang", choices=("en", "zh"), default="", help="English or 简体中文")


def _count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _from_zero(text: str) -> int:
    """A whole number from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def _rate(text: str) -> float:
    """A number above 0."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 (and at most 100000)")
    return found


def _share(text: str) -> float:
    """A percentage."""
    try:
        found = float(text.removesuffix("%"))
    except ValueError:
        found = -1.0
    if not 0 <= found <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a percentage from 0 to 100")
    return found


def _play(commands: Commands[Parser]) -> None:
    p = _add(commands, "play", "play in the terminal", "Without a level the title opens.")
    p.add_argument("level", nargs="?", default="", metavar="LEVEL", help="a level's id (0-1), name or folder")
    _lang(p)
    _seed(p)
    p.add_argument("--plain", action="store_true", help="lines of text instead of a screen, for screen readers")
    p.add_argument("--speed", type=_count, default=1, metavar="N", help="simulated seconds a second (default: 1)")
    p.add_argument("--theme", choices=("dark", "light", "high-contrast"), default="dark", help="colours")


def _run(commands: Commands[Parser]) -> None:
    p = _add(commands, "run", "play a script without a screen", "Exit code 0: won, 1: lost.")
    p.add_argument("level", metavar="LEVEL", help="a level's id (0-1), name or folder")
    p.add_argument("--script", required=True, metavar="FILE", help="what the player does (- : standard input)")
    _seed(p)
    p.add_argument("--record", default="", metavar="FILE", help="write the recording there")
    _lang(p)
    _json(p)


def _check(commands: Commands[Parser]) -> None:
    p = _add(commands, "check", "prove that levels teach what they claim", "All levels, unless some are named.")
    p.add_argument("levels", nargs="*", metavar="LEVEL", help="a level's id (0-1), name or folder")
    p.add_argument("--seeds", type=_count, default=0, metavar="N", help="seeds for each script (default: 4, losing 1)")
    p.add_argument("--jobs", type=_count, default=0, metavar="N", help="processes (default: one a core)")
    _json(p)


def _sim(commands: Commands[Parser]) -> None:
    p = _add(commands, "sim", "apply manifests to an empty cluster and run it", "Exit code 1: some were refused.")
    _manifests(p)


def _manifests(p: Parser) -> None:
    """What is applied, to what cluster, for how long, with which faults."""
    _applied(p)
    p.add_argument("--ticks", type=_from_zero, default=120, metavar="N", help="seconds to run (default: 120)")
    p.add_argument(
        "--fault", action="append", default=[], metavar="NAME@TICK", help="e.g. node-crash@60, node-crash:node-a@60"
    )
    _json(p)


def _applied(p: Parser) -> None:
    """What is applied, to what cluster."""
    source = p.add_mutually_exclusive_group(required=True)
    source.add_argument("-f", "--filename", action="append", nargs="+", metavar="FILE_OR_DIR", help="what to apply")
    source.add_argument("-k", "--kustomize", metavar="DIR", help="a folder with a kustomization, built as kubectl does")
    p.add_argument("--nodes", type=_count, default=3, metavar="N", help="machines (default: 3)")
    p.add_argument(
        "--control-planes", type=int, choices=(1, 3, 5), default=1, help="machines of the control plane (default: 1)"
    )
    about = "members of etcd, on machines of their own (default: one on each of the control plane)"
    p.add_argument("--etcd-members", type=int, choices=(1, 3, 5), default=None, help=about)
    _seed(p)
    p.add_argument("--create-namespaces", action="store_true", help="create the namespaces that the manifests name")
    p.add_argument("--snapshots", action="store_true", help="install the kinds of snapshot.storage.k8s.io")
    p.add_argument("--scheduler-config", default="", metavar="FILE", help="a KubeSchedulerConfiguration")


def _why_here(commands: Commands[Parser]) -> None:
    about, more = "explain where the scheduler put Pods, node by node", "Exit code 1: some have no node."
    p = _add(commands, "why-here", about, more)
    p.add_argument("pods", nargs="*", metavar="POD", help="[NAMESPACE/]NAME of a Pod or a workload (default: all)")
    _manifests(p)
    _lang(p)


def _gameday(commands: Commands[Parser]) -> None:
    about = "try manifests: send users to their doors, and break everything once"
    p = _add(commands, "gameday", about, "Exit code 0: all was survived, 1: it was not.")
    _applied(p)
    p.set_defaults(fault=[])
    p.add_argument("--faults", default="all", metavar="all|NAME,…", help="which faults (default: all)")
    p.add_argument("--slo", type=_share, default=99.0, metavar="PERCENT", help="what must be served (default: 99)")
    p.add_argument("--rate", type=_rate, default=20.0, metavar="N", help="requests a second at each door (default: 20)")
    p.add_argument("--url", action="append", default=[], metavar="URL", help="a door, instead of those found")
    _lang(p)
    form = p.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    form.add_argument("--junit", action="store_true", help="print JUnit's XML and nothing else")


def _mix(commands: Commands[Parser]) -> None:
    about = "strike a shop with random mixes of faults, and see whether why is told rightly"
    p = _add(commands, "mix", about, "Exit code 1: fewer answers were right than wanted.")
    p.add_argument("--runs", type=_count, default=200, metavar="N", help="how many mixes (default: 200)")
    p.add_argument("--first", type=_from_zero, default=1, metavar="N", help="the first of their seeds (default: 1)")
    p.add_argument("--faults", type=_count, default=3, metavar="N", help="faults in each (default: 3)")
    p.add_argument("--only", default="", metavar="NAME,…", help="draw from these faults (default: from all)")
    p.add_argument("--goal", type=_share, default=95.0, metavar="PERCENT", help="what must be right (default: 95)")
    p.add_argument("--show", type=_from_zero, default=5, metavar="N", help="wrong answers that are told (default: 5)")
    p.add_argument("--jobs", type=_count, default=0, metavar="N", help="processes (default: one a core)")
    _json(p)


def _replay(commands: Commands[Parser]) -> None:
    p = _add(commands, "replay", "play a recording again and say whether it is true")
    p.add_argument("file", metavar="FILE", help="a recording")
    p.add_argument("--to", type=_from_zero, default=None, metavar="TICK", help="only as far as this tick")
    _lang(p)
    _json(p)


def _why(commands: Commands[Parser]) -> None:
    p = _add(commands, "why", "play a script and explain what was missed", "Exit codes as of run.")
    p.add_argument("level", metavar="LEVEL", help="a level's id (0-1), name or folder")
    p.add_argument("objective", nargs="?", default="", metavar="OBJECTIVE|KIND/NAME", help="only this")
    p.add_argument("--script", required=True, metavar="FILE", help="what the player does (- : standard input)")
    _seed(p)
    _lang(p)
    _json(p)


def _bench(commands: Commands[Parser]) -> None:
    p = _add(commands, "bench", "measure speed and size against their goals")
    p.add_argument("name", nargs="?", default="", metavar="NAME", help="only this figure")
    _json(p)


def _levels(commands: Commands[Parser]) -> None:
    p = _add(commands, "levels", "list the levels, and what you have reached")
    _lang(p)
    _json(p)
