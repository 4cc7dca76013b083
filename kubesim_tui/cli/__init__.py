"""The command line: which commands there are, and what every one of them does with mistakes, Ctrl-C and pipes.

`--help` and `--version` load nothing but this package; each command is a module of its own, loaded when asked for. What
goes wrong is told on standard error as `kubesim: file:line: what is wrong and what to do`. Exit codes are in
`EXIT_CODES`, and in docs/cli.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

WON, LOST, USAGE, MISTAKE, INTERRUPTED, PIPE = 0, 1, 2, 70, 130, 141

EXIT_CODES = """\
exit codes:
  0    won; everything was accepted; all checks hold; the recording is proven
  1    lost; a document was refused; a check does not hold; the recording is not proven
  2    wrong usage, or input that cannot be read
  70   a mistake in kubesim itself (its report is on standard error)
  130  ended with Ctrl-C
  141  whoever read the output has gone away"""


class Trouble(Exception):
    """Something that the user can mend: told in one line, exit code 2."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    from kubesim_tui.cli.parser import parse

    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        code = int(_run(args.command, args))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return PIPE
    return code


def _run(command: str, args: object) -> int:
    troubles: tuple[type[BaseException], ...] = (Trouble,)
    try:
        module = import_module(f"kubesim_tui.cli.{command.replace('-', '_')}")
        troubles += module.TROUBLES
        code: int = module.main(args)
    except troubles as wrong:
        print(f"kubesim: {wrong}", file=sys.stderr)
        return USAGE
    except (KeyboardInterrupt, BrokenPipeError, SystemExit):
        raise
    except Exception:
        from traceback import print_exc

        print("kubesim: this is a mistake in kubesim itself, not in what you gave it:", file=sys.stderr)
        print_exc()
        return MISTAKE
    return code


def _close_quietly() -> None:
    """Nobody reads: what is still in the buffer goes nowhere, without a word at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
