"""The API server's calls to others: kubelets (log, exec, attach, port-forward), webhooks, metrics.

A table of handlers by name ("log", "exec", …), filled by the cluster. Each handler goes over the world's links: a cut
link breaks `kubectl logs`, too. Without a handler the answer is that of a server that cannot reach the kubelet.
"""

from __future__ import annotations

from typing import Any, Protocol

from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.request import Request


class Handler(Protocol):
    """Who answers one kind of call."""

    def handle(self, request: Request) -> Any:
        """Answer, or raise a StatusError."""
        ...


class Proxy:
    """The table of handlers."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}

    def register(self, name: str, handler: Handler) -> None:
        """Let a handler answer the calls of a name from now on."""
        self.handlers[name] = handler

    def call(self, name: str, request: Request) -> Any:
        """Ask the handler of a name. 500 if there is none."""
        handler = self.handlers.get(name)
        if handler is None:
            raise errors.internal(f"error dialing backend: no handler for {name}")
        return handler.handle(request)
