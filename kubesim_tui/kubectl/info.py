"""What a command is about: one object, as the server has it, as a manifest has it, or both."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.kubectl import discovery


@frozen(eq=False)
class Info:
    """One object that a command means."""

    resource: Resource
    namespace: str
    name: str
    object: Object | None = None  # as the server has it, if it was asked
    data: dict[str, Any] | None = None  # as the manifest has it
    source: str = ""  # the file

    @property
    def label(self) -> str:
        """`deployment.apps/web`."""
        return f"{discovery.label(self.resource)}/{self.name}"
