"""What a thing looks like: its YAML and its description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define

from kubesim_tui.api import manifest
from kubesim_tui.api.codec import encode_object
from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.game import Game
from kubesim_tui.game.menus import find, short
from kubesim_tui.kubectl import run as kubectl
from kubesim_tui.kubectl.last_applied import LAST_APPLIED

HIDDEN = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")
"""What the server keeps for itself in metadata; nobody edits it."""


@define
class Quiet:
    """A terminal at which nobody sits: it has no files, only what is handed over as standard input."""

    stdin: str = ""
    width: int = 120

    def read(self, path: str) -> str:
        """Standard input."""
        if path != "-":
            raise FileNotFoundError(2, "No such file or directory", path)
        return self.stdin

    def list(self, path: str) -> Sequence[str]:
        """There are no folders."""
        raise NotADirectoryError(20, "Not a directory", path)

    def edit(self, _text: str) -> str | None:
        """Nobody edits."""
        return None


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """An object as its author would write it: without status, and what the server and kubectl note for themselves."""
    meta = {k: v for k, v in data.get("metadata", {}).items() if k not in HIDDEN}
    notes = {k: v for k, v in meta.pop("annotations", {}).items() if k != LAST_APPLIED}
    shown = {k: v for k, v in data.items() if k != "status"}
    return {**shown, "metadata": {**({"annotations": notes} if notes else {}), **meta}}


def manifest_of(game: Game, ref: Ref) -> str:
    """The YAML of an object, as the editor opens it; "" if it is gone."""
    obj = find(game, ref)
    return manifest.dump(plain(encode_object(obj))) if obj is not None else ""


def describe(game: Game, ref: Ref) -> tuple[str, ...]:
    """Output of kubectl describe."""
    line = f"kubectl describe {short(ref)}{f' -n {ref.namespace}' if ref.namespace else ''}"
    reply = kubectl(line, game.client, Quiet(), game.cluster.etcd.clock.now, game.config)
    return (*reply.out, *reply.err)
