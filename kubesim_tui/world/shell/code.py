"""Compiled code. (Apart from its compiler, so that a cluster without scripts does not load the shell.)"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kubesim_tui.world.shared import Shared

Instruction = tuple[Any, ...]


@frozen(eq=False, repr=False)
class Code(Shared):
    """Compiled code: shared by all that run it."""

    steps: tuple[Instruction, ...]
