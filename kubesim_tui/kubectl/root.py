"""kubectl alone, and the groups of commands alone: their help."""

from __future__ import annotations

from kubesim_tui.kubectl.env import Env
from kubesim_tui.kubectl.fail import usage
from kubesim_tui.kubectl.flags import help_text

TO_STDERR = ("auth", "config", "top", "set", "create secret", "create service")


def run(env: Env) -> None:
    """Print the help of the command that was named; a group does not know the word that follows it."""
    path = env.flags.path
    if path not in ("", "options", "certificate") and env.flags.args:
        raise usage(f'unknown command "{env.flags.args[0]}"', path)
    if path in TO_STDERR:
        env.warn(help_text(path))
    else:
        env.say(help_text(path))
    env.code = 0 if path in ("", "options", "certificate") else 1
