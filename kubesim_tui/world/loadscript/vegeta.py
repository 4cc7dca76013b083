"""Targets of vegeta: a line with a method and an address for each, perhaps with headers and a body (@file) below."""

from __future__ import annotations

import re

from kubesim_tui.world.loadscript.script import Asks, LoadScript

_TARGET = re.compile(r"(?:^|\n)\s*([A-Z]+) +(\S+)")


def read(text: str) -> LoadScript:
    """All of them in turn."""
    return LoadScript(tuple([Asks(url, method) for method, url in _TARGET.findall(text)]))
