"""envsubst, of gettext: the environment into a text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")


def envsubst(call: Call) -> Outcome:
    """envsubst ['$NAME …']: only the names that are given, if any are"""
    text = call.all()
    if text is None:
        return WAIT_INPUT
    wanted = {found[1] or found[2] for word in call.arguments for found in _VARIABLE.finditer(word)}
    env = call.env()

    def one(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return env.get(name, "") if not wanted or name in wanted else found[0]

    call.out(_VARIABLE.sub(one, text))
    return 0


TOOLS: Mapping[str, Command] = {"envsubst": envsubst}
