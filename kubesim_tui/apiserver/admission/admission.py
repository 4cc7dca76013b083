"""What the door asks of admission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.request import Request


class Admission(Protocol):
    """The chain of admission plugins."""

    def mutate(self, request: Request, data: dict[str, Any], old: Object | None) -> tuple[bool, Sequence[str]]:
        """Change the JSON object on its way in: (whether a webhook has changed it, warnings). StatusError to refuse."""
        ...

    def review(self, request: Request, data: dict[str, Any], old: Object | None) -> Sequence[str]:
        """Look at the JSON object after validation; returns warnings, StatusError to refuse.

        Pods of a known template skip this.
        """
        ...

    def validate(self, request: Request, obj: Object | None, old: Object | None) -> None:
        """Asked for every write, last of all: StatusError to refuse. `obj` is None when a subresource is created."""
        ...

    def hooked(self, request: Request) -> bool:
        """Whether webhooks may want to hear of a request: then typed objects take no short cut."""
        ...

    def version(self, namespace: str) -> int:
        """Grows when anything changes that mutating admission reads for objects of a namespace."""
        ...
