"""The digest of a run: the proof that two runs were the same.

BLAKE2b, fed once a tick with the changes that etcd committed in that tick, in their order (revision, verb, resource,
key, canonical JSON), and with the counters and latencies of every stream of users. Only integers and text go in.
Specs that many Pods share are written as JSON once.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode
from kubesim_tui.api.struct import Struct
from kubesim_tui.apiserver.etcd import DELETED, Change

_KEPT = 512
FORMAT = 2
"""Of marshal: integers, text and tuples are the same bytes on every Python, six times as fast as `repr` writes them."""


class Digest:
    """Feed it tick by tick; `hex` at any time."""

    def __init__(self) -> None:
        self._state = b""
        self._specs: dict[int, tuple[object, str]] = {}

    def __deepcopy__(self, _memo: Any) -> Digest:
        new = Digest()
        new._state = self._state
        return new

    def absorb(self, changes: list[Change]) -> None:
        """Take in a portion of a busy tick."""
        if changes:
            self.tick(changes[0].tick, changes, ())

    def tick(self, tick: int, changes: list[Change], figures: Iterable[Any]) -> None:
        """Take in one tick. `figures`: nested tuples of integers and text."""
        told = tuple(figures)
        if not changes and not told:
            return
        hasher = blake2b(self._state, digest_size=32)
        hasher.update(f"{tick}\n".encode())
        for change in changes:
            head = f"{change.revision} {change.type} {change.resource} {change.key[0]}/{change.key[1]}"
            hasher.update(head.encode())
            if change.type != DELETED:
                hasher.update(self._canonical(change.object).encode())
        if told:
            hasher.update(marshal.dumps(told, FORMAT))
        self._state = hasher.digest()

    def _canonical(self, obj: types.Object) -> str:
        spec = getattr(obj, "spec", None)
        if type(obj) is not types.Pod or not isinstance(spec, Struct):
            return _json(encode(obj))
        known = self._specs.get(id(spec))
        if known is None or known[0] is not spec:
            if len(self._specs) >= _KEPT:
                self._specs.clear()
            known = self._specs[id(spec)] = (spec, _json(encode(spec)))
        status = encode(obj.status) if obj.status is not None else None
        return known[1] + _json([encode(obj.metadata), status])

    @property
    def hex(self) -> str:
        """The digest so far."""
        return self._state.hex()


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
