"""Finds a load generator's script among its container's files, and reads it in its language."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kubesim_tui.world.container import Container
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import absolute
from kubesim_tui.world.image_sends import Script
from kubesim_tui.world.loadscript import k6, locust, vegeta
from kubesim_tui.world.loadscript.script import NOTHING, LoadScript
from kubesim_tui.world.template import Names, expand


def script_of(container: Container, at: Script, argv: Sequence[str], scope: Names) -> LoadScript:
    """What a container's script says; nothing if it is not there."""
    text = _text(container, expand(at.file, scope), scope)
    if text is None:
        return NOTHING
    if at.format == "locust":
        return locust.read(text, expand(at.host, scope).rstrip("/"))
    said = dict(word.partition("=")[::2] for flag, word in pairwise(argv) if flag in at.sets)
    return k6.read(text, Names(said, scope)) if at.format == "k6" else vegeta.read(text)


def _text(container: Container, name: str, scope: Names) -> str | None:
    if name in ("stdin", "-"):
        return scope.get("stdin")
    cwd = container.config.working_dir or container.spec.workdir
    try:
        return container.files().read(absolute(name, cwd))
    except FileError:
        return None
