"""Subresources that lead to a kubelet or a Pod: log, exec, attach, portforward, proxy."""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.subresources.base import Door, Subresource, parent


class Forward(Subresource):
    """One such call, by its name in the proxy's table."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _forward(self, door: Door, request: Request) -> Any:
        parent(door, request)
        return door.proxy.call(self.name, request)

    def get(self, door: Door, request: Request) -> Any:
        """Hand the call on."""
        return self._forward(door, request)

    def create(self, door: Door, request: Request) -> Any:
        """Hand the call on."""
        return self._forward(door, request)
